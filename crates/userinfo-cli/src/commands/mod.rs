//! The commands, one a file.

mod check;
mod clock;
mod demo;
mod explain;
mod get;
mod given;
mod login;
mod paper;
mod probe;
mod providers;
mod question;
mod replay;
mod sandbox;
mod sandbox_config;

use std::{future::Future, io};

use given::Given;

use crate::{
    args::{Command, CommandLine, Output},
    failure::Failure,
    world::World,
};

/// Runs one command.
pub(crate) fn run(line: &CommandLine, world: &mut World<'_>) -> Result<(), Failure> {
    let common = &line.common;
    match &line.command {
        Command::Demo => demo::run(common, world),
        Command::Get(question) => get::run(question, common, world),
        Command::Explain(question) => explain::run(question, common, world),
        Command::Login { instance, code_env, code_stdin } => {
            let code = Given { what: "code", env: code_env.as_deref(), stdin: *code_stdin };
            login::run(instance, &code, common, world)
        }
        Command::Providers => providers::run(common, world),
        Command::Check { instance, online } => check::run(instance.as_deref(), *online, common, world),
        Command::Replay { kind, file } => replay::run(kind, file, common, world),
        Command::Sandbox { addr, faults, people } => {
            sandbox::run(addr, faults.as_deref(), people.as_deref(), world)
        }
        Command::Completions { shell } => paper::completions(*shell, world),
        Command::Man { command } => paper::man(command.as_deref(), world),
    }
}

/// Waits for a future on this thread.
fn wait<F: Future>(future: F) -> Result<F::Output, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(no_runtime)?;
    Ok(runtime.block_on(future))
}

fn no_runtime(error: io::Error) -> Failure {
    Failure::Machine { what: "the runtime cannot start", error }
}

/// Refuses a form that this command's answer does not have.
fn table_or_json(output: Output) -> Result<Output, Failure> {
    match output {
        Output::Table | Output::Json => Ok(output),
        _ => {
            let message = format!("this command has no --output {}", output.as_str());
            Err(Failure::input(message, "ask for --output table or json"))
        }
    }
}
