//! Right requests for each vendor, and answers taken apart.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use jiff::{
    Timestamp,
    tz::{Offset, TimeZone},
};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::Value;
use userinfo_sandbox::{Person, Sandbox, Vendor, credentials};

/// The instant of the sandbox's clock, as the request vectors write it.
pub(crate) const TIME: &str = "2024-01-10T12:12:12.000+08:00";

/// A request without a body.
pub(crate) fn get(target: &str, headers: &[(&str, &str)]) -> Request<Bytes> {
    request("GET", target, headers, "")
}

/// Any request.
pub(crate) fn request(method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Request<Bytes> {
    let mut request = Request::builder().method(method).uri(target);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Bytes::from(body.to_owned())).unwrap()
}

/// The right request for a person.
pub(crate) fn ask(vendor: Vendor, person: &Person) -> Request<Bytes> {
    let mount = vendor.mount();
    match vendor {
        Vendor::Quectel => get(
            &format!("{mount}{}?uid={}", vendor.path(), person.ids.quectel),
            &[("authorization", credentials::QUECTEL_TOKEN)],
        ),
        Vendor::AnqiCms => get(
            &format!("{mount}{}?userId={}", vendor.path(), person.ids.anqicms),
            &[("token", &person.anqicms_token()), ("user-agent", "test")],
        ),
        Vendor::Tianyin => {
            let token = credentials::TIANYIN_ACCESS_TOKEN;
            let target =
                format!("{mount}{}?accessToken={token}&userId={}", vendor.path(), person.ids.tianyin);
            get(&target, &[("x-app-id", credentials::TIANYIN_APP_ID)])
        }
        Vendor::AlipayPlus => signed(&format!("{mount}{}", vendor.path()), &token_body(person)),
    }
}

/// The right request for the person of this key.
pub(crate) fn ask_for(sandbox: &Sandbox, vendor: Vendor, key: &str) -> Request<Bytes> {
    ask(vendor, sandbox.person(key).unwrap())
}

/// The same request that plays a fault.
pub(crate) fn with_fault(mut request: Request<Bytes>, fault: &str) -> Request<Bytes> {
    request.headers_mut().insert("sandbox-fault", fault.parse().unwrap());
    request
}

pub(crate) fn token_body(person: &Person) -> String {
    format!(r#"{{"accessToken":"{}"}}"#, person.alipay_access_token())
}

/// A request that the merchant signed.
pub(crate) fn signed(target: &str, body: &str) -> Request<Bytes> {
    let client_id = credentials::ALIPAY_CLIENT_ID;
    let signature = merchant_signature(&format!("POST {target}\n{client_id}.{TIME}.{body}"));
    let headers = [
        ("client-id", client_id),
        ("request-time", TIME),
        ("content-type", "application/json; charset=UTF-8"),
        ("signature", &signature),
    ];
    request("POST", target, &headers, body)
}

pub(crate) fn merchant_signature(content: &str) -> String {
    let key = RsaKeyPair::from_pkcs8(&unarmour(credentials::MERCHANT_PRIVATE_KEY_PEM)).unwrap();
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), content.as_bytes(), &mut signature).unwrap();
    let value = STANDARD.encode(signature);
    format!("algorithm=RSA256, keyVersion=1, signature={}", utf8_percent_encode(&value, NON_ALPHANUMERIC))
}

/// Whether the wallet's key signed this answer to this request.
pub(crate) fn wallet_signed(request: &Request<Bytes>, response: &Response<Bytes>, public_pem: &str) -> bool {
    let (Some(signature), Some(client_id), Some(time)) =
        (header(response, "signature"), header(response, "client-id"), header(response, "response-time"))
    else {
        return false;
    };
    let Some((_, value)) = signature.split_once("signature=") else { return false };
    let value = percent_decode_str(value).decode_utf8().unwrap();
    let mut content = format!("POST {}\n{client_id}.{time}.", request.uri()).into_bytes();
    content.extend_from_slice(response.body());
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, unarmour(public_pem))
        .verify(&content, &STANDARD.decode(value.as_bytes()).unwrap())
        .is_ok()
}

fn unarmour(pem: &str) -> Vec<u8> {
    STANDARD.decode(pem.lines().filter(|it| !it.starts_with('-')).collect::<String>()).unwrap()
}

pub(crate) fn header<'a>(response: &'a Response<Bytes>, name: &str) -> Option<&'a str> {
    text_of(response.headers(), name)
}

fn text_of<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|it| it.to_str().unwrap())
}

pub(crate) fn json(response: &Response<Bytes>) -> Value {
    serde_json::from_slice(response.body())
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(response.body())))
}

pub(crate) fn text(response: &Response<Bytes>) -> &str {
    std::str::from_utf8(response.body()).unwrap()
}

/// The record within a success.
pub(crate) fn record(vendor: Vendor, response: &Response<Bytes>) -> Value {
    json(response)[if vendor == Vendor::AlipayPlus { "userInfo" } else { "data" }].clone()
}

/// The names of every member, `[]` for each list: `"orgList[].orgId"`.
pub(crate) fn members(value: &Value) -> BTreeSet<String> {
    fn walk(value: &Value, at: &str, names: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    let name = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
                    walk(value, &name, names);
                    names.insert(name);
                }
            }
            Value::Array(items) => items.iter().for_each(|it| walk(it, &format!("{at}[]"), names)),
            _ => {}
        }
    }
    let mut names = BTreeSet::new();
    walk(value, "", &mut names);
    names
}

/// A clock that a test moves.
#[derive(Clone, Debug)]
pub(crate) struct Clock(Arc<AtomicU64>);

impl Clock {
    /// A sandbox whose clock stands at this many epoch milliseconds, and the clock.
    pub(crate) fn at(sandbox: Sandbox, millis: u64) -> (Sandbox, Self) {
        let clock = Self(Arc::new(AtomicU64::new(millis)));
        let hands = clock.clone();
        let time = move || SystemTime::UNIX_EPOCH + Duration::from_millis(hands.0.load(Ordering::Relaxed));
        (sandbox.with_clock(time), clock)
    }

    /// A sandbox whose clock stands at [`Sandbox::NOW`], and the clock.
    pub(crate) fn new() -> (Sandbox, Self) {
        Self::at(Sandbox::new(), NOW_MILLIS)
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.0.fetch_add(seconds * 1000, Ordering::Relaxed);
    }

    /// The time, as the request vectors write it.
    pub(crate) fn iso(&self) -> String {
        let millis = i64::try_from(self.0.load(Ordering::Relaxed)).unwrap();
        let zone = TimeZone::fixed(Offset::constant(8));
        let time = Timestamp::from_millisecond(millis).unwrap().to_zoned(zone);
        time.strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string()
    }
}

/// [`Sandbox::NOW`] in epoch milliseconds.
pub(crate) const NOW_MILLIS: u64 = 1_704_859_932_000;

/// One value, encoded for a query.
pub(crate) fn encoded(value: &str) -> String {
    utf8_percent_encode(value, NON_ALPHANUMERIC).to_string()
}

/// The claims of a JSON web token, unverified.
pub(crate) fn claims(token: &str) -> Value {
    let middle = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(middle).unwrap()).unwrap()
}
