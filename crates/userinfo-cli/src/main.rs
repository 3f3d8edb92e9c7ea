//! `userinfo`: one question, "who is this user?", for vendors that each answer it their own way.

mod args;
mod commands;
mod config;
mod credentials;
mod exit;
mod failure;
mod logging;
mod output;
mod providers;
mod run;
mod sources;
#[cfg(test)]
mod tests;
mod world;

use std::{
    io::{self, BufWriter, IsTerminal},
    process::ExitCode,
};

use userinfo_layers::Layers;
use world::{Screen, World};

fn main() -> ExitCode {
    let env = |name: &str| std::env::var(name).ok();
    let layers = Layers::new();
    let factories = layers.over(providers::factories());
    let world = World {
        factories: &factories,
        layers: &layers,
        env: &env,
        stdin: &mut io::stdin().lock(),
        stdin_is_terminal: io::stdin().is_terminal(),
        stdout: &mut BufWriter::new(io::stdout().lock()),
        stderr: &mut io::stderr(),
        screen: Screen::new(io::stdout().is_terminal(), world::columns(), env),
        stderr_colour: world::colour(io::stderr().is_terminal(), env),
    };
    ExitCode::from(run::run(std::env::args_os(), world))
}
