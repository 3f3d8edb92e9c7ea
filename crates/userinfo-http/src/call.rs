use std::fmt;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Uri, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use userinfo_core::Secret;

use crate::{
    BaseUrl, ExtraHeaders, Request, base_url::is_settled, headers::header_value, transport::Replayable,
};

/// What RFC 3986 lets stand as it is; everything else is encoded.
pub(crate) const UNRESERVED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

const USER_AGENT: &str = concat!("userinfo/", env!("CARGO_PKG_VERSION"));

/// One call of a vendor's API, as a value.
///
/// Encodes every path segment and query value where it is added, and knows which of its parts are
/// secret: its `Debug` shows names only.
///
/// ```
/// use userinfo_http::Call;
///
/// let call = Call::get("userInfo", "/users").segment("a/b").query("q", "x&y=z");
/// assert_eq!(call.target(), "/users/a%2Fb?q=x%26y%3Dz");
/// ```
#[derive(Clone)]
pub struct Call {
    operation: &'static str,
    method: Method,
    target: String,
    has_query: bool,
    has_empty_segment: bool,
    headers: Vec<(HeaderName, String)>,
    body: Bytes,
    replayable: bool,
    secrets: Vec<Secret>,
}

/// Why a call cannot be sent; never repeats a value.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unsendable {
    #[error("the value for the header {0} has control characters or is outside ASCII")]
    Header(HeaderName),
    #[error("the path has an empty segment, one of dots, or a character that no path has")]
    Path,
    #[error("the path and the query are too long together")]
    Length,
}

impl Call {
    /// Starts a `GET`; `operation` names the call in errors, `path` begins with a slash.
    #[must_use]
    pub fn get(operation: &'static str, path: &str) -> Self {
        Self::new(Method::GET, operation, path)
    }

    /// Starts a `POST` without a body.
    #[must_use]
    pub fn post(operation: &'static str, path: &str) -> Self {
        Self::new(Method::POST, operation, path)
    }

    /// Starts a `POST` of JSON; `body` is sent as it is.
    #[must_use]
    pub fn post_json(operation: &'static str, path: &str, body: Bytes) -> Self {
        let mut call = Self::new(Method::POST, operation, path);
        call.headers.push((header::CONTENT_TYPE, "application/json; charset=UTF-8".to_owned()));
        call.body = body;
        call
    }

    /// Appends one path segment, whatever it contains.
    ///
    /// An empty value, `.` and `..` would reach another path, encoded or not: such a call is not sent, and is
    /// [`InvalidInput`](userinfo_core::ErrorKind::InvalidInput).
    #[must_use]
    pub fn segment(mut self, value: &str) -> Self {
        self.has_empty_segment |= value.is_empty();
        self.target.push('/');
        self.target.extend(utf8_percent_encode(value, UNRESERVED));
        self
    }

    /// Adds a query pair.
    #[must_use]
    pub fn query(mut self, name: &'static str, value: &str) -> Self {
        self.target.push(if self.has_query { '&' } else { '?' });
        self.has_query = true;
        self.target.push_str(name);
        self.target.push('=');
        self.target.extend(utf8_percent_encode(value, UNRESERVED));
        self
    }

    /// Adds a query pair that nothing may print.
    #[must_use]
    pub fn secret_query(self, name: &'static str, value: &Secret) -> Self {
        self.query(name, value.expose()).knowing(value)
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Adds a header that nothing may print.
    #[must_use]
    pub fn secret_header(self, name: HeaderName, value: &Secret) -> Self {
        self.header(name, value.expose()).knowing(value)
    }

    /// Says that the call carries this secret somewhere: it is blanked wherever the vendor repeats it.
    #[must_use]
    pub fn knowing(mut self, secret: &Secret) -> Self {
        self.secrets.push(secret.clone());
        self
    }

    /// Says that the call only reads, as every `GET` does, so that sending it twice does no harm.
    #[must_use]
    pub fn reading(mut self) -> Self {
        self.replayable = true;
        self
    }

    /// Returns path and query as they go on the wire, without the base URL's prefix. May hold secrets.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.target
    }

    pub(crate) fn operation(&self) -> &'static str {
        self.operation
    }

    pub(crate) fn into_secrets(self) -> Vec<Secret> {
        self.secrets
    }

    /// Writes the request; the call's own headers stand before the operator's.
    pub(crate) fn render(&mut self, base: &BaseUrl, extra: &ExtraHeaders) -> Result<Request, Unsendable> {
        let mut request = Request::new(std::mem::take(&mut self.body));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.uri(base)?;
        let headers = request.headers_mut();
        headers.insert(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        for (name, value) in extra.iter() {
            headers.insert(name, value.clone());
        }
        for (name, value) in std::mem::take(&mut self.headers) {
            let Some(mut sent) = header_value(&value) else { return Err(Unsendable::Header(name)) };
            sent.set_sensitive(self.secrets.iter().any(|secret| value.contains(secret.expose())));
            headers.insert(name, sent);
        }
        if self.replayable {
            request.extensions_mut().insert(Replayable);
        }
        Ok(request)
    }

    fn uri(&self, base: &BaseUrl) -> Result<Uri, Unsendable> {
        let (path, query) = self.target.split_once('?').unwrap_or((&self.target, ""));
        let is_query = |byte: u8| byte.is_ascii_graphic() && !b"\"#'<>\\".contains(&byte);
        if self.has_empty_segment
            || !path.starts_with('/')
            || !is_settled(path)
            || !query.bytes().all(is_query)
        {
            return Err(Unsendable::Path);
        }
        // Only the length is left to refuse: the source would say no more.
        format!("{base}{}", self.target).try_into().or(Err(Unsendable::Length))
    }

    fn new(method: Method, operation: &'static str, path: &str) -> Self {
        Self {
            operation,
            replayable: method == Method::GET,
            method,
            target: path.to_owned(),
            has_query: path.contains('?'),
            has_empty_segment: false,
            headers: Vec::new(),
            body: Bytes::new(),
            secrets: Vec::new(),
        }
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<_> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Call")
            .field("operation", &self.operation)
            .field("method", &self.method)
            .field("headers", &headers)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(mut call: Call) -> Request {
        let base = "https://a.example/api".parse().expect("a URL");
        call.render(&base, &ExtraHeaders::default()).expect("a request")
    }

    #[test]
    fn a_value_cannot_leave_its_place() {
        for value in
            ["a/b", "../x", "1?x=y", "1#", "x&y=z", "a b", "a%2Fb", "+", "天", "\u{0}", ";", "@", ":"]
        {
            let request = render(Call::get("it", "/p").segment(value).query("q", value));
            let (path, query) = (request.uri().path(), request.uri().query().expect("a query"));
            assert_eq!(path.matches('/').count(), 3, "{path}");
            let decode =
                |text| percent_encoding::percent_decode_str(text).decode_utf8().expect("UTF-8").into_owned();
            assert_eq!(decode(path.strip_prefix("/api/p/").expect("a segment")), value);
            assert_eq!(decode(query.strip_prefix("q=").expect("one pair")), value);
        }
    }

    #[test]
    fn a_call_that_would_reach_another_path_is_not_sent() {
        let refused = |mut call: Call| {
            let base = "https://a.example/api".parse().expect("a URL");
            call.render(&base, &ExtraHeaders::default()).expect_err("not sent").to_string()
        };
        for value in ["", ".", ".."] {
            assert!(refused(Call::get("it", "/p").segment(value)).contains("segment"), "{value:?}");
            assert!(
                refused(Call::get("it", "/p").segment(value).segment("x")).contains("segment"),
                "{value:?}"
            );
        }
        for path in ["", "p", "/a/../b", "/a/%2E%2e/b", "/a#b", "/a b", "/a\\b", "/天", "/a?x='y'", "/a\n"] {
            assert!(refused(Call::get("it", path)).contains("path"), "{path:?}");
        }
        for value in ["...", ".a", "%2e%2e", "a..b"] {
            render(Call::get("it", "/p").segment(value));
        }
        assert!(refused(Call::get("it", "/p").query("q", &"x".repeat(70_000))).contains("long"));
    }

    #[test]
    fn a_get_may_be_sent_twice_and_a_post_only_if_it_reads() {
        let replayable = |call| render(call).extensions().get::<Replayable>().is_some();
        let post = || Call::post_json("it", "/p", Bytes::from_static(b"{}"));
        assert!(replayable(Call::get("it", "/p")) && replayable(post().reading()) && !replayable(post()));
    }

    #[test]
    fn a_path_that_brings_a_query_is_added_to() {
        let call = Call::get("it", "/p?x=1").query("y", "2");
        assert_eq!(call.target(), "/p?x=1&y=2");
        assert_eq!(render(call).uri(), "https://a.example/api/p?x=1&y=2");
    }

    #[test]
    fn headers_that_carry_a_secret_are_sensitive_and_debug_shows_names_only() {
        let token = Secret::new("hunter2-token");
        let call = Call::get("it", "/p")
            .secret_query("t", &token)
            .secret_header(HeaderName::from_static("token"), &token)
            .header(header::AUTHORIZATION, format!("Bearer {}", token.expose()));
        assert!(!format!("{call:?}").contains("hunter2"));
        let request = render(call);
        assert!(
            request.headers()["token"].is_sensitive() && request.headers()["authorization"].is_sensitive()
        );
        assert!(!format!("{:?}", request.headers()).contains("hunter2"));
    }

    #[test]
    fn a_header_with_a_line_feed_is_refused_without_its_value() {
        let base = "https://a.example".parse().expect("a URL");
        for value in ["a\r\nX: y", "q\0q", "天"] {
            let mut call = Call::get("it", "/p").header(HeaderName::from_static("token"), value);
            let error = call.render(&base, &ExtraHeaders::default()).expect_err(value);
            assert!(error.to_string().contains("token") && !error.to_string().contains(value));
        }
    }

    #[test]
    fn an_operators_header_is_sent_and_never_replaces_one_of_the_call() {
        let mut extra = ExtraHeaders::default();
        extra.add("Agent-Token", &"agent".into()).expect("a header");
        extra.add("Token", &"other".into()).expect("a header");
        let base = "https://a.example".parse().expect("a URL");
        let mut call = Call::get("it", "/p").header(HeaderName::from_static("token"), "own");
        let request = call.render(&base, &extra).expect("a request");
        assert_eq!(request.headers()["agent-token"], "agent");
        assert_eq!(request.headers()["token"], "own");
        assert!(extra.add("Host", &"x".into()).is_err() && extra.add("a b", &"x".into()).is_err());
    }
}
