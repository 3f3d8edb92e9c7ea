//! AnqiCMS: `GET /api/user/detail?userId=`, where the token alone decides who is told of.

use http::Method;

use crate::{
    Vendor,
    answer::{Answer, Outcome},
    call::{Call, Header},
    fault::VendorCode,
    issued::{Kind, Standing},
    json::Json,
    moment::Moment,
    people::{Group, Person, Status, Unset},
    query::Given,
    record::Record,
};

pub(crate) const ID: &str = "id";

/// Body codes and the messages that go with them.
const CODES: &[(&str, &str)] = &[
    ("-1", "record not found"),
    ("0", ""),
    ("200", ""),
    ("1001", "该操作需要登录，请登录后重试"),
    ("1002", "权限不足。Permission denied."),
];

pub(crate) fn outcome<'a>(call: &Call<'a>) -> Outcome<'a> {
    match check(call) {
        Ok(person) => Outcome::Found(person),
        Err(answer) => Outcome::Refused(answer),
    }
}

fn check<'a>(call: &Call<'a>) -> Result<&'a Person, Answer> {
    check_visitor(call)?;
    if call.method != Method::GET {
        return Err(not_found());
    }
    let person = owner(call).ok_or_else(|| refuse("1001", None))?;
    check_parameters(call).map_err(|reason| refuse("-1", Some(reason)))?;
    Ok(person)
}

/// What the site checks before it looks at a call.
pub(crate) fn check_visitor(call: &Call<'_>) -> Result<(), Answer> {
    if matches!(call.header("user-agent"), Header::Nothing | Header::Once("")) {
        return Err(Answer::empty(200));
    }
    if call.query.get("lang") != Given::Nothing {
        return Err(Answer::empty(307).with_header("location", without_lang(call.target)));
    }
    if !call.is_known_path() {
        return Err(not_found());
    }
    Ok(())
}

/// The page for a wrong path or verb.
pub(crate) fn not_found() -> Answer {
    Answer::html(404, "404 Not Found")
}

/// Who the token belongs to.
fn owner<'a>(call: &Call<'a>) -> Option<&'a Person> {
    let token = token_shown(call)?;
    match call.issued.show(call.vendor, Kind::Access, token, call.now) {
        Standing::Live(owner) => call.directory.by_key(&owner?),
        Standing::Unknown => call.directory.by_anqicms_token(token),
        Standing::Expired | Standing::Revoked | Standing::Spent => None,
    }
}

/// The header's token, or the cookie's when the header is empty.
pub(crate) fn token_shown<'a>(call: &Call<'a>) -> Option<&'a str> {
    match call.header("token") {
        Header::Once(token) if !token.is_empty() => Some(token),
        Header::Unusable => None,
        Header::Nothing | Header::Once(_) => cookie(call),
    }
}

fn cookie<'a>(call: &Call<'a>) -> Option<&'a str> {
    let Header::Once(cookies) = call.header("cookie") else { return None };
    cookies.split(';').find_map(|it| it.trim().strip_prefix("token="))
}

/// The documented contract, which the vendor does not enforce: an id it is, although nobody reads it.
fn check_parameters(call: &Call<'_>) -> Result<(), &'static str> {
    check_reading(call)?;
    match call.query.get("userId") {
        Given::Once(id) if is_id(id) => Ok(()),
        Given::Nothing | Given::Once("") => Err("userId is required"),
        Given::Once(_) | Given::Repeated => Err("userId is invalid"),
    }
}

/// What holds for every call that reads: no body, a sound query, and at most one site.
pub(crate) fn check_reading(call: &Call<'_>) -> Result<(), &'static str> {
    if call.query.is_broken() || !call.body.is_empty() {
        return Err("invalid request");
    }
    match call.query.get("site_id") {
        Given::Nothing => Ok(()),
        Given::Once(id) if is_id(id) => Ok(()),
        Given::Once(_) | Given::Repeated => Err("site_id is invalid"),
    }
}

fn is_id(text: &str) -> bool {
    !text.starts_with('0') && text.bytes().all(|it| it.is_ascii_digit()) && text.parse::<u32>().is_ok()
}

fn without_lang(target: &str) -> String {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let rest: Vec<_> = query.split('&').filter(|it| it.split('=').next() != Some("lang")).collect();
    if rest.is_empty() { path.to_owned() } else { format!("{path}?{}", rest.join("&")) }
}

pub(crate) fn refuse(code: &str, message: Option<&str>) -> Answer {
    error(&VendorCode { code: code.to_owned(), message: message.map(str::to_owned), ..VendorCode::default() })
}

/// The error body of a code, under HTTP 200, without `data`.
pub(crate) fn error(fault: &VendorCode) -> Answer {
    let known = CODES.iter().find(|(code, _)| *code == fault.code).map_or("error", |(_, message)| message);
    let message = fault.message.as_deref().unwrap_or(known);
    let body = Json::object([("code", Json::code(&fault.code)), ("msg", message.into())]);
    Answer::json(Vendor::AnqiCms, body).with_status(fault.http_status.unwrap_or(200))
}

pub(crate) fn success(record: Json) -> Json {
    Json::object([("code", Json::Int(0)), ("data", record), ("msg", Json::Null)])
}

/// The members of version 3.5.8; a person whose unset members are left out looks like an older version's.
pub(crate) fn record(person: &Person) -> Json {
    let seconds = |it: Option<Moment>| it.map(Moment::seconds);
    let avatar = person.avatar.as_deref();
    let group = person.group.as_ref().filter(|it| it.title.is_some()).map(group);
    let unset_extra = if person.unset == Unset::Empty { Json::empty() } else { Json::Null };
    let record = Record::new(person.unset)
        .always("id", i64::from(person.ids.anqicms))
        .number("parent_id", count(person, person.parent_id.map(i64::from)))
        .text("user_name", person.username.as_deref())
        .text("real_name", person.full_name.as_deref())
        .text("introduce", person.bio.as_deref())
        .text("avatar_url", avatar.map(relative))
        .text("full_avatar_url", avatar)
        .text("email", person.email.as_deref())
        .text("phone", person.phone.as_deref())
        .number("group_id", count(person, person.group.as_ref().map(|it| i64::from(it.id))))
        .number("is_retailer", count(person, person.is_retailer.map(i64::from)))
        .number("balance", count(person, person.balance))
        .number("total_reward", count(person, person.total_reward))
        .text("invite_code", person.invite_code.as_deref())
        .number("last_login", count(person, seconds(person.last_login_at)))
        .number("expire_time", count(person, seconds(person.expires_at)))
        .number("created_time", count(person, seconds(person.created_at)))
        .number("updated_time", count(person, seconds(person.updated_at)))
        .put("extra", extra(person), unset_extra)
        .put("group", group, Json::Null)
        .text("link", person.profile_url.as_deref())
        .text("url_token", person.url_token.as_deref())
        .text("first_name", person.given_name.as_deref())
        .text("last_name", person.family_name.as_deref())
        .number("birthday", count(person, person.birth_date.as_deref().and_then(midnight)))
        .text("google_id", person.linked.google.as_deref());
    let mut record = record.done();
    if person.unset != Unset::Missing {
        record.push("token", "");
    }
    // A state or flag that is not known is left out: 0 and false would say something.
    if let Some(status) = person.status {
        record.push("status", code_of(status));
    }
    if let Some(verified) = person.email_verified {
        record.push("email_verified", verified);
    }
    if let Some(reset) = person.reset_password {
        record.push("reset_password", reset);
    }
    record
}

/// Go has no null numbers: what is unset is 0, unless it is left out.
fn count(person: &Person, value: Option<i64>) -> Option<i64> {
    value.or((person.unset == Unset::Null).then_some(0))
}

const fn code_of(status: Status) -> i64 {
    match status {
        Status::Active => 1,
        Status::Pending => 0,
        Status::Disabled | Status::Banned => -1,
    }
}

/// The path of an absolute URL without its leading slash; anything else as it is.
fn relative(avatar: &str) -> &str {
    let after_scheme = avatar.split_once("://").map(|(_, rest)| rest);
    after_scheme.and_then(|rest| rest.split_once('/')).map_or(avatar, |(_, path)| path)
}

/// Epoch seconds of the day's start in UTC.
fn midnight(date: &str) -> Option<i64> {
    let date = date.parse::<jiff::civil::Date>().ok()?;
    date.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|it| it.timestamp().as_second())
}

fn extra(person: &Person) -> Option<Json> {
    let items = person.custom_fields.iter().map(|(name, value)| {
        let item = Json::object([
            ("name", name.as_str().into()),
            ("value", value.into()),
            ("default", "".into()),
            ("follow_level", Json::Bool(false)),
        ]);
        (name.clone(), item)
    });
    (!person.custom_fields.is_empty()).then(|| Json::Object(items.collect()))
}

fn group(group: &Group) -> Json {
    let setting = Json::object([
        ("share_reward", Json::Int(0)),
        ("parent_reward", Json::Int(0)),
        ("discount", Json::Int(0)),
        ("expire_day", Json::Int(0)),
        ("content_no_verify", Json::Bool(false)),
        ("content_no_captcha", Json::Bool(false)),
    ]);
    Json::object([
        ("id", Json::Int(group.id.into())),
        ("created_time", Json::Int(1_669_012_062)),
        ("updated_time", Json::Int(1_679_536_756)),
        ("title", group.title.as_deref().unwrap_or_default().into()),
        ("description", "".into()),
        ("level", Json::Int(1)),
        ("status", Json::Int(1)),
        ("price", Json::Int(0)),
        ("setting", setting),
        ("favorable_price", Json::Int(0)),
    ])
}
