/// Turns text of a stranger into one bounded line that is safe on a terminal and in a log.
///
/// Every run of white space and control characters becomes one space, format characters that reorder
/// or hide text (bidi, zero width) are left out, and 300 characters are the most.
///
/// ```
/// assert_eq!(userinfo_core::one_line("not\r\n\u{1b}[31m found\u{202e}"), "not [31m found");
/// ```
#[must_use]
pub fn one_line(text: &str) -> String {
    const MOST: usize = 300;
    let mut line = String::with_capacity(text.len().min(MOST));
    let mut length = 0;
    let mut gap = false;
    for c in text.chars() {
        if c.is_whitespace() || c.is_control() {
            gap = length > 0;
            continue;
        }
        if is_invisible(c) {
            continue;
        }
        if gap {
            line.push(' ');
            length += 1;
            gap = false;
        }
        if length >= MOST {
            line.push('…');
            break;
        }
        line.push(c);
        length += 1;
    }
    line
}

/// Bidirectional controls, zero-width characters, the soft hyphen, byte order marks and tags.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}' | '\u{206a}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}')
}

/// Says whether `text` is an `http` or `https` URL with a host and nothing that could break a line.
#[must_use]
pub fn is_absolute_url(text: &str) -> bool {
    let host = text.split_once("://").and_then(|(scheme, rest)| {
        (scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http")).then_some(rest)
    });
    host.is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', '?', '#'])) && !has_hidden(text)
}

/// Says whether a text holds white space, control characters, or format characters that hide or reorder text.
#[must_use]
pub fn has_hidden(text: &str) -> bool {
    text.contains(|c: char| c.is_whitespace() || c.is_control() || is_invisible(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_http_urls_with_a_host_are_absolute() {
        for yes in ["http://a/b.htm?x=1", "HTTPS://a", "https://例え.jp/x.png"] {
            assert!(is_absolute_url(yes), "{yes}");
        }
        for no in [
            "",
            "a/b.png",
            "/a/b",
            "//a/b",
            "http://",
            "https:///x",
            "javascript://a",
            "http://a\nb",
            "http://a/\u{202e}b",
        ] {
            assert!(!is_absolute_url(no), "{no}");
        }
    }

    #[test]
    fn a_long_text_ends_in_an_ellipsis_and_a_short_one_does_not() {
        assert_eq!(one_line(&"ä".repeat(301)), format!("{}…", "ä".repeat(300)));
        assert_eq!(one_line(&"ä".repeat(300)), "ä".repeat(300));
        assert_eq!(one_line("  a \t b  "), "a b");
    }
}
