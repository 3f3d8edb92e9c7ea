use std::collections::BTreeSet;

use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};
use userinfo_sandbox::{Sandbox, Vendor};

use crate::asks::{ask_for, get, header, json, members, record, request, text};

const TARGET: &str = "/anqicms/api/user/detail";

fn token(key: &str) -> String {
    Sandbox::new().person(key).unwrap().anqicms_token()
}

fn answer(request: &Request<Bytes>) -> Response<Bytes> {
    Sandbox::new().handle(request)
}

fn with_token(target: &str) -> Request<Bytes> {
    get(target, &[("user-agent", "test"), ("token", &token("everything"))])
}

#[test]
fn everything_has_the_members_of_the_vendor_page_and_of_the_source() {
    let page: Value =
        serde_json::from_str(include_str!("../../fixtures/vendor-page-anqicms-success.json")).unwrap();
    let sandbox = Sandbox::new();
    let sent = json(&sandbox.handle(&ask_for(&sandbox, Vendor::AnqiCms, "everything")));
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(names(&sent), names(&page));
    let source = [
        "url_token",
        "first_name",
        "last_name",
        "email_verified",
        "birthday",
        "google_id",
        "reset_password",
        "token",
    ];
    let expected = names(&page["data"]).into_iter().chain(source.map(str::to_owned)).collect::<BTreeSet<_>>();
    assert_eq!(names(&sent["data"]), expected);
    assert_eq!(sent["data"].as_object().unwrap().len(), 30);
    let item = ["name", "value", "default", "follow_level"].map(|it| format!("hobby.{it}"));
    assert!(item.iter().all(|it| members(&sent["data"]["extra"]).contains(it)));
    assert_eq!(sent["data"]["group"]["title"], "Members");
}

#[test]
fn bodies_look_as_go_writes_them() {
    let sandbox = Sandbox::new();
    let response = sandbox.handle(&ask_for(&sandbox, Vendor::AnqiCms, "everything"));
    let body = text(&response);
    assert!(
        body.starts_with(
            r#"{"code":0,"data":{"avatar_url":"uploads/202211/21/14f56760596b5328.webp","balance":1250,"#
        ),
        "{body}"
    );
    assert!(body.ends_with("\"msg\":null}\n"), "{body}");
    assert!(body.contains(r"Tests \u003ceverything\u003e \u0026 more"), "{body}");
    assert!(body.contains(r#""token":"""#), "{body}");
    assert_eq!(header(&response, "content-type"), Some("application/json; charset=utf-8"));
}

#[test]
fn the_token_decides_whatever_the_id_says() {
    let response = answer(&with_token(&format!("{TARGET}?userId=1")));
    assert_eq!(json(&response)["data"]["id"], 1000);
}

#[test]
fn the_cookie_stands_in_for_an_empty_header() {
    let cookie = format!("a=b; token={}", token("masked"));
    let headers = [("user-agent", "test"), ("token", ""), ("cookie", cookie.as_str())];
    let data = record(Vendor::AnqiCms, &answer(&get(&format!("{TARGET}?userId=2"), &headers)));
    assert_eq!(data["id"], 2);
}

#[test]
fn a_token_that_is_not_raw_or_not_known_is_1001() {
    let bearer = format!("Bearer {}", token("everything"));
    for token in ["", "x", "expired-token", &bearer] {
        let response =
            answer(&get(&format!("{TARGET}?userId=1"), &[("user-agent", "test"), ("token", token)]));
        assert_eq!(response.status(), 200);
        assert_eq!(text(&response), "{\"code\":1001,\"msg\":\"该操作需要登录，请登录后重试\"}\n", "{token}");
    }
    assert_eq!(json(&answer(&get(&format!("{TARGET}?userId=1"), &[("user-agent", "test")])))["code"], 1001);
}

#[test]
fn the_documented_id_must_be_sent_although_nobody_reads_it() {
    for query in [
        "",
        "?userId=",
        "?userId=0",
        "?userId=-1",
        "?userId=01",
        "?userId=x",
        "?userId=4294967296",
        "?userId=1&userId=1",
        "?userId=1&site_id=0",
    ] {
        assert_eq!(json(&answer(&with_token(&format!("{TARGET}{query}"))))["code"], -1, "{query}");
    }
    assert_eq!(json(&answer(&with_token(&format!("{TARGET}?userId=4294967295&site_id=2"))))["code"], 0);
}

#[test]
fn a_language_in_the_query_is_answered_by_a_redirect() {
    let response = answer(&with_token(&format!("{TARGET}?userId=1&lang=en&site_id=2")));
    assert_eq!(response.status(), 307);
    assert_eq!(header(&response, "location"), Some("/anqicms/api/user/detail?userId=1&site_id=2"));
}

#[test]
fn without_a_user_agent_the_answer_is_empty() {
    for headers in [vec![], vec![("user-agent", "")]] {
        let response = answer(&get(&format!("{TARGET}?userId=1"), &headers));
        assert_eq!((response.status().as_u16(), response.body().len()), (200, 0));
    }
}

#[test]
fn wrong_paths_verbs_and_bodies_are_refused() {
    for path in ["/anqicms", "/anqicms/api/user/detail/", "/anqicms/api/user/Detail"] {
        let response = answer(&with_token(&format!("{path}?userId=1")));
        assert_eq!(response.status(), 404);
        assert!(text(&response).starts_with("<!DOCTYPE html>"));
    }
    let token = token("everything");
    let headers = [("user-agent", "test"), ("token", token.as_str())];
    assert_eq!(answer(&request("POST", &format!("{TARGET}?userId=1"), &headers, "")).status(), 404);
    assert_eq!(json(&answer(&request("GET", &format!("{TARGET}?userId=1"), &headers, "x")))["code"], -1);
}

#[test]
fn people_look_as_the_versions_send_them() {
    let sandbox = Sandbox::new();
    let data = |key: &str| record(Vendor::AnqiCms, &sandbox.handle(&ask_for(&sandbox, Vendor::AnqiCms, key)));
    assert_eq!(data("minimal"), json!({"id": 1}));
    assert_eq!(data("disabled")["status"], -1);
    assert_eq!(data("disabled")["email"], Value::Null);
    assert_eq!(data("disabled")["expire_time"], 0);
    assert_eq!(data("chinese")["id"], 4_294_967_295_u32);
    assert_eq!(data("chinese")["group"]["id"], 3);
    assert_eq!(data("masked")["extra"], json!({}));
    assert_eq!(data("masked")["group"], Value::Null);
}
