//! A secret that somebody gives to one run: in the environment, or on stdin.

use std::io::{BufRead as _, Read as _};

use userinfo_core::Secret;

use crate::{failure::Failure, sources::read_bounded, world::World};

/// The most that it may hold.
const MOST: u64 = 64 << 10;

/// Where a secret is to be found.
pub(crate) struct Given<'a> {
    /// What it is, and what its flags are called by.
    pub(crate) what: &'static str,
    pub(crate) env: Option<&'a str>,
    pub(crate) stdin: bool,
}

impl Given<'_> {
    /// Says whether there is one.
    pub(crate) fn is_there(&self) -> bool {
        self.env.is_some() || self.stdin
    }

    /// Reads it, without the end of its line.
    pub(crate) fn read(&self, world: &mut World<'_>) -> Result<Option<Secret>, Failure> {
        let what = self.what;
        let (text, place) = if let Some(name) = self.env {
            // Whoever gives the secret itself in place of a name must not find it in a log.
            let shown = if is_variable(name) { name.to_owned() } else { format!("that --{what}-env names") };
            let place = format!("the environment variable {shown}");
            let text = (world.env)(name).ok_or_else(|| {
                Failure::input(format!("{place} is not set"), format!("put the {what} into it"))
            })?;
            (Secret::new(text), place)
        } else if self.stdin {
            let bytes = read_bounded(&mut *world.stdin, MOST).map_err(|error| {
                Failure::input(format!("stdin cannot be read: {error}"), format!("pipe the {what} in"))
            })?;
            let text = String::from_utf8(bytes).map_err(|error| {
                Failure::input(format!("the {what} on stdin is no text: {}", error.utf8_error()), "")
            })?;
            (Secret::new(text), "stdin".to_owned())
        } else {
            return Ok(None);
        };
        match text.expose().trim_end_matches(['\r', '\n']) {
            "" => Err(Failure::input(format!("{place} is empty"), format!("put the {what} into it"))),
            secret => Ok(Some(Secret::new(secret))),
        }
    }
}

/// Asks whoever sits there for one line.
pub(crate) fn asked(question: &str, world: &mut World<'_>) -> Result<Secret, Failure> {
    // Nobody is there to be asked if stderr is gone; then stdin decides.
    let _ = write!(world.stderr, "userinfo: {question} ").and_then(|()| world.stderr.flush());
    let mut line = Vec::new();
    let read = (&mut *world.stdin).take(MOST).read_until(b'\n', &mut line);
    read.map_err(|error| Failure::input(format!("the answer cannot be read: {error}"), ""))?;
    match String::from_utf8(line).map(|it| it.trim().to_owned()) {
        Ok(text) if !text.is_empty() => Ok(Secret::new(text)),
        Ok(_) => Err(Failure::input("there is no answer", "run it again, and type it")),
        Err(_) => Err(Failure::input("the answer is no text", "")),
    }
}

fn is_variable(name: &str) -> bool {
    let is_word = |it: u8| it.is_ascii_alphanumeric() || it == b'_';
    name.len() <= 64 && name.bytes().all(is_word) && !name.starts_with(|it: char| it.is_ascii_digit())
}
