//! Quectel's login: `GET /v2/quecauth/accessKeyAuthrize/accessKeyLogin`, everything in the query.

use std::{fmt::Write as _, time::Duration};

use aws_lc_rs::{constant_time, digest};
use http::Method;

use crate::{
    Vendor,
    answer::Answer,
    call::Call,
    credentials::{QUECTEL_ACCESS_KEY, QUECTEL_ACCESS_SECRET},
    fault::VendorCode,
    issued::{Grant, Kind},
    json::Json,
    mint, quectel,
    query::Given,
};

const LIFE: Duration = Duration::from_secs(24 * 60 * 60);
/// How far the timestamp may be from the vendor's clock.
const SKEW_MS: u64 = 10 * 60 * 1000;

pub(crate) fn answer(call: &Call<'_>) -> Answer {
    match check(call) {
        Ok(()) => success(call),
        Err(answer) => answer,
    }
}

fn check(call: &Call<'_>) -> Result<(), Answer> {
    if call.method != Method::GET {
        return Err(refuse("404").with_status(404));
    }
    let illegal = || refuse("50005");
    if call.query.is_broken() || !call.body.is_empty() {
        return Err(illegal());
    }
    let once = |name: &str| match call.query.get(name) {
        Given::Once(value) if !value.is_empty() => Ok(value),
        Given::Once(_) | Given::Nothing | Given::Repeated => Err(illegal()),
    };
    if once("grant_type")? != "password" {
        return Err(illegal());
    }
    let (username, password) = (once("username")?, once("password")?);
    let claim = Claim::read(username).ok_or_else(illegal)?;
    if claim.access_key != QUECTEL_ACCESS_KEY {
        return Err(refuse("90047"));
    }
    let right = hash(username, QUECTEL_ACCESS_SECRET);
    if constant_time::verify_slices_are_equal(right.as_bytes(), password.as_bytes()).is_err() {
        return Err(refuse("5420"));
    }
    // The vendor documents no code for a timestamp that is off: it is answered like any signature that fails.
    if claim.timestamp.abs_diff(call.now.millis()) > SKEW_MS {
        return Err(refuse("5420"));
    }
    Ok(())
}

/// What a username says.
struct Claim<'a> {
    access_key: &'a str,
    timestamp: i64,
}

impl<'a> Claim<'a> {
    /// The five fields, each once, in any order, and no other.
    fn read(username: &'a str) -> Option<Self> {
        let fields: Vec<_> = username.split('&').map(|it| it.split_once('=')).collect::<Option<_>>()?;
        let field = |name: &str| {
            let mut values = fields.iter().filter(|(it, _)| *it == name).map(|(_, value)| *value);
            values.next().filter(|it| !it.is_empty() && values.next().is_none())
        };
        let fixed = [("ver", "1"), ("auth_mode", "accessKey"), ("sign_method", "sha256")];
        let timestamp = field("timestamp")?;
        let legal = fields.len() == 5
            && fixed.into_iter().all(|(name, value)| field(name) == Some(value))
            && timestamp.bytes().all(|it| it.is_ascii_digit());
        let timestamp = timestamp.parse().ok()?;
        field("access_key").filter(|_| legal).map(|access_key| Self { access_key, timestamp })
    }
}

/// Lower-case hex SHA-256 of the username as it is, with the secret behind it.
fn hash(username: &str, secret: &str) -> String {
    let digest = digest::digest(&digest::SHA256, format!("{username}{secret}").as_bytes());
    digest.as_ref().iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn success(call: &Call<'_>) -> Answer {
    let life = call.lifetime(LIFE);
    let token = mint::quectel(call.issued.serial(), call.now, call.now.plus(life));
    let grant =
        Grant { vendor: call.vendor, kind: Kind::Access, owner: None, at: call.now, life, idle: None };
    call.issued.keep(&token, grant);
    let body = Json::object([
        ("msg", "OK".into()),
        ("access_token", token.into()),
        ("code", Json::Int(200)),
        ("scope", "".into()),
        ("token_type", "jwt".into()),
        ("expires_in", Json::seconds(life)),
    ]);
    Answer::json(Vendor::Quectel, body)
}

fn refuse(code: &str) -> Answer {
    error(&VendorCode { code: code.to_owned(), ..VendorCode::default() })
}

/// The error body of a code, under HTTP 200: flat, and the message twice.
pub(crate) fn error(fault: &VendorCode) -> Answer {
    let message = fault.message.as_deref().unwrap_or(quectel::message(&fault.code));
    let body =
        Json::object([("msg", message.into()), ("code", Json::code(&fault.code)), ("error", message.into())]);
    Answer::json(Vendor::Quectel, body).with_status(fault.http_status.unwrap_or(200))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn vectors(name: &str) -> Vec<Value> {
        let file: Value =
            serde_json::from_str(include_str!("../fixtures/quectel-login-vectors.json")).unwrap();
        file[name].as_array().unwrap().clone()
    }

    #[test]
    fn the_hash_is_that_of_the_vectors() {
        let valid = vectors("valid");
        assert_eq!(valid.len(), 3);
        for vector in valid {
            let text = |name: &str| vector[name].as_str().unwrap();
            assert_eq!(hash(text("username_raw"), text("access_secret")), text("password"));
            let claim = Claim::read(text("username_raw")).unwrap();
            assert_eq!(claim.access_key, text("access_key"));
            assert_eq!(claim.timestamp, vector["timestamp_ms"].as_i64().unwrap());
        }
    }

    #[test]
    fn the_hash_is_none_that_must_not_match() {
        let wrong = vectors("must_not_match");
        assert_eq!(wrong.len(), 9);
        for vector in wrong {
            let text = |name: &str| vector[name].as_str().unwrap();
            let made = hash(text("string_to_hash"), "");
            assert_eq!(made, text("right"));
            assert_ne!(made, text("wrong_value"), "{}", text("name"));
        }
    }

    #[test]
    fn a_username_has_five_fields_each_once() {
        let right = "ver=1&auth_mode=accessKey&sign_method=sha256&access_key=A&timestamp=1";
        assert!(Claim::read(right).is_some());
        for wrong in [
            "",
            "ver=1",
            "ver=1&auth_mode=accessKey&sign_method=sha256&access_key=A",
            "ver=1&auth_mode=accessKey&sign_method=sha256&access_key=&timestamp=1",
            "ver=2&auth_mode=accessKey&sign_method=sha256&access_key=A&timestamp=1",
            "ver=1&auth_mode=password&sign_method=sha256&access_key=A&timestamp=1",
            "ver=1&auth_mode=accessKey&sign_method=SHA256&access_key=A&timestamp=1",
            "ver=1&auth_mode=accessKey&sign_method=sha256&access_key=A&timestamp=+1",
            "ver=1&auth_mode=accessKey&sign_method=sha256&access_key=A&timestamp=1.5",
            "ver=1&auth_mode=accessKey&sign_method=sha256&access_key=A×tamp=1",
            "ver=1&ver=1&auth_mode=accessKey&sign_method=sha256&access_key=A&timestamp=1",
            "ver=1&auth_mode=accessKey&sign_method=sha256&access_key=A&timestamp=1&more=1",
            "ver%3D1&auth_mode=accessKey&sign_method=sha256&access_key=A&timestamp=1",
        ] {
            assert!(Claim::read(wrong).is_none(), "{wrong}");
        }
    }
}
