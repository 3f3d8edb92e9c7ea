//! JSON as a vendor may write it: ordered, with repeated keys and numbers of any size.

use std::{fmt::Write as _, time::Duration};

use serde_json::Value;

/// A JSON value that keeps the order of its members and may hold what a parser would not give back.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Int(i64),
    Text(String),
    /// Written as it is.
    Raw(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// The encoder whose habits the vendor has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoder {
    /// Members in the order given.
    Plain,
    /// Go: a map's keys in alphabetical order, `<`, `>` and `&` escaped, a newline at the end.
    Go,
}

impl Json {
    pub(crate) fn object<const N: usize>(members: [(&str, Self); N]) -> Self {
        Self::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    pub(crate) const fn empty() -> Self {
        Self::Object(Vec::new())
    }

    /// A vendor's code: an integer where it is one.
    pub(crate) fn code(code: &str) -> Self {
        code.parse().map_or_else(|_| Self::from(code), Self::Int)
    }

    /// A span in whole seconds.
    pub(crate) fn seconds(span: Duration) -> Self {
        Self::Int(i64::try_from(span.as_secs()).unwrap_or(i64::MAX))
    }

    /// Adds a member at the end; what is no object stays as it is.
    pub(crate) fn push(&mut self, name: &str, value: impl Into<Self>) {
        if let Self::Object(members) = self {
            members.push((name.to_owned(), value.into()));
        }
    }

    /// Adds a member at the front; what is no object stays as it is.
    pub(crate) fn push_front(&mut self, name: &str, value: impl Into<Self>) {
        if let Self::Object(members) = self {
            members.insert(0, (name.to_owned(), value.into()));
        }
    }

    /// Puts a member's value in place of the one it has, or at the end.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<Self>) {
        let Self::Object(members) = self else { return };
        match members.iter_mut().find(|(it, _)| it == name) {
            Some((_, old)) => *old = value.into(),
            None => members.push((name.to_owned(), value.into())),
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        let Self::Object(members) = self else { return None };
        members.iter().find(|(it, _)| it == name).map(|(_, value)| value)
    }

    pub(crate) fn remove(&mut self, name: &str) {
        if let Self::Object(members) = self {
            members.retain(|(it, _)| it != name);
        }
    }

    pub(crate) fn render(&self, encoder: Encoder) -> Vec<u8> {
        let mut out = String::new();
        self.write(&mut out, encoder);
        if encoder == Encoder::Go {
            out.push('\n');
        }
        out.into_bytes()
    }

    fn write(&self, out: &mut String, encoder: Encoder) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(it) => out.push_str(if *it { "true" } else { "false" }),
            Self::Int(it) => {
                let _ = write!(out, "{it}");
            }
            Self::Raw(it) => out.push_str(it),
            Self::Text(it) => write_text(it, out, encoder),
            Self::List(items) => {
                out.push('[');
                for (place, item) in items.iter().enumerate() {
                    if place > 0 {
                        out.push(',');
                    }
                    item.write(out, encoder);
                }
                out.push(']');
            }
            Self::Object(members) => write_object(members, out, encoder),
        }
    }
}

fn write_object(members: &[(String, Json)], out: &mut String, encoder: Encoder) {
    let mut members: Vec<_> = members.iter().collect();
    if encoder == Encoder::Go {
        members.sort_by(|(one, _), (other, _)| one.cmp(other));
    }
    out.push('{');
    for (place, (name, value)) in members.into_iter().enumerate() {
        if place > 0 {
            out.push(',');
        }
        write_text(name, out, encoder);
        out.push(':');
        value.write(out, encoder);
    }
    out.push('}');
}

fn write_text(text: &str, out: &mut String, encoder: Encoder) {
    out.push('"');
    for it in text.chars() {
        match it {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' if encoder == Encoder::Go => escape(it, out),
            it if it < ' ' => escape(it, out),
            it => out.push(it),
        }
    }
    out.push('"');
}

fn escape(it: char, out: &mut String) {
    let _ = write!(out, "\\u{:04x}", u32::from(it));
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Json {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for Json {
    fn from(it: bool) -> Self {
        Self::Bool(it)
    }
}

impl From<Vec<Json>> for Json {
    fn from(items: Vec<Json>) -> Self {
        Self::List(items)
    }
}

impl From<&Value> for Json {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(it) => Self::Bool(*it),
            Value::Number(it) => Self::Raw(it.to_string()),
            Value::String(it) => Self::Text(it.clone()),
            Value::Array(items) => Self::List(items.iter().map(Self::from).collect()),
            Value::Object(members) => {
                Self::Object(members.iter().map(|(name, it)| (name.clone(), Self::from(it))).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn go_sorts_escapes_and_ends_with_a_newline() {
        let json = Json::object([("b", "<a&b>".into()), ("a", Json::Int(-1)), ("é", Json::Null)]);
        assert_eq!(
            String::from_utf8(json.render(Encoder::Go)).unwrap(),
            "{\"a\":-1,\"b\":\"\\u003ca\\u0026b\\u003e\",\"é\":null}\n"
        );
        assert_eq!(
            String::from_utf8(json.render(Encoder::Plain)).unwrap(),
            r#"{"b":"<a&b>","a":-1,"é":null}"#
        );
    }

    #[test]
    fn text_is_escaped_so_that_a_parser_gives_it_back() {
        let text = "a\"b\\c\nd\re\tf\u{1}g\u{2028}h😀";
        for encoder in [Encoder::Plain, Encoder::Go] {
            let bytes = Json::from(text).render(encoder);
            assert_eq!(serde_json::from_slice::<String>(&bytes).unwrap(), text);
        }
    }
}
