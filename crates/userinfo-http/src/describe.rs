//! Says what a body is, for errors.

use std::borrow::Cow;

use userinfo_core::one_line;

/// Says what a body is without repeating data: JSON is never quoted, a page gives its title, a text its start.
pub(crate) fn describe(body: &[u8]) -> String {
    let size = body.len();
    let text = start_of(body);
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return "an empty body".to_owned();
    }
    match text.as_bytes()[0] {
        b'<' => match title(text) {
            Some(title) => format!("an HTML page titled \"{title}\" ({size} bytes)"),
            None => format!("an HTML page ({size} bytes)"),
        },
        b'{' | b'[' | b'"' | b'0'..=b'9' | b'-' => format!("JSON of another shape ({size} bytes)"),
        _ if matches!(text, "null" | "true" | "false") => format!("JSON of another shape ({size} bytes)"),
        _ if text.contains('\u{fffd}') || text.contains('\0') => format!("binary data ({size} bytes)"),
        _ => match text.split_once(['{', '"']) {
            Some((before, _)) => format!("the text \"{}\" and more ({size} bytes)", short(before)),
            None => format!("the text \"{}\" ({size} bytes)", short(text)),
        },
    }
}

/// The first few thousand bytes, without a character that is cut in two at their end.
fn start_of(body: &[u8]) -> Cow<'_, str> {
    let start = &body[..body.len().min(4096)];
    match std::str::from_utf8(start) {
        Err(error) if error.error_len().is_none() => String::from_utf8_lossy(&start[..error.valid_up_to()]),
        _ => String::from_utf8_lossy(start),
    }
}

fn title(page: &str) -> Option<String> {
    let lower = page.to_ascii_lowercase();
    let from = lower.find("<title>")? + "<title>".len();
    let to = from + lower[from..].find("</title>")?;
    Some(short(page.get(from..to)?)).filter(|title| !title.is_empty())
}

fn short(text: &str) -> String {
    let line = one_line(text);
    match line.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_never_quoted() {
        for json in [
            r#"{"phone":"hunter2""#,
            r#"["hunter2"]"#,
            r#""hunter2""#,
            "7",
            "-1",
            "null",
            "true",
            "false",
            "\u{feff} {\"a\":\"hunter2\"}",
            "\n\n[\"hunter2\"",
        ] {
            let told = describe(json.as_bytes());
            assert!(told.starts_with("JSON of another shape") && !told.contains("hunter2"), "{told}");
        }
        let wrapped = describe(br#"callback({"phone":"hunter2"})"#);
        assert_eq!(wrapped, "the text \"callback(\" and more (29 bytes)");
        assert!(!describe(br#"names = ["hunter2"]"#).contains("hunter2"));
    }

    #[test]
    fn a_page_gives_its_title_alone() {
        assert_eq!(
            describe(b"<!DOCTYPE html><HTML><Title>\n 502 Bad\tGateway </title><p>hunter2"),
            "an HTML page titled \"502 Bad Gateway\" (64 bytes)"
        );
        assert_eq!(describe(b"<p>hunter2</p>"), "an HTML page (14 bytes)");
        assert_eq!(describe(b"<title></title>"), "an HTML page (15 bytes)");
        let long = describe(format!("<title>{}</title>", "ä".repeat(3000)).as_bytes());
        assert_eq!(long, "an HTML page (6015 bytes)");
        let long = describe(format!("<title>{}</title>", "ä".repeat(1000)).as_bytes());
        assert_eq!(long, format!("an HTML page titled \"{}…\" (2015 bytes)", "ä".repeat(80)));
    }

    #[test]
    fn a_text_gives_its_start_in_one_line() {
        assert_eq!(describe(b" rate\r\nlimited\x1b[2J "), "the text \"rate limited [2J\" (19 bytes)");
        assert_eq!(describe(b"slow down"), "the text \"slow down\" (9 bytes)");
        let long = describe("天".repeat(5000).as_bytes());
        assert_eq!(long, format!("the text \"{}…\" (15000 bytes)", "天".repeat(80)));
    }

    #[test]
    fn what_is_no_text_is_named() {
        assert_eq!(describe(b""), "an empty body");
        assert_eq!(describe(b"\xef\xbb\xbf \r\n"), "an empty body");
        assert_eq!(describe(b"\x1f\x8b\x08\x00"), "binary data (4 bytes)");
        assert_eq!(describe("ÿ".repeat(2).as_bytes()), "the text \"ÿÿ\" (4 bytes)");
    }
}
