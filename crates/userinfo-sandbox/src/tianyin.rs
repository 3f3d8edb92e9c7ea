//! Hangzhou Tianyin: `GET /user/info?accessToken=&userId=`.

use http::Method;

use crate::{
    Vendor,
    answer::{Answer, Outcome},
    call::{Call, Header},
    credentials::{TIANYIN_ACCESS_TOKEN, TIANYIN_APP_ID},
    fault::VendorCode,
    issued::{Kind, Standing},
    json::Json,
    people::{Gender, Organization, Person},
    query::Given,
    record::Record,
};

pub(crate) const ID: &str = "userId";

/// Body codes of the framework, and messages in its style.
const CODES: &[(&str, &str)] = &[
    ("200", "请求成功"),
    ("400", "请求参数错误"),
    ("401", "请先认证"),
    ("403", "拒绝访问"),
    ("404", "资源不存在"),
    ("405", "请求方法不支持"),
    ("406", "不可接受的请求"),
    ("407", "需要代理认证"),
    ("408", "请求超时"),
    ("409", "资源冲突"),
    ("410", "参数缺失"),
    ("411", "缺少Content-Length"),
    ("412", "参数校验失败"),
    ("413", "请求体过大"),
    ("415", "媒体类型不支持"),
    ("416", "请求范围不符合"),
    ("417", "预期失败"),
    ("422", "参数类型不匹配"),
    ("423", "资源已锁定"),
    ("424", "依赖失败"),
    ("426", "需要升级协议"),
    ("428", "缺少前提条件"),
    ("429", "太多请求"),
    ("431", "请求头过大"),
    ("451", "因法律原因不可用"),
    ("500", "成功或异常消息"),
    ("501", "功能未实现"),
    ("502", "网关错误"),
    ("503", "服务不可用"),
    ("504", "网关超时"),
    ("505", "协议版本不支持"),
    ("506", "协商错误"),
    ("507", "存储空间不足"),
    ("508", "循环检测"),
    ("509", "带宽超限"),
    ("510", "未扩展"),
    ("511", "需要网络认证"),
    ("1000", "数据为空"),
    ("10001", "登录失败"),
    ("10002", "登录方式不支持"),
    ("10003", "登录失败次数过多"),
    ("10004", "缺少验证码"),
    ("10005", "验证码已过期"),
    ("10006", "验证码错误"),
    ("10007", "账号不存在"),
    ("10008", "账号未启用"),
    ("10009", "账号已过期"),
    ("10010", "账号已锁定"),
    ("10011", "密码已过期"),
    ("10012", "账号或密码错误"),
    ("10020", "功能未授权"),
    ("10021", "token签发失败"),
    ("10022", "缺少token"),
    ("10023", "token已过期"),
    ("10024", "token已失效"),
    ("10025", "token错误"),
    ("10026", "缺少授权码"),
    ("10027", "授权码已过期"),
    ("10028", "授权码已失效"),
    ("10029", "授权码错误"),
    ("10030", "第三方授权服务异常"),
];

pub(crate) fn outcome<'a>(call: &Call<'a>) -> Outcome<'a> {
    match check(call) {
        Ok(person) => Outcome::Found(person),
        Err(answer) => Outcome::Refused(answer),
    }
}

fn check<'a>(call: &Call<'a>) -> Result<&'a Person, Answer> {
    if !call.is_known_path() {
        return Err(refuse("404", None).with_status(404));
    }
    if call.method != Method::GET {
        return Err(refuse("405", None).with_status(405));
    }
    match call.header("x-app-id") {
        Header::Nothing | Header::Once("") => return Err(refuse("400", Some("缺少请求头: [X-App-Id]."))),
        Header::Once(TIANYIN_APP_ID) => {}
        Header::Once(_) | Header::Unusable => return Err(refuse("401", None)),
    }
    if call.query.is_broken() || !call.body.is_empty() {
        return Err(refuse("400", None));
    }
    match call.query.get("accessToken") {
        Given::Nothing | Given::Once("") => return Err(refuse("10022", None)),
        Given::Once(token) => check_token(call, token)?,
        Given::Repeated => return Err(refuse("400", None)),
    }
    match call.query.get("userId") {
        Given::Nothing | Given::Once("") => Err(refuse("400", Some("缺少请求参数: [userId]."))),
        Given::Repeated => Err(refuse("400", None)),
        Given::Once(id) => find(call, id),
    }
}

fn check_token(call: &Call<'_>, token: &str) -> Result<(), Answer> {
    let code = match call.issued.show(call.vendor, Kind::Access, token, call.now) {
        Standing::Live(_) => return Ok(()),
        Standing::Expired => "10023",
        Standing::Revoked | Standing::Spent => "10024",
        Standing::Unknown if token == TIANYIN_ACCESS_TOKEN => return Ok(()),
        Standing::Unknown if token.starts_with("expired-") => "10023",
        Standing::Unknown if token.starts_with("revoked-") => "10024",
        Standing::Unknown => "10025",
    };
    Err(refuse(code, None))
}

/// An int64 in plain decimal digits: no sign, no leading zero, not 0.
fn find<'a>(call: &Call<'a>, id: &str) -> Result<&'a Person, Answer> {
    let plain = id.bytes().all(|it| it.is_ascii_digit()) && !id.starts_with('0');
    let Some(id) = id.parse::<i64>().ok().filter(|_| plain) else {
        return Err(refuse("400", Some("参数类型不匹配: [userId].")));
    };
    call.directory.by_tianyin_id(id).ok_or_else(not_found)
}

fn refuse(code: &str, message: Option<&str>) -> Answer {
    error(&VendorCode { code: code.to_owned(), message: message.map(str::to_owned), ..VendorCode::default() })
}

/// A success without data.
pub(crate) fn not_found() -> Answer {
    Answer::json(Vendor::Tianyin, success(Json::List(Vec::new())))
}

/// The error body of a code. The framework gives 405, 406 and 415 their own HTTP status, and all others 200.
pub(crate) fn error(fault: &VendorCode) -> Answer {
    let known = CODES.iter().find(|(code, _)| *code == fault.code).map_or("error", |(_, message)| message);
    let message = fault.message.as_deref().unwrap_or(known);
    let ok = if fault.code == "200" { "success" } else { "fail" };
    let status = fault.status.as_deref().unwrap_or(ok);
    let mut body = Json::object([
        ("code", Json::code(&fault.code)),
        ("status", status.into()),
        ("message", message.into()),
    ]);
    // Nulls are left out by the framework; its own refusals have no data, the application's have `{}`.
    if !fault.code.starts_with('4') {
        body.push("data", Json::empty());
    }
    let http = match fault.code.as_str() {
        "405" => 405,
        "406" => 406,
        "415" => 415,
        _ => 200,
    };
    Answer::json(Vendor::Tianyin, body).with_status(fault.http_status.unwrap_or(http))
}

pub(crate) fn success(record: Json) -> Json {
    Json::object([
        ("code", Json::Int(200)),
        ("status", "success".into()),
        ("message", "请求成功".into()),
        ("data", record),
    ])
}

/// The framework leaves nulls out and writes every int64 as a string.
pub(crate) fn record(person: &Person) -> Json {
    let organizations = person.organizations.iter().map(organization).collect::<Vec<_>>();
    let organizations = (!organizations.is_empty()).then_some(Json::List(organizations));
    Record::without_nulls(person.unset)
        .always("userId", person.ids.tianyin.to_string())
        .text("nickname", person.nickname.as_deref())
        .value("gender", person.gender.map(gender))
        .text("account", person.username.as_deref())
        .text("avatar", person.avatar.as_deref())
        .text("phone", person.phone.as_deref())
        .text("email", person.email.as_deref())
        .put("orgList", organizations, Json::List(Vec::new()))
        .done()
}

fn organization(it: &Organization) -> Json {
    let roles = it.roles.iter().map(|role| {
        Json::object([
            ("roleId", role.id.to_string().into()),
            ("roleCode", role.code.as_str().into()),
            ("roleName", role.name.as_str().into()),
        ])
    });
    Json::object([
        ("orgId", it.id.to_string().into()),
        ("orgCode", it.code.as_str().into()),
        ("orgName", it.name.as_str().into()),
        ("roleList", Json::List(roles.collect())),
    ])
}

/// The vendor has no value for what is not told; 0 may come.
const fn gender(gender: Gender) -> i64 {
    match gender {
        Gender::Male => 1,
        Gender::Female => 2,
        Gender::Undisclosed => 0,
    }
}
