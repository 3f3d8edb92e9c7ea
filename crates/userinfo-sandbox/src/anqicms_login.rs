//! AnqiCMS' login, `POST /api/login`, and the renewal of tokens by the header `Update-Token`.

use std::time::Duration;

use http::Method;
use serde_json::Value;

use crate::{
    Vendor,
    anqicms::{check_visitor, error, not_found, record, token_shown},
    answer::{Answer, Body},
    call::Call,
    credentials::{ANQICMS_CAPTCHA, ANQICMS_CAPTCHA_ID},
    fault::VendorCode,
    issued::{Grant, Kind},
    json::Json,
    members::Members,
    mint,
    people::Person,
};

/// What the source gives a login by password.
const LIFE: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// What the source gives a token that it renews.
const RENEWED: Duration = Duration::from_secs(24 * 60 * 60);
/// A token with less than this left is renewed.
const LAST_HOUR: Duration = Duration::from_secs(60 * 60);
const SHORTEST_PASSWORD: usize = 6;

/// The one text of every failure.
const FAILED: &str = "账号或密码错误";
/// The text where the captcha is at fault; the source has texts of its own for it.
const CAPTCHA: &str = "验证码不正确";

pub(crate) fn answer(call: &Call<'_>) -> Answer {
    if let Err(answer) = check_visitor(call) {
        return answer;
    }
    if call.method != Method::POST {
        return not_found();
    }
    match check(call) {
        Ok(person) => success(call, person),
        Err(message) => refuse(&failure(message)),
    }
}

fn check<'a>(call: &Call<'a>) -> Result<&'a Person, &'static str> {
    let legal = call.sends_json() && !call.query.is_broken();
    let body = Members::parse(call.body).filter(|_| legal).ok_or(FAILED)?;
    if call.settings.captcha {
        let right = [("captcha_id", ANQICMS_CAPTCHA_ID), ("captcha", ANQICMS_CAPTCHA)];
        if right.into_iter().any(|(name, value)| body.get(name).and_then(Value::as_str) != Some(value)) {
            return Err(CAPTCHA);
        }
    }
    if !matches!(body.get("remember"), None | Some(Value::Bool(_))) {
        return Err(FAILED);
    }
    let person = named(call, &body).ok_or(FAILED)?;
    let password = body.get("password").and_then(Value::as_str).map(str::trim).unwrap_or_default();
    if password.chars().count() >= SHORTEST_PASSWORD && password == person.anqicms_password() {
        Ok(person)
    } else {
        Err(FAILED)
    }
}

/// The person whom the one of the three names means.
pub(crate) fn named<'a>(call: &Call<'a>, body: &Members) -> Option<&'a Person> {
    let names: Vec<_> = ["user_name", "email", "phone"]
        .into_iter()
        .filter_map(|it| body.get(it).and_then(Value::as_str).map(|value| (it, value)))
        .filter(|(_, value)| !value.is_empty())
        .collect();
    let [(name, value)] = names[..] else { return None };
    call.directory.people().iter().find(|it| {
        let known = match name {
            "user_name" => &it.username,
            "email" => &it.email,
            _ => &it.phone,
        };
        known.as_deref() == Some(value)
    })
}

/// The record, without what the site fills in elsewhere only, and with the token.
fn success(call: &Call<'_>, person: &Person) -> Answer {
    let life = call.lifetime(LIFE);
    let token = issue(call, person, life);
    let mut data = record(person);
    data.set("extra", Json::Null);
    data.set("full_avatar_url", "");
    data.set("link", "");
    data.set("token", token.as_str());
    let body = Json::object([("code", Json::Int(0)), ("data", data), ("msg", "".into())]);
    let cookie = format!("token={token}; Path=/; Max-Age={}; HttpOnly", life.as_secs());
    Answer::json(Vendor::AnqiCms, body).with_header("set-cookie", cookie)
}

fn issue(call: &Call<'_>, person: &Person, life: Duration) -> String {
    let token = mint::anqicms(call.issued.serial(), person.ids.anqicms, call.now.plus(life));
    let owner = Some(person.key.clone());
    call.issued.keep(
        &token,
        Grant { vendor: call.vendor, kind: Kind::Access, owner, at: call.now, life, idle: None },
    );
    token
}

/// A new token for the call's own, when that is an issued one in its last hour; errors carry it too.
pub(crate) fn renew(call: &Call<'_>, answer: &Answer) -> Option<String> {
    let Body::Json(body) = &answer.body else { return None };
    let renewed = answer.headers.iter().any(|(name, _)| *name == "update-token");
    if renewed || answer.status != 200 || body.get("code") == Some(&Json::Int(1001)) {
        return None;
    }
    let (owner, left) = call.issued.left(call.vendor, token_shown(call)?, call.now)?;
    let person = call.directory.by_key(&owner)?;
    (left < LAST_HOUR).then(|| issue(call, person, call.lifetime(RENEWED)))
}

fn failure(message: &str) -> VendorCode {
    VendorCode { code: "-1".into(), message: Some(message.to_owned()), ..VendorCode::default() }
}

/// The error body of a code; -1 has the text of a failed login.
pub(crate) fn refuse(fault: &VendorCode) -> Answer {
    match fault.message {
        None if fault.code == "-1" => error(&failure(FAILED)),
        _ => error(fault),
    }
}
