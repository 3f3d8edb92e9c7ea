//! Blanks the secrets of a call in texts for people, wherever the vendor repeats them.

use std::{iter, ops::Range};

use bytes::Bytes;
use memchr::memmem;
use percent_encoding::utf8_percent_encode;
use userinfo_core::Secret;

use crate::call::UNRESERVED;

/// What stands where a secret stood; plain ASCII, so that JSON stays JSON.
pub(crate) const BLANK: &[u8] = b"[secret]";

/// Shorter values are no secrets, and would blank innocent text.
const SHORTEST: usize = 6;

/// The secrets of a call in every spelling that a vendor may repeat them in.
pub(crate) struct Needles(Vec<Secret>);

impl Needles {
    pub(crate) fn new<'a>(secrets: impl IntoIterator<Item = &'a Secret>) -> Self {
        let long = secrets.into_iter().filter(|secret| secret.expose().len() >= SHORTEST);
        Self(long.flat_map(|secret| iter::once(secret.clone()).chain(spellings(secret))).collect())
    }

    /// Says whether one of them stands in `text` as it is.
    pub(crate) fn are_in(&self, text: &[u8]) -> bool {
        self.0.iter().any(|secret| memmem::find(text, secret.expose().as_bytes()).is_some())
    }

    /// Returns the text with every one of them blanked, if there is one.
    pub(crate) fn blanked(&self, text: &str) -> Option<String> {
        let clean = self.are_in(text.as_bytes()).then(|| self.blank(Bytes::copy_from_slice(text.as_bytes())));
        clean.map(|clean| String::from_utf8_lossy(&clean).into_owned())
    }

    pub(crate) fn blank(&self, text: Bytes) -> Bytes {
        let places = self.places(&text);
        if places.is_empty() {
            return text;
        }
        let mut clean = Vec::with_capacity(text.len());
        let mut from = 0;
        for place in places {
            clean.extend_from_slice(&text[from..place.start]);
            clean.extend_from_slice(BLANK);
            from = place.end;
        }
        clean.extend_from_slice(&text[from..]);
        clean.into()
    }

    /// Where they stand, in order; those that overlap are one, for one may begin like another.
    fn places(&self, text: &[u8]) -> Vec<Range<usize>> {
        let mut found: Vec<_> =
            self.0.iter().flat_map(|it| places_of(it.expose().as_bytes(), text)).collect();
        found.sort_unstable_by_key(|place| place.start);
        let mut places: Vec<Range<usize>> = Vec::with_capacity(found.len());
        for place in found {
            match places.last_mut() {
                Some(last) if place.start < last.end => last.end = last.end.max(place.end),
                _ => places.push(place),
            }
        }
        places
    }
}

/// Blanks `secrets` wherever they stand; the same buffer comes back where there is nothing to blank.
pub(crate) fn blank<'a>(body: Bytes, secrets: impl IntoIterator<Item = &'a Secret>) -> Bytes {
    Needles::new(secrets).blank(body)
}

/// Blanks `secrets` in a text for people.
pub(crate) fn blank_text(text: &str, secrets: &[Secret]) -> String {
    Needles::new(secrets).blanked(text).unwrap_or_else(|| text.to_owned())
}

/// How else a vendor may write a secret: percent-encoded, or with the slashes escaped that JSON lets escape.
fn spellings(secret: &Secret) -> Vec<Secret> {
    let text = secret.expose();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    if text.len() < SHORTEST || text.bytes().all(is_plain) {
        return Vec::new();
    }
    let upper = utf8_percent_encode(text, UNRESERVED).to_string();
    let mut lower = String::with_capacity(upper.len());
    for (at, piece) in upper.split('%').enumerate() {
        let (code, rest) = if at == 0 { ("", piece) } else { piece.split_at(2) };
        lower.push_str(if at == 0 { "" } else { "%" });
        lower.push_str(&code.to_ascii_lowercase());
        lower.push_str(rest);
    }
    [upper, lower, text.replace('/', "\\/")].into_iter().map(Secret::new).collect()
}

/// Every place of one, also where it overlaps with itself.
fn places_of(secret: &[u8], text: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let finder = memmem::Finder::new(secret);
    let mut from = 0;
    iter::from_fn(move || {
        let start = from + finder.find(&text[from..])?;
        from = start + 1;
        Some(start..start + secret.len())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_blanked_however_it_is_written() {
        let secret = Secret::new("aB+c/d==");
        for echoed in ["aB+c/d==", "aB%2Bc%2Fd%3D%3D", "aB%2bc%2fd%3d%3d", "aB+c\\/d=="] {
            let body = Bytes::from(format!("<{echoed}>"));
            assert_eq!(blank(body, [&secret]), "<[secret]>", "{echoed}");
            assert_eq!(blank_text(echoed, std::slice::from_ref(&secret)), "[secret]");
        }
        assert!(spellings(&"aB-c.d_e~f".into()).is_empty() && spellings(&"a/b".into()).is_empty());
    }

    #[test]
    fn every_repeat_of_a_secret_is_blanked_and_nothing_else_is_copied() {
        let body = Bytes::from_static(b"a hunter2 b hunter2");
        assert_eq!(blank(body.clone(), [&"hunter2".into()]), "a [secret] b [secret]");
        assert_eq!(blank(body.clone(), [&"absent-secret".into()]).as_ptr(), body.as_ptr());
        assert_eq!(blank(body.clone(), [&"a".into()]), body);
    }

    #[test]
    fn a_secret_that_begins_or_ends_like_another_leaves_nothing_of_it() {
        let (id, secret, end) = ("acme-app".into(), "acme-app-S3cr3t".into(), "S3cr3t-tail".into());
        let text = "acme-app: acme-app-S3cr3t, acme-app-S3cr3t-tail; acme-appacme-app";
        let blanked = "[secret]: [secret], [secret]; [secret][secret]";
        for secrets in [[&id, &secret, &end], [&end, &secret, &id], [&secret, &end, &id]] {
            assert_eq!(blank(Bytes::from_static(text.as_bytes()), secrets), blanked);
        }
        assert_eq!(blank("<abababab>".into(), [&"ababab".into()]), "<[secret]>");
    }
}
