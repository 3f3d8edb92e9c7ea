//! What an HTTP status means when the vendor says no more.

use std::{sync::Arc, time::Duration};

use userinfo_core::{ErrorKind, Retry};
use userinfo_sandbox::Fault;

use crate::{
    Subject, Wire,
    ask::{self, EVERYTHING},
    faults::status_with,
    transports::Recorder,
};

/// 401, from a proxy in front of the vendor; another kind where the subject states it.
pub async fn http_401_is_unauthenticated(subject: &dyn Subject, wire: &Wire) {
    let stated = subject.deviations().iter().find(|it| it.fault == "http-401");
    let kind = stated.map_or(Some(ErrorKind::Unauthenticated), |it| it.outcome);
    fails(subject, wire, 401, kind.expect("a deviation cannot make a user out of a refusal")).await;
}

/// 403, from a proxy in front of the vendor.
pub async fn http_403_is_permission_denied(subject: &dyn Subject, wire: &Wire) {
    fails(subject, wire, 403, ErrorKind::PermissionDenied).await;
}

/// 404 is a wrong address, not a missing user.
pub async fn http_404_says_nothing_about_the_user(subject: &dyn Subject, wire: &Wire) {
    for status in [404, 405, 410] {
        fails(subject, wire, status, ErrorKind::Protocol).await;
    }
}

/// 429 without `Retry-After` leaves the pause to the caller.
pub async fn http_429_is_rate_limited(subject: &dyn Subject, wire: &Wire) {
    fails(subject, wire, 429, ErrorKind::RateLimited).await;
}

/// `Retry-After: 7`.
pub async fn http_429_says_how_many_seconds_to_wait(subject: &dyn Subject, wire: &Wire) {
    waits(subject, wire, 429, "7", 7).await;
    waits(subject, wire, 429, "0", 0).await;
}

/// `Retry-After` with a date, counted from the given clock.
pub async fn http_429_says_until_when_to_wait(subject: &dyn Subject, wire: &Wire) {
    waits(subject, wire, 429, "Wed, 10 Jan 2024 04:12:42 GMT", 30).await;
    waits(subject, wire, 429, "Wed, 10 Jan 2024 04:00:00 GMT", 0).await;
    fails_with(subject, wire, status_with(429, "retry-after", "soon"), ErrorKind::RateLimited).await;
}

/// A 503 can say so too.
pub async fn http_503_says_how_long_to_wait(subject: &dyn Subject, wire: &Wire) {
    waits(subject, wire, 503, "120", 120).await;
}

/// 5xx and 408 may pass.
pub async fn http_5xx_is_unavailable(subject: &dyn Subject, wire: &Wire) {
    for status in [408, 500, 501, 502, 503, 504, 520, 599] {
        fails(subject, wire, status, ErrorKind::Unavailable).await;
    }
}

/// Any other status breaks the contract.
pub async fn other_statuses_are_protocol(subject: &dyn Subject, wire: &Wire) {
    for status in [204, 304, 400, 406, 409, 418, 451] {
        fails(subject, wire, status, ErrorKind::Protocol).await;
    }
}

/// A redirect is `Protocol`, and nobody goes there: it could carry the credential to a stranger.
pub async fn a_redirect_is_not_followed(subject: &dyn Subject, wire: &Wire) {
    for status in [301, 302, 303, 307, 308] {
        for location in [None, Some("https://elsewhere.example/".to_owned()), Some("/anywhere".to_owned())] {
            let wire = wire.again();
            let recorder = Recorder::new(wire.transport());
            wire.sandbox().fail_next(Fault::Redirect { location, status: Some(status) });
            let provider = subject.provider(&wire.through(|_| Arc::clone(&recorder) as _));
            let outcome = provider.user(&subject.lookup(ask::person(&wire, EVERYTHING))).await;
            let error = ask::no_user(outcome, "a redirect");
            assert_eq!((error.kind(), error.retry()), (ErrorKind::Protocol, Retry::Never), "{error:?}");
            assert_eq!(
                (recorder.sent(), wire.sandbox().journal().len()),
                (1, 1),
                "HTTP {status} is followed"
            );
        }
    }
}

async fn fails(subject: &dyn Subject, wire: &Wire, status: u16, kind: ErrorKind) {
    fails_with(subject, wire, Fault::http_status(status), kind).await;
}

async fn fails_with(subject: &dyn Subject, wire: &Wire, fault: Fault, kind: ErrorKind) {
    let Fault::HttpStatus { status, .. } = fault else { unreachable!("only statuses are given") };
    let error = ask::fails(subject, wire, fault, kind).await;
    assert_eq!(error.http_status(), Some(status), "{error:?}");
}

async fn waits(subject: &dyn Subject, wire: &Wire, status: u16, value: &str, seconds: u64) {
    let kind = if status == 429 { ErrorKind::RateLimited } else { ErrorKind::Unavailable };
    let retry = Retry::After(Duration::from_secs(seconds));
    ask::fails_until(subject, wire, status_with(status, "retry-after", value), kind, retry).await;
}
