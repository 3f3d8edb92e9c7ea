//! Answers on stdout.

mod grid;
mod json;
mod table;
mod text;

pub(crate) use grid::Grid;
pub(crate) use json::json;
pub(crate) use table::{plain, rows};

use userinfo_core::User;

use crate::{
    args::{Common, Output},
    failure::Failure,
    world::{Screen, World},
};

/// The form of a user; a raw answer cannot be masked.
pub(crate) fn form_of_a_user(common: &Common, screen: Screen) -> Result<Output, Failure> {
    match common.output_on(screen) {
        Output::Raw if common.mask => Err(Failure::input(
            "a raw answer cannot be masked",
            "leave out --mask, or ask for another --output",
        )),
        form => Ok(form),
    }
}

/// Writes one user.
pub(crate) fn user(user: &User, form: Output, mask: bool, world: &mut World<'_>) -> Result<(), Failure> {
    let covered = mask.then(|| user.to_masked());
    let user = covered.as_ref().unwrap_or(user);
    let out = &mut *world.stdout;
    match form {
        Output::Table => {
            let mut grid = Grid::default();
            for (label, value) in rows(user) {
                grid.push([label, value]);
            }
            grid.write(out, world.screen)?;
        }
        Output::Json => json(user, out)?,
        Output::Oidc => json(&user.to_oidc_claims(), out)?,
        Output::Scim => json(&user.to_scim(), out)?,
        Output::Raw => out.write_all(user.raw.as_bytes())?,
    }
    Ok(())
}
