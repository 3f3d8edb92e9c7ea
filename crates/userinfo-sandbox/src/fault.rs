//! What can go wrong, on purpose.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use crate::Vendor;

/// Something that goes wrong with one call.
///
/// As JSON a fault is an object whose `fault` names it: `{"fault":"rate-limited","retry_after":2}`. As text it is
/// its name alone, `"rate-limited"`, or that JSON. The crate's documentation tells what each vendor answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "fault", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Fault {
    /// The vendor's error body for a code, under the HTTP status that the vendor gives it.
    VendorCode(VendorCode),
    /// The vendor's way to say "slow down".
    RateLimited {
        /// The `Retry-After` header.
        #[serde(skip_serializing_if = "Option::is_none")]
        retry_after: Option<RetryAfter>,
    },
    /// The vendor's way to say "not now".
    Unavailable,
    /// The vendor's way to say that the token expired.
    DeadToken,
    /// The vendor's way to say that there is no such user.
    NotFound,
    /// The vendor's way to say that the caller may not.
    PermissionDenied,
    /// The vendor's way to say that the account or address is locked.
    LockedOut,
    /// Any HTTP answer, as a proxy in front of the vendor would give it; Alipay+ does not sign it.
    HttpStatus {
        /// The status.
        status: u16,
        /// The body; empty by default.
        #[serde(skip_serializing_if = "Option::is_none")]
        body: Option<String>,
        /// The `Content-Type`; `text/plain` by default.
        #[serde(skip_serializing_if = "Option::is_none")]
        content_type: Option<String>,
        /// Further headers.
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        headers: BTreeMap<String, String>,
    },
    /// HTTP 200 with an HTML page.
    Html,
    /// HTTP 200 with no body.
    Empty,
    /// The right body as `text/plain`.
    WrongContentType,
    /// The right body, in UTF-8, under `charset=gbk`.
    WrongCharset,
    /// A body with a byte that is no UTF-8.
    InvalidUtf8,
    /// A byte order mark before the right body.
    Bom,
    /// The right record with a member of deeply nested lists.
    NestingBomb {
        /// How deep; 100 000 by default.
        #[serde(skip_serializing_if = "Option::is_none")]
        depth: Option<usize>,
    },
    /// The right record with the id twice, the right one last.
    DuplicateKeys,
    /// A redirect.
    Redirect {
        /// Where to; by default a foreign host, and `/install` at AnqiCMS.
        #[serde(skip_serializing_if = "Option::is_none")]
        location: Option<String>,
        /// The status; 302 by default.
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
    },
    /// The right body, compressed, although nobody asked for it.
    Gzip,
    /// A small compressed body that grows.
    GzipBomb {
        /// How large it grows; 16 MiB by default.
        #[serde(skip_serializing_if = "Option::is_none")]
        bytes: Option<usize>,
    },
    /// Another person's record.
    ForeignUser,
    /// The right record without its id.
    NoId,
    /// A success whose record is `null`.
    NullData,
    /// A success whose record is `{}`.
    EmptyData,
    /// A success whose record is in a one-element list.
    ListData,
    /// The right record with members that nobody documents.
    UnknownMembers,
    /// An error whose message repeats every credential of the request.
    EchoSecret,
    /// AnqiCMS only: the right answer with an `Update-Token` header.
    UpdateToken {
        /// The new token; by default the person's own.
        #[serde(skip_serializing_if = "Option::is_none")]
        token: Option<String>,
    },
    /// Alipay+ only: the right answer without a `Signature`.
    Unsigned,
    /// Alipay+ only: one bit of the signature is wrong.
    BadSignature,
    /// Alipay+ only: `Signature: garbage`.
    MalformedSignature,
    /// Alipay+ only: one byte of the body changed after signing.
    TamperedBody,
    /// Alipay+ only: signed with a `Response-Time` of ten minutes ago.
    StaleTime,
    /// Alipay+ only: signed by the key, under a key version that nobody knows.
    UnknownKeyVersion,
    /// Alipay+ only: signed properly, with key version 2.
    RotatedKey,
    /// Alipay+ only: signed properly, for another client.
    OtherClientId,
    /// The right record with a member that makes the body large.
    Oversized {
        /// How large; 4 MiB by default.
        #[serde(skip_serializing_if = "Option::is_none")]
        bytes: Option<usize>,
    },
    /// No connection. A listening socket cannot refuse, so over TCP it is reset before a byte is answered.
    Refused,
    /// The connection is reset in the middle of the answer's head.
    Reset,
    /// Never answers.
    Stall,
    /// Half of the body, then silence.
    StallBody,
    /// `Content-Length` promises more than comes, then the connection closes.
    Truncated,
    /// The answer in eight pieces, with a pause before each.
    Slow {
        /// The pause; 100 ms by default.
        #[serde(skip_serializing_if = "Option::is_none")]
        pause_ms: Option<u64>,
    },
    /// The right answer; the connection then closes while the next request on it waits for its answer.
    DropIdle,
}

/// A vendor's code, and how it is dressed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct VendorCode {
    /// The code, as text: `"5032"`, `"INVALID_ACCESS_TOKEN"`.
    pub code: String,
    /// The message; by default the vendor's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The `resultStatus` of Alipay+ or the `status` of Tianyin; by default the one that goes with the code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The HTTP status; by default the one that goes with the code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
}

/// The value of a `Retry-After` header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RetryAfter {
    /// Seconds from now.
    Seconds(u64),
    /// Text as it is, such as an HTTP date.
    Text(String),
}

impl fmt::Display for RetryAfter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seconds(it) => it.fmt(f),
            Self::Text(it) => it.fmt(f),
        }
    }
}

impl From<u64> for RetryAfter {
    fn from(seconds: u64) -> Self {
        Self::Seconds(seconds)
    }
}

impl From<&str> for RetryAfter {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl Fault {
    /// The vendor's error for a code: `Fault::vendor_code(5032)`, `Fault::vendor_code("ACCESS_DENIED")`.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "numbers and literals are what callers have")]
    pub fn vendor_code(code: impl ToString) -> Self {
        Self::VendorCode(VendorCode { code: code.to_string(), ..VendorCode::default() })
    }

    /// A `rate-limited` fault with a `Retry-After` header.
    #[must_use]
    pub fn rate_limited(retry_after: impl Into<RetryAfter>) -> Self {
        Self::RateLimited { retry_after: Some(retry_after.into()) }
    }

    /// An `http-status` fault with an empty body.
    #[must_use]
    pub const fn http_status(status: u16) -> Self {
        Self::HttpStatus { status, body: None, content_type: None, headers: BTreeMap::new() }
    }

    /// The fault's name, such as `"rate-limited"`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::VendorCode(_) => "vendor-code",
            Self::RateLimited { .. } => "rate-limited",
            Self::Unavailable => "unavailable",
            Self::DeadToken => "dead-token",
            Self::NotFound => "not-found",
            Self::PermissionDenied => "permission-denied",
            Self::LockedOut => "locked-out",
            Self::HttpStatus { .. } => "http-status",
            Self::Html => "html",
            Self::Empty => "empty",
            Self::WrongContentType => "wrong-content-type",
            Self::WrongCharset => "wrong-charset",
            Self::InvalidUtf8 => "invalid-utf8",
            Self::Bom => "bom",
            Self::NestingBomb { .. } => "nesting-bomb",
            Self::DuplicateKeys => "duplicate-keys",
            Self::Redirect { .. } => "redirect",
            Self::Gzip => "gzip",
            Self::GzipBomb { .. } => "gzip-bomb",
            Self::ForeignUser => "foreign-user",
            Self::NoId => "no-id",
            Self::NullData => "null-data",
            Self::EmptyData => "empty-data",
            Self::ListData => "list-data",
            Self::UnknownMembers => "unknown-members",
            Self::EchoSecret => "echo-secret",
            Self::UpdateToken { .. } => "update-token",
            Self::Unsigned => "unsigned",
            Self::BadSignature => "bad-signature",
            Self::MalformedSignature => "malformed-signature",
            Self::TamperedBody => "tampered-body",
            Self::StaleTime => "stale-time",
            Self::UnknownKeyVersion => "unknown-key-version",
            Self::RotatedKey => "rotated-key",
            Self::OtherClientId => "other-client-id",
            Self::Oversized { .. } => "oversized",
            Self::Refused => "refused",
            Self::Reset => "reset",
            Self::Stall => "stall",
            Self::StallBody => "stall-body",
            Self::Truncated => "truncated",
            Self::Slow { .. } => "slow",
            Self::DropIdle => "drop-idle",
        }
    }

    /// The one vendor at which the fault exists; `None` when it exists at all.
    #[must_use]
    pub const fn only_at(&self) -> Option<Vendor> {
        match self {
            Self::UpdateToken { .. } => Some(Vendor::AnqiCms),
            Self::Unsigned
            | Self::BadSignature
            | Self::MalformedSignature
            | Self::TamperedBody
            | Self::StaleTime
            | Self::UnknownKeyVersion
            | Self::RotatedKey
            | Self::OtherClientId => Some(Vendor::AlipayPlus),
            _ => None,
        }
    }
}
