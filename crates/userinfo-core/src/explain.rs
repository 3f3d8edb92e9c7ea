use std::fmt;

use serde::Serialize;
use serde_json::{Value, value::RawValue};

use crate::{Object, Source, User};

/// One canonical field: its value, where in the raw answer it came from, and its presence there.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct Explained {
    /// The canonical name.
    pub field: &'static str,
    /// JSON Pointers into the raw answer, each to a member that is there.
    pub from: Vec<String>,
    /// What the vendor sent.
    pub presence: Presence,
    /// The canonical JSON of the field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Box<RawValue>>,
}

/// What a vendor sent for a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Presence {
    /// A value.
    Value,
    /// A value that the vendor masked.
    Masked,
    /// A member that is there and says nothing: `""`, `[]`, `{}`, or 0 in a time.
    Empty,
    /// A member that is null.
    Null,
    /// Nothing that this field could come from.
    Absent,
}

impl Presence {
    /// Returns the word that JSON carries.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::Masked => "masked",
            Self::Empty => "empty",
            Self::Null => "null",
            Self::Absent => "absent",
        }
    }
}

impl User {
    /// Says of every canonical field where it came from; reads the raw answer only now.
    ///
    /// One element for each of [`User::FIELDS`], except `provider` and `masked`, which no vendor sends. A
    /// user that did not come from a provider has values without origins.
    #[must_use]
    pub fn explain(&self) -> Vec<Explained> {
        let json = serde_json::to_string(self).unwrap_or_default();
        let canonical = Object::parse(&json).unwrap_or_default();
        let raw = self.raw.exact();
        let kept = self.extra_places(&raw);
        let fields = User::FIELDS.into_iter().filter(|field| !matches!(*field, "provider" | "masked"));
        let explain = |field| {
            let value = canonical.get(field).map(ToOwned::to_owned);
            let found = match &value {
                Some(_) if field == "extra" => kept.clone(),
                _ => self.places(field, &raw, &kept),
            };
            let (presence, most) = match &value {
                Some(_) if is_compound(field) => (Presence::Value, usize::MAX),
                Some(_) => (Presence::Value, 1),
                None => (unset_presence(&found), usize::MAX),
            };
            let from = found.into_iter().filter(|it| it.presence == presence).map(|it| it.pointer);
            let from = from.take(most).collect();
            let masked = value.is_some() && self.is_masked(field);
            Explained { field, from, presence: if masked { Presence::Masked } else { presence }, value }
        };
        fields.map(explain).collect()
    }

    /// Every place that this field could come from and that is in the answer.
    ///
    /// What could not be read as this field was kept in `extra`, so it is not where the field came from.
    fn places(&self, field: &str, raw: &Value, kept: &[Place]) -> Vec<Place> {
        let row = self.raw.fields().iter().find(|it| it.name == field);
        let mut found = Vec::new();
        for source in row.map_or(&[][..], |row| row.sources) {
            let mut steps = source.path.split('/').skip(1).peekable();
            walk(raw, String::new(), &mut steps, source, &mut found);
        }
        found.retain(|it| !kept.iter().any(|kept| kept.pointer == it.pointer));
        for place in &mut found {
            if field.ends_with("_at") && place.is_zero {
                place.presence = Presence::Empty;
            }
        }
        found
    }

    /// The members behind `extra`: beside the id, else in the envelope.
    fn extra_places(&self, raw: &Value) -> Vec<Place> {
        let id = self.places("id", raw, &[]).into_iter().next().map(|it| it.pointer).unwrap_or_default();
        let beside = id.rsplit_once('/').map_or("", |(parent, _)| parent);
        let names = self.extra.iter().map(|(name, _)| name.replace('~', "~0").replace('/', "~1"));
        let pointer = |name: String| {
            let candidates = [format!("{beside}/{name}"), format!("/{name}")];
            candidates.into_iter().find(|pointer| raw.pointer(pointer).is_some())
        };
        names
            .filter_map(pointer)
            .map(|pointer| Place { pointer, presence: Presence::Value, is_zero: false })
            .collect()
    }
}

/// A member of the raw answer.
#[derive(Clone)]
struct Place {
    pointer: String,
    presence: Presence,
    is_zero: bool,
}

/// Follows a path, into every index where it says `*`, and notes what stands at its end.
fn walk<'a>(
    value: &Value,
    pointer: String,
    steps: &mut (impl Iterator<Item = &'a str> + Clone),
    source: &Source,
    found: &mut Vec<Place>,
) {
    let mut rest = steps.clone();
    let presence = presence_of(value);
    match (rest.next(), value) {
        // What is not set on the way to a member says of the member that it is not set.
        (step, _) if step.is_none() || presence != Presence::Value => {
            let is_zero = *value == 0 || *value == "0";
            if !found.iter().any(|it| it.pointer == pointer) {
                found.push(Place { pointer, presence, is_zero });
            }
        }
        (Some("*"), Value::Array(list)) => {
            for (at, item) in list.iter().enumerate() {
                walk(item, format!("{pointer}/{at}"), &mut rest, source, found);
            }
        }
        (Some(step), Value::Object(_) | Value::Array(_)) => {
            let next = format!("/{step}");
            if let Some(inner) = value.pointer(&next)
                && (rest.clone().next().is_some() || counts(value, source))
            {
                walk(inner, pointer + &next, &mut rest, source, found);
            }
        }
        _ => {}
    }
}

fn presence_of(value: &Value) -> Presence {
    match value {
        Value::Null => Presence::Null,
        Value::String(text) if text.is_empty() => Presence::Empty,
        Value::Array(list) if list.is_empty() => Presence::Empty,
        Value::Object(members) if members.is_empty() => Presence::Empty,
        _ => Presence::Value,
    }
}

/// Says whether the sibling that decides lets this place count.
fn counts(siblings: &Value, source: &Source) -> bool {
    source.when.is_none_or(|(member, values)| {
        let word = siblings.get(member).and_then(Value::as_str).unwrap_or_default();
        values.iter().any(|value| value.eq_ignore_ascii_case(word))
    })
}

/// Fields that several members make up; any other comes from the first member that is set.
fn is_compound(field: &str) -> bool {
    matches!(
        field,
        "name"
            | "emails"
            | "phones"
            | "logins"
            | "address"
            | "organizations"
            | "groups"
            | "linked_identities"
            | "extra"
    )
}

fn unset_presence(found: &[Place]) -> Presence {
    let is = |presence| found.iter().any(|it| it.presence == presence);
    [Presence::Empty, Presence::Null].into_iter().find(|it| is(*it)).unwrap_or(Presence::Absent)
}

impl fmt::Debug for Explained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { field, from, presence, .. } = self;
        write!(f, "{field}: {} from {from:?}", presence.as_str())
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::{Email, Field, Raw, Timestamp};

    static FIELDS: &[Field] = &[
        Field::new("id", &[Source::at("/data/id")]),
        Field::new("nickname", &[Source::at("/data/nick"), Source::at("/data/alias")]),
        Field::new(
            "emails",
            &[Source::at("/data/contacts/*/no").when("type", &["EMAIL"]), Source::at("/data/mail")],
        ),
        Field::new("phones", &[Source::at("/data/contacts/*/no").when("type", &["PHONE"])]),
        Field::new("bio", &[Source::at("/data/bio")]),
        Field::new("language", &[Source::at("/data/lang")]),
        Field::new("created_at", &[Source::at("/data/madeTs"), Source::at("/data/made")]),
        Field::new("updated_at", &[Source::at("/data/changed")]),
    ];

    fn explained(field: &str) -> (Vec<String>, &'static str) {
        let raw = r#"{"code":0,"note":"n","data":{"id":"1","nick":"","alias":"t**","bio":"","lang":null,"a/b":1,
            "madeTs":0,"made":5,"changed":0,
            "contacts":[{"no":"1","type":"FAX"},{"no":"x@y","type":"email"}]}}"#;
        let mut user = User::new("acme", "1");
        user.nickname = Some("t**".to_owned());
        user.emails = vec![Email::new("x@y")];
        user.created_at = Timestamp::from_unix_seconds(5);
        user.extra.insert_json("a/b", &1);
        user.extra.insert_json("note", &"n");
        user.raw = Raw::new(Bytes::from_static(raw.as_bytes()), FIELDS);
        let all = user.complete().explain();
        let one = all.into_iter().find(|it| it.field == field).expect("every field is explained");
        (one.from, one.presence.as_str())
    }

    #[test]
    fn a_value_comes_from_the_first_place_that_says_something() {
        assert_eq!(explained("id"), (vec!["/data/id".to_owned()], "value"));
        assert_eq!(explained("nickname"), (vec!["/data/alias".to_owned()], "masked"));
        assert_eq!(explained("created_at"), (vec!["/data/made".to_owned()], "value"));
    }

    #[test]
    fn a_list_that_is_null_or_empty_says_so_of_what_it_would_hold() {
        for (contacts, presence) in [("null", "null"), ("[]", "empty"), ("\"\"", "empty"), ("[{}]", "empty")]
        {
            let raw = format!(r#"{{"data":{{"id":"1","contacts":{contacts}}}}}"#);
            let mut user = User::new("acme", "1");
            user.raw = Raw::new(Bytes::from(raw), FIELDS);
            let phones = user.explain().into_iter().find(|it| it.field == "phones").expect("a row");
            assert_eq!(phones.presence.as_str(), presence, "{contacts}");
            assert_eq!(phones.from.len(), 1, "{contacts}: {phones:?}");
        }
    }

    #[test]
    fn what_could_not_be_read_is_not_where_a_value_came_from() {
        let raw = r#"{"data":{"id":"1","nick":[1e999],"alias":"t"}}"#;
        let mut user = User::new("acme", "1");
        user.nickname = Some("t".to_owned());
        user.extra.insert_json("nick", &[1]);
        user.raw = Raw::new(Bytes::from_static(raw.as_bytes()), FIELDS);
        let explained = user.explain();
        let from = |field| explained.iter().find(|it| it.field == field).map(|it| it.from.join(" "));
        assert_eq!(from("nickname").as_deref(), Some("/data/alias"));
        assert_eq!(from("extra").as_deref(), Some("/data/nick"));
    }

    #[test]
    fn a_place_in_a_list_counts_where_its_sibling_says_so() {
        assert_eq!(explained("emails"), (vec!["/data/contacts/1/no".to_owned()], "value"));
        assert_eq!(explained("phones"), (vec![], "absent"));
    }

    #[test]
    fn empty_null_and_absent_are_told_apart() {
        assert_eq!(explained("bio"), (vec!["/data/bio".to_owned()], "empty"));
        assert_eq!(explained("updated_at"), (vec!["/data/changed".to_owned()], "empty"));
        assert_eq!(explained("language"), (vec!["/data/lang".to_owned()], "null"));
        assert_eq!(explained("tenant"), (vec![], "absent"));
    }

    #[test]
    fn extra_names_every_member_it_keeps() {
        assert_eq!(explained("extra"), (vec!["/data/a~1b".to_owned(), "/note".to_owned()], "value"));
    }
}
