//! Which paths reach the wire exactly as they are signed.

/// Says whether nothing on the way rewrites `path`, which may carry a query.
pub(crate) fn is_sent_as_written(path: &str) -> bool {
    let (segments, _) = path.split_once('?').unwrap_or((path, ""));
    path.starts_with('/')
        && path.chars().all(stands_as_it_is)
        && path.split('%').skip(1).all(begins_with_hex)
        && !segments.split('/').any(is_dots)
}

/// RFC 3986, without `'`, which URL libraries encode, and without `#`, which is never sent.
fn stands_as_it_is(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~%!$&()*+,;=:@/?".contains(c)
}

fn begins_with_hex(rest: &str) -> bool {
    rest.len() >= 2 && rest.bytes().take(2).all(|it| it.is_ascii_hexdigit())
}

/// URL libraries resolve these, encoded or not.
fn is_dots(segment: &str) -> bool {
    matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_would_be_rewritten_is_known() {
        for yes in
            ["/v2/users/inquiryUserInfo", "/a.htm", "/a/...", "/a?lang=en&x=a%20b", "/a?b=../c", "/a//b"]
        {
            assert!(is_sent_as_written(yes), "{yes}");
        }
        for no in [
            "",
            "v2",
            "?a",
            "/a b",
            "/a/../b",
            "/a/./b",
            "/a/%2E%2e/b",
            "/..",
            "/a#b",
            "/a%2",
            "/a%zz",
            "/é",
            "/a\"",
            "/{a}",
            "/a|b",
            "/a\\b",
            "/a?b='c'",
            "/a\n",
            "/a<b",
        ] {
            assert!(!is_sent_as_written(no), "{no}");
        }
    }
}
