use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};
use serde_json::{
    Value,
    value::{RawValue, to_raw_value},
};

use crate::{Object, json};

/// The vendor's remaining facts under their wire names, exact to the last digit.
///
/// Values stay the JSON that the vendor sent, without the white space between tokens: a number is never
/// read into a float and a large id is never rounded. `Debug` shows names only.
///
/// ```
/// let extra: userinfo_core::Extra = serde_json::from_str(r#"{"balance": 1250, "remark": "vip"}"#)?;
/// assert_eq!(extra.value("balance"), Some(serde_json::json!(1250)));
/// assert_eq!(extra.text("remark").as_deref(), Some("vip"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Extra(BTreeMap<String, Box<RawValue>>);

impl Extra {
    /// Returns the JSON of one fact.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&RawValue> {
        self.0.get(name).map(|value| &**value)
    }

    /// Returns one fact that is a string.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        self.get(name).and_then(json::string).map(std::borrow::Cow::into_owned)
    }

    /// Parses one fact; what a JSON value cannot hold becomes its text.
    ///
    /// That is an integer beyond 64 bits, a number beyond a float, and what is nested deeper than 64.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<Value> {
        self.get(name).map(exact)
    }

    /// Adds a fact as the vendor sent it.
    pub fn insert(&mut self, name: impl Into<String>, value: &RawValue) {
        self.0.insert(name.into(), compact(value));
    }

    /// Adds a fact put together from what the vendor sent; what cannot be written as JSON is left out.
    pub fn insert_json(&mut self, name: impl Into<String>, value: &impl Serialize) {
        if let Ok(value) = to_raw_value(value) {
            self.0.insert(name.into(), value);
        }
    }

    /// Adds all facts of another.
    pub fn append(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Takes a fact away.
    pub fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// Goes through the facts by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &RawValue)> {
        self.0.iter().map(|(name, value)| (name.as_str(), &**value))
    }

    /// Says whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Writes the facts as one JSON object.
impl fmt::Display for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).unwrap_or_default())
    }
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Extra")?;
        f.debug_list().entries(self.0.keys()).finish()
    }
}

impl PartialEq for Extra {
    fn eq(&self, other: &Self) -> bool {
        self.iter()
            .map(|(name, value)| (name, value.get()))
            .eq(other.iter().map(|(name, value)| (name, value.get())))
    }
}

/// Deeper than this is read no further, so that no input can use up the stack.
const MOST_DEPTH: usize = 64;

/// Parses JSON without ever reading an integer into a float, and loses nothing.
pub(crate) fn exact(value: &RawValue) -> Value {
    exact_within(value, MOST_DEPTH)
}

fn exact_within(value: &RawValue, depth: usize) -> Value {
    let text = value.get();
    let as_text = || Value::String(text.to_owned());
    if text.starts_with(['{', '[']) {
        let Some(depth) = depth.checked_sub(1) else { return as_text() };
        if let Some(object) = Object::within(value) {
            let members = object.into_iter().map(|(name, it)| (name.into_owned(), exact_within(it, depth)));
            return Value::Object(members.collect());
        }
        let list = Object::list(value);
        return list
            .map_or_else(as_text, |list| list.into_iter().map(|it| exact_within(it, depth)).collect());
    }
    if json::is_integer(text) && text.parse::<i64>().is_err() && text.parse::<u64>().is_err() {
        return as_text();
    }
    serde_json::from_str(text).unwrap_or_else(|_| as_text())
}

/// Leaves out the white space between tokens, so that one fact has one spelling.
fn compact(value: &RawValue) -> Box<RawValue> {
    let text = value.get();
    if !text.starts_with(['{', '[']) {
        return value.to_owned();
    }
    let (mut within, mut escaped) = (false, false);
    let kept = |c: &char| {
        let keep = within || !matches!(c, ' ' | '\n' | '\r' | '\t');
        within = if *c == '"' && !escaped { !within } else { within };
        escaped = *c == '\\' && !escaped;
        keep
    };
    RawValue::from_string(text.chars().filter(kept).collect()).unwrap_or_else(|_| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_white_space_between_tokens_goes() {
        let sent = r#"{ "a\" b" : [ 1.10 , "x  \\" , { } ],
            "c" : "d \" e" }"#;
        let mut extra = Extra::default();
        extra.insert("it", &RawValue::from_string(sent.to_owned()).expect("JSON"));
        let kept = extra.get("it").expect("it").get();
        assert_eq!(kept, r#"{"a\" b":[1.10,"x  \\",{}],"c":"d \" e"}"#);
    }

    #[test]
    fn an_integer_beyond_64_bits_is_never_rounded() {
        let extra: Extra =
            serde_json::from_str(r#"{"a":{"b":[123456789012345678901234567890,-1,1.5]}}"#).expect("JSON");
        let value = extra.value("a").expect("a");
        assert_eq!(value, serde_json::json!({"b": ["123456789012345678901234567890", -1, 1.5]}));
    }

    #[test]
    fn what_no_json_value_can_hold_becomes_its_text() {
        let deep = "[".repeat(20_000) + &"]".repeat(20_000);
        let extra: Extra =
            serde_json::from_str(&format!(r#"{{"big":[1e999],"deep":{deep}}}"#)).expect("JSON");
        assert_eq!(extra.value("big"), Some(serde_json::json!(["1e999"])));
        let mut value = extra.value("deep").expect("deep");
        for _ in 0..MOST_DEPTH {
            value = value[0].take();
        }
        assert_eq!(value.as_str().map(str::len), Some(2 * (20_000 - MOST_DEPTH)));
    }

    #[test]
    fn debug_shows_names_only() {
        let extra: Extra = serde_json::from_str(r#"{"phone2":"13800138000"}"#).expect("JSON");
        assert_eq!(format!("{extra:?}"), r#"Extra["phone2"]"#);
    }
}
