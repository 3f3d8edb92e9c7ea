use std::{error::Error as StdError, fmt, sync::Arc};

use crate::{ErrorKind, LookupKind, Retry, text::one_line};

/// The result of every call that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure: what happened, where, the vendor's own code, and whether trying again helps.
///
/// One pointer wide. `Display` is a single line that never repeats the source and never shows a
/// secret; walk [`source`](StdError::source) for the cause, which clones share.
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    provider: &'static str,
    operation: &'static str,
    message: String,
    vendor_code: Option<String>,
    http_status: Option<u16>,
    retry: Retry,
    advice: Option<&'static str>,
    request_id: Option<String>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    /// Starts an error; the kind sets whether a retry can help.
    ///
    /// `message` may hold a vendor's words: control and bidi characters are replaced and the length is
    /// bounded, so that it stays one line. It must hold no secret and no personal data.
    pub fn new(
        kind: ErrorKind,
        provider: &'static str,
        operation: &'static str,
        message: impl AsRef<str>,
    ) -> Self {
        Self(Box::new(Inner {
            kind,
            provider,
            operation,
            message: one_line(message.as_ref()),
            vendor_code: None,
            http_status: None,
            retry: kind.default_retry(),
            advice: None,
            request_id: None,
            source: None,
        }))
    }

    /// Says that `provider` has no look-up of this kind.
    #[must_use]
    pub fn unsupported(provider: &'static str, kind: LookupKind) -> Self {
        Self::new(ErrorKind::Unsupported, provider, "user", format!("there is no look-up by {kind}"))
    }

    /// Says that a look-up cannot be sent.
    pub fn invalid_input(provider: &'static str, message: impl AsRef<str>) -> Self {
        Self::new(ErrorKind::InvalidInput, provider, "user", message)
    }

    /// Adds the vendor's own code.
    #[must_use]
    pub fn with_vendor_code(mut self, code: impl AsRef<str>) -> Self {
        self.0.vendor_code = Some(one_line(code.as_ref()));
        self
    }

    /// Adds the HTTP status of the answer.
    #[must_use]
    pub fn with_http_status(mut self, status: u16) -> Self {
        self.0.http_status = Some(status);
        self
    }

    /// Changes the kind, and with it whether a retry can help: a code that tells of a user in one call may tell
    /// of a credential in another.
    #[must_use]
    pub fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.0.kind = kind;
        self.0.retry = kind.default_retry();
        self
    }

    /// Puts what was found out about it before the message, which must hold no secret and no personal data.
    #[must_use]
    pub fn with_finding(mut self, finding: impl AsRef<str>) -> Self {
        self.0.message = one_line(&format!("{}: {}", finding.as_ref(), self.0.message));
        self
    }

    /// Overrides whether a retry can help.
    #[must_use]
    pub fn with_retry(mut self, retry: Retry) -> Self {
        self.0.retry = retry;
        self
    }

    /// Says what to do next, where that is more than the kind says.
    #[must_use]
    pub fn with_advice(mut self, advice: &'static str) -> Self {
        self.0.advice = Some(advice);
        self
    }

    /// Adds the vendor's correlation id.
    #[must_use]
    pub fn with_request_id(mut self, id: impl AsRef<str>) -> Self {
        self.0.request_id = Some(one_line(id.as_ref()));
        self
    }

    /// Adds the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into().into());
        self
    }

    /// Returns the kind, for branching.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the kind of the provider, such as `"anqicms"`.
    #[must_use]
    pub fn provider(&self) -> &'static str {
        self.0.provider
    }

    /// Returns the name of the vendor's call, or `"user"` when nothing was sent.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.0.operation
    }

    /// Returns what happened, in one line.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Returns the vendor's own code, as text.
    #[must_use]
    pub fn vendor_code(&self) -> Option<&str> {
        self.0.vendor_code.as_deref()
    }

    /// Returns the HTTP status, where an answer arrived.
    #[must_use]
    pub fn http_status(&self) -> Option<u16> {
        self.0.http_status
    }

    /// Returns whether trying again can help.
    #[must_use]
    pub fn retry(&self) -> Retry {
        self.0.retry
    }

    /// Returns what to do next.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        self.0.advice.unwrap_or_else(|| self.0.kind.advice())
    }

    /// Returns the vendor's correlation id, where it gave one.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { provider, operation, message, .. } = &*self.0;
        write!(f, "{provider}: {operation}: {message}")?;
        match (&self.0.vendor_code, self.0.http_status) {
            (Some(code), Some(status)) => write!(f, " (vendor code {code}, HTTP {status})"),
            (Some(code), None) => write!(f, " (vendor code {code})"),
            (None, Some(status)) => write!(f, " (HTTP {status})"),
            (None, None) => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { kind, provider, operation, message, .. } = &*self.0;
        let mut out = f.debug_struct("Error");
        out.field("kind", kind).field("provider", provider).field("operation", operation);
        out.field("message", message);
        if let Some(code) = &self.0.vendor_code {
            out.field("vendor_code", code);
        }
        if let Some(status) = &self.0.http_status {
            out.field("http_status", status);
        }
        out.field("retry", &self.0.retry);
        if let Some(id) = &self.0.request_id {
            out.field("request_id", id);
        }
        if let Some(source) = &self.0.source {
            out.field("source", source);
        }
        out.finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_pointer_wide() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
        assert_eq!(size_of::<Result<()>>(), size_of::<usize>());
    }

    #[test]
    fn display_is_one_line_with_code_and_status_and_without_the_source() {
        let error = Error::new(ErrorKind::Rejected, "acme", "userInfo", "no\r\nsuch\u{202e} thing")
            .with_vendor_code("5\n0")
            .with_http_status(200)
            .with_source("the cause");
        assert_eq!(error.to_string(), "acme: userInfo: no such thing (vendor code 5 0, HTTP 200)");
        assert_eq!(error.source().map(ToString::to_string).as_deref(), Some("the cause"));
    }

    #[test]
    fn the_causes_can_be_walked_to_the_last_one_and_display_repeats_none() {
        let low = Error::new(ErrorKind::Transport, "acme", "login", "the low one").with_source("the root");
        let high = Error::new(ErrorKind::Unavailable, "acme", "userInfo", "the high one").with_source(low);
        assert_eq!(high.to_string(), "acme: userInfo: the high one");
        let low = high.source().expect("a cause");
        assert!(low.is::<Error>());
        assert_eq!(low.to_string(), "acme: login: the low one");
        assert_eq!(low.source().expect("a root").to_string(), "the root");
        assert!(format!("{high:?}").contains("the root"));
    }

    #[test]
    fn a_clone_is_the_same_error_with_the_same_cause() {
        let error = Error::new(ErrorKind::Timeout, "acme", "userInfo", "late").with_source("the cause");
        let clone = error.clone().with_retry(Retry::Never);
        assert_eq!((clone.to_string(), clone.retry()), (error.to_string(), Retry::Never));
        assert_eq!(clone.source().map(ToString::to_string).as_deref(), Some("the cause"));
        assert_eq!(error.retry(), Retry::Backoff);
    }

    #[test]
    fn what_is_added_is_told() {
        let error = Error::new(ErrorKind::RateLimited, "acme", "userInfo", "slow down")
            .with_retry(Retry::After(std::time::Duration::from_secs(7)))
            .with_request_id("id\n7")
            .with_advice("wait");
        assert_eq!(error.retry(), Retry::After(std::time::Duration::from_secs(7)));
        assert_eq!((error.request_id(), error.advice()), (Some("id 7"), "wait"));
        assert_eq!(Error::invalid_input("acme", "no").advice(), ErrorKind::InvalidInput.advice());
        assert_eq!(Error::unsupported("acme", LookupKind::Token).message(), "there is no look-up by token");
    }

    #[test]
    fn another_kind_has_its_own_retry_and_a_finding_stands_before_the_message() {
        let error = Error::new(ErrorKind::Unavailable, "acme", "login", "no").with_vendor_code("5");
        let error = error.with_kind(ErrorKind::Unauthenticated).with_finding("the clock\nis off");
        assert_eq!((error.kind(), error.retry()), (ErrorKind::Unauthenticated, Retry::Never));
        assert_eq!(error.to_string(), "acme: login: the clock is off: no (vendor code 5)");
        let long =
            Error::new(ErrorKind::Rejected, "acme", "login", "x".repeat(10_000)).with_finding("the clock");
        assert!(long.message().starts_with("the clock: x") && long.message().chars().count() <= 301);
    }

    #[test]
    fn a_message_is_bounded() {
        let error = Error::new(ErrorKind::Rejected, "acme", "userInfo", "x".repeat(10_000));
        assert!(error.message().chars().count() <= 301, "{}", error.message().len());
    }
}
