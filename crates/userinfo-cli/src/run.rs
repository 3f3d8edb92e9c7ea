//! From the words of the command line to an exit code.

use std::{ffi::OsString, io};

use clap::{
    Parser,
    error::{ContextKind, ContextValue, ErrorKind as ClapKind},
};

use crate::{
    args::{CommandLine, Output},
    commands, exit,
    failure::Failure,
    logging,
    world::World,
};

/// Runs the program.
pub(crate) fn run(words: impl IntoIterator<Item = OsString>, mut world: World<'_>) -> u8 {
    let words: Vec<_> = words.into_iter().collect();
    let line = match CommandLine::try_parse_from(&words) {
        Ok(line) => line,
        Err(error) => return misread(&hushed(error), &words, &mut world),
    };
    logging::start(line.common.verbose, world.stderr_colour);
    let result = commands::run(&line, &mut world);
    let result = result.and_then(|()| Ok(world.stdout.flush()?));
    match result {
        Ok(()) => exit::SUCCESS,
        Err(failure) => {
            // What was answered before the failure is still an answer.
            let _ = world.stdout.flush();
            tell(&failure, line.common.output == Some(Output::Json), &mut world)
        }
    }
}

/// Covers a word or a value too many, which may be a token that belongs elsewhere; a flag's name is no secret.
fn hushed(mut error: clap::Error) -> clap::Error {
    let place = match error.kind() {
        ClapKind::UnknownArgument => ContextKind::InvalidArg,
        ClapKind::TooManyValues => ContextKind::InvalidValue,
        _ => return error,
    };
    let is_flag = matches!(error.get(place), Some(ContextValue::String(it)) if it.starts_with("--"));
    if !(is_flag && place == ContextKind::InvalidArg) {
        error.insert(place, ContextValue::String("…".to_owned()));
    }
    error
}

/// Shows help, or says what is wrong with the command line.
fn misread(error: &clap::Error, words: &[OsString], world: &mut World<'_>) -> u8 {
    let text = error.render();
    if !error.use_stderr() {
        let shown = write!(world.stdout, "{text}").and_then(|()| world.stdout.flush());
        return shown.map_or_else(|error| tell(&error.into(), false, world), |()| exit::SUCCESS);
    }
    if error.kind() == ClapKind::DisplayHelpOnMissingArgumentOrSubcommand {
        // Nothing is left to be said if stderr is gone.
        let _ = write!(world.stderr, "{text}");
        return exit::USAGE;
    }
    let text = text.to_string();
    let said = text.lines().map(str::trim).take_while(|it| !it.starts_with("Usage:"));
    // Where to read more is said once, at the end.
    let said = said.filter(|it| !it.is_empty() && !it.starts_with("For more information"));
    let (tips, what): (Vec<_>, Vec<_>) = said.partition(|it| it.starts_with("tip: "));
    let what = what.join(" ").trim_start_matches("error: ").to_owned();
    let tips = tips.iter().map(|tip| tip.trim_start_matches("tip: "));
    let advice: Vec<_> = tips.chain(["read `userinfo --help`"]).collect();
    tell(&Failure::input(what, advice.join("; ")), wants_json(words), world)
}

/// Looks for `--output json` in a command line that cannot be read.
fn wants_json(words: &[OsString]) -> bool {
    words.iter().any(|it| it == "--output=json")
        || words.windows(2).any(|it| it[0] == "--output" && it[1] == "json")
}

fn tell(failure: &Failure, as_json: bool, world: &mut World<'_>) -> u8 {
    let told: io::Result<()> =
        if as_json { failure.write_json(world.stderr) } else { failure.write_text(world.stderr) };
    // Nothing is left to be said if stderr is gone.
    drop(told.and_then(|()| world.stderr.flush()));
    failure.code()
}
