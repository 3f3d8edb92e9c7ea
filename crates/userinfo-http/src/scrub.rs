//! Takes secrets out of a JSON answer, string by string, before anything reads it.

use bytes::Bytes;
use userinfo_core::Secret;

use crate::redact::{BLANK, Needles};

/// Blanks the secrets within the strings of `body`, however they are escaped, and the members of these names
/// at any depth, unless they are empty.
///
/// Numbers and structure are never touched, so that JSON stays JSON and an id stays an id. What is no JSON is
/// blanked as the text that it is. The same buffer comes back where there is nothing to blank.
pub(crate) fn scrub<'a>(
    body: &Bytes,
    secrets: impl IntoIterator<Item = &'a Secret>,
    members: &[&str],
) -> Bytes {
    let needles = Needles::new(secrets);
    let named = members.iter().any(|name| memchr::memmem::find(body, name.as_bytes()).is_some());
    if !named && !needles.are_in(body) && memchr::memchr(b'\\', body).is_none() {
        return body.clone();
    }
    let json = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii_start();
    if !json.starts_with(b"{") && !json.starts_with(b"[") {
        return needles.blank(body.clone());
    }
    let mut clean = Vec::with_capacity(body.len());
    let mut rest = &body[..];
    while let Some((before, literal, after)) = next_string(rest) {
        clean.extend_from_slice(before);
        let text = decode(literal);
        match text.as_deref().and_then(|text| needles.blanked(text)) {
            Some(blanked) => clean.extend(serde_json::to_vec(&blanked).unwrap_or_default()),
            None => clean.extend_from_slice(literal),
        }
        rest = after;
        if text.is_some_and(|text| members.contains(&text.as_str())) {
            rest = blank_value(after, &mut clean);
        }
    }
    clean.extend_from_slice(rest);
    clean.into()
}

/// What stands before the next string, the string with its quotes, and what stands behind it.
fn next_string(json: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let start = memchr::memchr(b'"', json)?;
    let mut at = start + 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', json.get(at..)?)?;
        if json[at] == b'"' {
            let (head, after) = json.split_at(at + 1);
            let (before, literal) = head.split_at(start);
            return Some((before, literal, after));
        }
        at += 2;
    }
}

fn decode(literal: &[u8]) -> Option<String> {
    serde_json::from_slice(literal).ok()
}

/// Blanks the value behind a name; an object or a list is left for the walk, and so is what says nothing.
fn blank_value<'a>(after: &'a [u8], clean: &mut Vec<u8>) -> &'a [u8] {
    let is_gap = |byte: &u8| byte.is_ascii_whitespace() || *byte == b':';
    let gap = after.iter().take_while(|byte| is_gap(byte)).count();
    if !after[..gap].contains(&b':') {
        return after;
    }
    let (gap, value) = after.split_at(gap);
    clean.extend_from_slice(gap);
    let end = match value.first() {
        None | Some(b'{' | b'[' | b'n') => return value,
        Some(b'"') => match next_string(value) {
            Some((_, b"\"\"", _)) | None => return value,
            Some((_, literal, _)) => literal.len(),
        },
        Some(_) => value.iter().take_while(|byte| !matches!(byte, b',' | b'}' | b']')).count(),
    };
    clean.extend([b"\"", BLANK, b"\""].concat());
    &value[end..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scrubbed(body: &str, secret: &str, members: &[&str]) -> String {
        let clean = scrub(&Bytes::copy_from_slice(body.as_bytes()), [&Secret::new(secret)], members);
        serde_json::from_slice::<serde_json::Value>(&clean).expect("JSON stays JSON");
        String::from_utf8(clean.to_vec()).expect("UTF-8")
    }

    #[test]
    fn a_secret_is_blanked_however_its_string_is_escaped() {
        for echoed in [
            "abc+d/f==",
            r"abc+d\/f\u003d\u003d",
            r"\u0061bc\u002bd/f==",
            "abc%2Bd%2Ff%3D%3D",
            "abc%2bd%2ff%3d%3d",
        ] {
            let body = format!(r#"{{"a":"x {echoed} y","{echoed}":["{echoed}"]}}"#);
            assert_eq!(
                scrubbed(&body, "abc+d/f==", &[]),
                r#"{"a":"x [secret] y","[secret]":["[secret]"]}"#,
                "{echoed}"
            );
        }
    }

    #[test]
    fn numbers_and_other_strings_stay_as_they_were_sent() {
        let body = r#"{"balance":1234567, "a":"\u003c1\u003e \"\\", "b":[123456]}"#;
        assert_eq!(scrubbed(body, "123456", &[]), body);
    }

    #[test]
    fn a_named_member_is_blanked_at_any_depth_and_every_time() {
        let body =
            r#"{"token":"a","x":{"token" : "b","t\u006fken":7},"y":[{"token":""}],"token":null,"z":"token"}"#;
        assert_eq!(
            scrubbed(body, "", &["token"]),
            r#"{"token":"[secret]","x":{"token" : "[secret]","t\u006fken":"[secret]"},"y":[{"token":""}],"token":null,"z":"token"}"#
        );
        assert_eq!(
            scrubbed(r#"{"token":{"token":"a","id":1}}"#, "", &["token"]),
            r#"{"token":{"token":"[secret]","id":1}}"#
        );
    }

    #[test]
    fn nothing_is_copied_where_nothing_is_blanked() {
        let body = Bytes::from_static(br#"{"id":"1","name":"Ada"}"#);
        assert_eq!(scrub(&body, [&Secret::new("hunter2")], &["token"]).as_ptr(), body.as_ptr());
    }

    #[test]
    fn text_that_is_no_json_ends() {
        for body in ["\"", "\"\\", "\\", "\"token\":", "\"token\" : \"", "\"token\":tru", "", "{\"token\""] {
            scrub(&Bytes::copy_from_slice(body.as_bytes()), [&Secret::new("hunter2")], &["token"]);
        }
    }
}
