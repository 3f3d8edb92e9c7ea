//! What each signed answer means: every row of the vendor's tables, and every example.

use userinfo_alipay_plus::Verify;
use userinfo_core::{ErrorKind, Gender, Lookup, Retry, UserInfoProvider as _};

use crate::wallet::{Answer, PAGE, TOKEN, ask, config, error, provider, required};

fn result(code: &str, status: &str) -> String {
    format!(r#"{{"result":{{"resultCode":"{code}","resultStatus":"{status}","resultMessage":"原因"}}}}"#)
}

const ROWS: &[(&str, &str, ErrorKind, &str)] = &[
    ("INVALID_ACCESS_TOKEN", "F", ErrorKind::Unauthenticated, "applyToken"),
    ("EXPIRED_ACCESS_TOKEN", "F", ErrorKind::Unauthenticated, "applyToken"),
    ("INVALID_AUTH_CLIENT", "F", ErrorKind::InvalidInput, "auth_client_id"),
    ("EXPIRED_AGENT_TOKEN", "F", ErrorKind::Unauthenticated, "Agent-Token"),
    ("INVALID_AGENT_TOKEN", "F", ErrorKind::Unauthenticated, "Agent-Token"),
    ("PARAM_ILLEGAL", "F", ErrorKind::InvalidInput, "extra_body"),
    ("ACCESS_DENIED", "F", ErrorKind::PermissionDenied, "permission"),
    ("PROCESS_FAIL", "F", ErrorKind::Rejected, "message and code"),
    ("PROCESS_FAIL", "U", ErrorKind::Rejected, "message and code"),
    ("INVALID_API", "F", ErrorKind::Rejected, "base URL and the path"),
    ("METHOD_NOT_SUPPORTED", "F", ErrorKind::Rejected, "base URL and the path"),
    ("MEDIA_TYPE_NOT_ACCEPTABLE", "F", ErrorKind::Rejected, "base URL and the path"),
    ("REQUEST_TRAFFIC_EXCEED_LIMIT", "F", ErrorKind::RateLimited, "slowly"),
    ("REQUEST_TRAFFIC_EXCEED_LIMIT", "U", ErrorKind::RateLimited, "slowly"),
    ("UNKNOWN_EXCEPTION", "U", ErrorKind::Unavailable, "later"),
    ("SYSTEM_ERROR", "U", ErrorKind::Unavailable, "later"),
    ("INVALID_CLIENT", "F", ErrorKind::Unauthenticated, "client_id"),
    ("INVALID_SIGNATURE", "F", ErrorKind::Signature, "key_version"),
    ("SIGNATURE_INVALID", "F", ErrorKind::Signature, "key_version"),
    ("KEY_NOT_FOUND", "F", ErrorKind::Signature, "key_version"),
    ("TIMESTAMP_INVALID", "F", ErrorKind::Signature, "clock"),
    ("SOME_NEW_CODE", "U", ErrorKind::Unavailable, "later"),
    ("SOME_NEW_CODE", "F", ErrorKind::Rejected, "message and code"),
    // The code decides before the status does.
    ("INVALID_ACCESS_TOKEN", "U", ErrorKind::Unauthenticated, "applyToken"),
    ("UNKNOWN_EXCEPTION", "F", ErrorKind::Unavailable, "later"),
];

#[tokio::test]
async fn every_row_of_the_table_has_its_kind() {
    for (code, status, kind, advice) in ROWS {
        for http_status in [200, 500] {
            let answer = Answer::signed(&result(code, status)).await.status(http_status);
            let error = error(answer).await;
            assert_eq!((error.kind(), error.message()), (*kind, "原因"), "{code} {status}");
            assert_eq!(error.vendor_code(), Some(*code));
            assert_eq!(error.http_status(), Some(http_status));
            assert!(error.advice().contains(advice), "{code}: {}", error.advice());
            let retry = matches!(kind, ErrorKind::RateLimited | ErrorKind::Unavailable);
            assert_eq!(error.retry() == Retry::Backoff, retry, "{code} {status}");
        }
    }
}

#[tokio::test]
async fn a_status_that_is_not_final_is_protocol_and_is_kept() {
    for status in ["A", "R", "s", "PROCESSING"] {
        let error = error(Answer::signed(&result("ACCESS_DENIED", status)).await).await;
        assert_eq!(error.kind(), ErrorKind::Protocol, "{status}");
        assert!(error.message().contains(&format!("the status is {status}")), "{error}");
        assert_eq!(error.vendor_code(), Some("ACCESS_DENIED"));
    }
}

#[tokio::test]
async fn a_refusal_without_code_or_message_is_still_one() {
    let f = error(Answer::signed(r#"{"result":{"resultStatus":"F","resultCode":null}}"#).await).await;
    assert_eq!((f.kind(), f.vendor_code()), (ErrorKind::Rejected, None));
    let u = error(Answer::signed(r#"{"result":{"resultStatus":"U"}}"#).await).await;
    assert_eq!((u.kind(), u.message()), (ErrorKind::Unavailable, "refused without a message"));
}

#[tokio::test]
async fn a_success_needs_a_user_with_an_id() {
    let success = r#""result":{"resultCode":"SUCCESS","resultStatus":"S","resultMessage":"success"}"#;
    for user in ["", r#","userInfo":null"#, r#","userInfo":{}"#, r#","userInfo":[]"#, r#","userInfo":"x""#] {
        let error = error(Answer::signed(&format!("{{{success}{user}}}")).await).await;
        assert_eq!((error.kind(), error.retry()), (ErrorKind::Protocol, Retry::Never), "{user}");
    }
}

#[tokio::test]
async fn what_is_no_answer_of_this_api_is_protocol_if_it_is_signed() {
    for body in [
        r#"{"userInfo":{"userId":"1"}}"#,
        r#"{"result":{},"userInfo":{"userId":"1"}}"#,
        r#"{"result":"S","userInfo":{"userId":"1"}}"#,
        r#"{"result":{"resultStatus":null},"userInfo":{"userId":"1"}}"#,
        "[]",
        "",
        "<html><title>Welcome</title></html>",
        "{",
    ] {
        assert_eq!(error(Answer::signed(body).await).await.kind(), ErrorKind::Protocol, "{body}");
        let error = ask(config(Verify::Off), Answer::unsigned(200, body)).await.expect_err(body);
        assert_eq!(error.kind(), ErrorKind::Protocol, "{body}");
    }
}

#[tokio::test]
async fn every_http_status_without_a_result_has_its_kind() {
    for (status, kind, retry) in [
        (429, ErrorKind::RateLimited, Retry::Backoff),
        (404, ErrorKind::Protocol, Retry::Never),
        (500, ErrorKind::Unavailable, Retry::Backoff),
        (502, ErrorKind::Unavailable, Retry::Backoff),
        (401, ErrorKind::PermissionDenied, Retry::Never),
        (403, ErrorKind::PermissionDenied, Retry::Never),
        (302, ErrorKind::Protocol, Retry::Never),
    ] {
        for body in ["", "<html><title>Oops</title></html>", r#"{"oops":1}"#, r#"{"result":{}}"#] {
            let signed = error(Answer::signed(body).await.status(status)).await;
            let off = ask(config(Verify::Off), Answer::unsigned(status, body)).await.expect_err(body);
            for error in [signed, off] {
                assert_eq!((error.kind(), error.retry()), (kind, retry), "{status} {body}");
                assert_eq!(error.http_status(), Some(status));
            }
        }
    }
}

#[tokio::test]
async fn retry_after_is_heeded_for_a_limit_of_the_vendor_too() {
    let answer =
        Answer::signed(&result("REQUEST_TRAFFIC_EXCEED_LIMIT", "U")).await.header("retry-after", "7");
    assert_eq!(error(answer).await.retry(), Retry::After(std::time::Duration::from_secs(7)));
}

#[tokio::test]
async fn the_correlation_id_is_kept_however_it_is_spelled() {
    for name in ["Trace-Id", "Tracer-Id", "traceId"] {
        let answer = Answer::signed(&result("PROCESS_FAIL", "F")).await.header(name, "t-1");
        assert_eq!(error(answer).await.request_id(), Some("t-1"), "{name}");
    }
}

#[tokio::test]
async fn the_examples_of_a_success_are_users() {
    let user = ask(required(), Answer::signed(PAGE).await).await.expect("the page");
    assert_eq!((user.id.as_str(), user.nickname.as_deref()), ("1000001119398804xxxx", Some("Jack")));
    let body = r#"{"result":{"resultStatus":"S"},"userInfo":{"userId":"1","gender":"F","loginIdInfos":null,"contactInfos":[{"contactType":"MOBILE","contactNo":"138****0000"}],"extendInfo":{"a":1}}}"#;
    let user = ask(required(), Answer::signed(body).await).await.expect("a user");
    assert_eq!((user.gender.clone(), user.is_masked("phones")), (Some(Gender::Female), true));
}

#[tokio::test]
async fn order_repeats_escapes_and_a_byte_order_mark_change_nothing() {
    for body in [
        r#"{"userInfo":{"userId":"2","userId":"1","nickName":"\u0041\/"},"result":{"resultStatus":"F","resultStatus":"S"}}"#,
        "\u{feff}{\"result\":{\"resultStatus\":\"S\"},\"userInfo\":{\"userId\":\"1\",\"nickName\":\"A/\"}}",
    ] {
        let user = ask(required(), Answer::signed(body).await).await.expect(body);
        assert_eq!((user.id.as_str(), user.nickname.as_deref()), ("1", Some("A/")));
        assert_eq!(user.raw.as_bytes(), body.as_bytes());
    }
}

#[tokio::test]
async fn another_user_than_the_one_expected_is_a_mismatch() {
    let lookup = |id: &str| Lookup::id(id).with_token(TOKEN);
    let provider = provider(required(), Answer::signed(PAGE).await.wallet());
    provider.user(&lookup("1000001119398804xxxx")).await.expect("the one expected");
    let error = provider.user(&lookup("1000001119398804")).await.expect_err("another");
    assert_eq!(error.kind(), ErrorKind::IdMismatch);
    assert!(!format!("{error} {error:?}").contains("1000001119398804"), "{error:?}");
}

#[tokio::test]
async fn a_token_that_the_wallet_repeats_is_blanked() {
    let refusal = format!(r#"{{"result":{{"resultStatus":"F","resultMessage":"no {TOKEN}!"}}}}"#);
    let error = error(Answer::signed(&refusal).await).await;
    assert_eq!(error.message(), "no [secret]!");
    let body = format!(r#"{{"result":{{"resultStatus":"S"}},"userInfo":{{"userId":"1","echo":"{TOKEN}"}}}}"#);
    let user = ask(required(), Answer::signed(&body).await).await.expect("a user that verifies all the same");
    assert_eq!(user.extra.text("echo").as_deref(), Some("[secret]"));
    assert!(!String::from_utf8_lossy(user.raw.as_bytes()).contains(TOKEN));
}
