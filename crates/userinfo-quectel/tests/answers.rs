//! What each answer of the vendor means, status by status and code by code.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use userinfo_core::{Error, ErrorKind, Lookup, Result, Retry, User, UserInfoProvider as _};
use userinfo_http::{Request, Response, Transport, TransportError};
use userinfo_quectel::{Quectel, QuectelConfig, Region};

/// Gives every request the same answer.
#[derive(Debug)]
struct Canned(Response);

#[async_trait]
impl Transport for Canned {
    async fn send(&self, _: Request) -> Result<Response, TransportError> {
        Ok(self.0.clone())
    }
}

fn response(status: u16, body: &str) -> Response {
    let response = http::Response::builder().status(status);
    response.body(Bytes::copy_from_slice(body.as_bytes())).expect("a response")
}

async fn ask(region: Region, uid: &str, response: Response) -> Result<User> {
    let config = QuectelConfig::region(region, "hunter2-token");
    Quectel::new(config, Arc::new(Canned(response))).user(&Lookup::id(uid)).await
}

async fn error(status: u16, body: &str) -> Error {
    ask(Region::Europe, "C1", response(status, body)).await.expect_err(body)
}

/// Every row of the table of codes.
const CODES: &[(ErrorKind, &[i64])] = &[
    (ErrorKind::Unauthenticated, &[5032, 5106, 91001, 91004, 90047, 5036, 5055, 5420, 401]),
    (ErrorKind::PermissionDenied, &[5041, 5477, 5327, 91005, 91006, 91007, 403]),
    (ErrorKind::InvalidInput, &[5065, 5023, 5112, 50005, 71035]),
    (ErrorKind::NotFound, &[5033, 5370, 5472]),
    (ErrorKind::Rejected, &[5015, 5104, 5486, 4711, -1, 1, 201, 5002, 9_223_372_036_854_775_807]),
    (ErrorKind::Unavailable, &[5000, 5103, 5394, 5416, 50000, 70000]),
    (ErrorKind::LockedOut, &[5147, 5148, 5325]),
    (ErrorKind::RateLimited, &[5058, 61006, 61007]),
    (ErrorKind::Protocol, &[404]),
];

#[tokio::test]
async fn every_code_of_the_vendor_has_its_kind_whatever_the_status() {
    for (kind, codes) in CODES {
        for code in *codes {
            for (status, sent) in
                [(200, code.to_string()), (400, code.to_string()), (500, format!("\"{code}\""))]
            {
                let error = error(status, &format!(r#"{{"code":{sent},"msg":"原因","data":null}}"#)).await;
                assert_eq!((error.kind(), error.message()), (*kind, "原因"), "{code} {status}");
                assert_eq!(error.vendor_code(), Some(code.to_string().as_str()));
                assert_eq!(error.http_status(), Some(status));
                assert_eq!(error.retry(), kind.default_retry(), "{code}");
            }
        }
    }
}

#[tokio::test]
async fn the_worked_failures_are_these() {
    for (body, kind, advice) in [
        (r#"{"code":0,"data":{},"extMsg":"","msg":""}"#, ErrorKind::Protocol, "base URL"),
        (r#"{"code":200,"msg":"","data":null,"extMsg":null}"#, ErrorKind::NotFound, "no such user"),
        (r#"{"code":5032,"msg":"token 验证失败"}"#, ErrorKind::Unauthenticated, "new token"),
        (
            r#"{"code":5041,"msg":"没有权限","data":null,"extMsg":null}"#,
            ErrorKind::PermissionDenied,
            "domain",
        ),
        (r#"{"code":5065,"msg":"请输入用户ID","data":null,"extMsg":null}"#, ErrorKind::InvalidInput, "id"),
        (
            r#"{"code":5106,"msg":"请输入token","data":null,"extMsg":null}"#,
            ErrorKind::Unauthenticated,
            "none",
        ),
        (r#"{"code":200,"data":{"uid":"C2"}}"#, ErrorKind::IdMismatch, "do not use"),
        (r#"{"code":{},"msg":""}"#, ErrorKind::Protocol, "base URL"),
        ("[]", ErrorKind::Protocol, "base URL"),
        ("", ErrorKind::Protocol, "base URL"),
        ("<html>…", ErrorKind::Protocol, "base URL"),
    ] {
        let error = error(200, body).await;
        assert_eq!((error.kind(), error.http_status()), (kind, Some(200)), "{body}");
        assert!(error.advice().contains(advice), "{body}: {}", error.advice());
    }
}

#[tokio::test]
async fn a_success_needs_a_data_object() {
    for (code, data, kind) in [
        ("200", "null", ErrorKind::NotFound),
        ("200", "{}", ErrorKind::NotFound),
        ("\"200\"", "{}", ErrorKind::NotFound),
        ("200", "[]", ErrorKind::Protocol),
        ("200", "\"\"", ErrorKind::Protocol),
        ("200", "7", ErrorKind::Protocol),
        ("200", r#"[{"uid":"C1"}]"#, ErrorKind::Protocol),
        ("0", "null", ErrorKind::Protocol),
        ("0", "{}", ErrorKind::Protocol),
        ("0", "[]", ErrorKind::Protocol),
    ] {
        let error = error(200, &format!(r#"{{"code":{code},"data":{data}}}"#)).await;
        assert_eq!(error.kind(), kind, "{code} {data}");
    }
    assert_eq!(error(200, r#"{"code":200}"#).await.kind(), ErrorKind::NotFound);
    for body in [r#"{"code":0}"#, r#"{"code":0,"data":{}}"#] {
        let error = error(200, body).await;
        assert_eq!((error.kind(), error.message()), (ErrorKind::Protocol, "code 0 without data"));
    }
}

#[tokio::test]
async fn a_success_may_lack_all_but_code_and_uid_and_msg_may_be_anything() {
    for body in [
        r#"{"code":200,"data":{"uid":"C1"}}"#,
        r#"{"code":0,"data":{"uid":"C1"},"msg":"失败","extMsg":{}}"#,
        r#"{"code":"200","data":{"uid":"C1"},"msg":{"a":1}}"#,
        "\u{feff}{\"code\":200,\"data\":{\"uid\":\"C2\",\"uid\":\"C1\"}}",
    ] {
        assert_eq!(ask(Region::Europe, "C1", response(200, body)).await.expect(body).id, "C1");
    }
}

#[tokio::test]
async fn a_code_that_is_no_number_is_a_broken_answer() {
    for code in ["{}", "null", "\"\"", "\"OK\"", "200.0", "2e2", "[200]", "true", "99999999999999999999"] {
        let body = format!(r#"{{"code":{code},"data":{{"uid":"C1"}}}}"#);
        assert_eq!(error(200, &body).await.kind(), ErrorKind::Protocol, "{code}");
        assert_eq!(error(503, &body).await.kind(), ErrorKind::Unavailable, "{code}");
    }
    assert_eq!(error(200, r#"{"data":{"uid":"C1"}}"#).await.kind(), ErrorKind::Protocol);
}

#[tokio::test]
async fn the_status_decides_where_no_code_is_an_error() {
    for body in ["", "<html>", "[]", r#"{"oops":1}"#, r#"{"code":200,"data":{"uid":"C1"}}"#] {
        for (status, kind) in [
            (302, ErrorKind::Protocol),
            (400, ErrorKind::Protocol),
            (401, ErrorKind::Unauthenticated),
            (403, ErrorKind::PermissionDenied),
            (404, ErrorKind::Protocol),
            (429, ErrorKind::RateLimited),
            (500, ErrorKind::Unavailable),
            (502, ErrorKind::Unavailable),
        ] {
            assert_eq!(error(status, body).await.kind(), kind, "{status} {body}");
        }
    }
}

#[tokio::test]
async fn a_code_that_only_repeats_the_status_means_what_the_status_means() {
    for (status, kind) in [(429, ErrorKind::RateLimited), (503, ErrorKind::Unavailable)] {
        let error = error(status, &format!(r#"{{"code":{status},"msg":"gateway"}}"#)).await;
        assert_eq!((error.kind(), error.vendor_code()), (kind, Some(status.to_string().as_str())));
    }
    assert_eq!(error(200, r#"{"code":503,"msg":"x"}"#).await.kind(), ErrorKind::Rejected);
}

#[tokio::test]
async fn a_pause_that_is_asked_for_is_kept_where_a_retry_can_help() {
    for (status, body, retry) in [
        (429, "", Retry::After(Duration::from_secs(7))),
        (200, r#"{"code":5058}"#, Retry::After(Duration::from_secs(7))),
        (200, r#"{"code":5148}"#, Retry::Never),
    ] {
        let mut response = response(status, body);
        response.headers_mut().insert("retry-after", http::HeaderValue::from_static("7"));
        let error = ask(Region::Europe, "C1", response).await.expect_err(body);
        assert_eq!(error.retry(), retry, "{status} {body}");
    }
}

#[tokio::test]
async fn ids_are_compared_byte_for_byte() {
    for (asked, came) in [("C1", "c1"), ("C1", "C01"), ("C1", "C1 "), ("1", "01"), ("é", "e\u{301}")] {
        let body = format!(r#"{{"code":200,"data":{{"uid":"{came}","nikeName":"Somebody"}}}}"#);
        let error = ask(Region::Europe, asked, response(200, &body)).await.expect_err(came);
        assert_eq!(error.kind(), ErrorKind::IdMismatch, "{asked} {came}");
        assert!(!format!("{error} {error:?}").contains("Somebody"));
    }
}

#[tokio::test]
async fn a_lone_text_is_a_time_on_the_chinese_host_alone() {
    let body = r#"{"code":200,"data":{"uid":"C1","registerTime":"2025-04-16 13:16:20"}}"#;
    let chinese = ask(Region::China, "C1", response(200, body)).await.expect("a user");
    assert_eq!(chinese.created_at.map(|it| it.to_string()).as_deref(), Some("2025-04-16T05:16:20Z"));
    for region in [Region::Europe, Region::NorthAmerica] {
        let user = ask(region, "C1", response(200, body)).await.expect("a user");
        assert_eq!(user.created_at, None);
        assert_eq!(user.extra.text("registerTime").as_deref(), Some("2025-04-16 13:16:20"));
    }
}

#[tokio::test]
async fn a_message_is_shown_and_never_decides() {
    assert_eq!(error(200, r#"{"code":5041}"#).await.message(), "refused without a message");
    assert_eq!(error(200, r#"{"code":5041,"msg":"OK"}"#).await.kind(), ErrorKind::PermissionDenied);
}

#[tokio::test]
async fn a_credential_that_the_cloud_sends_is_in_no_user() {
    let body = r#"{"code":200,"data":{"uid":"C1","userDomainSecret":"s3cr3t-a","x":[{"userDomainSecret":"s3cr3t-b"}]}}"#;
    let user = ask(Region::Europe, "C1", response(200, body)).await.expect("a user");
    let shown = format!("{} {}", user.extra, String::from_utf8_lossy(user.raw.as_bytes()));
    assert!(!shown.contains("s3cr3t") && shown.contains("[secret]"), "{shown}");
}
