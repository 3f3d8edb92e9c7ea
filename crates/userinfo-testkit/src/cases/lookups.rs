//! What can be asked, and what is refused before any I/O.

use userinfo_core::{ErrorKind, Lookup, LookupKind};
use userinfo_sandbox::Entry;

use crate::{
    Subject, Wire,
    ask::{self, EVERYTHING},
};

/// Ids that mean something elsewhere: in a path, a query, JSON, a shell, a number.
const HOSTILE: [&str; 36] = [
    "a/b",
    "../x",
    "..",
    ".",
    "/",
    "1?x=y",
    "?",
    "1#",
    "#",
    "x&uid=1&userId=1&id=1",
    "a=b",
    "a b",
    " 1",
    "1 ",
    "1\u{a0}",
    "a%2Fb",
    "%00",
    "%",
    "+",
    ";",
    "@",
    ":",
    "\"",
    "'",
    "\\",
    "<a>",
    "{}",
    "[1]",
    "null",
    "-1",
    "1e3",
    "0x1",
    "٣",
    "１",
    "e\u{301}",
    "天😀",
];

/// A look-up of every kind that is supported finds the person, and the descriptor agrees.
pub async fn supports_tells_the_truth(subject: &dyn Subject, wire: &Wire) {
    let provider = subject.provider(wire);
    let person = ask::person(wire, EVERYTHING);
    for kind in LookupKind::ALL {
        let supported = provider.supports(kind);
        assert_eq!(supported, provider.descriptor().lookups.contains(&kind), "the descriptor on {kind}");
        if supported {
            let lookup = subject.lookup_by(kind, person);
            let lookup =
                lookup.unwrap_or_else(|why| panic!("{kind} is supported, and the subject has none: {why}"));
            assert_eq!(lookup.kind(), kind);
            let outcome = provider.user(&lookup).await;
            let user = outcome.unwrap_or_else(|error| panic!("{kind} is supported: {error:?}"));
            assert_eq!(user.id, subject.id(person), "by {kind}");
        }
    }
    let usual = subject.lookup(person).kind();
    assert!(provider.supports(usual), "the subject looks up by {usual}, which is not supported");
}

/// A look-up of any other kind is `Unsupported`.
pub async fn a_lookup_that_is_not_supported_is_refused_before_any_io(subject: &dyn Subject, wire: &Wire) {
    let provider = subject.provider(wire);
    let id = Lookup::id(subject.id(ask::person(wire, EVERYTHING)));
    for kind in LookupKind::ALL.into_iter().filter(|kind| !provider.supports(*kind)) {
        let lookup = match kind {
            LookupKind::Token => Lookup::token("a-token-of-no-one"),
            LookupKind::IdWithToken => id.clone().with_token("a-token-of-no-one"),
            _ => id.clone(),
        };
        ask::refused(subject, wire, &lookup, ErrorKind::Unsupported).await;
    }
}

/// `""` is no id.
pub async fn an_empty_id_is_refused_before_any_io(subject: &dyn Subject, wire: &Wire) {
    refuses(subject, wire, &[""]).await;
}

/// Line feeds and their like are in no id.
pub async fn a_control_character_in_an_id_is_refused_before_any_io(subject: &dyn Subject, wire: &Wire) {
    let id = subject.id(ask::person(wire, EVERYTHING));
    for control in ["\n", "\r", "\0", "\r\nx: y", "\t", "\u{7f}", "\u{85}"] {
        refuses(subject, wire, &[&format!("{id}{control}"), &format!("{control}{id}")]).await;
    }
}

/// No vendor's id is as long as a page.
pub async fn an_overlong_id_is_refused_before_any_io(subject: &dyn Subject, wire: &Wire) {
    refuses(subject, wire, &[&"1".repeat(10_000), &"天".repeat(10_000)]).await;
}

/// [`Subject::invalid_ids`] are refused.
pub async fn an_id_that_the_vendor_cannot_have_is_refused_before_any_io(subject: &dyn Subject, wire: &Wire) {
    refuses(subject, wire, subject.invalid_ids()).await;
}

/// An id reaches the vendor as it is or is refused; it cannot reach another path or add a parameter.
pub async fn an_id_is_only_an_id(subject: &dyn Subject, wire: &Wire) {
    let provider = subject.provider(wire);
    let Some(good) = ask::with_id(subject, &*provider, ask::person(wire, EVERYTHING)) else { return };
    provider.user(&good).await.unwrap_or_else(|error| panic!("everything is not found: {error:?}"));
    let usual = wire.sandbox().journal().remove(0);
    for id in HOSTILE {
        wire.sandbox().clear_journal();
        let error = ask::no_user(provider.user(&ask::for_id(&good, id)).await, id);
        let asked = wire.sandbox().journal();
        if error.kind() == ErrorKind::InvalidInput && asked.is_empty() {
            continue;
        }
        assert_eq!(asked.len(), 1, "{id:?}: {asked:?}");
        assert_eq!(outline(&asked[0]), outline(&usual), "{id:?}");
        let sent = usual.asked().map(|_| id);
        assert_eq!(asked[0].asked(), sent, "another id was asked for");
    }
}

/// A token cannot add a header, a parameter or a member.
pub async fn a_token_is_only_a_token(subject: &dyn Subject, wire: &Wire) {
    let provider = subject.provider(wire);
    let person = ask::person(wire, EVERYTHING);
    let kinds = [LookupKind::IdWithToken, LookupKind::Token].into_iter();
    for kind in kinds.filter(|kind| provider.supports(*kind)) {
        let good = subject.lookup_by(kind, person).unwrap_or_else(|why| panic!("{kind} is supported: {why}"));
        wire.sandbox().clear_journal();
        provider.user(&good).await.unwrap_or_else(|error| panic!("everything is not found: {error:?}"));
        let usual = wire.sandbox().journal().remove(0);
        for token in
            ["t\r\nx-evil: 1", "t\n", "t\0", "t&userId=1&uid=1", "t\",\"evil\":\"1", "t 天", "t#", ""]
        {
            wire.sandbox().clear_journal();
            let error = ask::no_user(provider.user(&good.clone().with_token(token)).await, token);
            let early = matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unauthenticated);
            let asked = wire.sandbox().journal();
            assert!(asked.len() == 1 || (early && asked.is_empty()), "{token:?}: {error:?}, {asked:?}");
            for entry in asked {
                assert_eq!(outline(&entry), outline(&usual), "{token:?}");
                assert_eq!(entry.asked(), usual.asked(), "{token:?}");
            }
        }
    }
}

/// A request without its values: verb, path, names of the query, the headers and the body's members.
fn outline(entry: &Entry) -> (String, String, Vec<&str>, Vec<&str>, Vec<String>) {
    let query = entry.query().iter().map(|(name, _)| name.as_str()).collect();
    let mut headers: Vec<_> = entry.headers().iter().map(|(name, _)| name.as_str()).collect();
    headers.retain(|it| *it != "content-length");
    headers.sort_unstable();
    let body = serde_json::from_slice::<serde_json::Map<_, _>>(entry.body()).unwrap_or_default();
    let members = body.into_iter().map(|(name, _): (String, serde_json::Value)| name).collect();
    (entry.method().to_owned(), entry.path().to_owned(), query, headers, members)
}

async fn refuses(subject: &dyn Subject, wire: &Wire, ids: &[&str]) {
    let provider = subject.provider(wire);
    let Some(good) = ask::with_id(subject, &*provider, ask::person(wire, EVERYTHING)) else { return };
    for id in ids {
        ask::refused(subject, wire, &ask::for_id(&good, id), ErrorKind::InvalidInput).await;
    }
}
