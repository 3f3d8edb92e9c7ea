//! From a question on the command line to a look-up and its answer.

use std::time::Instant;

use tracing::{debug, info};
use userinfo_core::{Error, ErrorKind, Instance, Lookup, LookupKind, User, UserInfoProvider, one_line};

use super::{given::Given, wait};
use crate::{
    args::{Common, Question},
    config,
    failure::{Failure, innermost_cause},
    world::World,
};

/// Asks the vendor.
pub(crate) fn ask(question: &Question, common: &Common, world: &mut World<'_>) -> Result<User, Failure> {
    let name = question.instance.as_str();
    let registry = config::load(common, world)?.registry(world)?;
    let instance = config::instance(&registry, name)?;
    let token = Given { what: "token", env: question.token_env.as_deref(), stdin: question.token_stdin };
    let can = |kind| instance.provider.supports(kind);
    let id = question.id.as_deref();
    let by_kept = !token.is_there() && !can(LookupKind::Id) && can(LookupKind::IdWithToken);
    let kept = match id.filter(|_| by_kept) {
        Some(id) => wait(by_kept_token(instance, id, name))?,
        None => None,
    };
    let result = if let Some(result) = kept {
        result
    } else {
        // Judged before a token is read: nobody types a token for a question that cannot be asked.
        possible(instance, id.is_some(), token.is_there(), name).map_err(|it| it.of(name))?;
        let lookup = match (id, token.read(world)?) {
            (None, Some(token)) => Lookup::token(token),
            (id, None) => Lookup::id(id.unwrap_or_default()),
            (Some(id), Some(token)) => Lookup::id(id).with_token(token),
        };
        wait(answer(&*instance.provider, &lookup, name))?
    };
    result.map_err(|error| Failure::from(error).of(name))
}

/// Asks with the token of a user who logged in before; `None` where none is kept.
async fn by_kept_token(instance: &Instance, id: &str, name: &str) -> Option<Result<User, Error>> {
    let desk = instance.sign_in.as_deref()?;
    let token = match desk.token_of(id, None).await {
        Ok(token) => token?,
        Err(error) => return Some(Err(error)),
    };
    let result = answer(&*instance.provider, &Lookup::id(id).with_token(token.clone()), name).await;
    let Err(error) = &result else { return Some(result) };
    // It may have ended before its time.
    Some(match desk.token_of(id, Some((&token, error))).await {
        Ok(Some(token)) => answer(&*instance.provider, &Lookup::id(id).with_token(token), name).await,
        Ok(None) => result,
        Err(error) => Err(error),
    })
}

async fn answer(provider: &dyn UserInfoProvider, lookup: &Lookup, name: &str) -> Result<User, Error> {
    info!(instance = name, by = %lookup.kind(), "look-up");
    let start = Instant::now();
    let result = provider.user(lookup).await;
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
    result
}

/// Refuses what the provider cannot answer, in words of the command line.
fn possible(instance: &Instance, has_id: bool, has_token: bool, name: &str) -> Result<(), Failure> {
    let provider = &*instance.provider;
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
        let login = match instance.sign_in {
            Some(_) if provider.supports(LookupKind::IdWithToken) => {
                format!(
                    "; or log that user in: `userinfo login {0}`, then `userinfo get {0} ID`",
                    one_line(name)
                )
            }
            _ => String::new(),
        };
        ("the user's own token is missing", format!("give it with --token-env VAR or --token-stdin{login}"))
    } else if has_id {
        ("there is no look-up by id with token", "leave the id or the token out".to_owned())
    } else {
        ("there is no look-up by token", "leave the token out and give an ID".to_owned())
    };
    let kind = if kind.is_some() && has_id { ErrorKind::Unsupported } else { ErrorKind::InvalidInput };
    let vendor = provider.descriptor().vendor;
    Err(Failure::refused(kind, format!("{} ({vendor}): {message}", one_line(name)), advice))
}
