//! Where each value came from, and what the descriptor promises.

use std::collections::BTreeSet;

use serde_json::Value;
use userinfo_core::{Explained, Presence, User, UserInfoProvider};

use crate::{Subject, Wire, ask, pointer};

/// Fields whose value is the vendor's text as it is.
const PLAIN: [&str; 10] = [
    "id",
    "username",
    "display_name",
    "nickname",
    "profile_url",
    "bio",
    "language",
    "time_zone",
    "nationality",
    "tenant",
];
/// Fields that are made of several members.
const COMPOUND: [&str; 8] =
    ["name", "emails", "phones", "logins", "address", "organizations", "groups", "linked_identities"];

/// Every pointer of `explain()` leads to a member, and a plain text is the text that stands there.
pub async fn every_value_says_where_it_came_from(subject: &dyn Subject, wire: &Wire) {
    for (person, user) in ask::everyone(subject, wire).await {
        let answer = user.raw.json().expect("the answer is JSON");
        let known = user.explain().into_iter().filter(|it| it.value.is_some());
        for Explained { field, from, presence, value, .. } in known {
            let what = format!("{field} of {}", person.key);
            assert!(!from.is_empty(), "{what} comes from nowhere");
            let masked = if user.is_masked(field) { Presence::Masked } else { Presence::Value };
            assert_eq!(presence, masked, "{what}");
            let sent: Vec<_> = from.iter().map(|it| resolve(&answer, it, &what)).collect();
            let value: Value =
                value.map(|it| serde_json::from_str(it.get()).expect("JSON")).unwrap_or_default();
            if PLAIN.contains(&field) {
                assert_eq!(value, as_text(sent[0]), "{what}");
            }
            if COMPOUND.contains(&field) {
                let texts = all_texts(&value);
                let stranger = sent.iter().filter_map(|it| it.as_str()).find(|it| !texts.contains(*it));
                assert_eq!(stranger, None, "{what} does not hold what it comes from");
            }
        }
    }
}

/// A field without a value says whether its member was absent, null or empty.
pub async fn what_is_not_set_says_how(subject: &dyn Subject, wire: &Wire) {
    let descriptor = subject.provider(wire).descriptor();
    for (person, user) in ask::everyone(subject, wire).await {
        let answer = user.raw.json().expect("the answer is JSON");
        for Explained { field, from, presence, .. } in
            user.explain().into_iter().filter(|it| it.value.is_none())
        {
            let what = format!("{field} of {}", person.key);
            let sent: Vec<_> = from.iter().map(|it| resolve(&answer, it, &what)).collect();
            match presence {
                Presence::Null => assert!(sent.iter().all(|it| it.is_null()) && !sent.is_empty(), "{what}"),
                Presence::Empty => assert!(sent.iter().all(|it| is_empty(it)) && !sent.is_empty(), "{what}"),
                Presence::Absent => {
                    let row = descriptor.fields.iter().find(|it| it.name == field);
                    let plain = row.into_iter().flat_map(|it| it.sources).filter(|it| it.when.is_none());
                    let there = plain.flat_map(|it| pointer::expand(&answer, it.path));
                    let unset = there.filter(|it| answer.pointer(it).is_some_and(|it| !pointer::is_set(it)));
                    assert_eq!(unset.collect::<Vec<_>>(), Vec::<String>::new(), "{what} is there");
                }
                other => panic!("{what} has no value, and explain() says {other:?}"),
            }
        }
    }
}

/// Every field that some user has is in the table of the descriptor.
pub async fn the_table_of_fields_is_whole(subject: &dyn Subject, wire: &Wire) {
    let fields = subject.provider(wire).descriptor().fields;
    for (person, user) in ask::everyone(subject, wire).await {
        let canonical = ask::canonical(&user);
        let set = canonical.as_object().into_iter().flat_map(|it| it.keys());
        for field in set.filter(|it| !matches!(it.as_str(), "provider" | "masked" | "extra")) {
            let listed = fields.iter().any(|it| it.name == field && !it.sources.is_empty());
            assert!(listed, "{field} of {} is not in the table", person.key);
        }
    }
}

/// Names are names, the page is a page, and nothing stands there twice.
pub async fn the_descriptor_is_sane(subject: &dyn Subject, wire: &Wire) {
    let descriptor = subject.provider(wire).descriptor();
    let kind = descriptor.kind;
    let kebab = |part: &str| {
        !part.is_empty() && part.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit())
    };
    assert!(kind.split('-').all(kebab), "{kind:?} is not in kebab case");
    assert!(!descriptor.vendor.trim().is_empty(), "the vendor has no name");
    assert!(descriptor.docs.starts_with("https://"), "{:?} is no page", descriptor.docs);
    assert!(!descriptor.lookups.is_empty(), "nothing can be asked");
    let lookups: BTreeSet<_> = descriptor.lookups.iter().map(|it| it.as_str()).collect();
    assert_eq!(lookups.len(), descriptor.lookups.len(), "a kind of look-up is listed twice");
    let mut names = BTreeSet::new();
    for field in descriptor.fields {
        assert!(User::FIELDS.contains(&field.name), "{} is no canonical field", field.name);
        assert!(names.insert(field.name), "{} is listed twice", field.name);
        for source in field.sources {
            assert!(source.path.starts_with('/'), "{} of {} is no JSON Pointer", source.path, field.name);
        }
    }
    assert!(names.contains("id"), "the table does not say where the id comes from");
    assert_same_everywhere(&*subject.provider(wire), kind);
}

fn assert_same_everywhere(provider: &dyn UserInfoProvider, kind: &str) {
    assert_eq!(provider.descriptor().kind, kind, "two providers of one subject differ");
}

fn resolve<'a>(answer: &'a Value, place: &str, what: &str) -> &'a Value {
    answer.pointer(place).unwrap_or_else(|| panic!("{what} comes from {place}, where nothing is"))
}

fn is_empty(value: &Value) -> bool {
    !pointer::is_set(value) && !value.is_null() || *value == 0 || *value == "0"
}

/// A number or a boolean as the text that it is written in.
fn as_text(value: &Value) -> Value {
    if value.is_string() { value.clone() } else { Value::String(value.to_string()) }
}

/// The texts of a value, all in one.
fn all_texts(value: &Value) -> String {
    let places = pointer::leaves(value, "");
    let texts = places.iter().filter_map(|place| value.pointer(place).and_then(Value::as_str));
    texts.collect::<Vec<_>>().join("\n")
}
