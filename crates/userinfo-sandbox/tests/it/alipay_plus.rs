use std::collections::BTreeSet;

use bytes::Bytes;
use http::{Request, Response};
use serde_json::Value;
use userinfo_sandbox::{
    Sandbox, Vendor,
    credentials::{ALIPAY_CLIENT_ID, WALLET_PUBLIC_KEY_PEM},
};

use crate::asks::{
    TIME, ask_for, header, json, members, merchant_signature, record, request, signed, wallet_signed,
};

const TARGET: &str = "/alipay-plus/v2/users/inquiryUserInfo";
const BODY: &str = r#"{"accessToken":"281010033AB2F588D14B43238637264FCA5AAF35xxxx","authClientId":"202016726873874774774xxxx"}"#;

fn code(response: &Response<Bytes>) -> String {
    assert_eq!(response.status(), 200);
    json(response)["result"]["resultCode"].as_str().unwrap().to_owned()
}

fn answer(request: &Request<Bytes>) -> String {
    code(&Sandbox::new().handle(request))
}

/// A signed request with a header put, or taken away.
fn changed(name: &'static str, value: Option<&str>) -> Request<Bytes> {
    let mut request = signed(TARGET, BODY);
    request.headers_mut().remove(name);
    if let Some(value) = value {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    request
}

#[test]
fn everything_has_the_members_of_the_vendor_page_and_of_the_dictionary() {
    let page: Value =
        serde_json::from_str(include_str!("../../fixtures/vendor-page-alipay-plus-success.json")).unwrap();
    let sandbox = Sandbox::new();
    let sent = json(&sandbox.handle(&ask_for(&sandbox, Vendor::AlipayPlus, "everything")));
    let dictionary = [
        "userInfo.loginIdInfos[].hashLoginId",
        "userInfo.loginIdInfos[].maskLoginId",
        "userInfo.userAddresses",
        "userInfo.userAddresses[].address1",
        "userInfo.userAddresses[].city",
        "userInfo.userAddresses[].region",
        "userInfo.userAddresses[].state",
        "userInfo.userAddresses[].zipCode",
        "userInfo.userName.middleName",
    ];
    let expected = members(&page).into_iter().chain(dictionary.map(str::to_owned)).collect::<BTreeSet<_>>();
    assert_eq!(members(&sent), expected);
    assert_eq!(sent["userInfo"]["userId"], page["userInfo"]["userId"]);
}

#[test]
fn the_request_of_the_vendor_page_is_answered_and_the_answer_is_signed() {
    let request = signed("/v2/users/inquiryUserInfo", BODY);
    let response = Sandbox::new().handle(&request);
    assert_eq!(code(&response), "SUCCESS");
    assert!(wallet_signed(&request, &response, WALLET_PUBLIC_KEY_PEM));
    assert_eq!(header(&response, "client-id"), Some(ALIPAY_CLIENT_ID));
    assert_eq!(header(&response, "response-time"), Some(TIME));
    assert!(
        header(&response, "signature").unwrap().starts_with("algorithm=RSA256, keyVersion=1, signature=")
    );
    assert_eq!(header(&response, "trace-id").map(str::len), Some(32));
}

#[test]
fn every_request_vector_passes_where_its_path_is_known() {
    let vectors: Value =
        serde_json::from_str(include_str!("../../fixtures/alipay-plus-vectors.json")).unwrap();
    let mut passed = 0;
    for vector in vectors["requests"].as_array().unwrap() {
        let text = |name: &str| vector[name].as_str().unwrap();
        for header in vector["signature_header"].as_object().unwrap().values() {
            let headers = [
                ("client-id", text("client_id")),
                ("request-time", text("request_time")),
                ("content-type", "application/json; charset=UTF-8"),
                ("signature", header.as_str().unwrap()),
            ];
            let response = Sandbox::new().handle(&request("POST", text("uri"), &headers, text("body")));
            if text("name") == "request-path-prefix" {
                assert_eq!(response.status(), 404, "only the mounts are prefixes here");
                continue;
            }
            assert_eq!(code(&response), "SUCCESS", "{}", text("name"));
            passed += 1;
        }
    }
    assert_eq!(passed, 27);
}

#[test]
fn no_request_vector_that_must_fail_passes() {
    let vectors: Value =
        serde_json::from_str(include_str!("../../fixtures/alipay-plus-vectors.json")).unwrap();
    for vector in vectors["must_fail"].as_array().unwrap() {
        let text = |name: &str| vector[name].as_str().unwrap();
        let signature = format!("algorithm=RSA256, keyVersion=1, signature={}", text("signature"));
        let headers = [
            ("client-id", text("client_id")),
            ("request-time", text("time")),
            ("content-type", "application/json; charset=UTF-8"),
            ("signature", &signature),
        ];
        let response = Sandbox::new().handle(&request(text("method"), text("uri"), &headers, text("body")));
        // A prefix that is no mount is refused before any key is asked; and one vector is the merchant's own
        // signature, which fails with the wallet's key alone.
        if response.status() == 404 || text("name") == "request-plain-other-key" {
            continue;
        }
        let accepted = json(&response)["result"]["resultStatus"] == "S";
        assert!(!accepted, "{}: {}", text("name"), text("why"));
    }
}

#[test]
fn the_mount_is_part_of_the_signed_uri() {
    let mut request = signed("/v2/users/inquiryUserInfo", BODY);
    *request.uri_mut() = TARGET.parse().unwrap();
    assert_eq!(answer(&request), "INVALID_SIGNATURE");
    assert_eq!(answer(&signed(TARGET, BODY)), "SUCCESS");
    assert_eq!(answer(&signed(&format!("{TARGET}?lang=en&x=a%20b"), BODY)), "SUCCESS");
}

#[test]
fn a_bad_signature_is_refused_by_an_unsigned_answer() {
    let other = merchant_signature("another content");
    for value in [None, Some("garbage"), Some("algorithm=ECC224, signature=AAAA"), Some(other.as_str())] {
        let response = Sandbox::new().handle(&changed("signature", value));
        assert_eq!(code(&response), "INVALID_SIGNATURE", "{value:?}");
        assert_eq!(header(&response, "signature"), None);
    }
    let newer = header_of(&signed(TARGET, BODY)).replace("keyVersion=1", "keyVersion=7");
    let response = Sandbox::new().handle(&changed("signature", Some(&newer)));
    assert_eq!(code(&response), "KEY_NOT_FOUND");
    assert_eq!(header(&response, "signature"), None);
}

fn header_of(request: &Request<Bytes>) -> String {
    request.headers()["signature"].to_str().unwrap().to_owned()
}

#[test]
fn the_other_headers_are_checked_too() {
    assert_eq!(answer(&changed("client-id", None)), "PARAM_ILLEGAL");
    assert_eq!(answer(&changed("client-id", Some("TEST_5X00000000000001"))), "INVALID_CLIENT");
    assert_eq!(answer(&changed("request-time", None)), "PARAM_ILLEGAL");
    assert_eq!(answer(&changed("request-time", Some("yesterday"))), "PARAM_ILLEGAL");
    assert_eq!(answer(&changed("request-time", Some("2024-01-10T12:17:12.001+08:00"))), "TIMESTAMP_INVALID");
    assert_eq!(answer(&changed("request-time", Some("2024-01-10T12:07:11.999+08:00"))), "TIMESTAMP_INVALID");
    assert_eq!(answer(&changed("content-type", None)), "MEDIA_TYPE_NOT_ACCEPTABLE");
    assert_eq!(answer(&changed("content-type", Some("text/plain"))), "MEDIA_TYPE_NOT_ACCEPTABLE");
    assert_eq!(
        answer(&changed("content-type", Some("application/json; charset=gbk"))),
        "MEDIA_TYPE_NOT_ACCEPTABLE"
    );
    assert_eq!(answer(&changed("agent-token", Some("expired-1"))), "EXPIRED_AGENT_TOKEN");
    assert_eq!(answer(&changed("agent-token", Some("invalid-1"))), "INVALID_AGENT_TOKEN");
    assert_eq!(answer(&changed("agent-token", Some("agent-1"))), "SUCCESS");
}

#[test]
fn the_clock_may_be_five_minutes_off() {
    for time in ["2024-01-10T12:17:12.000+08:00", "2024-01-10T12:07:12.000+08:00"] {
        let mut request = changed("request-time", Some(time));
        let content = format!("POST {TARGET}\n{ALIPAY_CLIENT_ID}.{time}.{BODY}");
        request.headers_mut().insert("signature", merchant_signature(&content).parse().unwrap());
        assert_eq!(answer(&request), "SUCCESS");
    }
}

#[test]
fn tokens_and_bodies_are_checked_after_the_signature() {
    let with = |body: &str| answer(&signed(TARGET, body));
    assert_eq!(with(r#"{"accessToken":"nobody"}"#), "INVALID_ACCESS_TOKEN");
    assert_eq!(with(r#"{"accessToken":"expired-1"}"#), "EXPIRED_ACCESS_TOKEN");
    assert_eq!(with(r#"{"accessToken":"a","authClientId":"b"}"#), "INVALID_AUTH_CLIENT");
    assert_eq!(with("{}"), "PARAM_ILLEGAL");
    let refused = Sandbox::new().handle(&signed(TARGET, "{}"));
    assert!(wallet_signed(&signed(TARGET, "{}"), &refused, WALLET_PUBLIC_KEY_PEM));
}

#[test]
fn wrong_paths_and_verbs_have_their_codes() {
    assert_eq!(answer(&signed("/alipay-plus/v2/users/inquiryUserInfo/", BODY)), "INVALID_API");
    assert_eq!(answer(&signed("/alipay-plus", BODY)), "INVALID_API");
    assert_eq!(answer(&request("GET", TARGET, &[], "")), "METHOD_NOT_SUPPORTED");
}

#[test]
fn each_person_has_a_token() {
    let sandbox = Sandbox::new();
    for person in sandbox.people() {
        let data =
            record(Vendor::AlipayPlus, &sandbox.handle(&ask_for(&sandbox, Vendor::AlipayPlus, &person.key)));
        assert_eq!(data["userId"], person.ids.alipay_plus.as_str());
    }
    let data =
        |key: &str| record(Vendor::AlipayPlus, &sandbox.handle(&ask_for(&sandbox, Vendor::AlipayPlus, key)));
    assert_eq!(data("disabled")["status"], "FROZEN");
    assert_eq!(data("disabled")["loginIdInfos"], Value::Null);
    assert_eq!(data("masked")["contactInfos"][0]["contactNo"], "138****0000");
    assert_eq!(data("masked")["loginIdInfos"][1]["maskLoginId"], "a***@example.com");
}
