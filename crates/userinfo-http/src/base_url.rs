use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use userinfo_core::{has_hidden, is_absolute_url};

/// Where a vendor's API begins: scheme, host, and a path prefix if there is one.
///
/// ```
/// use userinfo_http::{BaseUrl, PlainHttp};
///
/// let base = BaseUrl::parse("https://wallet.example/acl/api/", PlainHttp::Loopback)?;
/// assert_eq!(base.to_string(), "https://wallet.example/acl/api");
/// assert_eq!(base.host(), "wallet.example");
/// assert!(BaseUrl::parse("http://wallet.example", PlainHttp::Loopback).is_err());
/// # Ok::<(), userinfo_http::BaseUrlError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    text: String,
    authority: std::ops::Range<usize>,
}

/// Whether a URL may be plain `http`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlainHttp {
    /// Only to this machine: `localhost`, `127.0.0.0/8`, `[::1]`.
    #[default]
    Loopback,
    /// To any host; whoever sits on the way reads tokens and personal data.
    Anywhere,
}

/// Text that is no base URL; never repeats it, since it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BaseUrlError {
    /// Not `https://host…`.
    #[error("must be a URL such as https://host/prefix, in ASCII")]
    NotAUrl,
    /// Plain `http` to another machine.
    #[error("must begin with https://; plain http goes only to loopback, unless http.allow_http = true")]
    PlainHttp,
    /// `user:password@` before the host.
    #[error("must not hold a user name or a password")]
    Credentials,
    /// A query or a fragment.
    #[error("must not hold a query or a fragment")]
    Query,
}

impl BaseUrl {
    /// Reads a URL; slashes at its end do not count.
    ///
    /// # Errors
    ///
    /// If it is not an absolute `https` URL, or an `http` one that `plain_http` allows.
    pub fn parse(text: &str, plain_http: PlainHttp) -> Result<Self, BaseUrlError> {
        if text.contains(['?', '#']) {
            return Err(BaseUrlError::Query);
        }
        let Some((scheme, rest)) = text.split_once("://") else { return Err(BaseUrlError::NotAUrl) };
        let host_end = rest.find('/').unwrap_or(rest.len());
        if rest[..host_end].contains('@') {
            return Err(BaseUrlError::Credentials);
        }
        if rest[..host_end].is_empty() {
            return Err(BaseUrlError::NotAUrl);
        }
        let Ok(uri) = http::Uri::from_str(text.trim_end_matches('/')) else {
            return Err(BaseUrlError::NotAUrl);
        };
        let host = uri.host().filter(|host| is_host(host)).ok_or(BaseUrlError::NotAUrl)?;
        if !is_port(&rest[host.len()..host_end]) || !is_settled(uri.path()) {
            return Err(BaseUrlError::NotAUrl);
        }
        match scheme.to_ascii_lowercase().as_str() {
            "https" => {}
            "http" if plain_http == PlainHttp::Anywhere || is_loopback(host) => {}
            "http" => return Err(BaseUrlError::PlainHttp),
            _ => return Err(BaseUrlError::NotAUrl),
        }
        let text = text.trim_end_matches('/').to_owned();
        let start = scheme.len() + "://".len();
        let end = text[start..].find('/').map_or(text.len(), |at| start + at);
        Ok(Self { text, authority: start..end })
    }

    /// Returns the host, with its port where one is given.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.text[self.authority.clone()]
    }

    /// Returns the path prefix: empty, or `/…` without a slash at its end.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.text[self.authority.end..]
    }

    /// Resolves an address that the vendor sent: an absolute `http` or `https` URL is kept, a path is joined.
    ///
    /// `None` for what is no such address: another scheme, `//host`, white space, control characters.
    #[must_use]
    pub fn resolve(&self, address: &str) -> Option<String> {
        let scheme_end = address.find(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c)));
        let has_scheme = scheme_end.is_some_and(|at| at > 0 && address[at..].starts_with(':'));
        if is_absolute_url(address) {
            Some(address.to_owned())
        } else if has_scheme || address.is_empty() || address.starts_with("//") || has_hidden(address) {
            None
        } else {
            Some(self.join(address)).filter(|url| is_absolute_url(url))
        }
    }

    /// Joins a path of the vendor to this URL: prefix kept, one slash between.
    #[must_use]
    pub fn join(&self, path: &str) -> String {
        format!("{self}/{}", path.trim_start_matches('/'))
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Reads a URL, with plain `http` only to loopback.
impl FromStr for BaseUrl {
    type Err = BaseUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text, PlainHttp::Loopback)
    }
}

/// Says whether no parser of URLs would rewrite this path: what is signed and checked must be what is sent.
///
/// [The URL Standard](https://url.spec.whatwg.org/#path-state) resolves dot segments even where the dots are
/// encoded, turns a backslash into a slash, and encodes some characters that RFC 3986 does not allow.
pub(crate) fn is_settled(path: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"\"#<>?\\^`{|}".contains(&byte);
    let is_dots = |segment: &str| {
        let dots = segment.to_ascii_lowercase().replace("%2e", ".");
        dots == "." || dots == ".."
    };
    path.bytes().all(is_plain) && !path.split('/').any(is_dots)
}

/// A name, or an address in its usual form: `127.1` and `0x7f000001` are addresses too, to some.
fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
        return address.parse::<Ipv6Addr>().is_ok();
    }
    let last = host.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
    let is_number = last.starts_with(|c: char| c.is_ascii_digit());
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    !last.is_empty() && host.bytes().all(is_name) && (!is_number || host.parse::<Ipv4Addr>().is_ok())
}

/// Nothing, or a colon and a number that a port can be.
fn is_port(text: &str) -> bool {
    text.is_empty() || text.strip_prefix(':').is_some_and(|it| it.parse::<u16>().is_ok_and(|it| it > 0))
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|it| it.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<BaseUrl, BaseUrlError> {
        text.parse()
    }

    #[test]
    fn a_prefix_is_kept_and_slashes_at_the_end_do_not_count() {
        for (text, prefix) in
            [("https://a.example", ""), ("https://a.example/", ""), ("https://a:8443/acl/api//", "/acl/api")]
        {
            let base = parse(text).expect(text);
            assert_eq!(base.prefix(), prefix);
            assert!(base.join("/x/y.png").ends_with(&format!("{prefix}/x/y.png")));
        }
    }

    #[test]
    fn an_address_of_the_vendor_is_kept_or_joined_or_no_address() {
        let base = parse("https://a.example/p").expect("a URL");
        for (sent, resolved) in [
            ("https://cdn.example/a.png", Some("https://cdn.example/a.png")),
            (&"a".repeat(1000), Some(&*format!("https://a.example/p/{}", "a".repeat(1000)))),
            ("uploads/a.png", Some("https://a.example/p/uploads/a.png")),
            ("/a.png?x=1:2", Some("https://a.example/p/a.png?x=1:2")),
            ("a/b:c.png", Some("https://a.example/p/a/b:c.png")),
            ("//cdn.example/a.png", None),
            ("data:image/png;base64,AAA", None),
            ("javascript:alert(1)", None),
            ("ftp://cdn.example/a.png", None),
            ("a b.png", None),
            ("a\n.png", None),
            ("a\u{202e}.png", None),
            ("", None),
        ] {
            assert_eq!(base.resolve(sent).as_deref(), resolved, "{sent}");
        }
    }

    #[test]
    fn plain_http_goes_only_to_loopback_unless_allowed() {
        for yes in ["http://localhost:1", "http://127.0.0.1", "http://127.9.9.9:80/x", "http://[::1]:8080"] {
            parse(yes).expect(yes);
        }
        for no in [
            "http://a.example",
            "http://127.0.0.1.a.example",
            "HTTP://10.0.0.1",
            "http://localhost.a.example",
        ] {
            assert_eq!(parse(no), Err(BaseUrlError::PlainHttp), "{no}");
            BaseUrl::parse(no, PlainHttp::Anywhere).expect(no);
        }
    }

    #[test]
    fn what_is_no_base_url_is_refused_without_repeating_it() {
        for (no, why) in [
            ("", BaseUrlError::NotAUrl),
            ("a.example", BaseUrlError::NotAUrl),
            ("ftp://a.example", BaseUrlError::NotAUrl),
            ("https://", BaseUrlError::NotAUrl),
            ("https:///x", BaseUrlError::NotAUrl),
            ("https://a b", BaseUrlError::NotAUrl),
            ("https://a\n.example", BaseUrlError::NotAUrl),
            ("https://天.example", BaseUrlError::NotAUrl),
            ("https://a.example:", BaseUrlError::NotAUrl),
            ("https://a.example:0", BaseUrlError::NotAUrl),
            ("https://a.example:65536", BaseUrlError::NotAUrl),
            ("https://a.example:hunter2", BaseUrlError::NotAUrl),
            ("https://a%2eexample", BaseUrlError::NotAUrl),
            ("https://.", BaseUrlError::NotAUrl),
            ("https://127.1", BaseUrlError::NotAUrl),
            ("https://0x7f000001", BaseUrlError::NotAUrl),
            ("http://[127.0.0.1]", BaseUrlError::NotAUrl),
            ("https://[::1", BaseUrlError::NotAUrl),
            ("https://a.example\\x", BaseUrlError::NotAUrl),
            ("https://a.example/\\x", BaseUrlError::NotAUrl),
            ("https://a.example/api/../x", BaseUrlError::NotAUrl),
            ("https://a.example/.%2E/x", BaseUrlError::NotAUrl),
            ("https://a.example/{x}", BaseUrlError::NotAUrl),
            ("https://user:hunter2@a.example", BaseUrlError::Credentials),
            ("https://a.example/?x=1", BaseUrlError::Query),
            ("https://a.example#x", BaseUrlError::Query),
        ] {
            assert_eq!(parse(no), Err(why), "{no}");
        }
    }
}
