//! Tianyin's token server, an Apereo CAS: `POST /oauth2.0/accessToken`, everything in the query.

use std::time::Duration;

use http::{Method, StatusCode};

use crate::{
    Vendor,
    answer::Answer,
    call::Call,
    credentials::{TIANYIN_CLIENT_ID, TIANYIN_CLIENT_SECRET},
    fault::VendorCode,
    issued::{Grant, Kind},
    json::Json,
    mint,
    query::Given,
};

const LIFE: Duration = Duration::from_secs(8 * 60 * 60);
/// CAS kills a token that was not used for so long.
const IDLE: Duration = Duration::from_secs(2 * 60 * 60);

pub(crate) fn answer(call: &Call<'_>) -> Answer {
    match check(call) {
        Ok(()) => success(call),
        Err(answer) => answer,
    }
}

fn check(call: &Call<'_>) -> Result<(), Answer> {
    if !call.is_known_path() {
        return Err(spring(call, 404, None));
    }
    // The vendor declares POST; its own samples use GET.
    if call.method != Method::POST && call.method != Method::GET {
        return Err(spring(call, 405, None));
    }
    if call.query.is_broken() || !call.body.is_empty() {
        return Err(spring(call, 400, None));
    }
    let names = ["grant_type", "client_id", "client_secret"];
    if names.iter().any(|it| call.query.get(it) == Given::Repeated) {
        return Err(oauth("invalid_request", 400));
    }
    if call.query.get("grant_type") != Given::Once("client_credentials") {
        return Err(oauth("unsupported_grant_type", 400));
    }
    let known = call.query.get("client_id") == Given::Once(TIANYIN_CLIENT_ID);
    if known && call.query.get("client_secret") == Given::Once(TIANYIN_CLIENT_SECRET) {
        Ok(())
    } else {
        Err(spring(call, 401, None))
    }
}

/// Raw OAuth, not the envelope of the API.
fn success(call: &Call<'_>) -> Answer {
    let life = call.lifetime(LIFE);
    let token = mint::tianyin(call.issued.serial());
    let grant =
        Grant { vendor: call.vendor, kind: Kind::Access, owner: None, at: call.now, life, idle: Some(IDLE) };
    call.issued.keep(&token, grant);
    let body = Json::object([
        ("access_token", token.into()),
        ("token_type", "bearer".into()),
        ("expires_in", Json::seconds(life)),
    ]);
    Answer::json(Vendor::Tianyin, body)
}

/// The error of a code: a number is an HTTP status in Spring's body, a word is OAuth's.
pub(crate) fn error(call: &Call<'_>, fault: &VendorCode) -> Answer {
    let http = |own: u16| fault.http_status.unwrap_or(own);
    match fault.code.parse::<u16>() {
        Ok(status) => {
            let sent = if (200..600).contains(&status) { status } else { 401 };
            let answer = spring(call, status, fault.message.as_deref());
            answer.with_status(http(sent))
        }
        Err(_) => oauth(&fault.code, http(401)),
    }
}

/// Spring's default body; the path is the server's own, without the mount.
pub(crate) fn spring(call: &Call<'_>, status: u16, message: Option<&str>) -> Answer {
    let reason = StatusCode::from_u16(status).ok().and_then(|it| it.canonical_reason()).unwrap_or("None");
    let body = Json::object([
        ("timestamp", Json::Int(call.now.millis())),
        ("status", Json::Int(status.into())),
        ("error", reason.into()),
        ("message", message.unwrap_or("No message available").into()),
        ("path", call.path.into()),
    ]);
    Answer::json(Vendor::Tianyin, body).with_status(status)
}

fn oauth(error: &str, status: u16) -> Answer {
    Answer::json(Vendor::Tianyin, Json::object([("error", error.into())])).with_status(status)
}
