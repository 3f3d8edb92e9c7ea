//! Alipay+ Mini Program: `POST /v2/users/inquiryUserInfo`, signed both ways.

use http::Method;

use crate::{
    Vendor,
    alipay_body::access_token,
    answer::{Answer, Outcome},
    call::{Call, Header},
    credentials::{ALIPAY_CLIENT_ID, MERCHANT_PUBLIC_KEY_PEM},
    fault::VendorCode,
    issued::{Kind, Standing},
    json::Json,
    keys::verifies,
    moment::Moment,
    people::Person,
    sign::{SignatureHeader, content},
};

pub(crate) use crate::alipay_record::record;

pub(crate) const ID: &str = "userId";

/// How far `Request-Time` may be from the wallet's clock.
const SKEW_MS: u64 = 5 * 60 * 1000;

/// Result codes, the status that goes with each, and the message.
const CODES: &[(&str, &str, &str)] = &[
    ("SUCCESS", "S", "success"),
    ("INVALID_ACCESS_TOKEN", "F", "The access token is invalid."),
    ("EXPIRED_ACCESS_TOKEN", "F", "The access token is expired."),
    ("AUTH_CLIENT_UNSUPPORTED_GRANT_TYPE", "F", "The auth client does not support the grant type."),
    ("INVALID_AUTHCODE", "F", "The authorization code is invalid."),
    ("EXPIRED_AUTHCODE", "F", "The authorization code is expired."),
    ("USED_AUTHCODE", "F", "The authorization code has been used."),
    ("INVALID_CODE", "F", "The authorization code is invalid."),
    ("EXPIRED_CODE", "F", "The authorization code is expired."),
    ("USED_CODE", "F", "The authorization code has been used."),
    ("INVALID_REFRESH_TOKEN", "F", "The refresh token is invalid."),
    ("EXPIRED_REFRESH_TOKEN", "F", "The refresh token is expired."),
    ("USED_REFRESH_TOKEN", "F", "The refresh token has been used."),
    ("REFERENCE_CLIENT_ID_NOT_MATCH", "F", "The reference client id does not match."),
    ("INVALID_AUTH_CLIENT", "F", "The auth client id is invalid."),
    ("EXPIRED_AGENT_TOKEN", "F", "The agent token of the mini program is expired."),
    ("INVALID_AGENT_TOKEN", "F", "The agent token of the mini program is invalid."),
    ("PARAM_ILLEGAL", "F", "Illegal parameters exist."),
    ("ACCESS_DENIED", "F", "Access is denied."),
    ("PROCESS_FAIL", "F", "A general business failure occurred."),
    ("INVALID_API", "F", "The called API is invalid or not active."),
    ("METHOD_NOT_SUPPORTED", "F", "The server does not implement the requested HTTP method."),
    ("MEDIA_TYPE_NOT_ACCEPTABLE", "F", "The server does not implement the media type."),
    ("REQUEST_TRAFFIC_EXCEED_LIMIT", "F", "The request traffic exceeds the limit."),
    ("UNKNOWN_EXCEPTION", "U", "An API calling is failed, which is caused by unknown reasons."),
    ("SYSTEM_ERROR", "U", "A system error occurred."),
    ("INVALID_CLIENT", "F", "The client is invalid."),
    ("INVALID_SIGNATURE", "F", "The signature is invalid."),
    ("SIGNATURE_INVALID", "F", "The signature is invalid."),
    ("KEY_NOT_FOUND", "F", "The key is not found."),
    ("TIMESTAMP_INVALID", "F", "The request time is more than 5 minutes off."),
];

pub(crate) fn outcome<'a>(call: &Call<'a>) -> Outcome<'a> {
    match check(call) {
        Ok(person) => Outcome::Found(person),
        Err(code) => Outcome::Refused(error(&VendorCode { code: code.to_owned(), ..VendorCode::default() })),
    }
}

fn check<'a>(call: &Call<'a>) -> Result<&'a Person, &'static str> {
    check_caller(call)?;
    let token = access_token(call.body)?;
    match call.issued.show(call.vendor, Kind::Access, &token, call.now) {
        Standing::Live(owner) => {
            owner.and_then(|it| call.directory.by_key(&it)).ok_or("INVALID_ACCESS_TOKEN")
        }
        Standing::Expired => Err("EXPIRED_ACCESS_TOKEN"),
        Standing::Revoked | Standing::Spent => Err("INVALID_ACCESS_TOKEN"),
        Standing::Unknown if token.starts_with("expired-") => Err("EXPIRED_ACCESS_TOKEN"),
        Standing::Unknown => call.directory.by_alipay_token(&token).ok_or("INVALID_ACCESS_TOKEN"),
    }
}

/// What the gateway checks of every call before it reads the body.
pub(crate) fn check_caller(call: &Call<'_>) -> Result<(), &'static str> {
    if !call.is_known_path() {
        return Err("INVALID_API");
    }
    if call.method != Method::POST {
        return Err("METHOD_NOT_SUPPORTED");
    }
    check_signature(call)?;
    if !call.sends_json() {
        return Err("MEDIA_TYPE_NOT_ACCEPTABLE");
    }
    check_agent(call)
}

fn check_signature(call: &Call<'_>) -> Result<(), &'static str> {
    let (Header::Once(client_id), Header::Once(time)) =
        (call.header("client-id"), call.header("request-time"))
    else {
        return Err("PARAM_ILLEGAL");
    };
    if client_id != ALIPAY_CLIENT_ID {
        return Err("INVALID_CLIENT");
    }
    let moment = request_time(time).ok_or("PARAM_ILLEGAL")?;
    if moment.millis().abs_diff(call.now.millis()) > SKEW_MS {
        return Err("TIMESTAMP_INVALID");
    }
    let Header::Once(header) = call.header("signature") else { return Err("INVALID_SIGNATURE") };
    let header = SignatureHeader::parse(header).ok_or("INVALID_SIGNATURE")?;
    // Clients write 0 or 1 for the first key; a missing version is the newest key.
    if !matches!(header.key_version.as_deref(), None | Some("0" | "1")) {
        return Err("KEY_NOT_FOUND");
    }
    let content = content(call.method.as_str(), call.target, client_id, time, call.body);
    if verifies(MERCHANT_PUBLIC_KEY_PEM, &content, &header.signature) {
        Ok(())
    } else {
        Err("INVALID_SIGNATURE")
    }
}

/// Milliseconds or seconds with an offset or `Z`, or epoch milliseconds.
fn request_time(text: &str) -> Option<Moment> {
    let bytes = text.as_bytes();
    if bytes.len() == 13 && bytes.iter().all(u8::is_ascii_digit) {
        return text.parse().ok().map(Moment::from_millis);
    }
    let shape: String = text.chars().map(|it| if it.is_ascii_digit() { '0' } else { it }).collect();
    let shape = shape.replace('-', "+");
    let rest = shape.strip_prefix("0000+00+00T00:00:00")?;
    let rest = rest.strip_prefix(".000").unwrap_or(rest);
    if matches!(rest, "Z" | "+00:00") { text.parse().ok() } else { None }
}

/// An agent token is optional; the sandbox tells the two bad kinds by their beginning.
fn check_agent(call: &Call<'_>) -> Result<(), &'static str> {
    match call.header("agent-token") {
        Header::Once(token) if token.starts_with("expired-") => Err("EXPIRED_AGENT_TOKEN"),
        Header::Once(token) if token.is_empty() || token.starts_with("invalid-") => {
            Err("INVALID_AGENT_TOKEN")
        }
        Header::Nothing | Header::Once(_) => Ok(()),
        Header::Unusable => Err("PARAM_ILLEGAL"),
    }
}

/// The result of a code, under HTTP 200; a refusal of the caller's signature is not signed itself.
pub(crate) fn error(fault: &VendorCode) -> Answer {
    let mut result = result(&fault.code);
    if let Some(status) = &fault.status {
        result.set("resultStatus", status.as_str());
    }
    if let Some(message) = &fault.message {
        result.set("resultMessage", message.as_str());
    }
    let answer = Answer::json(Vendor::AlipayPlus, Json::object([("result", result)]))
        .with_status(fault.http_status.unwrap_or(200));
    match fault.code.as_str() {
        "INVALID_SIGNATURE" | "SIGNATURE_INVALID" | "KEY_NOT_FOUND" => answer.unsigned(),
        _ => answer,
    }
}

pub(crate) fn success(record: Json) -> Json {
    Json::object([("result", result("SUCCESS")), ("userInfo", record)])
}

/// The result of a known code, in the vendor's own words.
pub(crate) fn result(code: &str) -> Json {
    let known = CODES.iter().find(|(it, ..)| *it == code);
    let (_, status, message) = known.copied().unwrap_or(("", "F", "The call failed."));
    Json::object([
        ("resultCode", code.into()),
        ("resultStatus", status.into()),
        ("resultMessage", message.into()),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_forms_of_request_time_are_read() {
        let noon = Moment::from_millis(1_704_859_932_000);
        for text in [
            "2024-01-10T12:12:12.000+08:00",
            "2024-01-10T12:12:12+08:00",
            "2024-01-10T04:12:12.000Z",
            "2024-01-09T23:12:12-05:00",
            "1704859932000",
        ] {
            assert_eq!(request_time(text), Some(noon), "{text}");
        }
    }

    #[test]
    fn other_forms_of_request_time_are_refused() {
        for text in
            ["", "1704859932", "2024-01-10 12:12:12+08:00", "2024-01-10T12:12:12", "2024-01-10T12:12:12.0Z"]
        {
            assert_eq!(request_time(text), None, "{text}");
        }
    }
}
