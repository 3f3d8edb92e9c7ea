//! No secret is in `Debug`, in an error or in a `User`.

use std::{collections::BTreeMap, sync::Arc};

use userinfo_core::{Lookup, LookupKind, Secret};
use userinfo_sandbox::Fault;

use crate::{
    Subject, Wire,
    ask::{self, EVERYTHING},
    faults::{self, status_with},
    shown,
    transports::Repeating,
};

/// A provider prints what it is, and not what it holds.
pub async fn debug_shows_no_secret(subject: &dyn Subject, wire: &Wire) {
    let secrets = shown::secrets(subject, wire);
    assert!(!secrets.is_empty(), "the subject names no secret at all");
    let provider = subject.provider(wire);
    shown::expect_none(&secrets, &shown::of_provider(&*provider), "the provider");
    let lookup = subject.lookup(ask::person(wire, EVERYTHING));
    shown::expect_none(&secrets, &[format!("{lookup:?}")], "the look-up");
    // What a provider remembers of a call is no exception.
    drop(provider.user(&lookup).await);
    shown::expect_none(&secrets, &shown::of_provider(&*provider), "the provider after a call");
    if let Ok(other) = subject.with_secret(wire, planted()) {
        shown::expect_none(&[planted()], &shown::of_provider(&*other), "the provider");
    }
}

/// Whatever goes wrong, no part of an error shows a secret.
pub async fn an_error_shows_no_secret(subject: &dyn Subject, wire: &Wire) {
    let secrets = shown::secrets(subject, wire);
    for fault in faults::all(wire) {
        let outcome = ask::under(subject, wire, &fault).await;
        let texts = match &outcome {
            Ok(user) => shown::of_user(user),
            Err(error) => shown::of_error(error),
        };
        shown::expect_none(&secrets, &texts, fault.name());
    }
}

/// A vendor's message that repeats every credential of the request is blanked.
pub async fn a_message_that_repeats_a_secret_is_blanked(subject: &dyn Subject, wire: &Wire) {
    let outcome = ask::under(subject, wire, &Fault::EchoSecret).await;
    let error = ask::no_user(outcome, "a refusal");
    shown::expect_none(&shown::secrets(subject, wire), &shown::of_error(&error), "the vendor's message");
}

/// A page or a text that repeats the credentials is described without them.
pub async fn a_page_that_repeats_a_secret_is_not_quoted(subject: &dyn Subject, wire: &Wire) {
    let secrets = sent_secrets(subject, wire);
    let words = secrets.iter().map(Secret::expose).collect::<Vec<_>>().join(" ");
    for body in [format!("refused: {words}"), format!("<html><title>{words}</title></html>")] {
        for status in [200, 400, 401, 500] {
            let body = Some(body.clone());
            let fault = Fault::HttpStatus { status, body, content_type: None, headers: BTreeMap::new() };
            let outcome = ask::under(subject, wire, &fault).await;
            let texts = shown::of_error(&ask::no_user(outcome, "words"));
            shown::expect_none(&secrets, &texts, "a description of the page");
        }
    }
}

/// A correlation id or a redirect that repeats a credential is blanked as a body would be.
pub async fn a_header_that_repeats_a_secret_is_blanked(subject: &dyn Subject, wire: &Wire) {
    let secrets = sent_secrets(subject, wire);
    for secret in secrets.iter().map(Secret::expose) {
        for name in ["trace-id", "tracer-id", "traceid", "x-request-id", "location"] {
            for status in [302, 500] {
                let outcome = ask::under(subject, wire, &status_with(status, name, secret)).await;
                let texts = shown::of_error(&ask::no_user(outcome, "a header"));
                shown::expect_none(&secrets, &texts, &format!("the header {name}"));
            }
        }
    }
}

/// A success that repeats the credentials is blanked too, in every form of the user and in `raw`.
pub async fn a_user_carries_no_secret(subject: &dyn Subject, wire: &Wire) {
    let secrets = shown::secrets(subject, wire);
    for (person, user) in ask::everyone(subject, wire).await {
        shown::expect_none(&secrets, &shown::of_user(&user), &person.key);
    }
    let sent = sent_secrets(subject, wire);
    let repeating = wire.through(|inner| Arc::new(Repeating { inner, secrets: sent.clone() }));
    let provider = subject.provider(&repeating);
    // Where answers are signed this is an error, and that shows no secret either.
    let texts = match provider.user(&subject.lookup(ask::person(wire, EVERYTHING))).await {
        Ok(user) => shown::of_user(&user),
        Err(error) => shown::of_error(&error),
    };
    shown::expect_none(&sent, &texts, "a success that repeats it");
}

/// A look-up that is refused unsent, or that the vendor refuses, does not show its token.
pub async fn a_refused_lookup_shows_no_secret(subject: &dyn Subject, wire: &Wire) {
    let id = subject.id(ask::person(wire, EVERYTHING));
    let mut lookups = vec![
        Lookup::token(planted()),
        Lookup::id(id.clone()).with_token(planted()),
        Lookup::id("").with_token(planted()),
        Lookup::id("1\r\n").with_token(planted()),
    ];
    let unsendable = Secret::new(format!("{}\r\nx: y", planted().expose()));
    lookups.extend([Lookup::token(unsendable.clone()), Lookup::id(id.clone()).with_token(unsendable)]);
    for lookup in lookups {
        let error = ask::no_user(subject.provider(wire).user(&lookup).await, &format!("{lookup:?}"));
        shown::expect_none(&[planted()], &shown::of_error(&error), &format!("{lookup:?}"));
    }
    let Ok(provider) = subject.with_secret(wire, planted()) else { return };
    if provider.supports(LookupKind::Id)
        && let Err(error) = provider.user(&Lookup::id(id)).await
    {
        shown::expect_none(&[planted()], &shown::of_error(&error), "the configured credential is refused");
    }
}

/// The secrets that go over the wire as they are: those that a journal entry shows.
fn sent_secrets(subject: &dyn Subject, wire: &Wire) -> Vec<Secret> {
    let lookup = subject.lookup(ask::person(wire, EVERYTHING));
    let mut all = subject.secrets();
    if let Some(token) = lookup.given_token() {
        all = vec![token.clone()];
    }
    all.retain(|it| !it.expose().contains('\n'));
    all
}

fn planted() -> Secret {
    Secret::new("planted-7c9e6679f3b84a21")
}
