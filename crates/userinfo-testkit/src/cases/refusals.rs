//! What the vendor says in its own words.

use std::time::Duration;

use userinfo_core::{ErrorKind, Retry};
use userinfo_sandbox::Fault;

use crate::{Deviation, Subject, Wire, ask, faults::code_with};

/// The vendor's way to say "slow down".
pub async fn too_fast_is_rate_limited(subject: &dyn Subject, wire: &Wire) {
    let fault = Fault::RateLimited { retry_after: None };
    ask::fails_in_its_way(subject, wire, fault, ErrorKind::RateLimited).await;
}

/// The same, with `Retry-After`.
pub async fn too_fast_says_how_long_to_wait(subject: &dyn Subject, wire: &Wire) {
    if subject.deviations().iter().any(|it| it.fault == "rate-limited") {
        return;
    }
    let kind = ErrorKind::RateLimited;
    for (fault, seconds) in
        [(Fault::rate_limited(7), 7), (Fault::rate_limited("Wed, 10 Jan 2024 04:12:42 GMT"), 30)]
    {
        let retry = Retry::After(Duration::from_secs(seconds));
        ask::fails_until(subject, wire, fault, kind, retry).await;
    }
}

/// The vendor's way to say "not now".
pub async fn a_fault_of_the_vendor_is_unavailable(subject: &dyn Subject, wire: &Wire) {
    ask::fails_in_its_way(subject, wire, Fault::Unavailable, ErrorKind::Unavailable).await;
}

/// The vendor's way to say that the token expired.
pub async fn a_dead_token_is_unauthenticated(subject: &dyn Subject, wire: &Wire) {
    ask::fails_in_its_way(subject, wire, Fault::DeadToken, ErrorKind::Unauthenticated).await;
}

/// The vendor's way to say that the caller may not.
pub async fn not_allowed_is_permission_denied(subject: &dyn Subject, wire: &Wire) {
    ask::fails_in_its_way(subject, wire, Fault::PermissionDenied, ErrorKind::PermissionDenied).await;
}

/// The vendor's way to say that asking again makes it worse.
pub async fn locked_is_locked_out(subject: &dyn Subject, wire: &Wire) {
    ask::fails_in_its_way(subject, wire, Fault::LockedOut, ErrorKind::LockedOut).await;
}

/// A code that nobody documents is final.
pub async fn an_unknown_code_is_rejected(subject: &dyn Subject, wire: &Wire) {
    let fault = Fault::vendor_code(subject.unknown_code());
    ask::fails(subject, wire, fault, ErrorKind::Rejected).await;
}

/// The caller gets to see the code and the vendor's words, in one line.
pub async fn an_unknown_code_and_its_message_are_kept(subject: &dyn Subject, wire: &Wire) {
    let fault = code_with(subject.unknown_code(), "不行 \"no\"\r\n\u{1b}[31mbecause\u{202e} I say so");
    let outcome = ask::under(subject, wire, &fault).await;
    let error = ask::no_user(outcome, "an unknown code");
    assert_eq!(error.vendor_code(), Some(subject.unknown_code()), "{error:?}");
    assert!(error.message().contains("不行 \"no\" [31mbecause I say so"), "{error:?}");
    assert!(error.to_string().contains(subject.unknown_code()), "{error}");
}

/// Where a vendor's way means another thing, the subject says so with a reason.
pub async fn deviations_are_stated(subject: &dyn Subject, _: &Wire) {
    let stated = subject.deviations();
    for (at, Deviation { fault, reason, .. }) in stated.iter().enumerate() {
        assert!(Deviation::ALLOWED.contains(fault), "{fault} means the same for every vendor");
        assert!(reason.len() >= 20, "say why {fault} deviates, not {reason:?}");
        assert!(stated[..at].iter().all(|it| it.fault != *fault), "{fault} is stated twice");
    }
}
