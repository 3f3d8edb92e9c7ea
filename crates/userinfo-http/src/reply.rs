use std::{
    fmt,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use userinfo_core::{Error, ErrorKind, JsonError, Object, Result, Retry, Secret};

use crate::{ExtraHeaders, Response, describe::describe, redact, scrub::scrub};

/// A response, with enough context to make good errors.
///
/// `Debug` shows no header's value and no byte of the body.
pub struct Reply {
    provider: &'static str,
    operation: &'static str,
    status: StatusCode,
    is_saved: bool,
    headers: HeaderMap,
    received: Bytes,
    body: Bytes,
    secrets: Vec<Secret>,
    at: SystemTime,
}

impl Reply {
    /// The headers that vendors put their correlation ids in.
    const REQUEST_IDS: [&str; 4] = ["trace-id", "tracer-id", "traceid", "x-request-id"];

    /// An operator's header may hold a plain word, such as `production`, that a person's data holds too: a
    /// shorter value is blanked in errors and left alone in the body.
    const SHORTEST_TOKEN: usize = 16;

    /// No pause is longer than a year, so that a clock can add it.
    const LONGEST_PAUSE: Duration = Duration::from_secs(365 * 24 * 60 * 60);

    /// JSON nested deeper than this is an attack, not an answer.
    const MOST_DEPTH: usize = 64;

    pub(crate) fn new(
        provider: &'static str,
        operation: &'static str,
        response: Response,
        mut secrets: Vec<Secret>,
        headers: &ExtraHeaders,
        at: SystemTime,
    ) -> Self {
        let (parts, received) = response.into_parts();
        let tokens = headers.secrets().filter(|it| it.expose().len() >= Self::SHORTEST_TOKEN);
        let body = scrub(&received, secrets.iter().chain(tokens), &[]);
        secrets.extend(headers.secrets().cloned());
        let (status, headers) = (parts.status, parts.headers);
        let is_saved = false;
        Self { provider, operation, status, is_saved, headers, received, body, secrets, at }
    }

    /// Wraps a body that was saved, as if it had come with HTTP status 200 and no headers.
    ///
    /// An error of it states no HTTP status, for nobody knows that of a saved body.
    #[must_use]
    pub fn saved(provider: &'static str, operation: &'static str, body: Bytes) -> Self {
        let (response, headers) = (Response::new(body), ExtraHeaders::default());
        let reply = Self::new(provider, operation, response, Vec::new(), &headers, SystemTime::UNIX_EPOCH);
        Self { is_saved: true, ..reply }
    }

    /// Returns the HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// Returns a header that is ASCII; the first, if it is repeated.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Says whether a header is there, readable or not.
    #[must_use]
    pub fn has_header(&self, name: &str) -> bool {
        self.headers.contains_key(name)
    }

    /// Says whether a header is there more than once.
    #[must_use]
    pub fn is_repeated(&self, name: &str) -> bool {
        self.headers.get_all(name).iter().nth(1).is_some()
    }

    /// Returns the time at which the response arrived.
    #[must_use]
    pub fn at(&self) -> SystemTime {
        self.at
    }

    /// Returns the vendor's time by the header `Date`, which a cache on the way may have kept; `None` without one.
    #[must_use]
    pub fn date(&self) -> Option<SystemTime> {
        httpdate::parse_http_date(self.header("date")?).ok()
    }

    /// Returns the bytes as received, for a signature: they may repeat a secret of the call.
    #[must_use]
    pub fn received(&self) -> &Bytes {
        &self.received
    }

    /// Returns the bytes with the secrets of the call blanked: the same buffer, unless there are some.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Blanks the members of these names, at any depth: tokens that the answer brings.
    #[must_use]
    pub fn without_members(mut self, names: &[&str]) -> Self {
        self.body = scrub(&self.body, std::iter::empty(), names);
        self
    }

    /// Says that the answer brings this secret: it is blanked as a secret of the call is.
    #[must_use]
    pub fn knowing(mut self, secret: &Secret) -> Self {
        self.body = scrub(&self.body, [secret], &[]);
        self.secrets.push(secret.clone());
        self
    }

    /// Opens the JSON object in the body, whatever the status and the content type say.
    ///
    /// A byte order mark is passed over; of a repeated name the last one wins.
    ///
    /// # Errors
    ///
    /// For any other body: what [`status_error`](Self::status_error) says of a status that is not 2xx,
    /// else [`Protocol`](ErrorKind::Protocol) with a description of the body.
    pub fn object(&self) -> Result<Object<'_>> {
        self.parse().map_err(|broken| {
            if self.status.is_success() { self.unreadable(broken) } else { self.status_error() }
        })
    }

    /// Passes a 2xx status.
    ///
    /// # Errors
    ///
    /// See [`status_error`](Self::status_error).
    pub fn success(&self) -> Result<()> {
        if self.status.is_success() { Ok(()) } else { Err(self.status_error()) }
    }

    /// Makes an error that knows this answer: status, correlation id, Retry-After where a retry can help.
    ///
    /// `message` may hold a vendor's words: the secrets of the call are blanked in it.
    pub fn refuse(&self, kind: ErrorKind, message: impl AsRef<str>) -> Error {
        let message = redact::blank_text(message.as_ref(), &self.secrets);
        let error = Error::new(kind, self.provider, self.operation, message);
        let error = if self.is_saved { error } else { error.with_http_status(self.status()) };
        let error = match self.retry_after() {
            Some(pause) if error.retry() != Retry::Never => error.with_retry(Retry::After(pause)),
            _ => error,
        };
        match Self::REQUEST_IDS.iter().find_map(|name| self.header(name)) {
            Some(id) => error.with_request_id(redact::blank_text(id, &self.secrets)),
            None => error,
        }
    }

    /// Makes the error that the status stands for. The only such table.
    #[must_use]
    pub fn status_error(&self) -> Error {
        let what = self.describe();
        match self.status.as_u16() {
            401 => self.refuse(ErrorKind::Unauthenticated, format!("the credential is refused with {what}")),
            403 => self.refuse(ErrorKind::PermissionDenied, format!("access is refused with {what}")),
            404 | 405 | 410 => self
                .refuse(ErrorKind::Protocol, format!("there is no such interface at this address: {what}"))
                .with_advice("check the base URL and the path; this says nothing about the user"),
            408 | 500..=599 => self.refuse(ErrorKind::Unavailable, format!("the vendor failed with {what}")),
            429 => self.refuse(ErrorKind::RateLimited, format!("too many requests: {what}")),
            300..=399 => self
                .refuse(ErrorKind::Protocol, format!("a redirect to {}, not followed", self.redirect_host()))
                .with_advice("configure the base URL that answers without a redirect"),
            _ => self.refuse(ErrorKind::Protocol, format!("an unexpected status with {what}")),
        }
    }

    /// Says what the body is; blanked as a whole first, for an excerpt may cut a secret in two.
    fn describe(&self) -> String {
        describe(&redact::blank(self.received.clone(), &self.secrets))
    }

    fn parse(&self) -> std::result::Result<Object<'_>, Broken> {
        if let Some(encoding) = self.headers.get(header::CONTENT_ENCODING)
            && !encoding.as_bytes().eq_ignore_ascii_case(b"identity")
        {
            return Err(Broken::Compressed);
        }
        let body = &self.body;
        let json = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        let Ok(text) = std::str::from_utf8(json) else { return Err(Broken::NotUtf8) };
        if is_too_deep(json, Self::MOST_DEPTH) {
            return Err(Broken::TooDeep);
        }
        Object::parse(text).map_err(Broken::Json)
    }

    fn unreadable(&self, broken: Broken) -> Error {
        match broken {
            Broken::Compressed => {
                self.refuse(ErrorKind::Protocol, "a compressed answer, though none was asked for")
            }
            Broken::NotUtf8 => self.refuse(ErrorKind::Protocol, "an answer that is not UTF-8"),
            Broken::TooDeep => self.refuse(ErrorKind::Protocol, "JSON that is nested too deep"),
            Broken::Json(error) => {
                let what = format!("not a JSON object but {}", self.describe());
                self.refuse(ErrorKind::Protocol, what).with_source(error)
            }
        }
    }

    /// The host alone: a redirect may carry a secret in its path or query.
    fn redirect_host(&self) -> &str {
        let location = self.header("location").unwrap_or_default();
        let (before, rest) = location.split_once("//").unwrap_or((location, ""));
        if location.is_empty() {
            "nowhere"
        } else if matches!(before.to_ascii_lowercase().as_str(), "" | "http:" | "https:") {
            let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
            let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
            let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
            if !host.is_empty() && host.bytes().all(is_host) { host } else { "an unreadable address" }
        } else {
            "the same host"
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        let value = self.header("retry-after")?.trim();
        let pause = if let Ok(seconds) = value.parse() {
            Duration::from_secs(seconds)
        } else {
            let date = httpdate::parse_http_date(value).ok()?;
            let now = self.header("date").and_then(|it| httpdate::parse_http_date(it).ok());
            date.duration_since(now.unwrap_or(self.at)).unwrap_or_default()
        };
        Some(pause.min(Self::LONGEST_PAUSE))
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<_> = self.headers.keys().map(http::HeaderName::as_str).collect();
        f.debug_struct("Reply")
            .field("provider", &self.provider)
            .field("operation", &self.operation)
            .field("status", &self.status())
            .field("headers", &headers)
            .field("body", &format_args!("{} bytes", self.received.len()))
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

/// Why a body is no JSON object.
enum Broken {
    Compressed,
    NotUtf8,
    TooDeep,
    Json(JsonError),
}

/// Counts brackets; only a body with more of them than allowed is looked at closely.
fn is_too_deep(json: &[u8], most: usize) -> bool {
    if memchr::memchr2_iter(b'{', b'[', json).take(most + 1).count() <= most {
        return false;
    }
    let (mut depth, mut within, mut escaped) = (0_usize, false, false);
    for byte in json {
        match byte {
            b'"' if !escaped => within = !within,
            b'{' | b'[' if !within => depth += 1,
            b'}' | b']' if !within => depth = depth.saturating_sub(1),
            _ => {}
        }
        escaped = *byte == b'\\' && !escaped;
        if depth > most {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_that_the_answer_brings_is_blanked_in_its_body_and_in_its_errors() {
        let body = Bytes::from_static(br#"{"token":"hunter2","echo":"<hunter2>"}"#);
        let reply = Reply::saved("acme", "login", body).knowing(&Secret::new("hunter2"));
        assert_eq!(reply.body(), &br#"{"token":"[secret]","echo":"<[secret]>"}"#[..]);
        assert_eq!(reply.refuse(ErrorKind::Rejected, "no hunter2").message(), "no [secret]");
        assert!(reply.received().ends_with(b"<hunter2>\"}"));
    }
}
