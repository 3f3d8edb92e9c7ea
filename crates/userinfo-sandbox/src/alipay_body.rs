//! The body of an Alipay+ request: strict JSON, within the documented lengths.

use serde_json::Value;

use crate::{credentials::ALIPAY_AUTH_CLIENT_ID, members::Members};

const ILLEGAL: &str = "PARAM_ILLEGAL";

/// The access token, once every member of the body is legal.
pub(crate) fn access_token(body: &[u8]) -> Result<String, &'static str> {
    let members = Members::parse(body).ok_or(ILLEGAL)?;
    let find = |name: &str| members.get(name);
    let token = find("accessToken").and_then(|it| identifier(it, 128)).ok_or(ILLEGAL)?;
    if let Some(app) = find("appId") {
        identifier(app, 32).ok_or(ILLEGAL)?;
    }
    if let Some(wallet) = find("customerBelongsTo") {
        identifier(wallet, 64).ok_or(ILLEGAL)?;
    }
    if let Some(value) = find("extendInfo") {
        check_extend_info(value)?;
    }
    if let Some(value) = find("authClientId") {
        let client = identifier(value, 128).ok_or(ILLEGAL)?;
        if client != ALIPAY_AUTH_CLIENT_ID {
            return Err("INVALID_AUTH_CLIENT");
        }
    }
    Ok(token.to_owned())
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

    #[test]
    fn an_unknown_auth_client_is_refused_by_its_own_code() {
        let body = r#"{"accessToken":"a","authClientId":"somebody"}"#;
        assert_eq!(access_token(body.as_bytes()), Err("INVALID_AUTH_CLIENT"));
    }
}
