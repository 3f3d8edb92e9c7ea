//! Says what the layers cost: `cargo run --release -p userinfo-bench`; see the README beside it.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it is a program whose work is to print")]

mod calls;
mod effort;
mod full_user;
mod loopback;
mod report;
mod rows;
mod stacks;
#[cfg(test)]
mod tests;

use std::{env, error::Error, process::ExitCode};

use crate::{effort::Effort, report::Report};

const USAGE: &str = "usage: userinfo-bench [--check] [--json]

  --check  exit with 1 if a target is missed
  --json   print JSON in place of tables";

/// Whatever stopped a measurement: none of it can be repaired here.
type Failure = Box<dyn Error + Send + Sync>;

fn main() -> ExitCode {
    let (mut check, mut json) = (false, false);
    for argument in env::args().skip(1) {
        match argument.as_str() {
            "--check" => check = true,
            "--json" => json = true,
            "--help" | "-h" => {
                println!("{USAGE}");
                return ExitCode::SUCCESS;
            }
            other => {
                eprintln!("`{other}` is no argument\n{USAGE}");
                return ExitCode::from(2);
            }
        }
    }
    if cfg!(debug_assertions) {
        eprintln!("built without --release: these numbers say nothing");
    }
    match measure(&Effort::FULL) {
        Ok(report) => {
            if json {
                println!("{:#}", report.json());
            } else {
                print!("{report}");
            }
            ExitCode::from(u8::from(check && report.is_missed()))
        }
        Err(error) => {
            eprintln!("userinfo-bench: {error}");
            ExitCode::from(2)
        }
    }
}

fn measure(effort: &Effort) -> Result<Report, Failure> {
    let calls = calls::measure(&rows::rows()?, effort)?;
    Ok(Report { calls, callers: effort.callers, rates: loopback::measure(effort)? })
}
