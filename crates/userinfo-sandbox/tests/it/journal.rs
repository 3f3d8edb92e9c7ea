use bytes::Bytes;
use http::{Method, Request};
use serde_json::Value;
use userinfo_sandbox::{
    Fault, Sandbox, Vendor,
    credentials::{QUECTEL_TOKEN, TIANYIN_ACCESS_TOKEN, TIANYIN_CLIENT_ID, TIANYIN_CLIENT_SECRET},
};

use crate::asks::{ask_for, encoded, get, json, request, signed, text};

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

/// Calls that get, show and end a token, and the values that nobody may see of them.
fn ask_for_tokens(sandbox: &Sandbox) -> Vec<String> {
    let mut secrets = Vec::new();
    let mut ask = |request: Request<Bytes>, names: &[&str]| {
        let body = json(&sandbox.handle(&request));
        for name in names {
            let value = body[name].as_str().or(body["data"][name].as_str()).unwrap();
            secrets.push(value.to_owned());
        }
        body
    };
    let username = "ver=1&auth_mode=accessKey&sign_method=sha256&access_key=AKTEST&timestamp=1704859932000";
    let password = "34fe86986230670cba424cadd01ded50f04929de3bfb0b0aef033ccee314fed1";
    let login = format!("{}{}", Vendor::Quectel.token_mount(), Vendor::Quectel.token_path());
    let query = |name: &str| format!("{login}?grant_type=password&username={name}&password={password}");
    ask(get(&query(&encoded(username)), &[]), &[]);
    ask(get(&query(username), &[]), &[]);
    let query = format!(
        "grant_type=client_credentials&client_id={TIANYIN_CLIENT_ID}&client_secret={TIANYIN_CLIENT_SECRET}"
    );
    let cas = request("POST", &format!("/tianyin-cas/oauth2.0/accessToken?{query}"), &[], "");
    let token = ask(cas, &["access_token"])["access_token"].as_str().unwrap().to_owned();
    ask(get(&format!("/tianyin/user/info?accessToken={token}&userId=1"), &[("x-app-id", "1")]), &[]);
    let person = sandbox.person("everything").unwrap();
    let body = format!(r#"{{"email":"robin@example.com","password":"{}"}}"#, person.anqicms_password());
    let headers = [("user-agent", "test"), ("content-type", "application/json")];
    let data = ask(request("POST", "/anqicms/api/login", &headers, &body), &["token"]);
    let cookie = format!("token={}", data["data"]["token"].as_str().unwrap());
    let headers = [("user-agent", "test"), ("cookie", &cookie)];
    ask(get("/anqicms/api/user/detail?userId=1000", &headers), &[]);
    let code = sandbox.auth_code("everything");
    let body = format!(r#"{{"grantType":"AUTHORIZATION_CODE","authCode":"{code}"}}"#);
    let pair = ask(signed("/v2/authorizations/applyToken", &body), &["accessToken", "refreshToken"]);
    let body = format!(
        r#"{{"grantType":"REFRESH_TOKEN","refreshToken":"{}"}}"#,
        pair["refreshToken"].as_str().unwrap()
    );
    ask(signed("/v2/authorizations/applyToken", &body), &["accessToken", "refreshToken"]);
    let body = format!(r#"{{"accessToken":"{}"}}"#, pair["accessToken"].as_str().unwrap());
    ask(signed("/v1/authorizations/cancelToken", &body), &[]);
    secrets.extend([code, password.into(), username.into(), "AKTEST".into(), TIANYIN_CLIENT_SECRET.into()]);
    secrets.push(person.anqicms_password());
    secrets
}

#[test]
fn what_is_given_for_tokens_is_hidden_and_so_are_the_tokens() {
    let sandbox = Sandbox::new();
    let secrets = ask_for_tokens(&sandbox);
    assert_eq!((sandbox.journal().len(), secrets.len()), (9, 12));
    let shown = [
        format!("{:?}", sandbox.journal()),
        format!("{:#?}", sandbox.journal()),
        format!("{sandbox:#?}"),
        serde_json::to_string(&sandbox.journal()).unwrap(),
        String::from_utf8(sandbox.handle(&get("/_sandbox/journal", &[])).body().to_vec()).unwrap(),
    ];
    for secret in &secrets {
        assert!(shown.iter().all(|it| !it.contains(secret) && !it.contains(&encoded(secret))), "{secret}");
    }
    assert!(shown[3].contains(r#"["grant_type","client_credentials"]"#), "{}", shown[3]);
    assert!(shown[3].contains(r#""email":"robin@example.com""#), "{}", shown[3]);
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
        let request = Request::builder().method(method).uri(target).body(Bytes::from(body)).unwrap();
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
