//! Whose word counts: the token of the look-up, else the configured credential.

use userinfo_core::{ErrorKind, Lookup, LookupKind, Retry, Secret};

use crate::{
    Subject, Wire,
    ask::{self, EVERYTHING},
};

/// A look-up with a good token finds the person whatever is configured, and one with a bad token does not.
pub async fn a_given_token_stands_before_the_configured_one(subject: &dyn Subject, wire: &Wire) {
    let person = ask::person(wire, EVERYTHING);
    let Ok(good) = subject.lookup_by(LookupKind::IdWithToken, person) else {
        return expect_no_token(subject, wire);
    };
    if let Some(provider) = misconfigured(subject, wire) {
        let outcome = provider.user(&good).await;
        let user = outcome.unwrap_or_else(|error| panic!("the given token does not count: {error:?}"));
        assert_eq!(user.id, subject.id(person));
    }
    let bad = good.with_token(wrong());
    ask::no_user(subject.provider(wire).user(&bad).await, "the configured credential counts instead");
}

/// A token that the vendor does not know is `Unauthenticated`.
pub async fn a_wrong_given_token_is_unauthenticated(subject: &dyn Subject, wire: &Wire) {
    let person = ask::person(wire, EVERYTHING);
    let provider = subject.provider(wire);
    let kinds = [LookupKind::IdWithToken, LookupKind::Token].into_iter();
    for kind in kinds.filter(|kind| provider.supports(*kind)) {
        let lookup = match kind {
            LookupKind::Token => Lookup::token(wrong()),
            _ => Lookup::id(subject.id(person)).with_token(wrong()),
        };
        expect_unauthenticated(provider.user(&lookup).await, kind.as_str());
    }
}

/// A configured credential that the vendor does not know is `Unauthenticated`.
pub async fn a_wrong_configured_credential_is_unauthenticated(subject: &dyn Subject, wire: &Wire) {
    let Some(provider) = misconfigured(subject, wire) else { return };
    if provider.supports(LookupKind::Id) {
        let lookup = Lookup::id(subject.id(ask::person(wire, EVERYTHING)));
        expect_unauthenticated(provider.user(&lookup).await, "the configured credential");
    }
}

fn expect_unauthenticated(outcome: userinfo_core::Result<userinfo_core::User>, what: &str) {
    let error = ask::no_user(outcome, what);
    assert_eq!(
        (error.kind(), error.retry()),
        (ErrorKind::Unauthenticated, Retry::Never),
        "{what}: {error:?}"
    );
}

/// A provider with a credential that nobody knows, where the vendor has a place for one.
fn misconfigured(
    subject: &dyn Subject,
    wire: &Wire,
) -> Option<std::sync::Arc<dyn userinfo_core::UserInfoProvider>> {
    match subject.with_secret(wire, wrong()) {
        Ok(provider) => Some(provider),
        Err(why) => {
            assert!(why.len() >= 20, "say why there is no place for a credential, not {why:?}");
            None
        }
    }
}

/// A subject without tokens has a provider that takes none.
fn expect_no_token(subject: &dyn Subject, wire: &Wire) {
    let provider = subject.provider(wire);
    for kind in [LookupKind::IdWithToken, LookupKind::Token] {
        assert!(!provider.supports(kind), "{kind} is supported, and the subject has no token");
    }
}

fn wrong() -> Secret {
    Secret::new("wrong-credential-5f1d7c0a9b")
}
