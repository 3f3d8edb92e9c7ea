use std::fmt::Write as _;

use aws_lc_rs::{digest, hmac};
use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};
use userinfo_sandbox::{
    Sandbox, Vendor,
    credentials::{QUECTEL_ACCESS_KEY, QUECTEL_ACCESS_SECRET, QUECTEL_TOKEN},
};

use crate::asks::{Clock, NOW_MILLIS, claims, encoded, get, header, json, request, text};

const LOGIN: &str = "/quectel/v2/quecauth/accessKeyAuthrize/accessKeyLogin";

fn username(millis: u64) -> String {
    format!("ver=1&auth_mode=accessKey&sign_method=sha256&access_key={QUECTEL_ACCESS_KEY}&timestamp={millis}")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, it| {
        let _ = write!(text, "{it:02x}");
        text
    })
}

fn sha256(text: &str) -> String {
    hex(digest::digest(&digest::SHA256, text.as_bytes()).as_ref())
}

fn login(username: &str, password: &str) -> Request<Bytes> {
    get(&format!("{LOGIN}?grant_type=password&username={}&password={password}", encoded(username)), &[])
}

fn right(millis: u64) -> Request<Bytes> {
    let username = username(millis);
    login(&username, &sha256(&format!("{username}{QUECTEL_ACCESS_SECRET}")))
}

fn code(response: &Response<Bytes>) -> Value {
    json(response)["code"].clone()
}

fn token(sandbox: &Sandbox, millis: u64) -> String {
    json(&sandbox.handle(&right(millis)))["access_token"].as_str().unwrap().to_owned()
}

fn look_up(sandbox: &Sandbox, token: &str) -> Value {
    let target = "/quectel/v2/enduser/enterpriseapi/userInfo?uid=C131362";
    code(&sandbox.handle(&get(target, &[("authorization", token)])))
}

#[test]
fn a_login_is_answered_flat_with_a_json_web_token() {
    let response = Sandbox::new().handle(&right(NOW_MILLIS));
    assert_eq!(response.status(), 200);
    assert_eq!(header(&response, "content-type"), Some("application/json;charset=UTF-8"));
    let body = json(&response);
    let token = body["access_token"].as_str().unwrap();
    let expected = json!({
        "msg": "OK", "access_token": token, "code": 200, "scope": "", "token_type": "jwt", "expires_in": 86400,
    });
    assert_eq!(body, expected);
    let claims = claims(token.strip_prefix("QJWT ").unwrap());
    assert_eq!(claims["iat"], 1_704_859_932);
    assert_eq!(claims["exp"], 1_704_859_932 + 86400);
}

#[test]
fn logins_differ_from_each_other_and_are_the_same_in_every_run() {
    let (one, other) = (Sandbox::new(), Sandbox::new());
    let first = token(&one, NOW_MILLIS);
    assert_ne!(first, token(&one, NOW_MILLIS));
    assert_eq!(first, token(&other, NOW_MILLIS));
}

#[test]
fn the_vectors_of_the_projects_keys_log_in_at_their_time() {
    let vectors: Value =
        serde_json::from_str(include_str!("../../fixtures/quectel-login-vectors.json")).unwrap();
    let mut passed = 0;
    for vector in vectors["valid"].as_array().unwrap() {
        let millis = vector["timestamp_ms"].as_u64().unwrap();
        let (sandbox, _) = Clock::at(Sandbox::new(), millis);
        let ours = vector["access_key"] == QUECTEL_ACCESS_KEY;
        let target = format!("{LOGIN}?{}", vector["query"].as_str().unwrap());
        let expected = if ours { 200 } else { 90047 };
        assert_eq!(code(&sandbox.handle(&get(&target, &[]))), expected, "{}", vector["name"]);
        passed += usize::from(ours);
    }
    assert_eq!(passed, 2);
}

#[test]
fn every_wrong_recipe_is_refused() {
    let sandbox = Sandbox::new();
    let (name, secret) = (username(NOW_MILLIS), QUECTEL_ACCESS_SECRET);
    let right = sha256(&format!("{name}{secret}"));
    assert_eq!(code(&sandbox.handle(&login(&name, &right))), 200);
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    for (recipe, wrong) in [
        ("encoded", sha256(&format!("{}{secret}", encoded(&name)))),
        ("hmac", hex(hmac::sign(&key, name.as_bytes()).as_ref())),
        ("secret first", sha256(&format!("{secret}{name}"))),
        ("separator", sha256(&format!("{name}&{secret}"))),
        ("upper case", right.to_uppercase()),
        ("html entity", sha256(&format!("{}{secret}", name.replace("&times", "×")))),
        ("of nothing", sha256("")),
        ("a digit short", right[..63].to_owned()),
        ("without the secret", sha256(&name)),
    ] {
        assert_eq!(code(&sandbox.handle(&login(&name, &wrong))), 5420, "{recipe}");
    }
    let seconds = username(NOW_MILLIS / 1000);
    let password = sha256(&format!("{seconds}{secret}"));
    assert_eq!(code(&sandbox.handle(&login(&seconds, &password))), 5420);
}

#[test]
fn a_timestamp_may_be_ten_minutes_off() {
    let sandbox = Sandbox::new();
    for (millis, expected) in [
        (NOW_MILLIS - 600_000, 200),
        (NOW_MILLIS + 600_000, 200),
        (NOW_MILLIS - 600_001, 5420),
        (NOW_MILLIS + 600_001, 5420),
    ] {
        assert_eq!(code(&sandbox.handle(&right(millis))), expected, "{millis}");
    }
}

#[test]
fn an_unknown_key_is_told_as_the_vendor_tells_it() {
    let name = username(NOW_MILLIS).replace(QUECTEL_ACCESS_KEY, "SOMEBODY");
    let response = Sandbox::new().handle(&login(&name, "x"));
    assert_eq!(
        text(&response),
        r#"{"msg":"AccessKey didn't exists","code":90047,"error":"AccessKey didn't exists"}"#
    );
    assert_eq!(response.status(), 200);
}

#[test]
fn parameters_are_needed_once() {
    let sandbox = Sandbox::new();
    let name = username(NOW_MILLIS);
    let password = sha256(&format!("{name}{QUECTEL_ACCESS_SECRET}"));
    let name = encoded(&name);
    for query in [
        format!("username={name}&password={password}"),
        format!("grant_type=password&password={password}"),
        format!("grant_type=password&username={name}"),
        format!("grant_type=password&username={name}&password="),
        format!("grant_type=client_credentials&username={name}&password={password}"),
        format!("grant_type=password&grant_type=password&username={name}&password={password}"),
        format!("grant_type=password&username={name}&username={name}&password={password}"),
        format!("grant_type=password&username={name}&password={password}&password={password}"),
        format!("grant_type=password&username={}&password={password}", username(NOW_MILLIS)),
        format!("grant_type=password&username={}&password={password}", encoded(&name)),
        format!("grant_type=password&username={name}&password={password}&x=%zz"),
    ] {
        assert_eq!(code(&sandbox.handle(&get(&format!("{LOGIN}?{query}"), &[]))), 50005, "{query}");
    }
}

#[test]
fn verbs_and_bodies_are_refused() {
    let target = right(NOW_MILLIS).uri().to_string();
    let post = Sandbox::new().handle(&request("POST", &target, &[], ""));
    assert_eq!((post.status().as_u16(), code(&post)), (404, json!(404)));
    assert_eq!(code(&Sandbox::new().handle(&request("GET", &target, &[], "x"))), 50005);
}

#[test]
fn an_issued_token_is_good_for_a_day() {
    let (sandbox, clock) = Clock::new();
    let token = token(&sandbox, NOW_MILLIS);
    assert_eq!(look_up(&sandbox, &token), 200);
    assert_eq!(look_up(&sandbox, token.strip_prefix("QJWT ").unwrap()), 5032);
    clock.advance(86399);
    assert_eq!(look_up(&sandbox, &token), 200);
    clock.advance(1);
    assert_eq!(look_up(&sandbox, &token), 5032);
    assert_eq!(look_up(&sandbox, QUECTEL_TOKEN), 200);
}

#[test]
fn a_lifetime_can_be_set() {
    let (sandbox, clock) = Clock::new();
    let sandbox = sandbox.with_lifetime(std::time::Duration::from_secs(60));
    let body = json(&sandbox.handle(&right(NOW_MILLIS)));
    assert_eq!(body["expires_in"], 60);
    let token = body["access_token"].as_str().unwrap();
    assert_eq!(claims(token)["exp"], 1_704_859_932 + 60);
    clock.advance(60);
    assert_eq!(look_up(&sandbox, token), 5032);
}

#[test]
fn tokens_can_be_revoked() {
    let sandbox = Sandbox::new();
    let (one, other) = (token(&sandbox, NOW_MILLIS), token(&sandbox, NOW_MILLIS));
    sandbox.revoke(&one);
    assert_eq!((look_up(&sandbox, &one), look_up(&sandbox, &other)), (json!(5032), json!(200)));
    sandbox.revoke_issued();
    assert_eq!(look_up(&sandbox, &other), 5032);
    assert_eq!(look_up(&sandbox, &token(&sandbox, NOW_MILLIS)), 200);
    assert_eq!(look_up(&sandbox, QUECTEL_TOKEN), 200);
    sandbox.revoke(QUECTEL_TOKEN);
    assert_eq!(look_up(&sandbox, QUECTEL_TOKEN), 5032);
}

#[test]
fn a_token_of_one_vendor_is_none_of_another() {
    let sandbox = Sandbox::new();
    let token = encoded(&token(&sandbox, NOW_MILLIS));
    let target = format!("{}/user/info?accessToken={token}&userId=1", Vendor::Tianyin.mount());
    assert_eq!(code(&sandbox.handle(&get(&target, &[("x-app-id", "1")]))), 10025);
}
