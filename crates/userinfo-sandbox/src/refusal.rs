//! Faults that come in place of the vendor's own answer, each in the vendor's way.

use crate::{
    Fault, Operation, Vendor,
    answer::{Answer, Body},
    call::Call,
    dialect::Dialect,
    fault::{RetryAfter, VendorCode},
    secrets, tianyin, token_call,
};

/// The answer that a fault puts in place of the vendor's own; `None` when it only changes that one.
pub(crate) fn answer(fault: &Fault, call: &Call<'_>) -> Option<Answer> {
    in_front(fault, call.vendor).or_else(|| match call.operation {
        // AnqiCMS' captcha is guarded like its look-up.
        Operation::User | Operation::Captcha => look_up(fault, call),
        _ => token_call::refuse(fault, call),
    })
}

/// What a proxy in front of the vendor says.
fn in_front(fault: &Fault, vendor: Vendor) -> Option<Answer> {
    Some(match fault {
        Fault::HttpStatus { status, body, content_type, headers } => {
            let mut answer = Answer::text(*status, body.clone().unwrap_or_default()).unsigned();
            answer.content_type = content_type.clone().or(answer.content_type);
            answer.more_headers = headers.clone().into_iter().collect();
            answer
        }
        Fault::Html => Answer::html(200, "Welcome"),
        Fault::Empty => Answer::empty(200),
        Fault::Redirect { location, status } => {
            let elsewhere = if vendor == Vendor::AnqiCms { "/install" } else { "https://elsewhere.example/" };
            let location = location.as_deref().unwrap_or(elsewhere);
            Answer::empty(status.unwrap_or(302)).with_header("location", location).unsigned()
        }
        _ => return None,
    })
}

fn look_up(fault: &Fault, call: &Call<'_>) -> Option<Answer> {
    let vendor = call.vendor;
    let dialect = Dialect::of(vendor);
    Some(match fault {
        Fault::VendorCode(code) => (dialect.error)(code),
        Fault::RateLimited { retry_after } => {
            with_retry_after(rate_limited(vendor, &dialect), retry_after.as_ref())
        }
        Fault::Unavailable => unavailable(vendor, &dialect),
        Fault::DeadToken => dialect.refuse(match vendor {
            Vendor::Quectel => "5032",
            Vendor::AlipayPlus => "EXPIRED_ACCESS_TOKEN",
            Vendor::AnqiCms => "1001",
            Vendor::Tianyin => "10023",
        }),
        Fault::NotFound => not_found(vendor, &dialect),
        Fault::PermissionDenied => dialect.refuse(match vendor {
            Vendor::Quectel => "5041",
            Vendor::AlipayPlus => "ACCESS_DENIED",
            Vendor::AnqiCms => "1002",
            Vendor::Tianyin => "403",
        }),
        Fault::LockedOut => locked_out(vendor, &dialect),
        Fault::EchoSecret => echo(call, &dialect),
        _ => return None,
    })
}

pub(crate) fn with_retry_after(answer: Answer, retry_after: Option<&RetryAfter>) -> Answer {
    match retry_after {
        Some(it) => answer.with_header("retry-after", it.to_string()),
        None => answer,
    }
}

fn rate_limited(vendor: Vendor, dialect: &Dialect) -> Answer {
    match vendor {
        Vendor::Quectel => Answer::text(429, "Too Many Requests"),
        Vendor::AlipayPlus => dialect.refuse("REQUEST_TRAFFIC_EXCEED_LIMIT"),
        Vendor::AnqiCms => Answer::text(429, "Too many requests from this IP."),
        Vendor::Tianyin => dialect.refuse("429"),
    }
}

fn unavailable(vendor: Vendor, dialect: &Dialect) -> Answer {
    match vendor {
        Vendor::Quectel => dialect.refuse("50000"),
        Vendor::AlipayPlus => dialect.refuse("UNKNOWN_EXCEPTION"),
        Vendor::AnqiCms => Answer::html(500, "500 Internal Server Error"),
        Vendor::Tianyin => dialect.refuse("500").with_status(500),
    }
}

fn not_found(vendor: Vendor, dialect: &Dialect) -> Answer {
    match vendor {
        Vendor::Quectel => dialect.refuse("5033"),
        Vendor::AlipayPlus => Answer::text(404, "404 page not found").unsigned(),
        Vendor::AnqiCms => dialect.refuse("-1"),
        Vendor::Tianyin => tianyin::not_found(),
    }
}

fn locked_out(vendor: Vendor, dialect: &Dialect) -> Answer {
    match vendor {
        Vendor::Quectel => dialect.refuse("5147"),
        Vendor::AlipayPlus => Answer::text(423, "Locked").unsigned(),
        Vendor::AnqiCms => Answer::text(403, "Your IP is blocked."),
        Vendor::Tianyin => dialect.refuse("10010"),
    }
}

/// A final refusal whose message, and a header, repeat what should never be repeated.
fn echo(call: &Call<'_>, dialect: &Dialect) -> Answer {
    let code = match call.vendor {
        Vendor::Quectel => "5486",
        Vendor::AlipayPlus => "PROCESS_FAIL",
        Vendor::AnqiCms => "-1",
        Vendor::Tianyin => "1000",
    };
    let message = secrets::echo(call);
    let answer = (dialect.error)(&VendorCode {
        code: code.to_owned(),
        message: Some(message),
        ..VendorCode::default()
    });
    debug_assert!(matches!(answer.body, Body::Json(_)));
    answer
}
