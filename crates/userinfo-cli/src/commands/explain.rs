//! `userinfo explain`: one look-up, and where each field came from.

use userinfo_core::{Explained, User, one_line};

use super::{question, table_or_json};
use crate::{
    args::{Common, Output, Question},
    failure::Failure,
    output::{self, Grid, plain},
    world::World,
};

pub(crate) fn run(question: &Question, common: &Common, world: &mut World<'_>) -> Result<(), Failure> {
    let form = table_or_json(common.output_on(world.screen))?;
    let user = question::ask(question, common, world)?;
    let rows = if common.mask { masked(&user) } else { user.explain() };
    match form {
        Output::Json => output::json(&rows, world.stdout)?,
        _ => grid(&rows).write(world.stdout, world.screen)?,
    }
    Ok(())
}

/// Origins of the answer, values of its masked copy.
fn masked(user: &User) -> Vec<Explained> {
    let mut rows = user.explain();
    for (row, covered) in rows.iter_mut().zip(user.to_masked().explain()) {
        row.value = covered.value;
    }
    rows
}

fn grid(rows: &[Explained]) -> Grid {
    let mut grid = Grid::with_header(["field", "presence", "from", "value"]);
    for row in rows {
        let value = row.value.as_deref().map(plain).unwrap_or_default();
        let from: Vec<_> = row.from.iter().map(|it| one_line(it)).collect();
        grid.push([row.field.to_owned(), row.presence.as_str().to_owned(), from.join(" "), value]);
    }
    grid
}
