use std::{fmt, time::Duration};

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
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn only_four_kinds_are_worth_another_try() {
        use ErrorKind::{RateLimited, Timeout, Transport, Unavailable};
        let worth: Vec<_> =
            ErrorKind::ALL.into_iter().filter(|kind| kind.default_retry() != Retry::Never).collect();
        assert_eq!(worth, [RateLimited, Unavailable, Timeout, Transport]);
    }

    #[test]
    fn every_kind_has_a_name_and_an_advice_of_its_own() {
        let names: BTreeSet<_> = ErrorKind::ALL.iter().map(|kind| kind.as_str()).collect();
        let advices: BTreeSet<_> = ErrorKind::ALL.iter().map(|kind| kind.advice()).collect();
        assert_eq!((names.len(), advices.len()), (ErrorKind::ALL.len(), ErrorKind::ALL.len()));
        assert!(names.iter().all(|it| it.bytes().all(|it| it.is_ascii_lowercase() || it == b'_')));
    }
}
