use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};
use userinfo_sandbox::{
    Sandbox,
    credentials::{ALIPAY_AUTH_CLIENT_ID, WALLET_PUBLIC_KEY_PEM},
};

use crate::asks::{
    Clock, TIME, header, json, merchant_signature, request, signed, wallet_signed, with_fault,
};

const V2: &str = "/alipay-plus/v2/authorizations/applyToken";
const V1: &str = "/alipay-plus/v1/authorizations/applyToken";
const CANCEL: &str = "/alipay-plus/v1/authorizations/cancelToken";
const INQUIRY: &str = "/alipay-plus/v2/users/inquiryUserInfo";
const DAY: u64 = 24 * 60 * 60;

fn code(response: &Response<Bytes>) -> String {
    assert_eq!(response.status(), 200);
    json(response)["result"]["resultCode"].as_str().unwrap().to_owned()
}

fn post(sandbox: &Sandbox, target: &str, body: &Value) -> Response<Bytes> {
    sandbox.handle(&signed(target, &body.to_string()))
}

fn by_code(code: &str) -> Value {
    json!({"grantType": "AUTHORIZATION_CODE", "authCode": code})
}

fn by_refresh(token: &str) -> Value {
    json!({"grantType": "REFRESH_TOKEN", "refreshToken": token})
}

/// A new pair of tokens for the person of the vendor page.
fn pair(sandbox: &Sandbox) -> (String, String) {
    let body = json(&post(sandbox, V2, &by_code(&sandbox.auth_code("everything"))));
    let text = |name: &str| body[name].as_str().unwrap().to_owned();
    (text("accessToken"), text("refreshToken"))
}

fn look_up(sandbox: &Sandbox, token: &str) -> String {
    code(&post(sandbox, INQUIRY, &json!({"accessToken": token})))
}

/// A signed request, for a sandbox whose clock moved by this much.
fn later(clock: &Clock, target: &str, body: &Value) -> Request<Bytes> {
    let (time, body) = (clock.iso(), body.to_string());
    let client_id = userinfo_sandbox::credentials::ALIPAY_CLIENT_ID;
    let signature = merchant_signature(&format!("POST {target}\n{client_id}.{time}.{body}"));
    let headers = [
        ("client-id", client_id),
        ("request-time", &time),
        ("content-type", "application/json; charset=UTF-8"),
        ("signature", &signature),
    ];
    request("POST", target, &headers, &body)
}

#[test]
fn a_code_is_given_for_a_pair_of_tokens_and_the_answer_is_signed() {
    let sandbox = Sandbox::new();
    let body = json!({
        "appId": "3333010071465913xxx", "authClientId": ALIPAY_AUTH_CLIENT_ID, "grantType": "AUTHORIZATION_CODE",
        "customerBelongsTo": "GCASH", "authCode": sandbox.auth_code("everything"), "extendInfo": "{}",
    });
    let request = signed(V2, &body.to_string());
    let response = sandbox.handle(&request);
    assert!(wallet_signed(&request, &response, WALLET_PUBLIC_KEY_PEM));
    let body = json(&response);
    let expected = json!({
        "result": {"resultCode": "SUCCESS", "resultStatus": "S", "resultMessage": "success"},
        "accessToken": body["accessToken"], "accessTokenExpiryTime": "2024-01-10T13:12:12+08:00",
        "refreshToken": body["refreshToken"], "refreshTokenExpiryTime": "2024-02-09T12:12:12+08:00",
        "customerId": "1000001119398804xxxx",
    });
    assert_eq!(body, expected);
    let token = body["accessToken"].as_str().unwrap();
    let found = json(&post(&sandbox, INQUIRY, &json!({"accessToken": token})));
    assert_eq!(found["userInfo"]["userId"], "1000001119398804xxxx");
    assert_ne!(body["accessToken"], body["refreshToken"]);
}

#[test]
fn the_older_version_names_the_client_otherwise() {
    let sandbox = Sandbox::new();
    let mut body = by_code(&sandbox.auth_code("minimal"));
    assert!(body["authCode"].as_str().unwrap().len() <= 32);
    body["referenceClientId"] = "somebody".into();
    assert_eq!(code(&post(&sandbox, V1, &body)), "REFERENCE_CLIENT_ID_NOT_MATCH");
    assert_eq!(code(&post(&sandbox, V2, &body)), "PARAM_ILLEGAL");
    body["referenceClientId"] = ALIPAY_AUTH_CLIENT_ID.into();
    let answer = json(&post(&sandbox, V1, &body));
    assert_eq!(answer["customerId"], "1000001119398800001");
    let mut body = by_code(&sandbox.auth_code("minimal"));
    body["authClientId"] = "somebody".into();
    assert_eq!(code(&post(&sandbox, V1, &body)), "PARAM_ILLEGAL");
    assert_eq!(code(&post(&sandbox, V2, &body)), "INVALID_AUTH_CLIENT");
    body["authClientId"] = ALIPAY_AUTH_CLIENT_ID.into();
    assert_eq!(code(&post(&sandbox, V2, &body)), "SUCCESS");
}

#[test]
fn a_code_is_good_once_and_for_ten_minutes() {
    for (target, [invalid, expired, used]) in [
        (V2, ["INVALID_AUTHCODE", "EXPIRED_AUTHCODE", "USED_AUTHCODE"]),
        (V1, ["INVALID_CODE", "EXPIRED_CODE", "USED_CODE"]),
    ] {
        let (sandbox, clock) = Clock::new();
        assert_eq!(code(&post(&sandbox, target, &by_code("nothing"))), invalid);
        let (one, other) = (sandbox.auth_code("everything"), sandbox.auth_code("everything"));
        assert_ne!(one, other);
        assert_eq!(code(&post(&sandbox, target, &by_code(&one))), "SUCCESS");
        assert_eq!(code(&post(&sandbox, target, &by_code(&one))), used);
        let last = sandbox.auth_code("everything");
        clock.advance(599);
        assert_eq!(code(&sandbox.handle(&later(&clock, target, &by_code(&last)))), "SUCCESS");
        clock.advance(1);
        assert_eq!(code(&sandbox.handle(&later(&clock, target, &by_code(&other)))), expired);
    }
}

#[test]
fn a_refused_request_does_not_use_up_the_code() {
    let sandbox = Sandbox::new();
    let mut body = by_code(&sandbox.auth_code("everything"));
    body["authClientId"] = "somebody".into();
    assert_eq!(code(&post(&sandbox, V2, &body)), "INVALID_AUTH_CLIENT");
    body["authClientId"] = ALIPAY_AUTH_CLIENT_ID.into();
    let played = with_fault(signed(V2, &body.to_string()), "unavailable");
    assert_eq!(code(&sandbox.handle(&played)), "UNKNOWN_EXCEPTION");
    assert_eq!(code(&post(&sandbox, V2, &body)), "SUCCESS");
}

#[test]
fn a_refresh_token_is_good_once_and_gives_a_new_pair() {
    let sandbox = Sandbox::new();
    let (access, refresh) = pair(&sandbox);
    let body = json(&post(&sandbox, V2, &by_refresh(&refresh)));
    let (next, rotated) = (body["accessToken"].as_str().unwrap(), body["refreshToken"].as_str().unwrap());
    assert_eq!(body["customerId"], "1000001119398804xxxx");
    assert_ne!((next, rotated), (access.as_str(), refresh.as_str()));
    assert_eq!((look_up(&sandbox, next), look_up(&sandbox, &access)), ("SUCCESS".into(), "SUCCESS".into()));
    assert_eq!(code(&post(&sandbox, V2, &by_refresh(&refresh))), "USED_REFRESH_TOKEN");
    assert_eq!(code(&post(&sandbox, V1, &by_refresh(rotated))), "SUCCESS");
    assert_eq!(code(&post(&sandbox, V1, &by_refresh(rotated))), "USED_REFRESH_TOKEN");
    assert_eq!(code(&post(&sandbox, V2, &by_refresh("nothing"))), "INVALID_REFRESH_TOKEN");
}

#[test]
fn each_value_serves_its_own_purpose_alone() {
    let sandbox = Sandbox::new();
    let (access, refresh) = pair(&sandbox);
    assert_eq!(look_up(&sandbox, &refresh), "INVALID_ACCESS_TOKEN");
    assert_eq!(code(&post(&sandbox, V2, &by_refresh(&access))), "INVALID_REFRESH_TOKEN");
    assert_eq!(code(&post(&sandbox, V2, &by_code(&access))), "INVALID_AUTHCODE");
    assert_eq!(look_up(&sandbox, &sandbox.auth_code("everything")), "INVALID_ACCESS_TOKEN");
}

#[test]
fn tokens_expire() {
    let (sandbox, clock) = Clock::new();
    let (access, refresh) = pair(&sandbox);
    let (_, other) = pair(&sandbox);
    let inquiry = json!({"accessToken": access});
    clock.advance(3599);
    assert_eq!(code(&sandbox.handle(&later(&clock, INQUIRY, &inquiry))), "SUCCESS");
    clock.advance(1);
    assert_eq!(code(&sandbox.handle(&later(&clock, INQUIRY, &inquiry))), "EXPIRED_ACCESS_TOKEN");
    assert_eq!(code(&sandbox.handle(&later(&clock, CANCEL, &inquiry))), "EXPIRED_ACCESS_TOKEN");
    clock.advance(30 * DAY - 3601);
    assert_eq!(code(&sandbox.handle(&later(&clock, V2, &by_refresh(&refresh)))), "SUCCESS");
    clock.advance(1);
    assert_eq!(code(&sandbox.handle(&later(&clock, V2, &by_refresh(&other)))), "EXPIRED_REFRESH_TOKEN");
}

#[test]
fn a_lifetime_can_be_set_and_told_in_seconds() {
    let (sandbox, clock) = Clock::new();
    let sandbox = sandbox.with_lifetime(Duration::from_secs(3581)).with_expiry_in_seconds();
    let body = json(&post(&sandbox, V2, &by_code(&sandbox.auth_code("everything"))));
    assert_eq!(
        (&body["accessTokenExpiryTime"], &body["refreshTokenExpiryTime"]),
        (&json!("3581"), &json!("2592000"))
    );
    clock.advance(3581);
    let inquiry = json!({"accessToken": body["accessToken"]});
    assert_eq!(code(&sandbox.handle(&later(&clock, INQUIRY, &inquiry))), "EXPIRED_ACCESS_TOKEN");
}

#[test]
fn a_cancelled_token_is_dead_and_so_is_its_refresh_token() {
    let sandbox = Sandbox::new();
    let ((access, refresh), (other, _)) = (pair(&sandbox), pair(&sandbox));
    let request = signed(CANCEL, &json!({"accessToken": access}).to_string());
    let response = sandbox.handle(&request);
    assert_eq!(
        json(&response),
        json!({"result": {"resultCode": "SUCCESS", "resultStatus": "S", "resultMessage": "success"}})
    );
    assert!(wallet_signed(&request, &response, WALLET_PUBLIC_KEY_PEM));
    assert_eq!(look_up(&sandbox, &access), "INVALID_ACCESS_TOKEN");
    assert_eq!(code(&post(&sandbox, V2, &by_refresh(&refresh))), "INVALID_REFRESH_TOKEN");
    assert_eq!(look_up(&sandbox, &other), "SUCCESS");
    assert_eq!(code(&sandbox.handle(&request)), "INVALID_ACCESS_TOKEN");
}

#[test]
fn a_persons_own_token_can_be_cancelled_too() {
    let sandbox = Sandbox::new();
    let token = sandbox.person("minimal").unwrap().alipay_access_token();
    assert_eq!(look_up(&sandbox, &token), "SUCCESS");
    assert_eq!(code(&post(&sandbox, CANCEL, &json!({"accessToken": token}))), "SUCCESS");
    assert_eq!(look_up(&sandbox, &token), "INVALID_ACCESS_TOKEN");
    assert_eq!(code(&post(&sandbox, CANCEL, &json!({"accessToken": "nothing"}))), "INVALID_ACCESS_TOKEN");
    let other = json!({"accessToken": "nothing", "referenceClientId": "somebody"});
    assert_eq!(code(&post(&sandbox, CANCEL, &other)), "REFERENCE_CLIENT_ID_NOT_MATCH");
}

#[test]
fn tokens_can_be_revoked_with_or_without_their_refresh_tokens() {
    let sandbox = Sandbox::new();
    let (access, refresh) = pair(&sandbox);
    sandbox.revoke_access();
    assert_eq!(look_up(&sandbox, &access), "INVALID_ACCESS_TOKEN");
    let body = json(&post(&sandbox, V2, &by_refresh(&refresh)));
    let (access, refresh) = (body["accessToken"].as_str().unwrap(), body["refreshToken"].as_str().unwrap());
    assert_eq!(look_up(&sandbox, access), "SUCCESS");
    sandbox.revoke_issued();
    assert_eq!(look_up(&sandbox, access), "INVALID_ACCESS_TOKEN");
    assert_eq!(code(&post(&sandbox, V2, &by_refresh(refresh))), "INVALID_REFRESH_TOKEN");
}

#[test]
fn bodies_that_are_not_legal_are_refused() {
    let sandbox = Sandbox::new();
    let code_of = |it: &str| code(&sandbox.handle(&signed(V2, it)));
    for body in [
        "",
        "{}",
        r#"{"grantType":"AUTHORIZATION_CODE"}"#,
        r#"{"grantType":"AUTHORIZATION_CODE","authCode":""}"#,
        r#"{"grantType":"AUTHORIZATION_CODE","refreshToken":"a"}"#,
        r#"{"grantType":"REFRESH_TOKEN"}"#,
        r#"{"grantType":"REFRESH_TOKEN","authCode":"a"}"#,
        r#"{"grantType":null,"authCode":"a"}"#,
        r#"{"grantType":"AUTHORIZATION_CODE","authCode":"a","authCode":"a"}"#,
        r#"{"grantType":"AUTHORIZATION_CODE","authCode":"a","refreshToken":""}"#,
        r#"{"grantType":"AUTHORIZATION_CODE","authCode":"a","appId":"123456789012345678901234567890123"}"#,
        r#"{"grantType":"AUTHORIZATION_CODE","authCode":"a","extendInfo":[]}"#,
    ] {
        assert_eq!(code_of(body), "PARAM_ILLEGAL", "{body}");
    }
    for grant_type in ["PASSWORD", "authorization_code", "CLIENT_CREDENTIALS"] {
        let body = json!({"grantType": grant_type, "authCode": "a", "refreshToken": "a"});
        assert_eq!(code_of(&body.to_string()), "AUTH_CLIENT_UNSUPPORTED_GRANT_TYPE");
    }
    assert_eq!(code(&sandbox.handle(&signed(CANCEL, "{}"))), "PARAM_ILLEGAL");
}

#[test]
fn both_calls_are_guarded_like_the_look_up() {
    let sandbox = Sandbox::new();
    for target in [V2, V1, CANCEL] {
        let body = by_code(&sandbox.auth_code("everything")).to_string();
        let mut tampered = signed(target, &body);
        *tampered.body_mut() = Bytes::from(body.replace('A', "B"));
        let response = sandbox.handle(&tampered);
        assert_eq!(code(&response), "INVALID_SIGNATURE", "{target}");
        assert_eq!(header(&response, "signature"), None);
        let mut unsigned = signed(target, &body);
        unsigned.headers_mut().remove("signature");
        assert_eq!(code(&sandbox.handle(&unsigned)), "INVALID_SIGNATURE", "{target}");
        let mut text = signed(target, &body);
        text.headers_mut().insert("content-type", "text/plain".parse().unwrap());
        assert_eq!(code(&sandbox.handle(&text)), "MEDIA_TYPE_NOT_ACCEPTABLE", "{target}");
        assert_eq!(code(&sandbox.handle(&request("GET", target, &[], ""))), "METHOD_NOT_SUPPORTED");
        assert_eq!(code(&sandbox.handle(&signed(&format!("{target}/"), &body))), "INVALID_API");
        assert_eq!(TIME, Clock::new().1.iso());
    }
    assert_eq!(
        code(&post(&sandbox, "/alipay-plus/v2/authorizations/cancelToken", &json!({}))),
        "INVALID_API"
    );
}

#[test]
fn a_played_refusal_is_a_result() {
    let sandbox = Sandbox::new();
    let play = |target: &str, fault: &str| sandbox.handle(&with_fault(signed(target, "{}"), fault));
    for (fault, apply, cancel) in [
        ("dead-token", "EXPIRED_REFRESH_TOKEN", "EXPIRED_ACCESS_TOKEN"),
        ("rate-limited", "REQUEST_TRAFFIC_EXCEED_LIMIT", "REQUEST_TRAFFIC_EXCEED_LIMIT"),
        ("unavailable", "UNKNOWN_EXCEPTION", "UNKNOWN_EXCEPTION"),
        ("permission-denied", "ACCESS_DENIED", "ACCESS_DENIED"),
        ("echo-secret", "PROCESS_FAIL", "PROCESS_FAIL"),
        (
            r#"{"fault":"vendor-code","code":"USED_REFRESH_TOKEN"}"#,
            "USED_REFRESH_TOKEN",
            "USED_REFRESH_TOKEN",
        ),
    ] {
        assert_eq!(
            (code(&play(V2, fault)), code(&play(CANCEL, fault))),
            (apply.into(), cancel.into()),
            "{fault}"
        );
    }
    assert_eq!(play(V2, "locked-out").status(), 423);
    assert_eq!(play(V2, "not-found").status(), 404);
}
