use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};
use userinfo_sandbox::{
    Sandbox,
    credentials::{TIANYIN_ACCESS_TOKEN, TIANYIN_APP_ID, TIANYIN_CLIENT_ID, TIANYIN_CLIENT_SECRET},
};

use crate::asks::{Clock, NOW_MILLIS, get, header, json, request, text};

const TOKEN: &str = "/tianyin-cas/oauth2.0/accessToken";
const HOUR: u64 = 60 * 60;

fn target() -> String {
    format!(
        "{TOKEN}?grant_type=client_credentials&client_id={TIANYIN_CLIENT_ID}&client_secret={TIANYIN_CLIENT_SECRET}"
    )
}

fn right() -> Request<Bytes> {
    request("POST", &target(), &[], "")
}

fn token(sandbox: &Sandbox) -> String {
    json(&sandbox.handle(&right()))["access_token"].as_str().unwrap().to_owned()
}

fn look_up(sandbox: &Sandbox, token: &str) -> Value {
    let target = format!("/tianyin/user/info?accessToken={token}&userId=1");
    json(&sandbox.handle(&get(&target, &[("x-app-id", TIANYIN_APP_ID)])))["code"].clone()
}

fn refusal(request: &Request<Bytes>) -> (u16, Response<Bytes>) {
    let response = Sandbox::new().handle(request);
    (response.status().as_u16(), response)
}

/// The right query with one value changed.
fn query(from: &str, to: &str) -> Request<Bytes> {
    let changed = target().replace(from, to);
    assert_ne!(changed, target());
    request("POST", &changed, &[], "")
}

#[test]
fn a_token_comes_as_raw_oauth() {
    let response = Sandbox::new().handle(&right());
    assert_eq!(response.status(), 200);
    assert_eq!(header(&response, "content-type"), Some("application/json"));
    let body = json(&response);
    let token = body["access_token"].as_str().unwrap();
    assert_eq!(body, json!({"access_token": token, "token_type": "bearer", "expires_in": 28800}));
    let [at, number, rest] = token.splitn(3, '-').collect::<Vec<_>>()[..] else { panic!("{token}") };
    assert_eq!((at, number), ("AT", "1"));
    assert_eq!(rest.len(), 32);
    assert!(rest.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_".contains(&it)), "{rest}");
}

#[test]
fn get_is_answered_as_in_the_vendors_samples() {
    assert_eq!(Sandbox::new().handle(&get(&target(), &[])).status(), 200);
    let (status, response) = refusal(&request("PUT", &target(), &[], ""));
    assert_eq!((status, json(&response)["error"].clone()), (405, json!("Method Not Allowed")));
}

#[test]
fn a_wrong_secret_is_refused_in_springs_body() {
    let (status, response) = refusal(&query(TIANYIN_CLIENT_SECRET, "wrong"));
    assert_eq!(status, 401);
    let body = format!(
        r#"{{"timestamp":{NOW_MILLIS},"status":401,"error":"Unauthorized","message":"No message available","path":"/oauth2.0/accessToken"}}"#
    );
    assert_eq!(text(&response), body);
    for (from, to) in [
        (TIANYIN_CLIENT_ID, "somebody&x="),
        (TIANYIN_CLIENT_SECRET, ""),
        ("&client_secret=", "&other="),
        ("&client_id=", "&other="),
    ] {
        assert_eq!(refusal(&query(from, to)).0, 401, "{to}");
    }
}

#[test]
fn a_wrong_grant_type_is_refused_in_oauths_body() {
    for (from, to) in
        [("client_credentials", "password"), ("client_credentials", ""), ("grant_type=", "other=")]
    {
        let (status, response) = refusal(&query(from, to));
        assert_eq!((status, text(&response)), (400, r#"{"error":"unsupported_grant_type"}"#), "{to}");
    }
    let (status, response) = refusal(&query("client_id=", "client_id=x&client_id="));
    assert_eq!((status, text(&response)), (400, r#"{"error":"invalid_request"}"#));
}

#[test]
fn everything_is_in_the_query_and_the_body_is_empty() {
    let (status, response) = refusal(&request("POST", &target(), &[], "grant_type=client_credentials"));
    assert_eq!((status, json(&response)["error"].clone()), (400, json!("Bad Request")));
    assert_eq!(refusal(&query("client_id=", "x=%zz&client_id=")).0, 400);
}

#[test]
fn the_token_server_is_no_part_of_the_api() {
    let (status, response) =
        refusal(&request("POST", &target().replace("/tianyin-cas", "/tianyin"), &[], ""));
    assert_eq!((status, json(&response)["code"].clone()), (404, json!(404)));
    let (status, response) = refusal(&get("/tianyin-cas/user/info?userId=1", &[]));
    assert_eq!((status, json(&response)["path"].clone()), (404, json!("/user/info")));
}

#[test]
fn a_token_dies_after_two_idle_hours() {
    let (sandbox, clock) = Clock::new();
    let (used, idle) = (token(&sandbox), token(&sandbox));
    clock.advance(2 * HOUR - 1);
    assert_eq!(look_up(&sandbox, &used), 200);
    clock.advance(1);
    assert_eq!(look_up(&sandbox, &idle), 10023);
    assert_eq!(look_up(&sandbox, &used), 200);
    clock.advance(2 * HOUR);
    assert_eq!(look_up(&sandbox, &used), 10023);
    assert_eq!(look_up(&sandbox, &used), 10023);
}

#[test]
fn a_token_in_use_dies_after_eight_hours() {
    let (sandbox, clock) = Clock::new();
    let token = token(&sandbox);
    for _ in 0..7 {
        clock.advance(HOUR);
        assert_eq!(look_up(&sandbox, &token), 200);
    }
    clock.advance(HOUR - 1);
    assert_eq!(look_up(&sandbox, &token), 200);
    clock.advance(1);
    assert_eq!(look_up(&sandbox, &token), 10023);
}

#[test]
fn a_revoked_token_is_10024() {
    let sandbox = Sandbox::new();
    let first = token(&sandbox);
    sandbox.revoke_issued();
    assert_eq!(look_up(&sandbox, &first), 10024);
    assert_eq!(look_up(&sandbox, &token(&sandbox)), 200);
    assert_eq!(look_up(&sandbox, TIANYIN_ACCESS_TOKEN), 200);
    sandbox.revoke(TIANYIN_ACCESS_TOKEN);
    assert_eq!(look_up(&sandbox, TIANYIN_ACCESS_TOKEN), 10024);
}

#[test]
fn a_lifetime_can_be_set() {
    let (sandbox, clock) = Clock::new();
    let sandbox = sandbox.with_lifetime(std::time::Duration::from_secs(60));
    assert_eq!(json(&sandbox.handle(&right()))["expires_in"], 60);
    let token = token(&sandbox);
    clock.advance(60);
    assert_eq!(look_up(&sandbox, &token), 10023);
}
