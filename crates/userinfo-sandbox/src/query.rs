//! The query string, decoded as the vendors' frameworks decode it.

use percent_encoding::percent_decode_str;

/// The pairs of a query string, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Query {
    pairs: Vec<(String, String)>,
    broken: bool,
}

/// What a query says of one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Given<'a> {
    Nothing,
    Once(&'a str),
    Repeated,
}

impl Query {
    /// Splits at `&`, decodes `+` and `%XX`. A broken escape or text that is no UTF-8 makes the query broken.
    pub(crate) fn parse(raw: Option<&str>) -> Self {
        let mut query = Self::default();
        for pair in raw.unwrap_or_default().split('&').filter(|it| !it.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let decoded = [name, value].map(|it| {
                decode(it).unwrap_or_else(|| {
                    query.broken = true;
                    it.to_owned()
                })
            });
            query.pairs.push(decoded.into());
        }
        query
    }

    pub(crate) const fn is_broken(&self) -> bool {
        self.broken
    }

    pub(crate) fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }

    pub(crate) fn get(&self, name: &str) -> Given<'_> {
        let mut values = self.pairs.iter().filter(|(it, _)| it == name).map(|(_, value)| value.as_str());
        match (values.next(), values.next()) {
            (None, _) => Given::Nothing,
            (Some(value), None) => Given::Once(value),
            (Some(_), Some(_)) => Given::Repeated,
        }
    }
}

fn decode(text: &str) -> Option<String> {
    let escapes = text.match_indices('%').all(|(at, _)| {
        text.as_bytes().get(at + 1..at + 3).is_some_and(|it| it.iter().all(u8::is_ascii_hexdigit))
    });
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8().ok()?;
    escapes.then(|| decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plus_is_a_space_and_escapes_are_utf_8() {
        let query = Query::parse(Some("uid=a+b%2Bc%20%E5%BC%A0&flag&=x"));
        assert_eq!(query.get("uid"), Given::Once("a b+c 张"));
        assert_eq!(query.get("flag"), Given::Once(""));
        assert_eq!(query.get("none"), Given::Nothing);
        assert!(!query.is_broken());
    }

    #[test]
    fn a_broken_escape_breaks_the_query() {
        for raw in ["a=%", "a=%4", "a=%zz", "a=%ff", "%=1"] {
            assert!(Query::parse(Some(raw)).is_broken(), "{raw}");
        }
    }

    #[test]
    fn a_repeated_name_is_told_apart() {
        assert_eq!(Query::parse(Some("a=1&a=1")).get("a"), Given::Repeated);
    }
}
