//! The calls that get or end a token, or prepare that, side by side; and how a fault refuses them.

use crate::{
    Fault, Operation, Vendor, alipay_plus, alipay_token, anqicms_captcha, anqicms_login, answer::Answer,
    call::Call, fault::VendorCode, quectel_login, refusal, secrets, tianyin_cas,
};

/// The vendor's own answer.
pub(crate) fn answer(call: &Call<'_>) -> Answer {
    match call.vendor {
        Vendor::Quectel => quectel_login::answer(call),
        Vendor::Tianyin => tianyin_cas::answer(call),
        Vendor::AnqiCms if call.operation == Operation::Captcha => anqicms_captcha::answer(call),
        Vendor::AnqiCms => anqicms_login::answer(call),
        Vendor::AlipayPlus => alipay_token::answer(call),
    }
}

/// The answer that a fault puts in place of the vendor's own; `None` when it only changes that one.
pub(crate) fn refuse(fault: &Fault, call: &Call<'_>) -> Option<Answer> {
    Some(match fault {
        Fault::VendorCode(code) => error(call, code),
        Fault::RateLimited { retry_after } => {
            refusal::with_retry_after(rate_limited(call), retry_after.as_ref())
        }
        Fault::Unavailable => unavailable(call),
        Fault::DeadToken => dead_credential(call),
        Fault::NotFound => not_found(call),
        Fault::PermissionDenied => permission_denied(call),
        Fault::LockedOut => locked_out(call),
        Fault::EchoSecret => echo(call),
        _ => return None,
    })
}

fn rate_limited(call: &Call<'_>) -> Answer {
    match call.vendor {
        Vendor::Quectel => Answer::text(429, "Too Many Requests"),
        Vendor::Tianyin => with_code(call, "429"),
        Vendor::AnqiCms => Answer::text(429, "Too many requests from this IP."),
        Vendor::AlipayPlus => with_code(call, "REQUEST_TRAFFIC_EXCEED_LIMIT"),
    }
}

fn unavailable(call: &Call<'_>) -> Answer {
    match call.vendor {
        Vendor::Quectel => with_code(call, "50000"),
        Vendor::Tianyin => with_code(call, "503"),
        Vendor::AnqiCms => Answer::html(500, "500 Internal Server Error"),
        Vendor::AlipayPlus => with_code(call, "UNKNOWN_EXCEPTION"),
    }
}

/// Where a login carries no token that could expire, its key or password is refused.
fn dead_credential(call: &Call<'_>) -> Answer {
    match call.vendor {
        Vendor::Quectel => with_code(call, "90047"),
        Vendor::Tianyin => with_code(call, "401"),
        Vendor::AnqiCms => with_code(call, "-1"),
        Vendor::AlipayPlus if call.operation == Operation::CancelToken => {
            with_code(call, "EXPIRED_ACCESS_TOKEN")
        }
        Vendor::AlipayPlus => with_code(call, "EXPIRED_REFRESH_TOKEN"),
    }
}

fn not_found(call: &Call<'_>) -> Answer {
    match call.vendor {
        Vendor::Quectel => with_code(call, "90047"),
        Vendor::Tianyin => with_code(call, "404"),
        Vendor::AnqiCms => with_code(call, "-1"),
        Vendor::AlipayPlus => Answer::text(404, "404 page not found").unsigned(),
    }
}

fn permission_denied(call: &Call<'_>) -> Answer {
    match call.vendor {
        Vendor::Quectel | Vendor::Tianyin => with_code(call, "403"),
        Vendor::AnqiCms => with_code(call, "-1"),
        Vendor::AlipayPlus => with_code(call, "ACCESS_DENIED"),
    }
}

fn locked_out(call: &Call<'_>) -> Answer {
    match call.vendor {
        Vendor::Quectel => with_code(call, "5147"),
        Vendor::Tianyin => with_code(call, "423"),
        Vendor::AnqiCms => Answer::text(403, "Your IP is blocked."),
        Vendor::AlipayPlus => Answer::text(423, "Locked").unsigned(),
    }
}

/// A final refusal whose message repeats what should never be repeated.
fn echo(call: &Call<'_>) -> Answer {
    let code = match call.vendor {
        Vendor::Quectel => "5486",
        Vendor::Tianyin => "401",
        Vendor::AnqiCms => "-1",
        Vendor::AlipayPlus => "PROCESS_FAIL",
    };
    let message = Some(secrets::echo(call));
    error(call, &VendorCode { code: code.to_owned(), message, ..VendorCode::default() })
}

fn with_code(call: &Call<'_>, code: &str) -> Answer {
    error(call, &VendorCode { code: code.to_owned(), ..VendorCode::default() })
}

fn error(call: &Call<'_>, code: &VendorCode) -> Answer {
    match call.vendor {
        Vendor::Quectel => quectel_login::error(code),
        Vendor::Tianyin => tianyin_cas::error(call, code),
        Vendor::AnqiCms => anqicms_login::refuse(code),
        Vendor::AlipayPlus => alipay_plus::error(code),
    }
}
