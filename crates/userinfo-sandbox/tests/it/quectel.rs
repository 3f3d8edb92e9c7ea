use http::Request;
use serde_json::{Value, json};
use userinfo_sandbox::{Sandbox, Vendor, credentials::QUECTEL_TOKEN};

use crate::asks::{ask_for, get, json, members, record, request, text};

const TARGET: &str = "/quectel/v2/enduser/enterpriseapi/userInfo";

fn code(request: &Request<bytes::Bytes>) -> Value {
    let response = Sandbox::new().handle(request);
    let status = if json(&response)["code"] == 404 { 404 } else { 200 };
    assert_eq!(response.status(), status);
    json(&response)["code"].clone()
}

#[test]
fn everything_has_the_members_of_the_vendor_page() {
    let page: Value =
        serde_json::from_str(include_str!("../../fixtures/vendor-page-quectel-success.json")).unwrap();
    let sandbox = Sandbox::new();
    let response = sandbox.handle(&ask_for(&sandbox, Vendor::Quectel, "everything"));
    let sent = json(&response);
    assert_eq!(members(&sent), members(&page));
    assert_eq!(sent["data"].as_object().unwrap().len(), 29);
    assert_eq!(sent["code"], 200);
    assert_eq!(sent["extMsg"], Value::Null);
    let unset: Vec<_> =
        sent["data"].as_object().unwrap().iter().filter(|(_, it)| it.is_null() || *it == "").collect();
    assert!(unset.is_empty(), "{unset:?}");
}

#[test]
fn times_come_in_milliseconds_and_as_text_in_utc_plus_8() {
    let sandbox = Sandbox::new();
    let data = record(Vendor::Quectel, &sandbox.handle(&ask_for(&sandbox, Vendor::Quectel, "chinese")));
    assert_eq!(data["registerTime"], "2025-04-16 13:16:20");
    assert_eq!(data["registerTimeTs"], 1_744_780_580_000_i64);
    assert_eq!(data["lastLoginTime"], "2025-04-16 13:19:41");
    assert_eq!(data["lastLoginTimeTs"], 1_744_780_781_133_i64);
}

#[test]
fn what_is_unset_is_missing_or_null_or_empty() {
    let sandbox = Sandbox::new();
    let data = |key: &str| record(Vendor::Quectel, &sandbox.handle(&ask_for(&sandbox, Vendor::Quectel, key)));
    assert_eq!(data("minimal"), json!({"uid": "C1"}));
    assert_eq!(data("chinese")["qqUserId"], Value::Null);
    assert_eq!(data("masked")["qqUserId"], "");
    assert_eq!(data("masked")["lastLoginTimeTs"], 0);
    assert_eq!(data("masked")["phone"], "138****0000");
    assert_eq!(data("disabled")["status"], 0);
    assert_eq!(data("disabled")["lastLoginTime"], Value::Null);
}

#[test]
fn a_token_that_is_missing_or_empty_is_5106() {
    assert_eq!(code(&get(&format!("{TARGET}?uid=C1"), &[])), 5106);
    assert_eq!(code(&get(&format!("{TARGET}?uid=C1"), &[("authorization", "")])), 5106);
}

#[test]
fn a_token_that_is_not_verbatim_is_5032_without_data() {
    let bearer = format!("Bearer {QUECTEL_TOKEN}");
    let bare = QUECTEL_TOKEN.strip_prefix("QJWT ").unwrap();
    for token in ["QJWT x", "expired-token", bearer.as_str(), bare] {
        let response = Sandbox::new().handle(&get(&format!("{TARGET}?uid=C1"), &[("authorization", token)]));
        assert_eq!(text(&response), r#"{"code":5032,"msg":"token 验证失败"}"#, "{token}");
    }
    let twice = [("authorization", QUECTEL_TOKEN), ("authorization", QUECTEL_TOKEN)];
    assert_eq!(code(&get(&format!("{TARGET}?uid=C1"), &twice)), 5032);
}

#[test]
fn a_uid_that_cannot_be_looked_up_is_refused() {
    let with = |query: &str| code(&get(&format!("{TARGET}{query}"), &[("authorization", QUECTEL_TOKEN)]));
    assert_eq!(with(""), 5065);
    assert_eq!(with("?uid="), 5065);
    assert_eq!(with("?uid=C1&uid=C1"), 50005);
    assert_eq!(with("?uid=%zz"), 50005);
    assert_eq!(with("?uid=nobody"), 5033);
    assert_eq!(with("?uid=c1"), 5033);
    assert_eq!(with("?uid=%431"), 200);
}

#[test]
fn wrong_paths_verbs_and_bodies_are_refused() {
    let auth = [("authorization", QUECTEL_TOKEN)];
    for path in [
        "/quectel",
        "/quectel/",
        "/quectel/v2/enduser/enterpriseapi/userInfo/",
        "/quectel/v2/enduser/enterpriseapi/userinfo",
    ] {
        assert_eq!(code(&get(&format!("{path}?uid=C1"), &auth)), 404, "{path}");
    }
    for verb in ["POST", "HEAD", "PUT"] {
        assert_eq!(code(&request(verb, &format!("{TARGET}?uid=C1"), &auth, "")), 404, "{verb}");
    }
    assert_eq!(code(&request("GET", &format!("{TARGET}?uid=C1"), &auth, "uid=C1")), 50005);
}
