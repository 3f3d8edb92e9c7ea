//! From a question on the command line to a look-up and its answer.

use std::time::Instant;

use tracing::{debug, info};
use userinfo_core::{ErrorKind, Lookup, LookupKind, Secret, User, UserInfoProvider, one_line};

use super::wait;
use crate::{
    args::{Common, Question},
    config,
    failure::{Failure, innermost_cause},
    sources::read_bounded,
    world::World,
};

/// The most that a token may hold.
const MOST: u64 = 64 << 10;

/// Asks the vendor.
pub(crate) fn ask(question: &Question, common: &Common, world: &mut World<'_>) -> Result<User, Failure> {
    let name = question.instance.as_str();
    let registry = config::load(common, world)?.registry(world)?;
    let provider = &config::instance(&registry, name)?.provider;
    // Judged before a token is read: nobody types a token for a question that cannot be asked.
    let has_token = question.token_env.is_some() || question.token_stdin;
    possible(provider, question.id.is_some(), has_token, name).map_err(|it| it.of(name))?;
    let lookup = match (&question.id, token(question, world)?) {
        (None, Some(token)) => Lookup::token(token),
        (id, None) => Lookup::id(id.as_deref().unwrap_or_default()),
        (Some(id), Some(token)) => Lookup::id(id).with_token(token),
    };
    info!(instance = name, by = %lookup.kind(), "look-up");
    let start = Instant::now();
    let result = wait(provider.user(&lookup))?;
    let elapsed = start.elapsed();
    match &result {
        Ok(user) => info!(instance = name, ?elapsed, bytes = user.raw.as_bytes().len(), "answer"),
        Err(error) => {
            info!(instance = name, ?elapsed, kind = %error.kind(), retry = ?error.retry(), "failure");
            debug!(
                instance = name,
                cause = innermost_cause(error),
                request_id = error.request_id(),
                "failure"
            );
        }
    }
    result.map_err(|error| Failure::from(error).of(name))
}

/// Refuses what the provider cannot answer, in words of the command line.
fn possible(
    provider: &dyn UserInfoProvider,
    has_id: bool,
    has_token: bool,
    name: &str,
) -> Result<(), Failure> {
    let kind = match (has_id, has_token) {
        (true, false) => Some(LookupKind::Id),
        (true, true) => Some(LookupKind::IdWithToken),
        (false, true) => Some(LookupKind::Token),
        (false, false) => None,
    };
    if kind.is_some_and(|kind| provider.supports(kind)) {
        return Ok(());
    }
    let by_id = provider.supports(LookupKind::Id);
    let by_token = provider.supports(LookupKind::Token);
    let (message, advice) = if !has_id && (by_id || !by_token) {
        ("an ID is missing", format!("ask `userinfo get {} ID`", one_line(name)))
    } else if !has_token {
        ("the user's own token is missing", "give it with --token-env VAR or --token-stdin".to_owned())
    } else if has_id {
        ("there is no look-up by id with token", "leave the id or the token out".to_owned())
    } else {
        ("there is no look-up by token", "leave the token out and give an ID".to_owned())
    };
    let kind = if kind.is_some() && has_id { ErrorKind::Unsupported } else { ErrorKind::InvalidInput };
    let vendor = provider.descriptor().vendor;
    Err(Failure::refused(kind, format!("{} ({vendor}): {message}", one_line(name)), advice))
}

fn is_variable(name: &str) -> bool {
    let is_word = |it: u8| it.is_ascii_alphanumeric() || it == b'_';
    name.len() <= 64 && name.bytes().all(is_word) && !name.starts_with(|it: char| it.is_ascii_digit())
}

/// The user's token, from where it may come from.
fn token(question: &Question, world: &mut World<'_>) -> Result<Option<Secret>, Failure> {
    let (text, place) = if let Some(name) = &question.token_env {
        // Whoever gives the token itself in place of a name must not find it in a log.
        let shown = if is_variable(name) { name } else { "that --token-env names" };
        let place = format!("the environment variable {shown}");
        let text = (world.env)(name)
            .ok_or_else(|| Failure::input(format!("{place} is not set"), "put the token into it"))?;
        (Secret::new(text), place)
    } else if question.token_stdin {
        let bytes = read_bounded(&mut *world.stdin, MOST)
            .map_err(|error| Failure::input(format!("stdin cannot be read: {error}"), "pipe the token in"))?;
        let text = String::from_utf8(bytes).map_err(|error| {
            Failure::input(format!("the token on stdin is no text: {}", error.utf8_error()), "")
        })?;
        (Secret::new(text), "stdin".to_owned())
    } else {
        return Ok(None);
    };
    match text.expose().trim_end_matches(['\r', '\n']) {
        "" => Err(Failure::input(format!("{place} is empty"), "put the token into it")),
        token => Ok(Some(Secret::new(token))),
    }
}
