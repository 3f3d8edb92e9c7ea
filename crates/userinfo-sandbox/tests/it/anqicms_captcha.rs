use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};
use userinfo_sandbox::{Entry, Fault, Operation, Sandbox, Script, Vendor, credentials::ANQICMS_CAPTCHA};

use crate::asks::{Clock, get, header, json, request, text, with_fault};

const PATH: &str = "/anqicms/api/captcha";
const OFF: &str = "{\"code\":0,\"data\":{\"captcha_off\":true},\"msg\":\"\"}\n";
const AGENT: [(&str, &str); 1] = [("user-agent", "test")];

fn picture() -> Request<Bytes> {
    get(PATH, &AGENT)
}

fn id(sandbox: &Sandbox) -> String {
    json(&sandbox.handle(&picture()))["data"]["captcha_id"].as_str().unwrap().to_owned()
}

/// Logs in with these members beside a right account and password.
fn login(sandbox: &Sandbox, captcha: &Value) -> Value {
    let person = sandbox.person("everything").unwrap();
    let mut body = json!({"user_name": person.username, "password": person.anqicms_password()});
    body.as_object_mut().unwrap().extend(captcha.as_object().unwrap().clone());
    let headers = [("user-agent", "test"), ("content-type", "application/json")];
    let request = request("POST", "/anqicms/api/login", &headers, &body.to_string());
    json(&sandbox.handle(&request))["msg"].clone()
}

fn solved(sandbox: &Sandbox, id: &str, text: &str) -> Value {
    login(sandbox, &json!({"captcha_id": id, "captcha": text}))
}

const WRONG: &str = "图形码不正确";

#[test]
fn a_site_that_demands_no_captcha_says_so() {
    let sandbox = Sandbox::new();
    let response = sandbox.handle(&picture());
    assert_eq!((response.status().as_u16(), text(&response)), (200, OFF));
    assert_eq!(header(&response, "content-type"), Some("application/json; charset=utf-8"));
    assert_eq!(text(&sandbox.handle(&get("/api/captcha?site_id=1", &AGENT))), OFF);
    assert_eq!(solved(&sandbox, "never-issued", "wrong"), "");
}

#[test]
fn a_site_that_demands_a_captcha_shows_a_picture() {
    let sandbox = Sandbox::new().with_captcha();
    let response = sandbox.handle(&picture());
    assert_eq!(response.status(), 200);
    let body = json(&response);
    assert_eq!((&body["code"], &body["msg"]), (&json!(0), &json!("")));
    let data = body["data"].as_object().unwrap();
    assert_eq!((data.len(), &data["captcha_off"]), (3, &json!(false)));
    let id = data["captcha_id"].as_str().unwrap();
    assert!(id.len() == 20 && id.bytes().all(|it| it.is_ascii_alphanumeric()), "{id}");
    let url = data["captcha"].as_str().unwrap();
    let bytes = STANDARD.decode(url.strip_prefix("data:image/png;base64,").unwrap()).unwrap();
    // The signature, and the size in the header: 240 by 76.
    assert!(bytes.starts_with(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\xf0\0\0\0\x4c"));
    assert!(bytes.ends_with(b"\0\0\0\0IEND\xae\x42\x60\x82"));
}

#[test]
fn a_login_tells_what_the_picture_says() {
    let sandbox = Sandbox::new().with_captcha();
    let id = id(&sandbox);
    for body in [json!({}), json!({"captcha": ANQICMS_CAPTCHA}), json!({"captcha_id": id, "captcha": ""})] {
        assert_eq!(login(&sandbox, &body), WRONG, "{body}");
    }
    assert_eq!(solved(&sandbox, "never-issued", ANQICMS_CAPTCHA), WRONG);
    assert_eq!(solved(&sandbox, &id, ANQICMS_CAPTCHA), "");
}

#[test]
fn an_id_is_good_for_one_attempt() {
    let sandbox = Sandbox::new().with_captcha();
    let (first, second) = (id(&sandbox), id(&sandbox));
    assert_ne!(first, second);
    assert_eq!(solved(&sandbox, &first, ANQICMS_CAPTCHA), "");
    assert_eq!(solved(&sandbox, &first, ANQICMS_CAPTCHA), WRONG);
    assert_eq!(solved(&sandbox, &second, "X7K2MQ"), WRONG);
    assert_eq!(solved(&sandbox, &second, ANQICMS_CAPTCHA), WRONG);
    let third = id(&sandbox);
    let body = json!({"captcha_id": third, "captcha": ANQICMS_CAPTCHA, "password": "wrong-password"});
    assert_eq!(login(&sandbox, &body), "登录失败");
    assert_eq!(solved(&sandbox, &third, ANQICMS_CAPTCHA), WRONG);
}

#[test]
fn an_id_is_good_for_ten_minutes() {
    let (sandbox, clock) = Clock::new();
    let sandbox = sandbox.with_captcha();
    let (first, second) = (id(&sandbox), id(&sandbox));
    clock.advance(599);
    assert_eq!(solved(&sandbox, &first, ANQICMS_CAPTCHA), "");
    clock.advance(1);
    assert_eq!(solved(&sandbox, &second, ANQICMS_CAPTCHA), WRONG);
}

#[test]
fn an_id_is_no_token_and_a_token_is_no_id() {
    let sandbox = Sandbox::new().with_captcha();
    let captcha = id(&sandbox);
    let headers = [("user-agent", "test"), ("token", &*captcha)];
    let response = sandbox.handle(&get("/anqicms/api/user/detail?userId=1000", &headers));
    assert_eq!(json(&response)["code"], 1001);
    let code = sandbox.auth_code("everything");
    assert_eq!(solved(&sandbox, &code, ANQICMS_CAPTCHA), WRONG);
    sandbox.revoke_issued();
    assert_eq!(solved(&sandbox, &captcha, ANQICMS_CAPTCHA), "");
}

#[test]
fn two_runs_show_the_same_ids() {
    let ids = || {
        let sandbox = Sandbox::new().with_captcha();
        [id(&sandbox), id(&sandbox)]
    };
    assert_eq!(ids(), ids());
}

#[test]
fn wrong_verbs_paths_visitors_and_queries_are_refused() {
    let sandbox = Sandbox::new();
    let ask = |method: &str, target: &str, body: &str| {
        sandbox.handle(&request(method, &format!("{PATH}{target}"), &AGENT, body))
    };
    for method in ["POST", "HEAD", "PUT"] {
        assert_eq!(ask(method, "", "").status(), 404, "{method}");
    }
    assert_eq!(ask("GET", "/", "").status(), 404);
    assert_eq!(ask("GET", "/new", "").status(), 404);
    assert_eq!(ask("GET", "?lang=en", "").status(), 307);
    assert!(sandbox.handle(&get(PATH, &[])).body().is_empty());
    for (target, body, reason) in [
        ("", "{}", "invalid request"),
        ("?a=%4", "", "invalid request"),
        ("?site_id=x", "", "site_id is invalid"),
        ("?site_id=1&site_id=1", "", "site_id is invalid"),
    ] {
        let expected = format!("{{\"code\":-1,\"msg\":\"{reason}\"}}\n");
        assert_eq!(text(&ask("GET", target, body)), expected, "{target} {body}");
    }
}

#[test]
fn the_journal_and_scripts_know_the_operation() {
    let sandbox = Sandbox::new();
    let code = || json(&sandbox.handle(&picture()))["code"].clone();
    assert_eq!(code(), 0);
    let entry = sandbox.journal().remove(0);
    assert_eq!((entry.vendor(), entry.operation()), (Some(Vendor::AnqiCms), Some(Operation::Captcha)));
    sandbox.play(Script::always(Fault::NotFound));
    assert_eq!(code(), 0);
    let rule = r#"{"rules":[{"operation":"captcha","times":1,"fault":"not-found"}]}"#;
    sandbox.play(Script::from_json(rule).unwrap());
    assert_eq!((code(), code()), (json!(-1), json!(0)));
    sandbox.fail_next_login(Fault::NotFound);
    assert_eq!(code(), 0);
    sandbox.fail_next_at(Operation::Captcha, Fault::NotFound);
    assert_eq!(code(), -1);
    assert_eq!(sandbox.journal().iter().filter_map(Entry::fault).count(), 2);
    let elsewhere = r#"{"rules":[{"operation":"captcha","vendor":"quectel","fault":"empty"}]}"#;
    assert_eq!(
        Script::from_json(elsewhere).unwrap_err().to_string(),
        "rules[0]: quectel has no operation `captcha`"
    );
}

#[test]
fn a_captcha_is_refused_as_the_look_up_is() {
    let play = |fault: &str| Sandbox::new().handle(&with_fault(picture(), fault));
    for (fault, code) in [("dead-token", 1001), ("not-found", -1), ("permission-denied", 1002)] {
        assert_eq!(json(&play(fault))["code"], code, "{fault}");
    }
    for (fault, status) in [("rate-limited", 429), ("unavailable", 500), ("locked-out", 403)] {
        assert_eq!(play(fault).status(), status, "{fault}");
    }
    assert_eq!(text(&play("null-data")), "null\n");
    let response = play("no-id");
    assert_eq!(
        (response.status().as_u16(), text(&response)),
        (400, "sandbox: fault `no-id` exists at the operation `user` only, not at `captcha`\n")
    );
}

#[test]
fn a_captcha_can_be_demanded_at_any_time() {
    let sandbox = Sandbox::new();
    let is_off = || json(&sandbox.handle(&picture()))["data"]["captcha_off"].clone();
    sandbox.demand_captcha(true);
    assert_eq!((is_off(), login(&sandbox, &json!({}))), (json!(false), json!(WRONG)));
    sandbox.demand_captcha(false);
    assert_eq!((is_off(), login(&sandbox, &json!({}))), (json!(true), json!("")));
}

#[test]
fn a_captcha_can_be_demanded_by_request() {
    let sandbox = Sandbox::new();
    let put = |body: &str| sandbox.handle(&request("PUT", "/_sandbox/captcha", &[], body));
    let is_off = || json(&sandbox.handle(&picture()))["data"]["captcha_off"].clone();
    assert_eq!((put(r#"{"demanded":true}"#).status().as_u16(), is_off()), (204, json!(false)));
    for body in ["", "true", "{}", r#"{"demanded":"false"}"#, r#"{"demanded":false,"x":1}"#, "[false]"] {
        let answer: Response<Bytes> = put(body);
        let reason = "sandbox: the body must be an object with the one key `demanded`, true or false\n";
        assert_eq!(
            (answer.status().as_u16(), text(&answer), is_off()),
            (400, reason, json!(false)),
            "{body}"
        );
    }
    assert_eq!((put(r#"{"demanded":false}"#).status().as_u16(), is_off()), (204, json!(true)));
    assert_eq!(sandbox.handle(&get("/_sandbox/captcha", &[])).status(), 404);
}
