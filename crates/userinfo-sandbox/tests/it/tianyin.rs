use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};
use userinfo_sandbox::{
    Fault, Sandbox, Vendor,
    credentials::{TIANYIN_ACCESS_TOKEN, TIANYIN_APP_ID},
};

use crate::asks::{ask_for, get, json, members, record, request, text};

fn ask(query: &str) -> Request<Bytes> {
    get(&format!("/tianyin/user/info?{query}"), &[("x-app-id", TIANYIN_APP_ID)])
}

fn refusal(request: &Request<Bytes>) -> (u16, Value) {
    let response = Sandbox::new().handle(request);
    (response.status().as_u16(), json(&response)["code"].clone())
}

#[test]
fn everything_has_the_members_of_the_vendor_page() {
    let page: Value =
        serde_json::from_str(include_str!("../../fixtures/vendor-page-tianyin-success.json")).unwrap();
    let sandbox = Sandbox::new();
    let sent = json(&sandbox.handle(&ask_for(&sandbox, Vendor::Tianyin, "everything")));
    assert_eq!(members(&sent), members(&page));
    assert_eq!(sent["data"]["userId"], page["data"]["userId"]);
    assert_eq!(sent["data"]["orgList"][0]["orgId"], page["data"]["orgList"][0]["orgId"]);
}

#[test]
fn the_failure_of_the_vendor_page_can_be_played() {
    let page: Value =
        serde_json::from_str(include_str!("../../fixtures/vendor-page-tianyin-error.json")).unwrap();
    let sandbox = Sandbox::new();
    sandbox.fail_next(Fault::vendor_code(500));
    assert_eq!(json(&sandbox.handle(&ask_for(&sandbox, Vendor::Tianyin, "minimal"))), page);
}

#[test]
fn ids_are_exact_strings() {
    let sandbox = Sandbox::new();
    let data = record(Vendor::Tianyin, &sandbox.handle(&ask_for(&sandbox, Vendor::Tianyin, "chinese")));
    assert_eq!(data["userId"], "9223372036854775783");
    assert_eq!(data["orgList"][0]["orgId"], "9223372036854775807");
}

#[test]
fn nulls_are_left_out_and_the_rest_may_be_empty() {
    let sandbox = Sandbox::new();
    let data = |key: &str| record(Vendor::Tianyin, &sandbox.handle(&ask_for(&sandbox, Vendor::Tianyin, key)));
    assert_eq!(data("minimal"), json!({"userId": "1"}));
    assert_eq!(
        data("disabled"),
        json!({"userId": "619583637909737481", "nickname": "Gone", "account": "gone"})
    );
    assert_eq!(data("masked")["orgList"], json!([]));
    assert_eq!(data("masked")["avatar"], "");
    assert_eq!(data("masked")["nickname"], "t**");
}

#[test]
fn an_app_id_is_needed() {
    let query = format!("/tianyin/user/info?accessToken={TIANYIN_ACCESS_TOKEN}&userId=1");
    let missing = r#"{"code":400,"status":"fail","message":"缺少请求头: [X-App-Id]."}"#;
    assert_eq!(text(&Sandbox::new().handle(&get(&query, &[]))), missing);
    assert_eq!(text(&Sandbox::new().handle(&get(&query, &[("x-app-id", "")]))), missing);
    assert_eq!(refusal(&get(&query, &[("x-app-id", "2")])), (200, json!(401)));
}

#[test]
fn each_bad_token_has_its_code() {
    assert_eq!(refusal(&ask("userId=1")), (200, json!(10022)));
    assert_eq!(refusal(&ask("accessToken=&userId=1")), (200, json!(10022)));
    assert_eq!(refusal(&ask("accessToken=expired-AT&userId=1")), (200, json!(10023)));
    assert_eq!(refusal(&ask("accessToken=revoked-AT&userId=1")), (200, json!(10024)));
    assert_eq!(refusal(&ask("accessToken=AT-wrong&userId=1")), (200, json!(10025)));
    assert_eq!(refusal(&ask("accessToken=a&accessToken=a&userId=1")), (200, json!(400)));
}

#[test]
fn an_id_that_is_no_positive_int64_is_400() {
    for id in ["", "0", "-1", "01", "1.0", "1e3", "%2B1", "x", "9223372036854775808", "1&userId=1"] {
        let request = ask(&format!("accessToken={TIANYIN_ACCESS_TOKEN}&userId={id}"));
        assert_eq!(refusal(&request), (200, json!(400)), "{id}");
    }
    assert_eq!(refusal(&ask(&format!("accessToken={TIANYIN_ACCESS_TOKEN}"))), (200, json!(400)));
}

#[test]
fn a_user_who_does_not_exist_is_a_success_without_data() {
    let request = ask(&format!("accessToken={TIANYIN_ACCESS_TOKEN}&userId=77"));
    let none = r#"{"code":200,"status":"success","message":"请求成功","data":[]}"#;
    assert_eq!(text(&Sandbox::new().handle(&request)), none);
}

#[test]
fn wrong_paths_verbs_and_bodies_are_refused() {
    let app = [("x-app-id", TIANYIN_APP_ID)];
    let query = format!("accessToken={TIANYIN_ACCESS_TOKEN}&userId=1");
    for path in ["/tianyin", "/tianyin/user/info/", "/tianyin/user/Info", "/tianyin/user/list"] {
        assert_eq!(refusal(&get(&format!("{path}?{query}"), &app)), (404, json!(404)), "{path}");
    }
    assert_eq!(
        refusal(&request("POST", &format!("/tianyin/user/info?{query}"), &app, "")),
        (405, json!(405))
    );
    assert_eq!(
        refusal(&request("GET", &format!("/tianyin/user/info?{query}"), &app, "x")),
        (200, json!(400))
    );
}
