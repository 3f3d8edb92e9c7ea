//! The body of an Alipay+ request: strict JSON, within the documented lengths.

use serde_json::Value;

use crate::{credentials::ALIPAY_AUTH_CLIENT_ID, members::Members};

const ILLEGAL: &str = "PARAM_ILLEGAL";

/// The access token, once every member of the body is legal.
pub(crate) fn access_token(body: &[u8]) -> Result<String, &'static str> {
    let members = Members::parse(body).ok_or(ILLEGAL)?;
    let token = required(&members, "accessToken", 128)?;
    check_common(&members)?;
    check_client(&members, "authClientId", "INVALID_AUTH_CLIENT")?;
    Ok(token)
}

/// The two shapes of `applyToken`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    V1,
    V2,
}

/// What a token is asked for with.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum TokenRequest {
    Code(String),
    Refresh(String),
}

/// What an `applyToken` asks, once every member of the body is legal.
pub(crate) fn token_request(body: &[u8], version: Version) -> Result<TokenRequest, &'static str> {
    let members = Members::parse(body).ok_or(ILLEGAL)?;
    check_common(&members)?;
    let code_length = match version {
        Version::V1 => 32,
        Version::V2 => 64,
    };
    let code = optional(&members, "authCode", code_length)?;
    let refresh = optional(&members, "refreshToken", 128)?;
    let grant_type = required(&members, "grantType", 64)?;
    // Each version has its own name for the client; the other's is a slip.
    let (name, other, mismatch) = match version {
        Version::V1 => ("referenceClientId", "authClientId", "REFERENCE_CLIENT_ID_NOT_MATCH"),
        Version::V2 => ("authClientId", "referenceClientId", "INVALID_AUTH_CLIENT"),
    };
    if members.get(other).is_some() {
        return Err(ILLEGAL);
    }
    check_client(&members, name, mismatch)?;
    match grant_type.as_str() {
        "AUTHORIZATION_CODE" => code.map(TokenRequest::Code).ok_or(ILLEGAL),
        "REFRESH_TOKEN" => refresh.map(TokenRequest::Refresh).ok_or(ILLEGAL),
        _ => Err("AUTH_CLIENT_UNSUPPORTED_GRANT_TYPE"),
    }
}

/// The access token that a `cancelToken` ends, once every member of the body is legal.
pub(crate) fn cancelled_token(body: &[u8]) -> Result<String, &'static str> {
    let members = Members::parse(body).ok_or(ILLEGAL)?;
    let token = required(&members, "accessToken", 128)?;
    check_common(&members)?;
    check_client(&members, "referenceClientId", "REFERENCE_CLIENT_ID_NOT_MATCH")?;
    Ok(token)
}

fn check_common(members: &Members) -> Result<(), &'static str> {
    optional(members, "appId", 32)?;
    optional(members, "customerBelongsTo", 64)?;
    members.get("extendInfo").map_or(Ok(()), check_extend_info)
}

/// A client that is named must be the registered one.
fn check_client(members: &Members, name: &str, mismatch: &'static str) -> Result<(), &'static str> {
    match optional(members, name, 128)? {
        Some(client) if client != ALIPAY_AUTH_CLIENT_ID => Err(mismatch),
        _ => Ok(()),
    }
}

fn required(members: &Members, name: &str, max: usize) -> Result<String, &'static str> {
    optional(members, name, max)?.ok_or(ILLEGAL)
}

fn optional(members: &Members, name: &str, max: usize) -> Result<Option<String>, &'static str> {
    let Some(value) = members.get(name) else { return Ok(None) };
    identifier(value, max).map(|it| Some(it.to_owned())).ok_or(ILLEGAL)
}

/// A text that is not empty, not too long, and without the characters that several wallets forbid.
fn identifier(value: &Value, max: usize) -> Option<&str> {
    let legal = |it: &&str| {
        !it.is_empty()
            && it.chars().count() <= max
            && !it.contains(['@', '#', '?'])
            && !it.contains(char::is_control)
    };
    value.as_str().filter(legal)
}

/// A text, or an object as a source of the page shows it.
fn check_extend_info(value: &Value) -> Result<(), &'static str> {
    let length = match value {
        Value::String(text) => text.chars().count(),
        Value::Object(_) => value.to_string().chars().count(),
        _ => return Err(ILLEGAL),
    };
    if (1..=4096).contains(&length) { Ok(()) } else { Err(ILLEGAL) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_count_characters() {
        let body = |length: usize| format!(r#"{{"accessToken":"{}"}}"#, "张".repeat(length));
        assert!(access_token(body(128).as_bytes()).is_ok());
        assert_eq!(access_token(body(129).as_bytes()), Err(ILLEGAL));
        let extend =
            |length: usize| format!(r#"{{"accessToken":"a","extendInfo":"{}"}}"#, "é".repeat(length));
        assert!(access_token(extend(4096).as_bytes()).is_ok());
        assert_eq!(access_token(extend(4097).as_bytes()), Err(ILLEGAL));
    }

    #[test]
    fn bodies_that_are_not_legal_are_refused() {
        for body in [
            "",
            "[]",
            "{}",
            "null",
            r#"{"accessToken":""}"#,
            r#"{"accessToken":1}"#,
            r#"{"accessToken":"a#b"}"#,
            r#"{"accessToken":"a","accessToken":"a"}"#,
            r#"{"accessToken":"a","authClientId":""}"#,
            r#"{"accessToken":"a","authClientId":null}"#,
            r#"{"accessToken":"a","extendInfo":""}"#,
            r#"{"accessToken":"a","extendInfo":[]}"#,
            r#"{"accessToken":"a","appId":"123456789012345678901234567890123"}"#,
            r#"{"accessToken":"a"} x"#,
        ] {
            assert_eq!(access_token(body.as_bytes()), Err(ILLEGAL), "{body}");
        }
    }

    fn asked(body: &str, version: Version) -> Result<(), &'static str> {
        token_request(body.as_bytes(), version).map(|_| ())
    }

    #[test]
    fn the_lengths_of_a_code_differ_by_version() {
        let body = |length: usize| {
            format!(r#"{{"grantType":"AUTHORIZATION_CODE","authCode":"{}"}}"#, "a".repeat(length))
        };
        assert_eq!(asked(&body(32), Version::V1), Ok(()));
        assert_eq!(asked(&body(33), Version::V1), Err(ILLEGAL));
        assert_eq!(asked(&body(64), Version::V2), Ok(()));
        assert_eq!(asked(&body(65), Version::V2), Err(ILLEGAL));
        let refresh = |length: usize| {
            format!(r#"{{"grantType":"REFRESH_TOKEN","refreshToken":"{}"}}"#, "a".repeat(length))
        };
        assert_eq!(asked(&refresh(128), Version::V2), Ok(()));
        assert_eq!(asked(&refresh(129), Version::V2), Err(ILLEGAL));
    }

    #[test]
    fn an_unknown_auth_client_is_refused_by_its_own_code() {
        let body = r#"{"accessToken":"a","authClientId":"somebody"}"#;
        assert_eq!(access_token(body.as_bytes()), Err("INVALID_AUTH_CLIENT"));
    }
}
