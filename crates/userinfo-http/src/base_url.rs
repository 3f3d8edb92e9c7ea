use std::{fmt, net::IpAddr, str::FromStr};

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
        let host = uri.host().filter(|host| !host.is_empty()).ok_or(BaseUrlError::NotAUrl)?;
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
            ("https://user:hunter2@a.example", BaseUrlError::Credentials),
            ("https://a.example/?x=1", BaseUrlError::Query),
            ("https://a.example#x", BaseUrlError::Query),
        ] {
            assert_eq!(parse(no), Err(why), "{no}");
        }
    }
}
