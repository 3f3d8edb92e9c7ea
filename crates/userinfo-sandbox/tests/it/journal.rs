use bytes::Bytes;
use http::Method;
use serde_json::Value;
use userinfo_sandbox::{
    Fault, Sandbox, Vendor,
    credentials::{QUECTEL_TOKEN, TIANYIN_ACCESS_TOKEN},
};

use crate::asks::{ask_for, get, json, request, text};

#[test]
fn every_call_is_noted_as_the_vendor_understood_it() {
    let sandbox = Sandbox::new();
    sandbox.fail_next(Fault::Empty);
    let _ = sandbox.handle(&get("/quectel/v2/enduser/enterpriseapi/userInfo?uid=C%2B1+x", &[("A", "b")]));
    let _ = sandbox.handle(&ask_for(&sandbox, Vendor::AlipayPlus, "minimal"));
    let _ = sandbox.handle(&get("/nowhere", &[]));
    let journal = sandbox.journal();
    let [quectel, alipay, nowhere] = journal.as_slice() else { panic!("{journal:?}") };
    assert_eq!(quectel.vendor(), Some(Vendor::Quectel));
    assert_eq!(quectel.method(), "GET");
    assert_eq!(quectel.path(), "/quectel/v2/enduser/enterpriseapi/userInfo");
    assert_eq!(quectel.asked(), Some("C+1 x"));
    assert_eq!(quectel.query(), [("uid".to_owned(), "C+1 x".to_owned())]);
    assert_eq!(quectel.header("a"), Some("b"));
    assert_eq!((quectel.status(), quectel.fault()), (200, Some("empty")));
    assert_eq!((alipay.asked(), alipay.fault()), (None, None));
    assert!(alipay.body().starts_with(b"{\"accessToken\""));
    assert_eq!((nowhere.vendor(), nowhere.status()), (None, 404));
    sandbox.clear_journal();
    assert!(sandbox.journal().is_empty());
}

#[test]
fn credentials_are_hidden_from_debug_and_json() {
    let sandbox = Sandbox::new();
    let mut secrets = vec![QUECTEL_TOKEN["QJWT ".len()..].to_owned(), TIANYIN_ACCESS_TOKEN.to_owned()];
    let everything = sandbox.person("everything").unwrap();
    secrets.extend([everything.anqicms_token(), everything.alipay_access_token()]);
    for vendor in Vendor::ALL {
        let request = ask_for(&sandbox, vendor, "everything");
        if let Some(value) = request.headers().get("signature") {
            secrets.push(value.to_str().unwrap().split_once("signature=").unwrap().1.to_owned());
        }
        let _ = sandbox.handle(&request);
        // A credential in a place where none belongs.
        let astray = format!("{}/{}?userId={}", vendor.mount(), TIANYIN_ACCESS_TOKEN, TIANYIN_ACCESS_TOKEN);
        let _ =
            sandbox.handle(&get(&astray, &[("token", TIANYIN_ACCESS_TOKEN), ("x", TIANYIN_ACCESS_TOKEN)]));
    }
    let debug = format!("{:?}", sandbox.journal());
    let pretty = format!("{:#?}", sandbox.journal());
    let json = serde_json::to_string(&sandbox.journal()).unwrap();
    for secret in &secrets {
        assert!(
            !debug.contains(secret) && !pretty.contains(secret) && !json.contains(secret),
            "{secret}\n{json}"
        );
    }
    assert!(json.contains(r#"["userId","619583637909737479"]"#), "{json}");
    assert_eq!(sandbox.journal()[0].header("authorization"), Some(QUECTEL_TOKEN));
}

#[test]
fn an_escaped_token_in_a_body_is_hidden_too() {
    let sandbox = Sandbox::new();
    let body = r#"{"accessToken":"\u0073ecret-token","note":"secret-token"}"#;
    let _ = sandbox.handle(&request("POST", "/alipay-plus/v2/users/inquiryUserInfo", &[], body));
    let json = serde_json::to_string(&sandbox.journal()).unwrap();
    assert!(!json.contains("ecret-token"), "{json}");
}

#[test]
fn the_journal_and_the_faults_can_be_reached_by_request() {
    let sandbox = Sandbox::new();
    let call = |method: Method, target: &str, body: &'static str| {
        let request = http::Request::builder().method(method).uri(target).body(Bytes::from(body)).unwrap();
        sandbox.handle(&request)
    };
    let script = r#"{"rules":[{"fault":"empty","times":1}]}"#;
    assert_eq!(call(Method::POST, "/_sandbox/faults", script).status(), 204);
    assert!(sandbox.handle(&ask_for(&sandbox, Vendor::Tianyin, "minimal")).body().is_empty());
    let journal = json(&call(Method::GET, "/_sandbox/journal", ""));
    assert_eq!(
        (journal[0]["vendor"].clone(), journal[0]["fault"].clone()),
        ("tianyin".into(), Value::from("empty"))
    );
    assert_eq!(journal[0]["asked"], "1");
    let wrong = call(Method::POST, "/_sandbox/faults", r#"{"rules":[{"fault":"emty"}]}"#);
    assert_eq!(wrong.status(), 400);
    assert!(text(&wrong).starts_with("rules[0]: no fault is called `emty`"));
    assert_eq!(call(Method::DELETE, "/_sandbox/faults", "").status(), 204);
    assert_eq!(call(Method::DELETE, "/_sandbox/journal", "").status(), 204);
    assert!(sandbox.journal().is_empty());
    assert_eq!(call(Method::GET, "/_sandbox/faults", "").status(), 404);
}
