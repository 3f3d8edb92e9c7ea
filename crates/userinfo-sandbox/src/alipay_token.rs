//! Alipay+'s tokens: `applyToken` in two versions, and `cancelToken`; signed both ways.

use std::time::Duration;

use crate::{
    Operation, Vendor,
    alipay_body::{TokenRequest, Version, cancelled_token, token_request},
    alipay_plus::{check_caller, error, result},
    answer::Answer,
    call::Call,
    fault::VendorCode,
    issued::{Grant, Issued, Kind, Standing},
    json::Json,
    mint,
    moment::Moment,
    people::Person,
};

const LIFE: Duration = Duration::from_secs(60 * 60);
const REFRESH_LIFE: Duration = Duration::from_secs(30 * 24 * 60 * 60);
const CODE_LIFE: Duration = Duration::from_secs(10 * 60);

pub(crate) fn answer(call: &Call<'_>) -> Answer {
    let outcome = match call.operation {
        Operation::CancelToken => cancel(call),
        _ => apply(call),
    };
    outcome.unwrap_or_else(|code| error(&VendorCode { code: code.to_owned(), ..VendorCode::default() }))
}

/// A fresh code with which this person lets a mini program know them.
pub(crate) fn auth_code(issued: &Issued, key: &str, at: Moment) -> String {
    let code = mint::alipay_code(issued.serial());
    issued.keep(
        &code,
        Grant {
            vendor: Vendor::AlipayPlus,
            kind: Kind::Code,
            owner: Some(key.to_owned()),
            at,
            life: CODE_LIFE,
            idle: None,
        },
    );
    code
}

fn apply(call: &Call<'_>) -> Result<Answer, &'static str> {
    check_caller(call)?;
    let version = if call.path.starts_with("/v1/") { Version::V1 } else { Version::V2 };
    let (kind, value) = match token_request(call.body, version)? {
        TokenRequest::Code(value) => (Kind::Code, value),
        TokenRequest::Refresh(value) => (Kind::Refresh, value),
    };
    let owner = match call.issued.spend(call.vendor, kind, &value, call.now) {
        Standing::Live(owner) => owner,
        Standing::Unknown | Standing::Revoked => return Err(refusals(kind, version)[0]),
        Standing::Expired => return Err(refusals(kind, version)[1]),
        Standing::Spent => return Err(refusals(kind, version)[2]),
    };
    let person = owner.and_then(|it| call.directory.by_key(&it)).ok_or("PROCESS_FAIL")?;
    Ok(grant(call, person))
}

/// The codes for a value that is unknown, too old, and used before.
const fn refusals(kind: Kind, version: Version) -> [&'static str; 3] {
    match (kind, version) {
        (Kind::Code, Version::V1) => ["INVALID_CODE", "EXPIRED_CODE", "USED_CODE"],
        (Kind::Code, Version::V2) => ["INVALID_AUTHCODE", "EXPIRED_AUTHCODE", "USED_AUTHCODE"],
        _ => ["INVALID_REFRESH_TOKEN", "EXPIRED_REFRESH_TOKEN", "USED_REFRESH_TOKEN"],
    }
}

/// A new pair of tokens.
fn grant(call: &Call<'_>, person: &Person) -> Answer {
    let serial = call.issued.serial();
    let (access, refresh) = (mint::alipay_access(serial), mint::alipay_refresh(serial));
    let life = call.lifetime(LIFE);
    let one = |kind, life| Grant {
        vendor: call.vendor,
        kind,
        owner: Some(person.key.clone()),
        at: call.now,
        life,
        idle: None,
    };
    call.issued.keep_pair((&access, one(Kind::Access, life)), (&refresh, one(Kind::Refresh, REFRESH_LIFE)));
    let mut body = Json::object([("result", result("SUCCESS"))]);
    body.push("accessToken", access);
    body.push("accessTokenExpiryTime", expiry(call, life));
    body.push("refreshToken", refresh);
    body.push("refreshTokenExpiryTime", expiry(call, REFRESH_LIFE));
    body.push("customerId", person.ids.alipay_plus.as_str());
    Answer::json(Vendor::AlipayPlus, body)
}

/// A time with its offset, or the seconds that are left as text: wallets do either.
fn expiry(call: &Call<'_>, life: Duration) -> String {
    if call.settings.expiry_in_seconds {
        life.as_secs().to_string()
    } else {
        call.now.plus(life).china_iso_seconds()
    }
}

fn cancel(call: &Call<'_>) -> Result<Answer, &'static str> {
    check_caller(call)?;
    let token = cancelled_token(call.body)?;
    let seeded = call.directory.by_alipay_token(&token).is_some();
    match call.issued.show(call.vendor, Kind::Access, &token, call.now) {
        Standing::Live(_) => {}
        Standing::Unknown if seeded => {}
        Standing::Expired => return Err("EXPIRED_ACCESS_TOKEN"),
        Standing::Unknown | Standing::Revoked | Standing::Spent => return Err("INVALID_ACCESS_TOKEN"),
    }
    call.issued.revoke(&token);
    Ok(Answer::json(Vendor::AlipayPlus, Json::object([("result", result("SUCCESS"))])))
}
