//! `userinfo completions` and `userinfo man`.

use clap::CommandFactory;

use crate::{args::CommandLine, config::unknown, failure::Failure, world::World};

pub(crate) fn completions(shell: clap_complete::Shell, world: &mut World<'_>) -> Result<(), Failure> {
    // The generator panics where it cannot write, so it writes to memory.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut CommandLine::command(), "userinfo", &mut script);
    Ok(world.stdout.write_all(&script)?)
}

pub(crate) fn man(command: Option<&str>, world: &mut World<'_>) -> Result<(), Failure> {
    let mut whole = CommandLine::command();
    whole.build();
    let page = match command {
        None => whole,
        Some(name) => {
            let found = whole.find_subcommand(name).cloned();
            let names = whole.get_subcommands().map(clap::Command::get_name);
            found.ok_or_else(|| unknown("command", name, names))?
        }
    };
    Ok(clap_mangen::Man::new(page).render(world.stdout)?)
}
