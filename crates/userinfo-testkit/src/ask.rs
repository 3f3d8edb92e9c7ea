//! The questions that cases ask, and what they want to hear.

use std::time::Duration;

use userinfo_core::{Error, ErrorKind, Lookup, LookupKind, Result, Retry, User, UserInfoProvider};
use userinfo_sandbox::{Fault, Person};

use crate::{Subject, Tries, Wire, faults};

/// The person of whom the vendor tells everything.
pub(crate) const EVERYTHING: &str = "everything";

pub(crate) fn person<'a>(wire: &'a Wire, key: &str) -> &'a Person {
    wire.sandbox().person(key).expect("the sandbox is seeded with this person")
}

/// Looks a seeded person up; nothing goes wrong.
pub(crate) async fn user(subject: &dyn Subject, wire: &Wire, key: &str) -> User {
    let lookup = subject.lookup(person(wire, key));
    let outcome = subject.provider(wire).user(&lookup).await;
    outcome.unwrap_or_else(|error| panic!("{key} is not found: {error:?}"))
}

/// Looks every seeded person up.
pub(crate) async fn everyone<'a>(subject: &dyn Subject, wire: &'a Wire) -> Vec<(&'a Person, User)> {
    let mut all = Vec::new();
    for person in wire.sandbox().people() {
        all.push((person, user(subject, wire, &person.key).await));
    }
    all
}

/// What becomes of a look-up where the provider says `retry`; what is final is final behind every layer.
pub(crate) fn tries(subject: &dyn Subject, retry: Retry) -> Tries {
    if retry == Retry::Never { Tries::once(retry) } else { subject.tries(retry) }
}

/// The requests that one look-up was, as stated for its outcome.
///
/// An error of a kind that is worth another try, and that is final, comes from a layer that gave up.
pub(crate) fn requests(subject: &dyn Subject, outcome: &Result<User>) -> usize {
    let retry = outcome.as_ref().err().map_or(Retry::Never, |error| match error.retry() {
        Retry::Never => error.kind().default_retry(),
        other => other,
    });
    tries(subject, retry).requests
}

/// Makes every try of the next look-up go wrong; see that nothing of it is left for another one.
pub(crate) fn spoil(subject: &dyn Subject, wire: &Wire, fault: &Fault) {
    let said = [Retry::Backoff, Retry::After(Duration::ZERO), Retry::After(faults::PAUSE)];
    let most = said.into_iter().map(|retry| tries(subject, retry).requests).max();
    spoil_next(wire, fault, most.unwrap_or(1));
}

fn spoil_next(wire: &Wire, fault: &Fault, requests: usize) {
    for _ in 0..requests {
        wire.sandbox().fail_next(fault.clone());
    }
}

/// Looks `everything` up while something goes wrong, on a road of its own.
pub(crate) async fn under(subject: &dyn Subject, wire: &Wire, fault: &Fault) -> Result<User> {
    let wire = wire.again();
    spoil(subject, &wire, fault);
    meets(subject, &wire, fault).await
}

/// Looks `everything` up where the fault is waiting.
async fn meets(subject: &dyn Subject, wire: &Wire, fault: &Fault) -> Result<User> {
    let road = if faults::is_silent(fault) { wire.impatient() } else { wire.through(|inner| inner) };
    let outcome = subject.provider(&road).user(&subject.lookup(person(wire, EVERYTHING))).await;
    let played: Vec<_> = wire.sandbox().journal().iter().map(userinfo_sandbox::Entry::fault).collect();
    assert!(played.contains(&Some(fault.name())), "the fault {} was not played: {played:?}", fault.name());
    outcome
}

/// Expects an error of this kind, with the retry that goes with the kind.
pub(crate) async fn fails(subject: &dyn Subject, wire: &Wire, fault: Fault, kind: ErrorKind) -> Error {
    fails_until(subject, wire, fault, kind, kind.default_retry()).await
}

/// Expects an error of this kind with this retry, or what the subject states for it.
pub(crate) async fn fails_until(
    subject: &dyn Subject,
    wire: &Wire,
    fault: Fault,
    kind: ErrorKind,
    retry: Retry,
) -> Error {
    let Tries { requests, retry } = tries(subject, retry);
    let wire = wire.again();
    spoil_next(&wire, &fault, requests);
    let error = no_user(meets(subject, &wire, &fault).await, fault.name());
    assert_eq!((error.kind(), error.retry()), (kind, retry), "{}: {error:?}", fault.name());
    assert_eq!(wire.sandbox().journal().len(), requests, "requests under {}", fault.name());
    error
}

/// Expects what the vendor's way to say so means: `kind`, unless the subject states otherwise.
pub(crate) async fn fails_in_its_way(subject: &dyn Subject, wire: &Wire, fault: Fault, kind: ErrorKind) {
    let stated = subject.deviations().iter().find(|it| it.fault == fault.name());
    match stated.map_or(Some(kind), |it| it.outcome) {
        Some(kind) => drop(fails(subject, wire, fault, kind).await),
        None => succeeds(subject, wire, fault).await,
    }
}

/// Expects the right user although something is odd.
pub(crate) async fn succeeds(subject: &dyn Subject, wire: &Wire, fault: Fault) {
    let plain = user(subject, wire, EVERYTHING).await;
    let outcome = under(subject, wire, &fault).await;
    let odd = outcome.unwrap_or_else(|error| panic!("{} is no failure: {error:?}", fault.name()));
    assert_eq!(json(&odd), json(&plain), "{}", fault.name());
}

/// Expects an error that was found before anything was sent.
pub(crate) async fn refused(subject: &dyn Subject, wire: &Wire, lookup: &Lookup, kind: ErrorKind) {
    let outcome = subject.provider(wire).user(lookup).await;
    let what = format!("{lookup:?}");
    let what: String = what.chars().take(120).collect();
    let error = no_user(outcome, &what);
    assert_eq!((error.kind(), error.retry()), (kind, Retry::Never), "{what}: {error:?}");
    let asked = wire.sandbox().journal();
    assert!(asked.is_empty(), "{what}: something was sent: {asked:?}");
}

/// A look-up with an id for a person, where the provider has one.
pub(crate) fn with_id(
    subject: &dyn Subject,
    provider: &dyn UserInfoProvider,
    person: &Person,
) -> Option<Lookup> {
    let usual = subject.lookup(person);
    if usual.wanted_id().is_some() {
        return Some(usual);
    }
    let kinds = [LookupKind::IdWithToken, LookupKind::Id];
    let kind = kinds.into_iter().find(|kind| provider.supports(*kind))?;
    let lookup = subject.lookup_by(kind, person);
    Some(lookup.unwrap_or_else(|why| panic!("{kind} is supported, and the subject has none: {why}")))
}

/// The same look-up for another id.
pub(crate) fn for_id(lookup: &Lookup, id: &str) -> Lookup {
    let other = Lookup::id(id);
    lookup.given_token().map_or(other.clone(), |token| other.with_token(token.clone()))
}

pub(crate) fn no_user(outcome: Result<User>, what: &str) -> Error {
    match outcome {
        Ok(user) => panic!("{what}: a user came back: {}", json(&user)),
        Err(error) => error,
    }
}

/// The canonical JSON.
pub(crate) fn json(user: &User) -> String {
    serde_json::to_string(user).expect("a user is JSON")
}

/// The canonical JSON, parsed.
pub(crate) fn canonical(user: &User) -> serde_json::Value {
    serde_json::from_str(&json(user)).expect("what was written is read")
}
