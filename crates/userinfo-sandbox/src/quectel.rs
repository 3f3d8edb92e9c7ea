//! Quectel / Acceleronix: `GET /v2/enduser/enterpriseapi/userInfo?uid=`.

use http::Method;

use crate::{
    Vendor,
    answer::{Answer, Outcome},
    call::{Call, Header},
    credentials::QUECTEL_TOKEN,
    fault::VendorCode,
    issued::{Kind, Standing},
    json::Json,
    moment::Moment,
    people::{Gender, Person, Status, Unset},
    query::Given,
    record::Record,
};

pub(crate) const ID: &str = "uid";

/// Body codes and the messages that go with them.
const CODES: &[(&str, &str)] = &[
    ("0", ""),
    ("200", ""),
    ("401", "Unauthorized"),
    ("403", "Forbidden"),
    ("404", "Not Found"),
    ("5000", "服务异常"),
    ("5015", "用户域不存在"),
    ("5023", "请输入用户域"),
    ("5032", "token 验证失败"),
    ("5033", "用户不存在"),
    ("5036", "密钥验证失败"),
    ("5041", "没有权限"),
    ("5055", "请输入密钥"),
    ("5058", "发送过于频繁"),
    ("5065", "请输入用户ID"),
    ("5103", "数据异常"),
    ("5104", "用户域已禁用"),
    ("5106", "请输入token"),
    ("5112", "请输入企业ID"),
    ("5147", "账号已锁定，请20分钟后再试"),
    ("5148", "IP已锁定，请20分钟后再试"),
    ("5325", "行为异常，锁定24小时"),
    ("5327", "没有产品权限"),
    ("5370", "企业下不存在该账号"),
    ("5394", "内部调用失败"),
    ("5416", "数据异常"),
    ("5420", "签名验证失败"),
    ("5472", "用户ID无效"),
    ("5477", "没有功能权限"),
    ("5486", "账号已禁用"),
    ("50000", "服务异常"),
    ("50005", "参数错误"),
    ("61006", "发送过于频繁"),
    ("61007", "发送过于频繁"),
    ("70000", "hub unavailable"),
    ("71035", "参数错误"),
    ("90047", "AccessKey didn't exists"),
    ("91001", "token不存在"),
    ("91004", "token错误"),
    ("91005", "没有权限"),
    ("91006", "IP不在白名单"),
    ("91007", "API服务包未启用"),
];

pub(crate) fn outcome<'a>(call: &Call<'a>) -> Outcome<'a> {
    match check(call) {
        Ok(person) => Outcome::Found(person),
        Err(answer) => Outcome::Refused(answer),
    }
}

fn check<'a>(call: &Call<'a>) -> Result<&'a Person, Answer> {
    if !call.is_known_path() || call.method != Method::GET {
        return Err(refuse("404").with_status(404));
    }
    match call.header("authorization") {
        Header::Nothing | Header::Once("") => return Err(refuse("5106")),
        Header::Once(token) if is_good(call, token) => {}
        Header::Once(_) | Header::Unusable => return Err(refuse("5032")),
    }
    if call.query.is_broken() || !call.body.is_empty() {
        return Err(refuse("50005"));
    }
    match call.query.get("uid") {
        Given::Nothing | Given::Once("") => Err(refuse("5065")),
        Given::Repeated => Err(refuse("50005")),
        Given::Once(uid) => call.directory.by_quectel_id(uid).ok_or_else(|| refuse("5033")),
    }
}

fn is_good(call: &Call<'_>, token: &str) -> bool {
    match call.issued.show(call.vendor, Kind::Access, token, call.now) {
        Standing::Live(_) => true,
        Standing::Unknown => token == QUECTEL_TOKEN,
        Standing::Expired | Standing::Revoked | Standing::Spent => false,
    }
}

fn refuse(code: &str) -> Answer {
    error(&VendorCode { code: code.to_owned(), ..VendorCode::default() })
}

/// The message that goes with a code.
pub(crate) fn message(code: &str) -> &'static str {
    CODES.iter().find(|(it, _)| *it == code).map_or("error", |(_, message)| message)
}

/// The error body of a code, under HTTP 200. A bad token is answered without `data` and `extMsg`.
pub(crate) fn error(fault: &VendorCode) -> Answer {
    let message = Json::from(fault.message.as_deref().unwrap_or(message(&fault.code)));
    let code = Json::code(&fault.code);
    let body = if fault.code == "5032" {
        Json::object([("code", code), ("msg", message)])
    } else {
        Json::object([("code", code), ("msg", message), ("data", Json::Null), ("extMsg", Json::Null)])
    };
    Answer::json(Vendor::Quectel, body).with_status(fault.http_status.unwrap_or(200))
}

pub(crate) fn success(record: Json) -> Json {
    Json::object([("code", Json::Int(200)), ("data", record), ("extMsg", Json::Null), ("msg", "".into())])
}

/// All 29 members, in the order of the vendor page.
pub(crate) fn record(person: &Person) -> Json {
    let linked = &person.linked;
    let address = person.address.clone().unwrap_or_default();
    let last_login = person.last_login_at;
    let registered = person.created_at;
    Record::new(person.unset)
        .text("address", address.formatted.as_deref())
        .text("alipayUserId", linked.alipay.as_deref())
        .text("appleUserId", linked.apple.as_deref())
        .text("city", address.locality.as_deref())
        .text("email", person.email.as_deref())
        .text("facebookUserId", linked.facebook.as_deref())
        .text("headimg", person.avatar.as_deref())
        .text("lang", person.language.as_deref())
        .put("lastLoginTime", text_time(last_login), no_time(person.unset))
        .number("lastLoginTimeTs", last_login.map(Moment::millis))
        .value("logonMode", person.logon_mode.map(i64::from))
        .text("nationality", address.country.as_deref())
        .text("nikeName", person.nickname.as_deref())
        .text("phone", person.phone.as_deref())
        .text("province", address.region.as_deref())
        .text("qqUserId", linked.qq.as_deref())
        .put("registerTime", text_time(registered), no_time(person.unset))
        .number("registerTimeTs", registered.map(Moment::millis))
        .text("remark", person.remark.as_deref())
        .text("sex", person.gender.map(sex))
        .text("signature", person.bio.as_deref())
        .value("status", person.status.map(|it| i64::from(it == Status::Active)))
        .text("timezone", person.time_zone.as_deref())
        .text("twitterUserId", linked.twitter.as_deref())
        .always("uid", person.ids.quectel.as_str())
        .text("userDomain", person.tenant.as_deref())
        .text("wechatMiniprogramUserId", linked.wechat_mini_program.as_deref())
        .text("wechatOffiaccountUserId", linked.wechat_official_account.as_deref())
        .text("wechatUnionId", linked.wechat_union.as_deref())
        .done()
}

/// The twin without `Ts`: text on a clock in UTC+8.
fn text_time(moment: Option<Moment>) -> Option<Json> {
    moment.map(|it| Json::from(it.china_text()))
}

fn no_time(unset: Unset) -> Json {
    if unset == Unset::Empty { Json::Int(0) } else { Json::Null }
}

const fn sex(gender: Gender) -> &'static str {
    match gender {
        Gender::Male => "0",
        Gender::Female => "1",
        Gender::Undisclosed => "2",
    }
}
