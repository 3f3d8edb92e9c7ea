use userinfo_sandbox::{Fault, Operation, Sandbox, Script, Vendor};

use crate::asks::{ask_for, get, header, json, request, signed, text, with_fault};

fn login(vendor: Vendor) -> http::Request<bytes::Bytes> {
    let target = format!("{}{}", vendor.token_mount(), vendor.token_path());
    match vendor {
        Vendor::Quectel => get(&target, &[]),
        _ => request("POST", &target, &[("user-agent", "test")], ""),
    }
}

#[test]
fn the_journal_tells_the_operation() {
    let sandbox = Sandbox::new();
    let _ = sandbox.handle(&login(Vendor::Quectel));
    let _ = sandbox.handle(&login(Vendor::Tianyin));
    let _ = sandbox.handle(&ask_for(&sandbox, Vendor::Quectel, "minimal"));
    let _ = sandbox.handle(&get("/nowhere", &[]));
    let journal = sandbox.journal();
    let operations: Vec<_> = journal.iter().map(userinfo_sandbox::Entry::operation).collect();
    assert_eq!(operations, [Some(Operation::Login), Some(Operation::Login), Some(Operation::User), None]);
    assert_eq!(journal[1].vendor(), Some(Vendor::Tianyin));
    let json = serde_json::to_value(&journal).unwrap();
    assert_eq!((json[0]["operation"].as_str(), json[2]["operation"].as_str()), (Some("login"), Some("user")));
    assert!(json[3]["operation"].is_null());
}

#[test]
fn a_fault_of_the_queue_waits_for_its_operation() {
    let sandbox = Sandbox::new();
    let empty = |request: &_| sandbox.handle(request).body().is_empty();
    let (login, user) = (login(Vendor::Tianyin), ask_for(&sandbox, Vendor::Tianyin, "minimal"));
    sandbox.fail_next_login(Fault::Empty);
    sandbox.fail_next(Fault::Html);
    assert_eq!(header(&sandbox.handle(&user), "content-type"), Some("text/html; charset=utf-8"));
    assert!(!empty(&user));
    assert!(empty(&login));
    assert!(!empty(&login));
    sandbox.fail_next_at(Operation::User, Fault::Empty);
    assert!(!empty(&login));
    assert!(empty(&user));
    sandbox.fail_next(Fault::Empty);
    assert!(empty(&login));
}

#[test]
fn a_script_hits_look_ups_unless_it_names_another_operation() {
    let sandbox = Sandbox::new();
    let empty = |request: &_| sandbox.handle(request).body().is_empty();
    let (login, user) = (login(Vendor::Tianyin), ask_for(&sandbox, Vendor::Tianyin, "minimal"));
    sandbox.play(Script::always(Fault::Empty));
    assert_eq!((empty(&login), empty(&user)), (false, true));
    sandbox.play(Script::from_json(r#"{"rules":[{"operation":"login","fault":"empty"}]}"#).unwrap());
    assert_eq!((empty(&login), empty(&user)), (true, false));
}

#[test]
fn a_fault_of_the_record_does_not_exist_at_a_login() {
    let response = Sandbox::new().handle(&with_fault(login(Vendor::Tianyin), "no-id"));
    assert_eq!(response.status(), 400);
    assert_eq!(
        text(&response),
        "sandbox: fault `no-id` exists at the operation `user` only, not at `login`\n"
    );
}

#[test]
fn logins_are_refused_in_their_own_shape() {
    let play = |vendor, fault: &str| Sandbox::new().handle(&with_fault(login(vendor), fault));
    let quectel = |fault: &str| json(&play(Vendor::Quectel, fault));
    for (fault, code) in [
        ("unavailable", 50000),
        ("dead-token", 90047),
        ("not-found", 90047),
        ("permission-denied", 403),
        ("locked-out", 5147),
        (r#"{"fault":"vendor-code","code":5420}"#, 5420),
    ] {
        let body = quectel(fault);
        assert_eq!((body["code"].as_u64(), &body["msg"]), (Some(code), &body["error"]), "{fault}");
        assert_eq!(body.as_object().unwrap().len(), 3, "{fault}");
    }
    for (fault, status, error) in [
        ("rate-limited", 429, "Too Many Requests"),
        ("unavailable", 503, "Service Unavailable"),
        ("dead-token", 401, "Unauthorized"),
        ("not-found", 404, "Not Found"),
        ("permission-denied", 403, "Forbidden"),
        ("locked-out", 423, "Locked"),
        (r#"{"fault":"vendor-code","code":502}"#, 502, "Bad Gateway"),
        (r#"{"fault":"vendor-code","code":"invalid_client"}"#, 401, "invalid_client"),
    ] {
        let response = play(Vendor::Tianyin, fault);
        assert_eq!(response.status(), status, "{fault}");
        assert_eq!(json(&response)["error"], error, "{fault}");
    }
    for vendor in [Vendor::Quectel, Vendor::Tianyin] {
        let response = play(vendor, r#"{"fault":"rate-limited","retry_after":7}"#);
        assert_eq!(
            (response.status().as_u16(), header(&response, "retry-after")),
            (429, Some("7")),
            "{vendor}"
        );
    }
}

#[test]
fn a_rule_can_mean_the_person_who_gets_the_token() {
    let sandbox = Sandbox::new();
    let rules = r#"{"rules":[{"operation":"login","user":"everything","fault":"empty"},
        {"operation":"applyToken","user":"everything","fault":"empty"}]}"#;
    sandbox.play(Script::from_json(rules).unwrap());
    let apply = |key: &str| {
        let body = format!(r#"{{"grantType":"AUTHORIZATION_CODE","authCode":"{}"}}"#, sandbox.auth_code(key));
        sandbox.handle(&signed("/v2/authorizations/applyToken", &body)).body().is_empty()
    };
    assert_eq!((apply("everything"), apply("minimal")), (true, false));
    let login = |email: &str| {
        let body = format!(r#"{{"email":"{email}","password":"wrong-password"}}"#);
        let headers = [("user-agent", "test"), ("content-type", "application/json")];
        sandbox.handle(&request("POST", "/api/login", &headers, &body)).body().is_empty()
    };
    assert_eq!((login("robin@example.com"), login("nobody@example.com")), (true, false));
}

#[test]
fn an_answer_with_a_token_can_be_changed() {
    let sandbox = Sandbox::new();
    let body = |fault: &str| {
        let code = sandbox.auth_code("everything");
        let request = signed(
            "/v2/authorizations/applyToken",
            &format!(r#"{{"grantType":"AUTHORIZATION_CODE","authCode":"{code}"}}"#),
        );
        String::from_utf8(sandbox.handle(&with_fault(request, fault)).body().to_vec()).unwrap()
    };
    assert_eq!(body("null-data"), "null");
    assert_eq!(body("empty-data"), "{}");
    assert!(body("list-data").starts_with(r#"[{"result""#));
    assert!(body("unknown-members").contains("sandboxHugeInteger"));
    assert!(body(r#"{"fault":"nesting-bomb","depth":3}"#).contains("[[[]]]"));
    assert!(body(r#"{"fault":"oversized","bytes":7}"#).contains("aaaaaaa"));
    assert!(body("bom").starts_with('\u{feff}'));
}

#[test]
fn codes_and_revocation_can_be_reached_by_request() {
    let sandbox = Sandbox::new();
    let ask = |body: &str| sandbox.handle(&request("POST", "/_sandbox/auth-codes", &[], body));
    let answer = ask(r#"{"person":"everything"}"#);
    assert_eq!(header(&answer, "content-type"), Some("application/json"));
    let code = json(&answer)["auth_code"].as_str().unwrap().to_owned();
    let body = format!(r#"{{"grantType":"AUTHORIZATION_CODE","authCode":"{code}"}}"#);
    let pair = json(&sandbox.handle(&signed("/v2/authorizations/applyToken", &body)));
    for (body, reason) in [
        (r#"{"person":"nobody"}"#, "sandbox: no person has the key \"nobody\"\n"),
        ("{}", "sandbox: the body must be an object with the one key `person`\n"),
        (r#"{"person":"minimal","x":1}"#, "sandbox: the body must be an object with the one key `person`\n"),
    ] {
        let answer = ask(body);
        assert_eq!((answer.status().as_u16(), text(&answer)), (400, reason));
    }
    let delete = |target: &str| sandbox.handle(&request("DELETE", target, &[], "")).status();
    let refresh = |pair: &serde_json::Value| {
        let body = format!(r#"{{"grantType":"REFRESH_TOKEN","refreshToken":{}}}"#, pair["refreshToken"]);
        json(&sandbox.handle(&signed("/v2/authorizations/applyToken", &body)))
    };
    assert_eq!(delete("/_sandbox/tokens/access"), 204);
    let body = format!(r#"{{"accessToken":{}}}"#, pair["accessToken"]);
    let dead = json(&sandbox.handle(&signed("/v2/users/inquiryUserInfo", &body)));
    assert_eq!(dead["result"]["resultCode"], "INVALID_ACCESS_TOKEN");
    let next = refresh(&pair);
    assert_eq!(next["result"]["resultCode"], "SUCCESS");
    assert_eq!(delete("/_sandbox/tokens"), 204);
    assert_eq!(refresh(&next)["result"]["resultCode"], "INVALID_REFRESH_TOKEN");
    assert_eq!(delete("/_sandbox/auth-codes"), 404);
}

#[test]
#[should_panic(expected = "no person has the key \"nobody\"")]
fn a_code_of_nobody_is_a_slip_of_the_test() {
    let _ = Sandbox::new().auth_code("nobody");
}
