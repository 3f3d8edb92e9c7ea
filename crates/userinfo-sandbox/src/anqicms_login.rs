//! AnqiCMS' login, `POST /api/login`, and the renewal of tokens by the header `Update-Token`.

use std::time::Duration;

use http::Method;
use serde_json::Value;

use crate::{
    Vendor,
    anqicms::{check_visitor, error, not_found, record, token_shown},
    anqicms_captcha,
    answer::{Answer, Body},
    call::Call,
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

/// The texts of failures, as the locale `zh-CN` of 3.5.8 has them: nobody of this name, or another password.
const FAILED: &str = "登录失败";
const WRONG_CAPTCHA: &str = "图形码不正确";
const NO_ACCOUNT: &str = "请输入账号";
const SHORT_PASSWORD: &str = "请输入6位及以上长度的密码";
/// A body that cannot be read; the site says so in its JSON library's words.
const UNREADABLE: &str = "invalid request";

/// The members that name an account, of which a login has one.
const NAMES: [&str; 3] = ["user_name", "email", "phone"];

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

/// In the order of the source.
fn check<'a>(call: &Call<'a>) -> Result<&'a Person, &'static str> {
    let body = read(call).ok_or(UNREADABLE)?;
    let (id, captcha) = (text(&body, "captcha_id"), text(&body, "captcha"));
    if call.demands_captcha && !anqicms_captcha::is_solved(call, id, captcha) {
        return Err(WRONG_CAPTCHA);
    }
    if NAMES.iter().all(|it| text(&body, it).trim().is_empty()) {
        return Err(NO_ACCOUNT);
    }
    let password = text(&body, "password").trim();
    if password.len() < SHORTEST_PASSWORD {
        return Err(SHORT_PASSWORD);
    }
    named(call, &body).filter(|it| password == it.anqicms_password()).ok_or(FAILED)
}

/// The members of a body, each of its documented type.
fn read(call: &Call<'_>) -> Option<Members> {
    let body = Members::parse(call.body).filter(|_| call.sends_json() && !call.query.is_broken())?;
    let texts = NAMES.into_iter().chain(["password", "captcha_id", "captcha"]);
    let mut texts = texts.map(|it| matches!(body.get(it), None | Some(Value::Null | Value::String(_))));
    let remember = matches!(body.get("remember"), None | Some(Value::Bool(_)));
    (texts.all(|it| it) && remember).then_some(body)
}

/// A member's text, empty when it is left out.
fn text<'a>(body: &'a Members, name: &str) -> &'a str {
    body.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The person whom the one of the three names means.
pub(crate) fn named<'a>(call: &Call<'a>, body: &Members) -> Option<&'a Person> {
    let names: Vec<_> =
        NAMES.into_iter().map(|it| (it, text(body, it))).filter(|(_, value)| !value.is_empty()).collect();
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
