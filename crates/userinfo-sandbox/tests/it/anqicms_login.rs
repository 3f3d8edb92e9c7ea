use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};
use userinfo_sandbox::{Fault, Person, Sandbox};

use crate::asks::{Clock, claims, get, header, json, request, text, with_fault};

const LOGIN: &str = "/anqicms/api/login";
const FAILED: &str = "{\"code\":-1,\"msg\":\"登录失败\"}\n";
const DAY: u64 = 24 * 60 * 60;
const HEADERS: [(&str, &str); 2] =
    [("user-agent", "test"), ("content-type", "application/json; charset=utf-8")];

fn login(body: &Value) -> Request<Bytes> {
    request("POST", LOGIN, &HEADERS, &body.to_string())
}

fn robin(sandbox: &Sandbox) -> Person {
    sandbox.person("everything").unwrap().clone()
}

fn right(sandbox: &Sandbox) -> Value {
    let person = robin(sandbox);
    json!({"user_name": person.username, "password": person.anqicms_password()})
}

fn token(sandbox: &Sandbox) -> String {
    json(&sandbox.handle(&login(&right(sandbox))))["data"]["token"].as_str().unwrap().to_owned()
}

fn look_up(sandbox: &Sandbox, token: &str) -> Response<Bytes> {
    let headers = [("user-agent", "test"), ("token", token)];
    sandbox.handle(&get("/anqicms/api/user/detail?userId=1000", &headers))
}

fn code(response: &Response<Bytes>) -> Value {
    json(response)["code"].clone()
}

#[test]
fn a_login_answers_the_record_with_a_token() {
    let sandbox = Sandbox::new();
    let response = sandbox.handle(&login(&right(&sandbox)));
    assert_eq!(response.status(), 200);
    assert!(text(&response).starts_with(r#"{"code":0,"data":{"avatar_url":"#));
    assert!(text(&response).ends_with("},\"msg\":\"\"}\n"));
    let data = &json(&response)["data"];
    assert_eq!((data["id"].clone(), data["user_name"].clone()), (json!(1000), json!("Test2022#11111111")));
    assert_eq!(
        (&data["extra"], &data["full_avatar_url"], &data["link"]),
        (&json!(null), &json!(""), &json!(""))
    );
    let token = data["token"].as_str().unwrap();
    assert_eq!(claims(token), json!({"userId": "1000", "t": (1_704_859_932 + 30 * DAY).to_string()}));
    let cookie = header(&response, "set-cookie").unwrap();
    assert!(cookie.starts_with(&format!("token={token}; ")), "{cookie}");
    assert!(!response.headers().contains_key("update-token"));
    assert_eq!(text(&response).matches("\"token\":").count(), 1);
}

#[test]
fn each_of_the_three_names_logs_in() {
    let sandbox = Sandbox::new();
    let person = robin(&sandbox);
    let password = format!(" {} ", person.anqicms_password());
    for name in [
        json!({"user_name": person.username}),
        json!({"email": person.email}),
        json!({"phone": person.phone, "remember": true}),
    ] {
        let mut body = name;
        body["password"] = password.as_str().into();
        let id = json(&sandbox.handle(&login(&body)))["data"]["id"].clone();
        assert_eq!(id, 1000, "{body}");
    }
}

fn refused(sandbox: &Sandbox, body: &Value, message: &str) {
    let response = sandbox.handle(&login(body));
    let expected = format!("{{\"code\":-1,\"msg\":\"{message}\"}}\n");
    assert_eq!((response.status().as_u16(), text(&response)), (200, &*expected), "{body}");
    assert!(!response.headers().contains_key("set-cookie"));
}

#[test]
fn a_wrong_account_or_password_is_a_failed_login() {
    let sandbox = Sandbox::new();
    let person = robin(&sandbox);
    let password = person.anqicms_password();
    let other = sandbox.person("chinese").unwrap().anqicms_password();
    for body in [
        json!({"user_name": person.username, "password": "wrong-password"}),
        json!({"user_name": person.username, "password": "sixsix"}),
        json!({"user_name": person.username, "password": other}),
        json!({"user_name": "nobody", "password": password}),
        json!({"email": person.username, "password": password}),
        json!({"user_name": person.username, "email": person.email, "password": password}),
    ] {
        refused(&sandbox, &body, "登录失败");
    }
}

#[test]
fn a_login_without_account_or_password_says_what_to_enter() {
    let sandbox = Sandbox::new();
    let person = robin(&sandbox);
    let password = person.anqicms_password();
    for body in [
        json!({"password": password}),
        json!({"user_name": "", "password": password}),
        json!({"user_name": " ", "email": null, "password": password}),
        json!({}),
    ] {
        refused(&sandbox, &body, "请输入账号");
    }
    for body in [
        json!({"user_name": person.username}),
        json!({"user_name": person.username, "password": null}),
        json!({"user_name": person.username, "password": "short"}),
        json!({"user_name": person.username, "password": " short "}),
        json!({"user_name": "nobody", "password": "short"}),
    ] {
        refused(&sandbox, &body, "请输入6位及以上长度的密码");
    }
}

#[test]
fn a_body_that_cannot_be_read_is_refused() {
    let sandbox = Sandbox::new();
    let person = robin(&sandbox);
    let password = person.anqicms_password();
    for body in [
        json!({"user_name": 1000, "password": password}),
        json!({"user_name": person.username, "password": 123_456}),
        json!({"user_name": person.username, "password": password, "captcha": 1}),
        json!({"user_name": person.username, "password": password, "captcha_id": 1}),
        json!({"user_name": person.username, "password": password, "remember": "yes"}),
        json!([]),
    ] {
        refused(&sandbox, &body, "invalid request");
    }
    let post = |target: &str, headers: &[(&str, &str)], body: &str| {
        json(&sandbox.handle(&request("POST", target, headers, body)))["msg"].clone()
    };
    let twice = format!(r#"{{"user_name":"x","user_name":"Test2022#11111111","password":"{password}"}}"#);
    let right = right(&sandbox).to_string();
    let form = [("user-agent", "test"), ("content-type", "application/x-www-form-urlencoded")];
    assert_eq!(post(LOGIN, &HEADERS, &twice), "invalid request");
    assert_eq!(post(LOGIN, &form, &right), "invalid request");
    assert_eq!(post("/anqicms/api/login?site_id=%4", &HEADERS, &right), "invalid request");
    assert_eq!(post(LOGIN, &HEADERS, &right), "");
}

#[test]
fn wrong_verbs_paths_and_visitors_are_refused_before() {
    let sandbox = Sandbox::new();
    let body = right(&sandbox).to_string();
    assert_eq!(sandbox.handle(&request("GET", LOGIN, &HEADERS, "")).status(), 404);
    assert_eq!(sandbox.handle(&request("POST", "/anqicms/api/login/", &HEADERS, &body)).status(), 404);
    assert!(sandbox.handle(&request("POST", LOGIN, &HEADERS[1..], &body)).body().is_empty());
    assert_eq!(sandbox.handle(&request("POST", "/anqicms/api/login?lang=en", &HEADERS, &body)).status(), 307);
}

#[test]
fn a_captcha_comes_before_the_account_and_after_what_cannot_be_read() {
    let sandbox = Sandbox::new().with_captcha();
    refused(&sandbox, &json!({}), "图形码不正确");
    refused(&sandbox, &json!({"remember": 1}), "invalid request");
}

#[test]
fn an_issued_token_tells_of_its_owner_for_thirty_days() {
    let (sandbox, clock) = Clock::new();
    let token = token(&sandbox);
    assert_eq!(json(&look_up(&sandbox, &token))["data"]["id"], 1000);
    let cookie = [("user-agent", "test"), ("cookie", &*format!("a=b; token={token}"))];
    let response = sandbox.handle(&get("/anqicms/api/user/detail?userId=1000", &cookie));
    assert_eq!(code(&response), 0);
    clock.advance(30 * DAY - 1);
    assert_eq!(code(&look_up(&sandbox, &token)), 0);
    clock.advance(1);
    let response = look_up(&sandbox, &token);
    assert_eq!(code(&response), 1001);
    assert!(!response.headers().contains_key("update-token"));
}

#[test]
fn a_token_in_its_last_hour_is_renewed_by_any_answer() {
    let (sandbox, clock) = Clock::new();
    let old = token(&sandbox);
    clock.advance(30 * DAY - 60 * 60);
    assert_eq!(header(&look_up(&sandbox, &old), "update-token"), None);
    clock.advance(1);
    let response = look_up(&sandbox, &old);
    let new = header(&response, "update-token").unwrap();
    let now = 1_704_859_932 + 30 * DAY - 60 * 60 + 1;
    assert_eq!(claims(new), json!({"userId": "1000", "t": (now + DAY).to_string()}));
    assert_eq!(json(&look_up(&sandbox, new))["data"]["id"], 1000);
    assert_eq!(header(&look_up(&sandbox, new), "update-token"), None);
    let without_id = get("/anqicms/api/user/detail", &[("user-agent", "test"), ("token", &old)]);
    let error = sandbox.handle(&without_id);
    assert_eq!(code(&error), -1);
    assert!(error.headers().contains_key("update-token"));
    let played = sandbox.handle(&with_fault(without_id.clone(), "not-found"));
    assert!(played.headers().contains_key("update-token"));
    let dead = sandbox.handle(&with_fault(without_id, "dead-token"));
    assert!(!dead.headers().contains_key("update-token"));
    clock.advance(DAY - 1);
    assert_eq!(code(&look_up(&sandbox, new)), 0);
    clock.advance(1);
    assert_eq!(code(&look_up(&sandbox, new)), 1001);
}

#[test]
fn a_lifetime_can_be_set() {
    let (sandbox, clock) = Clock::new();
    let sandbox = sandbox.with_lifetime(Duration::from_secs(2 * 60 * 60));
    let token = token(&sandbox);
    assert_eq!(claims(&token)["t"], (1_704_859_932 + 7200).to_string());
    assert_eq!(header(&look_up(&sandbox, &token), "update-token"), None);
    clock.advance(7200);
    assert_eq!(code(&look_up(&sandbox, &token)), 1001);
}

#[test]
fn tokens_can_be_revoked() {
    let sandbox = Sandbox::new();
    let (first, seeded) = (token(&sandbox), robin(&sandbox).anqicms_token());
    sandbox.revoke_issued();
    assert_eq!(code(&look_up(&sandbox, &first)), 1001);
    let second = token(&sandbox);
    assert_ne!(first, second);
    assert_eq!(code(&look_up(&sandbox, &second)), 0);
    assert_eq!(code(&look_up(&sandbox, &seeded)), 0);
    sandbox.revoke(&seeded);
    assert_eq!(code(&look_up(&sandbox, &seeded)), 1001);
}

#[test]
fn a_played_failure_is_minus_one() {
    let sandbox = Sandbox::new();
    let body = right(&sandbox);
    for fault in [Fault::DeadToken, Fault::NotFound, Fault::PermissionDenied] {
        sandbox.fail_next_login(fault);
        assert_eq!(text(&sandbox.handle(&login(&body))), FAILED);
    }
    sandbox.fail_next_login(Fault::LockedOut);
    assert_eq!(sandbox.handle(&login(&body)).status(), 403);
    sandbox.fail_next_login(Fault::Unavailable);
    assert_eq!(sandbox.handle(&login(&body)).status(), 500);
    sandbox.fail_next_login(Fault::rate_limited(3));
    let limited = sandbox.handle(&login(&body));
    assert_eq!((limited.status().as_u16(), header(&limited, "retry-after")), (429, Some("3")));
}
