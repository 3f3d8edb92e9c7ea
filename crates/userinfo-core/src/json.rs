use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::{Extra, Timestamp};

/// A vendor's JSON object, with every member kept exactly as sent until it is taken.
///
/// A provider takes what it knows; [`rest`](Self::rest) is everything else, so nothing can be dropped by
/// forgetting it. A member of an unexpected type stays where it is and ends in the rest too. Of a name
/// that is repeated the last one wins. Nothing is copied but names with escapes in them.
///
/// ```
/// use userinfo_core::Object;
///
/// let mut data = Object::parse(r#"{"id": 619583637909737479, "name": "", "age": 3}"#)?;
/// assert_eq!(data.take_id("id").as_deref(), Some("619583637909737479"));
/// assert_eq!(data.take_text("name"), None);
/// assert_eq!(data.rest().to_string(), r#"{"age":3}"#);
/// # Ok::<(), userinfo_core::JsonError>(())
/// ```
#[derive(Default)]
pub struct Object<'a> {
    members: Vec<(Cow<'a, str>, &'a RawValue)>,
}

/// What a reader makes of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading<T> {
    /// A value.
    Value(T),
    /// The vendor's way to say that there is no value.
    NotSet,
    /// Something else: the member stays where it is.
    Strange,
}

/// Text that is not the JSON it should be; says where, and never repeats what it read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem} at line {line} column {column}")]
pub struct JsonError {
    problem: &'static str,
    line: usize,
    column: usize,
}

impl<'a> Object<'a> {
    /// Parses `text`, which must be one JSON object.
    ///
    /// # Errors
    ///
    /// If it is not JSON, or another kind of JSON.
    pub fn parse(text: &'a str) -> Result<Self, JsonError> {
        // Room for what a text of this length can hold, but never more than a vendor's record.
        let room = (text.len() / 16).min(32);
        let mut json = serde_json::Deserializer::from_str(text);
        let object = json.deserialize_map(Members { room });
        object.and_then(|object| json.end().map(|()| object)).map_err(|error| JsonError::of(&error))
    }

    /// Opens a member that is an object; `None` for any other JSON.
    #[must_use]
    pub fn within(value: &'a RawValue) -> Option<Self> {
        value.get().starts_with('{').then(|| Self::parse(value.get()).ok()).flatten()
    }

    /// Opens a member that is a list; `None` for any other JSON.
    #[must_use]
    pub fn list(value: &'a RawValue) -> Option<Vec<&'a RawValue>> {
        value.get().starts_with('[').then(|| serde_json::from_str(value.get()).ok()).flatten()
    }

    /// Says whether nothing is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Looks at a member; null counts as none.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'a RawValue> {
        let found = self.members.iter().rev().find(|(it, _)| it == name);
        found.map(|(_, value)| *value).filter(|value| value.get() != "null")
    }

    /// Takes a member of any type; null counts as none.
    pub fn take(&mut self, name: &str) -> Option<&'a RawValue> {
        let value = self.get(name);
        self.drop_member(name);
        value
    }

    /// Takes a string; `""` and null count as none.
    pub fn take_text(&mut self, name: &str) -> Option<String> {
        self.take_by(name, |value| string(value).map_or(Reading::Strange, Reading::text))
    }

    /// Takes a string that `read` understands; `""` and null count as none, and what it refuses stays.
    pub fn take_text_as<T>(&mut self, name: &str, read: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        self.take_by(name, |value| match string(value).as_deref() {
            None => Reading::Strange,
            Some("") => Reading::NotSet,
            Some(text) => read(text).map_or(Reading::Strange, Reading::Value),
        })
    }

    /// Takes a word that may be sent as a number or a boolean: `"2"`, `2` and `true` give their text.
    pub fn take_word(&mut self, name: &str) -> Option<String> {
        self.take_by(name, |value| match string(value) {
            Some(text) => Reading::text(text),
            None if value.get().starts_with(['{', '[']) => Reading::Strange,
            None => Reading::Value(value.get().to_owned()),
        })
    }

    /// Takes an id: a string that is not empty, or an integer, which stays the digits that were sent.
    pub fn take_id(&mut self, name: &str) -> Option<String> {
        self.take_by(name, |value| match string(value) {
            Some(text) => Reading::text(text),
            None if is_integer(value.get()) => Reading::Value(value.get().to_owned()),
            None => Reading::Strange,
        })
    }

    /// Takes an integer, or a string of one; `""` and null count as none.
    pub fn take_integer(&mut self, name: &str) -> Option<i64> {
        self.take_by(name, integer)
    }

    /// Takes `true`, `false`, `1` or `0`, also as strings.
    pub fn take_bool(&mut self, name: &str) -> Option<bool> {
        self.take_by(name, |value| match string(value).as_deref().unwrap_or_else(|| value.get()) {
            "true" | "1" => Reading::Value(true),
            "false" | "0" => Reading::Value(false),
            "" => Reading::NotSet,
            _ => Reading::Strange,
        })
    }

    /// Takes a time given as an integer, or a string of one, in the unit that `read` knows.
    ///
    /// 0, `""` and null count as none; what `read` refuses stays.
    pub fn take_time(&mut self, name: &str, read: fn(i64) -> Option<Timestamp>) -> Option<Timestamp> {
        self.take_by(name, |value| match integer(value) {
            Reading::Value(0) | Reading::NotSet => Reading::NotSet,
            Reading::Value(number) => read(number).map_or(Reading::Strange, Reading::Value),
            Reading::Strange => Reading::Strange,
        })
    }

    /// Takes a member away if it is 0, where the vendor's 0 means "not set".
    pub fn drop_zero(&mut self, name: &str) {
        self.take_by(name, |value| match integer(value) {
            Reading::Value(0) => Reading::<()>::NotSet,
            _ => Reading::Strange,
        });
    }

    /// Takes a member if `read` understands it; null counts as none.
    pub fn take_by<T>(&mut self, name: &str, read: impl FnOnce(&'a RawValue) -> Reading<T>) -> Option<T> {
        let taken = match self.get(name).map(read) {
            Some(Reading::Strange) => return None,
            Some(Reading::Value(value)) => Some(value),
            Some(Reading::NotSet) | None => None,
        };
        self.drop_member(name);
        taken
    }

    /// Returns what was not taken, under the vendor's names; null and `""` are not facts and stay out.
    #[must_use]
    pub fn rest(self) -> Extra {
        let mut rest = Extra::default();
        for (name, value) in self.members {
            rest.remove(&name);
            if !matches!(value.get(), "null" | "\"\"") {
                rest.insert(name.into_owned(), value);
            }
        }
        rest
    }

    /// Goes through the members as sent, repeated names included.
    pub(crate) fn into_iter(self) -> impl Iterator<Item = (Cow<'a, str>, &'a RawValue)> {
        self.members.into_iter()
    }

    fn drop_member(&mut self, name: &str) {
        self.members.retain(|(it, _)| it != name);
    }
}

impl Reading<String> {
    fn text(text: Cow<'_, str>) -> Self {
        if text.is_empty() { Self::NotSet } else { Self::Value(text.into_owned()) }
    }
}

impl JsonError {
    fn of(error: &serde_json::Error) -> Self {
        let problem = match error.classify() {
            serde_json::error::Category::Eof => "the JSON ends too early",
            serde_json::error::Category::Data => "not a JSON object",
            _ => "not JSON",
        };
        Self { problem, line: error.line(), column: error.column() }
    }
}

/// Shows names only: values may be personal data or secret.
impl fmt::Debug for Object<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Object")?;
        f.debug_list().entries(self.members.iter().map(|(name, _)| name)).finish()
    }
}

/// Reads the members of an object, repeated names included.
struct Members {
    room: usize,
}

impl<'de> Visitor<'de> for Members {
    type Value = Object<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::with_capacity(self.room);
        while let Some(Key(name)) = map.next_key()? {
            members.push((name, map.next_value()?));
        }
        Ok(Object { members })
    }
}

/// A name, borrowed where it has no escapes.
#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

/// The text of a JSON string; `None` for any other JSON.
pub(crate) fn string(value: &RawValue) -> Option<Cow<'_, str>> {
    let text = value.get();
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') {
        serde_json::from_str(text).ok().map(Cow::Owned)
    } else {
        Some(Cow::Borrowed(inner))
    }
}

fn integer(value: &RawValue) -> Reading<i64> {
    let text = string(value);
    match text.as_deref().unwrap_or_else(|| value.get()) {
        "" => Reading::NotSet,
        text if is_integer(text) => text.parse().map_or(Reading::Strange, Reading::Value),
        _ => Reading::Strange,
    }
}

pub(crate) fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(text: &str) -> Object<'_> {
        Object::parse(text).expect("an object")
    }

    #[test]
    fn a_number_beyond_a_float_keeps_every_digit() {
        let mut it =
            object(r#"{"a":619583637909737479,"b":"9007199254740993","c":123456789012345678901234567890}"#);
        assert_eq!(it.take_id("a").as_deref(), Some("619583637909737479"));
        assert_eq!(it.take_id("b").as_deref(), Some("9007199254740993"));
        assert_eq!(it.rest().to_string(), r#"{"c":123456789012345678901234567890}"#);
    }

    #[test]
    fn a_fraction_or_an_exponent_is_no_id() {
        for text in ["1.0", "1e3", "6.19583637909737479e17", "true", "{}", "[1]"] {
            let body = format!(r#"{{"id":{text}}}"#);
            assert_eq!(object(&body).take_id("id"), None, "{text}");
        }
    }

    #[test]
    fn the_last_of_a_repeated_name_wins() {
        let mut it = object(r#"{"a":"1","b":1,"a":"2","b":null}"#);
        assert_eq!(it.take_text("a").as_deref(), Some("2"));
        assert_eq!(it.take_integer("b"), None);
        assert!(it.is_empty());
    }

    #[test]
    fn a_member_of_another_type_stays_for_the_rest() {
        let mut it = object(r#"{"name":{"a": [1, 2]},"time":"soon","flag":"maybe"}"#);
        assert_eq!(it.take_text("name"), None);
        assert_eq!(it.take_time("time", Timestamp::from_unix_seconds), None);
        assert_eq!(it.take_bool("flag"), None);
        assert_eq!(it.rest().to_string(), r#"{"flag":"maybe","name":{"a":[1,2]},"time":"soon"}"#);
    }

    #[test]
    fn what_is_not_set_is_taken_away() {
        let mut it = object(r#"{"a":"","b":null,"c":0,"d":"0"}"#);
        assert_eq!(it.take_text("a"), None);
        assert_eq!(it.take_integer("b"), None);
        assert_eq!(it.take_time("c", Timestamp::from_unix_seconds), None);
        assert_eq!(it.take_time("d", Timestamp::from_unix_seconds), None);
        assert!(it.is_empty());
    }

    #[test]
    fn escapes_are_read_in_names_and_values() {
        let mut it = object(r#"{"n\u0061me":"\u003ca\u003e \ud83d\ude00"}"#);
        assert_eq!(it.take_text("name").as_deref(), Some("<a> 😀"));
    }

    #[test]
    fn an_error_says_where_and_never_what() {
        for (text, words) in [
            (r#"{"a":"hunter2""#, "ends too early"),
            (r#"{"a":hunter2}"#, "not JSON"),
            (r#"["hunter2"]"#, "not a JSON object"),
            (r#""hunter2""#, "not a JSON object"),
            ("", "ends too early"),
        ] {
            let error = Object::parse(text).expect_err(text).to_string();
            assert!(error.contains(words) && !error.contains("hunter2"), "{error}");
        }
    }
}
