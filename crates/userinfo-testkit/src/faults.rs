//! Faults, in the sets that cases go through.

use std::{collections::BTreeMap, time::Duration};

use userinfo_sandbox::{Fault, VendorCode};

use crate::Wire;

/// An HTTP answer with a header.
pub(crate) fn status_with(status: u16, name: &str, value: &str) -> Fault {
    let headers = BTreeMap::from([(name.to_owned(), value.to_owned())]);
    Fault::HttpStatus { status, body: None, content_type: None, headers }
}

/// A code with a message.
pub(crate) fn code_with(code: &str, message: &str) -> Fault {
    let message = Some(message.to_owned());
    Fault::VendorCode(VendorCode { code: code.to_owned(), message, ..VendorCode::default() })
}

/// How long a vendor of [`failures`] asks to wait, where it asks for a time at all.
pub(crate) const PAUSE: Duration = Duration::from_secs(7);

/// Faults that never give the user that was asked for, whoever the vendor is; bombs are small ones.
pub(crate) fn failures() -> Vec<Fault> {
    let mut all = vec![
        Fault::RateLimited { retry_after: None },
        Fault::rate_limited(7),
        Fault::Unavailable,
        Fault::DeadToken,
        Fault::NotFound,
        Fault::PermissionDenied,
        Fault::LockedOut,
        Fault::Html,
        Fault::Empty,
        Fault::InvalidUtf8,
        Fault::NestingBomb { depth: Some(1000) },
        Fault::Redirect { location: None, status: None },
        Fault::Gzip,
        Fault::GzipBomb { bytes: Some(1 << 16) },
        Fault::NoId,
        Fault::NullData,
        Fault::EmptyData,
        Fault::EchoSecret,
        Fault::Oversized { bytes: Some(1 << 20) },
        Fault::Refused,
        Fault::Reset,
        Fault::Stall,
        Fault::StallBody,
        Fault::Truncated,
        Fault::vendor_code("987654"),
        status_with(429, "retry-after", "7"),
    ];
    all.extend([400, 401, 403, 404, 408, 429, 500, 502, 503].map(Fault::http_status));
    all
}

/// Every fault of this wire's vendor, those that end well included.
pub(crate) fn all(wire: &Wire) -> Vec<Fault> {
    let mut all = failures();
    all.extend([
        Fault::WrongContentType,
        Fault::WrongCharset,
        Fault::Bom,
        Fault::DuplicateKeys,
        Fault::ForeignUser,
        Fault::ListData,
        Fault::UnknownMembers,
        Fault::UpdateToken { token: None },
        Fault::Unsigned,
        Fault::BadSignature,
        Fault::MalformedSignature,
        Fault::TamperedBody,
        Fault::StaleTime,
        Fault::UnknownKeyVersion,
        Fault::RotatedKey,
        Fault::OtherClientId,
    ]);
    all.retain(|fault| fault.only_at().is_none_or(|vendor| vendor.mount() == wire.mount()));
    all
}

/// Says whether the fault is that no whole answer comes.
pub(crate) fn is_silent(fault: &Fault) -> bool {
    matches!(fault, Fault::Stall | Fault::StallBody)
}
