use std::{error::Error as StdError, fmt, time::Duration};

use crate::{LookupKind, text::one_line};

/// The result of every call that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure: what happened, where, the vendor's own code, and whether trying again helps.
///
/// One pointer wide. `Display` is a single line that never repeats the source and never shows a
/// secret; walk [`source`](StdError::source) for the cause.
pub struct Error(Box<Inner>);

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
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// What callers branch on.
///
/// ```
/// use userinfo_core::{ErrorKind, Retry};
///
/// assert_eq!(ErrorKind::NotFound.default_retry(), Retry::Never);
/// assert_eq!(ErrorKind::Timeout.as_str(), "timeout");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The configuration cannot work; found where it is built, before any I/O.
    Config,
    /// The look-up cannot be sent, or the vendor says that a parameter is wrong.
    InvalidInput,
    /// This provider has no such look-up.
    Unsupported,
    /// The token is missing, wrong or expired, after one renewal where the provider can renew.
    Unauthenticated,
    /// The caller is known and not allowed.
    PermissionDenied,
    /// The vendor locked the account or the address; asking again prolongs it.
    LockedOut,
    /// No such user.
    NotFound,
    /// Too many requests.
    RateLimited,
    /// The vendor has a fault of its own.
    Unavailable,
    /// No whole answer arrived in time.
    Timeout,
    /// No connection, a broken connection, or TLS failed.
    Transport,
    /// The answer breaks the vendor's contract.
    Protocol,
    /// A signature is missing, malformed, wrong or stale, or the vendor refuses ours.
    Signature,
    /// A different user came back than was asked for.
    IdMismatch,
    /// The vendor says no for a reason of its own, and that is final.
    Rejected,
}

/// Whether trying again can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Retry {
    /// It cannot.
    Never,
    /// It can, after a pause of the caller's choice that grows.
    Backoff,
    /// It can, after this long: the vendor said so.
    After(Duration),
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
        self.0.source = Some(source.into());
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

impl ErrorKind {
    /// Every kind, in the order of the documentation.
    pub const ALL: [Self; 15] = [
        Self::Config,
        Self::InvalidInput,
        Self::Unsupported,
        Self::Unauthenticated,
        Self::PermissionDenied,
        Self::LockedOut,
        Self::NotFound,
        Self::RateLimited,
        Self::Unavailable,
        Self::Timeout,
        Self::Transport,
        Self::Protocol,
        Self::Signature,
        Self::IdMismatch,
        Self::Rejected,
    ];

    /// Returns the name in snake case, as error JSON carries it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::InvalidInput => "invalid_input",
            Self::Unsupported => "unsupported",
            Self::Unauthenticated => "unauthenticated",
            Self::PermissionDenied => "permission_denied",
            Self::LockedOut => "locked_out",
            Self::NotFound => "not_found",
            Self::RateLimited => "rate_limited",
            Self::Unavailable => "unavailable",
            Self::Timeout => "timeout",
            Self::Transport => "transport",
            Self::Protocol => "protocol",
            Self::Signature => "signature",
            Self::IdMismatch => "id_mismatch",
            Self::Rejected => "rejected",
        }
    }

    /// Returns whether trying again can help, unless the error itself knows better.
    #[must_use]
    pub fn default_retry(self) -> Retry {
        match self {
            Self::RateLimited | Self::Unavailable | Self::Timeout | Self::Transport => Retry::Backoff,
            _ => Retry::Never,
        }
    }

    /// Returns what to do next, in general.
    #[must_use]
    pub fn advice(self) -> &'static str {
        match self {
            Self::Config => "correct the configuration; `userinfo check` lists every fault",
            Self::InvalidInput => "correct the id or the token that was given",
            Self::Unsupported => "ask in a way that this provider supports; `userinfo providers` lists them",
            Self::Unauthenticated => "get a new token, or check the configured credential",
            Self::PermissionDenied => "ask the vendor to grant this caller the permission",
            Self::LockedOut => "stop asking until the vendor lifts the lock",
            Self::NotFound => "check the id; the vendor knows no such user",
            Self::RateLimited => "wait, then ask more slowly",
            Self::Unavailable => "try again later; the vendor has a fault of its own",
            Self::Timeout => "try again, or allow more time",
            Self::Transport => "check host name, network and TLS, then try again",
            Self::Protocol => "check the base URL; if it is right, report the answer to the vendor",
            Self::Signature => "do not use this answer; check keys, key version and clock",
            Self::IdMismatch => "do not use this answer; the token may belong to someone else",
            Self::Rejected => "read the vendor's message and code; asking again will not help",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
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
    fn only_four_kinds_are_worth_another_try() {
        use ErrorKind::{RateLimited, Timeout, Transport, Unavailable};
        let worth: Vec<_> =
            ErrorKind::ALL.into_iter().filter(|kind| kind.default_retry() != Retry::Never).collect();
        assert_eq!(worth, [RateLimited, Unavailable, Timeout, Transport]);
    }

    #[test]
    fn a_message_is_bounded() {
        let error = Error::new(ErrorKind::Rejected, "acme", "userInfo", "x".repeat(10_000));
        assert!(error.message().chars().count() <= 301, "{}", error.message().len());
    }
}
