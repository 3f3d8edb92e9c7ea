//! Flaws in what is asked.

use std::sync::Arc;

use async_trait::async_trait;
use userinfo_core::{Descriptor, ErrorKind, Lookup, LookupKind, Result, User, UserInfoProvider};
use userinfo_testkit::Road;

use crate::plant::{Flaw, Plant, of_kind};

pub(crate) fn flaws() -> Vec<Flaw> {
    let table = ids().into_iter().chain(tokens());
    table.map(|(says, case, plant)| Flaw { says, case, plant, road: Road::InProcess }).collect()
}

type Row = (&'static str, &'static str, Plant);

fn ids() -> Vec<Row> {
    vec![
        (
            "denies what it can do",
            "supports_tells_the_truth",
            Plant::Around(|inner| Arc::new(Denying(inner))),
        ),
        (
            "asks for somebody where it has no such look-up",
            "a_lookup_that_is_not_supported_is_refused_before_any_io",
            Plant::Lookup(|it| if it.wanted_id().is_none() { Lookup::id("C404") } else { it }),
        ),
        (
            "asks for somebody where the id is empty",
            "an_empty_id_is_refused_before_any_io",
            Plant::Lookup(|it| {
                change(it, |id| if id.is_empty() { "C404".to_owned() } else { id.to_owned() })
            }),
        ),
        (
            "takes control characters out",
            "a_control_character_in_an_id_is_refused_before_any_io",
            Plant::Lookup(|it| change(it, |id| id.replace(char::is_control, ""))),
        ),
        (
            "cuts an overlong id",
            "an_overlong_id_is_refused_before_any_io",
            Plant::Lookup(|it| change(it, |id| id.chars().take(60).collect())),
        ),
        (
            "trims ids",
            "an_id_that_the_vendor_cannot_have_is_refused_before_any_io",
            Plant::Lookup(|it| change(it, |id| id.trim().to_owned())),
        ),
        (
            "pastes ids into the URL",
            "an_id_is_only_an_id",
            Plant::Request(|request| {
                let url = request.uri().to_string().replace("%26", "&").replace("%3D", "=");
                *request.uri_mut() = url.parse().expect("still a URL");
            }),
        ),
    ]
}

fn tokens() -> Vec<Row> {
    vec![
        (
            "pastes tokens into the URL",
            "a_token_is_only_a_token",
            Plant::Request(|request| {
                let token = request.headers().get("authorization").and_then(|it| it.to_str().ok());
                let token =
                    token.unwrap_or_default().replace(|c: char| !c.is_ascii_alphanumeric() && c != '&', "");
                *request.uri_mut() = format!("{}&t={token}", request.uri()).parse().expect("still a URL");
            }),
        ),
        (
            "ignores the token of the look-up",
            "a_given_token_stands_before_the_configured_one",
            Plant::Lookup(|it| it.wanted_id().map(Lookup::id).unwrap_or(it)),
        ),
        (
            "takes a wrong token for a missing permission",
            "a_wrong_given_token_is_unauthenticated",
            Plant::Outcome(|lookup, outcome| {
                outcome.map_err(|error| match lookup.given_token() {
                    Some(_) => of_kind(&error, ErrorKind::PermissionDenied),
                    None => error,
                })
            }),
        ),
        (
            "takes a wrong credential for a broken configuration",
            "a_wrong_configured_credential_is_unauthenticated",
            Plant::Outcome(|lookup, outcome| {
                outcome.map_err(|error| match lookup.given_token() {
                    None => of_kind(&error, ErrorKind::Config),
                    Some(_) => error,
                })
            }),
        ),
    ]
}

fn change(lookup: Lookup, change: impl FnOnce(&str) -> String) -> Lookup {
    let Some(id) = lookup.wanted_id().map(change) else { return lookup };
    let other = Lookup::id(id);
    lookup.given_token().map_or(other.clone(), |token| other.with_token(token.clone()))
}

#[derive(Debug)]
struct Denying(Arc<dyn UserInfoProvider>);

#[async_trait]
impl UserInfoProvider for Denying {
    fn descriptor(&self) -> &'static Descriptor {
        self.0.descriptor()
    }

    fn supports(&self, kind: LookupKind) -> bool {
        kind != LookupKind::IdWithToken && self.0.supports(kind)
    }

    async fn user(&self, lookup: &Lookup) -> Result<User> {
        self.0.user(lookup).await
    }
}
