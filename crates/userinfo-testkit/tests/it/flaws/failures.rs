//! Flaws in what a failure is taken for.

use std::time::Duration;

use userinfo_core::{Error, ErrorKind, Retry};
use userinfo_http::{TransportError, TransportErrorKind};
use userinfo_testkit::Road;

use crate::plant::{Flaw, Plant, Received, Slip};

pub(crate) fn flaws() -> Vec<Flaw> {
    let table = statuses().into_iter().chain(bodies()).chain(connection()).chain(refusals());
    let in_process = table.map(|(says, case, plant)| Flaw { says, case, plant, road: Road::InProcess });
    let stale: Plant = Plant::Request(|request| request.extensions_mut().clear());
    let over_tcp = Flaw {
        says: "gives up where a kept connection died",
        case: "a_dead_idle_connection_is_no_failure",
        plant: stale,
        road: Road::Tcp,
    };
    in_process.chain([over_tcp]).collect()
}

type Row = (&'static str, &'static str, Plant);

fn statuses() -> Vec<Row> {
    vec![
        (
            "takes HTTP 401 for a broken answer",
            "http_401_is_unauthenticated",
            Plant::Kind(|it| status(it, 401), ErrorKind::Protocol),
        ),
        (
            "takes HTTP 403 for a wrong token",
            "http_403_is_permission_denied",
            Plant::Kind(|it| status(it, 403), ErrorKind::Unauthenticated),
        ),
        (
            "takes HTTP 404 for nobody",
            "http_404_says_nothing_about_the_user",
            Plant::Kind(|it| status(it, 404), ErrorKind::NotFound),
        ),
        (
            "takes HTTP 429 for an outage",
            "http_429_is_rate_limited",
            Plant::Kind(|it| status(it, 429), ErrorKind::Unavailable),
        ),
        (
            "passes over Retry-After in seconds",
            "http_429_says_how_many_seconds_to_wait",
            Plant::Retry(|it| it.retry() == after(7), Retry::Backoff),
        ),
        (
            "counts a date from its own clock",
            "http_429_says_until_when_to_wait",
            Plant::Retry(|it| it.retry() == after(30), Retry::After(Duration::ZERO)),
        ),
        (
            "passes over Retry-After of an outage",
            "http_503_says_how_long_to_wait",
            Plant::Retry(|it| status(it, 503), Retry::Backoff),
        ),
        (
            "takes HTTP 502 for final",
            "http_5xx_is_unavailable",
            Plant::Retry(|it| status(it, 502), Retry::Never),
        ),
        (
            "takes HTTP 400 for an outage",
            "other_statuses_are_protocol",
            Plant::Kind(|it| status(it, 400), ErrorKind::Unavailable),
        ),
        (
            "goes where a redirect points",
            "a_redirect_is_not_followed",
            Plant::Again(|it| it.as_ref().is_ok_and(|it| it.status().is_redirection())),
        ),
    ]
}

fn bodies() -> Vec<Row> {
    vec![
        (
            "does not notice a page",
            "a_page_is_protocol",
            Plant::Again(|it| body(it, |it| it.starts_with(b"<"))),
        ),
        (
            "does not notice an empty body",
            "an_empty_body_is_protocol",
            Plant::Again(|it| body(it, <[u8]>::is_empty)),
        ),
        (
            "replaces bytes that are not UTF-8",
            "bytes_that_are_not_utf_8_are_protocol",
            Plant::Again(|it| body(it, |it| std::str::from_utf8(it).is_err())),
        ),
        (
            "follows lists to any depth",
            "a_nesting_bomb_is_protocol",
            Plant::Again(|it| body(it, |it| it.windows(64).any(|it| it.iter().all(|it| *it == b'[')))),
        ),
        (
            "unpacks what is compressed",
            "a_compressed_body_is_protocol",
            Plant::Again(|it| is_compressed(it) && body(it, |it| it.len() < 4000)),
        ),
        ("unpacks a bomb", "a_compressed_bomb_is_protocol", Plant::Again(is_compressed)),
        (
            "reads bodies of any size",
            "an_oversized_body_is_protocol",
            Plant::Again(|it| broken(it, TransportErrorKind::TooLarge)),
        ),
    ]
}

fn connection() -> Vec<Row> {
    vec![
        (
            "dials again by itself",
            "no_connection_is_transport",
            Plant::Again(|it| broken(it, TransportErrorKind::Connect)),
        ),
        (
            "takes a closed port for a slow vendor",
            "a_connection_refused_by_the_system_is_transport",
            Plant::Kind(|it| it.message().starts_with("no connection"), ErrorKind::Timeout),
        ),
        (
            "takes a reset for a broken answer",
            "a_reset_is_transport",
            Plant::Kind(|it| it.kind() == ErrorKind::Transport, ErrorKind::Protocol),
        ),
        (
            "takes half a body for the whole",
            "a_truncated_body_is_transport",
            Plant::Again(|it| broken(it, TransportErrorKind::Broken)),
        ),
        (
            "takes silence for a broken connection",
            "no_answer_is_timeout",
            Plant::Kind(|it| it.kind() == ErrorKind::Timeout, ErrorKind::Transport),
        ),
        (
            "takes silence for final",
            "half_an_answer_is_timeout",
            Plant::Retry(|it| it.kind() == ErrorKind::Timeout, Retry::Never),
        ),
    ]
}

fn refusals() -> Vec<Row> {
    vec![
        (
            "takes \"too fast\" for final",
            "too_fast_is_rate_limited",
            Plant::Retry(|it| it.kind() == ErrorKind::RateLimited, Retry::Never),
        ),
        (
            "forgets how long to wait",
            "too_fast_says_how_long_to_wait",
            Plant::Retry(|it| it.kind() == ErrorKind::RateLimited, Retry::Backoff),
        ),
        (
            "takes the vendor's outage for final",
            "a_fault_of_the_vendor_is_unavailable",
            Plant::Kind(|it| code(it, "50000"), ErrorKind::Rejected),
        ),
        (
            "takes a dead token for a missing permission",
            "a_dead_token_is_unauthenticated",
            Plant::Kind(|it| code(it, "5032"), ErrorKind::PermissionDenied),
        ),
        (
            "takes a missing permission for a wrong token",
            "not_allowed_is_permission_denied",
            Plant::Kind(|it| code(it, "5041"), ErrorKind::Unauthenticated),
        ),
        (
            "asks a locked vendor again",
            "locked_is_locked_out",
            Plant::Kind(|it| code(it, "5147"), ErrorKind::RateLimited),
        ),
        (
            "takes an unknown code for an outage",
            "an_unknown_code_is_rejected",
            Plant::Kind(|it| code(it, "987654"), ErrorKind::Unavailable),
        ),
        (
            "keeps the vendor's words to itself",
            "an_unknown_code_and_its_message_are_kept",
            Plant::Outcome(|_, outcome| {
                outcome.map_err(|it| {
                    Error::new(it.kind(), it.provider(), it.operation(), "something went wrong")
                })
            }),
        ),
        ("deviates without a reason", "deviations_are_stated", Plant::Slip(Slip::DeviatesSilently)),
    ]
}

fn status(error: &Error, status: u16) -> bool {
    error.http_status() == Some(status)
}

fn code(error: &Error, code: &str) -> bool {
    error.vendor_code() == Some(code)
}

fn after(seconds: u64) -> Retry {
    Retry::After(Duration::from_secs(seconds))
}

fn body(received: &Received, is_bad: impl FnOnce(&[u8]) -> bool) -> bool {
    received.as_ref().is_ok_and(|it| is_bad(it.body()))
}

fn is_compressed(received: &Received) -> bool {
    received.as_ref().is_ok_and(|it| it.headers().contains_key("content-encoding"))
}

fn broken(received: &Received, kind: TransportErrorKind) -> bool {
    received.as_ref().err().map(TransportError::kind) == Some(kind)
}
