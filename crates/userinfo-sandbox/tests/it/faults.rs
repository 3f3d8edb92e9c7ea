use bytes::Bytes;
use http::Response;
use serde_json::Value;
use userinfo_sandbox::{
    Fault, RetryAfter, Sandbox, Script, Vendor,
    credentials::{
        QUECTEL_TOKEN, ROTATED_WALLET_PUBLIC_KEY_PEM, TIANYIN_ACCESS_TOKEN, WALLET_PUBLIC_KEY_PEM,
    },
};

use crate::asks::{ask_for, header, json, record, text, wallet_signed, with_fault};

fn play(vendor: Vendor, fault: &str) -> Response<Bytes> {
    let sandbox = Sandbox::new();
    sandbox.handle(&with_fault(ask_for(&sandbox, vendor, "everything"), fault))
}

/// The HTTP status and the vendor's code.
fn verdict(vendor: Vendor, fault: &str) -> (u16, String) {
    let response = play(vendor, fault);
    let status = response.status().as_u16();
    let Ok(body) = serde_json::from_slice::<Value>(response.body()) else { return (status, "none".into()) };
    let code = if vendor == Vendor::AlipayPlus { &body["result"]["resultCode"] } else { &body["code"] };
    (status, code.as_str().map_or_else(|| code.to_string(), str::to_owned))
}

fn verdicts(fault: &str) -> [(u16, String); 4] {
    Vendor::ALL.map(|it| verdict(it, fault))
}

fn expected(verdicts: [(u16, &str); 4]) -> [(u16, String); 4] {
    verdicts.map(|(status, code)| (status, code.to_owned()))
}

#[test]
fn refusals_come_in_the_vendors_own_way() {
    for (fault, way) in [
        ("rate-limited", [(429, "none"), (200, "REQUEST_TRAFFIC_EXCEED_LIMIT"), (429, "none"), (200, "429")]),
        ("unavailable", [(200, "50000"), (200, "UNKNOWN_EXCEPTION"), (500, "none"), (500, "500")]),
        ("dead-token", [(200, "5032"), (200, "EXPIRED_ACCESS_TOKEN"), (200, "1001"), (200, "10023")]),
        ("not-found", [(200, "5033"), (404, "none"), (200, "-1"), (200, "200")]),
        ("permission-denied", [(200, "5041"), (200, "ACCESS_DENIED"), (200, "1002"), (200, "403")]),
        ("locked-out", [(200, "5147"), (423, "none"), (403, "none"), (200, "10010")]),
    ] {
        assert_eq!(verdicts(fault), expected(way), "{fault}");
    }
    assert_eq!(text(&play(Vendor::AnqiCms, "locked-out")), "Your IP is blocked.");
    assert_eq!(text(&play(Vendor::AnqiCms, "rate-limited")), "Too many requests from this IP.");
}

#[test]
fn retry_after_is_seconds_or_text() {
    for vendor in Vendor::ALL {
        let response = play(vendor, r#"{"fault":"rate-limited","retry_after":2}"#);
        assert_eq!(header(&response, "retry-after"), Some("2"), "{vendor}");
        assert_eq!(header(&play(vendor, "rate-limited"), "retry-after"), None);
    }
    let date = "Wed, 10 Jan 2024 04:13:12 GMT";
    let response = play(Vendor::AnqiCms, &format!(r#"{{"fault":"rate-limited","retry_after":"{date}"}}"#));
    assert_eq!(header(&response, "retry-after"), Some(date));
    assert_eq!(Fault::rate_limited(2), Fault::RateLimited { retry_after: Some(RetryAfter::Seconds(2)) });
}

#[test]
fn every_code_of_the_references_can_be_played() {
    let quectel = [
        200, 0, 5032, 5106, 5041, 5065, 5033, 5370, 5472, 5023, 5112, 50005, 71035, 5477, 5327, 91005, 91006,
        91007, 91001, 91004, 90047, 5036, 5055, 5420, 5015, 5104, 5486, 5000, 5103, 5394, 5416, 50000, 70000,
        5147, 5148, 5325, 5058, 61006, 61007, 401, 403, 404, 77,
    ];
    let tianyin = [200, 500, 404, 1000, 429, 77]
        .into_iter()
        .chain([
            502, 503, 504, 507, 509, 400, 410, 411, 412, 413, 416, 417, 422, 426, 428, 431, 401, 403, 451,
        ])
        .chain([407, 408, 409, 423, 424, 501, 505, 506, 508, 510, 511])
        .chain(10001..=10012)
        .chain(10020..=10030);
    let codes = |vendor, codes: Vec<i32>| {
        codes.into_iter().map(move |it| (vendor, it.to_string())).collect::<Vec<_>>()
    };
    let all = codes(Vendor::Quectel, quectel.to_vec())
        .into_iter()
        .chain(codes(Vendor::Tianyin, tianyin.collect()))
        .chain(codes(Vendor::AnqiCms, vec![-1, 0, 200, 1001, 1002, 77]));
    for (vendor, code) in all {
        let fault = format!(r#"{{"fault":"vendor-code","code":{code}}}"#);
        assert_eq!(verdict(vendor, &fault), (200, code.clone()), "{vendor}");
        let body = json(&play(vendor, &fault));
        let message = if vendor == Vendor::Tianyin { &body["message"] } else { &body["msg"] };
        assert_eq!(message == "error", code == "77", "{vendor} {code} has no message");
    }
    for code in [405, 406, 415] {
        let fault = format!(r#"{{"fault":"vendor-code","code":{code}}}"#);
        assert_eq!(verdict(Vendor::Tianyin, &fault), (code, code.to_string()));
    }
}

#[test]
fn every_result_code_of_alipay_plus_can_be_played() {
    let codes = "SUCCESS INVALID_ACCESS_TOKEN EXPIRED_ACCESS_TOKEN INVALID_AUTH_CLIENT EXPIRED_AGENT_TOKEN \
        INVALID_AGENT_TOKEN PARAM_ILLEGAL ACCESS_DENIED PROCESS_FAIL INVALID_API METHOD_NOT_SUPPORTED \
        MEDIA_TYPE_NOT_ACCEPTABLE REQUEST_TRAFFIC_EXCEED_LIMIT UNKNOWN_EXCEPTION SYSTEM_ERROR INVALID_CLIENT \
        INVALID_SIGNATURE SIGNATURE_INVALID KEY_NOT_FOUND TIMESTAMP_INVALID SOME_NEW_CODE";
    for code in codes.split_whitespace() {
        let response = play(Vendor::AlipayPlus, &format!(r#"{{"fault":"vendor-code","code":"{code}"}}"#));
        let status = match code {
            "SUCCESS" => "S",
            "UNKNOWN_EXCEPTION" | "SYSTEM_ERROR" => "U",
            _ => "F",
        };
        assert_eq!(json(&response)["result"]["resultStatus"], status, "{code}");
        let signed = !matches!(code, "INVALID_SIGNATURE" | "SIGNATURE_INVALID" | "KEY_NOT_FOUND");
        assert_eq!(header(&response, "signature").is_some(), signed, "{code}");
    }
    let response = play(
        Vendor::AlipayPlus,
        r#"{"fault":"vendor-code","code":"X","status":"A","message":"m","http_status":503}"#,
    );
    assert_eq!(response.status(), 503);
    assert!(text(&response).contains(r#""resultCode":"X","resultStatus":"A","resultMessage":"m""#));
}

#[test]
fn any_http_answer_can_be_played() {
    let fault = r#"{"fault":"http-status","status":502,"body":"<h1>","content_type":"text/html","headers":{"x-a":"b"}}"#;
    for vendor in Vendor::ALL {
        let response = play(vendor, fault);
        assert_eq!((response.status().as_u16(), text(&response)), (502, "<h1>"));
        assert_eq!(
            (header(&response, "content-type"), header(&response, "x-a")),
            (Some("text/html"), Some("b"))
        );
    }
    assert!(text(&play(Vendor::Quectel, "html")).starts_with("<!DOCTYPE html>"));
    let empty = play(Vendor::Quectel, "empty");
    assert_eq!((empty.status().as_u16(), empty.body().len()), (200, 0));
    assert_eq!(header(&play(Vendor::AnqiCms, "redirect"), "location"), Some("/install"));
    let response = play(Vendor::Tianyin, r#"{"fault":"redirect","location":"/x","status":307}"#);
    assert_eq!((response.status().as_u16(), header(&response, "location")), (307, Some("/x")));
}

#[test]
fn records_are_changed_as_the_fault_says() {
    for vendor in Vendor::ALL {
        let id = match vendor {
            Vendor::Quectel => "uid",
            Vendor::AnqiCms => "id",
            Vendor::AlipayPlus | Vendor::Tianyin => "userId",
        };
        let sandbox = Sandbox::new();
        let right = record(vendor, &sandbox.handle(&ask_for(&sandbox, vendor, "everything")));
        let with = |fault: &str| record(vendor, &play(vendor, fault));
        assert_ne!(with("foreign-user")[id], right[id]);
        assert_eq!(with("no-id")[id], Value::Null);
        assert_eq!(with("null-data"), Value::Null);
        assert_eq!(with("empty-data"), serde_json::json!({}));
        assert_eq!(with("list-data")[0], right);
        let unknown = with("unknown-members");
        assert_eq!((&unknown[id], &unknown["sandboxFlag"]), (&right[id], &Value::Bool(true)));
        assert!(text(&play(vendor, "unknown-members")).contains("18446744073709551617"));
        // The last of two members wins.
        assert_eq!(with("duplicate-keys"), right);
        let ids = |body: &Response<Bytes>| text(body).matches(&format!("\"{id}\":")).count();
        let plain = sandbox.handle(&ask_for(&sandbox, vendor, "everything"));
        assert_eq!(ids(&play(vendor, "duplicate-keys")), ids(&plain) + 1);
        assert!(play(vendor, "oversized").body().len() > 4 << 20);
        assert_eq!(with(r#"{"fault":"oversized","bytes":9}"#)["sandbox_padding"], "a".repeat(9));
        assert!(text(&play(vendor, "nesting-bomb")).contains(&"[".repeat(100_000)));
        assert!(
            text(&play(vendor, r#"{"fault":"nesting-bomb","depth":3}"#))
                .contains("\"sandbox_nested\":[[[]]]")
        );
    }
}

#[test]
fn bytes_are_changed_as_the_fault_says() {
    for vendor in Vendor::ALL {
        assert_eq!(header(&play(vendor, "wrong-content-type"), "content-type"), Some("text/plain"));
        assert_eq!(
            header(&play(vendor, "wrong-charset"), "content-type"),
            Some("application/json; charset=gbk")
        );
        assert!(std::str::from_utf8(play(vendor, "wrong-charset").body()).is_ok());
        assert!(std::str::from_utf8(play(vendor, "invalid-utf8").body()).is_err());
        assert!(play(vendor, "bom").body().starts_with(b"\xef\xbb\xbf{"));
        for fault in ["gzip", "gzip-bomb"] {
            let response = play(vendor, fault);
            assert_eq!(header(&response, "content-encoding"), Some("gzip"));
            assert!(response.body().starts_with(&[0x1f, 0x8b]) && response.body().len() < 200_000);
        }
    }
}

#[test]
fn changed_bytes_are_signed_as_they_are() {
    let sandbox = Sandbox::new();
    for fault in [
        "bom",
        "invalid-utf8",
        "duplicate-keys",
        "html",
        "empty",
        "unknown-members",
        "rate-limited",
        "null-data",
    ] {
        let request = with_fault(ask_for(&sandbox, Vendor::AlipayPlus, "everything"), fault);
        let response = sandbox.handle(&request);
        assert!(wallet_signed(&request, &response, WALLET_PUBLIC_KEY_PEM), "{fault}");
    }
}

#[test]
fn signing_goes_wrong_in_eight_ways() {
    let sandbox = Sandbox::new();
    let request = ask_for(&sandbox, Vendor::AlipayPlus, "everything");
    let play = |fault: &str| sandbox.handle(&with_fault(request.clone(), fault));
    let right = |response: &Response<Bytes>, key: &str| wallet_signed(&request, response, key);
    assert_eq!(header(&play("unsigned"), "signature"), None);
    assert_eq!(header(&play("malformed-signature"), "signature"), Some("garbage"));
    assert!(!right(&play("bad-signature"), WALLET_PUBLIC_KEY_PEM));
    let tampered = play("tampered-body");
    assert!(!right(&tampered, WALLET_PUBLIC_KEY_PEM));
    assert_ne!(json(&tampered)["userInfo"]["userId"], "1000001119398804xxxx");
    let stale = play("stale-time");
    assert_eq!(header(&stale, "response-time"), Some("2024-01-10T12:02:12.000+08:00"));
    assert!(right(&stale, WALLET_PUBLIC_KEY_PEM));
    let unknown = play("unknown-key-version");
    assert!(header(&unknown, "signature").unwrap().contains("keyVersion=99,"));
    let rotated = play("rotated-key");
    assert!(header(&rotated, "signature").unwrap().contains("keyVersion=2,"));
    assert!(right(&rotated, ROTATED_WALLET_PUBLIC_KEY_PEM) && !right(&rotated, WALLET_PUBLIC_KEY_PEM));
    let other = play("other-client-id");
    assert_eq!(header(&other, "client-id"), Some("TEST_OTHER_CLIENT"));
    assert!(right(&other, WALLET_PUBLIC_KEY_PEM));
}

#[test]
fn an_error_can_repeat_every_credential() {
    assert!(text(&play(Vendor::Quectel, "echo-secret")).contains(QUECTEL_TOKEN));
    assert!(text(&play(Vendor::Tianyin, "echo-secret")).contains(TIANYIN_ACCESS_TOKEN));
    let everything = Sandbox::new().person("everything").unwrap().clone();
    assert!(text(&play(Vendor::AnqiCms, "echo-secret")).contains(&everything.anqicms_token()));
    assert!(text(&play(Vendor::AlipayPlus, "echo-secret")).contains(&everything.alipay_access_token()));
}

#[test]
fn an_update_token_comes_from_anqicms_alone() {
    let response = play(Vendor::AnqiCms, r#"{"fault":"update-token","token":"new"}"#);
    assert_eq!(header(&response, "update-token"), Some("new"));
    let refused = play(Vendor::Tianyin, "update-token");
    assert_eq!(refused.status(), 400);
    assert_eq!(text(&refused), "sandbox: fault `update-token` exists at anqicms only, not at tianyin\n");
}

#[test]
fn a_fault_hits_the_next_call_alone_and_faults_queue_up() {
    let sandbox = Sandbox::new();
    sandbox.fail_next(Fault::Empty);
    sandbox.fail_next(Fault::Html);
    let ask = || sandbox.handle(&ask_for(&sandbox, Vendor::Quectel, "minimal"));
    assert!(ask().body().is_empty());
    assert!(text(&ask()).starts_with("<!DOCTYPE"));
    assert_eq!(json(&ask())["code"], 200);
    sandbox.fail_next(Fault::Empty);
    sandbox.clear_faults();
    assert_eq!(json(&ask())["code"], 200);
}

#[test]
fn the_first_rule_that_fires_wins() {
    let sandbox = Sandbox::new();
    sandbox.play(
        Script::from_json(
            r#"{"rules":[{"vendor":"anqicms","user":"masked","times":1,"fault":"rate-limited","retry_after":2},
                {"user":"masked","fault":"vendor-code","code":"-9"},{"vendor":"quectel","fault":"empty"}]}"#,
        )
        .unwrap(),
    );
    let ask = |vendor, key: &str| sandbox.handle(&ask_for(&sandbox, vendor, key));
    assert_eq!(ask(Vendor::AnqiCms, "masked").status(), 429);
    assert_eq!(json(&ask(Vendor::AnqiCms, "masked"))["code"], -9);
    assert_eq!(json(&ask(Vendor::AnqiCms, "minimal"))["code"], 0);
    assert_eq!(json(&ask(Vendor::AlipayPlus, "masked"))["result"]["resultCode"], "-9");
    assert!(ask(Vendor::Quectel, "minimal").body().is_empty());
    sandbox.clear_faults();
    assert_eq!(json(&ask(Vendor::AnqiCms, "masked"))["code"], 0);
}

#[test]
fn a_fault_that_does_not_exist_is_refused() {
    let response = play(Vendor::Quectel, "emty");
    assert_eq!(response.status(), 400);
    assert!(text(&response).starts_with("sandbox: no fault is called `emty`; known: vendor-code, "));
}

#[test]
fn the_readme_tells_of_every_fault() {
    let readme = include_str!("../../README.md");
    for name in Fault::names() {
        assert!(readme.contains(&format!("`{name}`")), "{name}");
    }
}
