//! `userinfo replay`: a saved answer, mapped again.

use std::{fs::File, path::Path};

use crate::{args::Common, config::unknown, failure::Failure, output, sources::read_bounded, world::World};

/// The most that a saved answer may hold.
const MOST: u64 = 64 << 20;

pub(crate) fn run(kind: &str, file: &Path, common: &Common, world: &mut World<'_>) -> Result<(), Failure> {
    let form = output::form_of_a_user(common, world.screen)?;
    let found = world.factories.iter().find(|it| it.descriptor().kind == kind);
    let kinds = world.factories.iter().map(|it| it.descriptor().kind);
    let factory = found.ok_or_else(|| unknown("provider", kind, kinds))?;
    let answer = if file == Path::new("-") {
        read_bounded(&mut *world.stdin, MOST)
    } else {
        File::open(file).and_then(|it| read_bounded(it, MOST))
    };
    let answer = answer.map_err(|error| {
        Failure::input(
            format!("the answer {} cannot be read: {error}", file.display()),
            "name a file, or - for stdin",
        )
    })?;
    let user = factory.replay(&answer)?;
    world.note("replayed: no signature was checked and no id was compared");
    output::user(&user, form, common.mask, world)
}
