//! What each answer of the vendor means, status by status and code by code.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use userinfo_core::{Error, ErrorKind, Lookup, Result, Retry, User, UserInfoProvider as _};
use userinfo_http::{Request, Response, Transport, TransportError};
use userinfo_tianyin::{Tianyin, TianyinConfig};

const PAGE: &str = include_str!("../fixtures/vendor-page-tianyin-success.json");
const FAILURE: &str = include_str!("../fixtures/vendor-page-tianyin-error.json");

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

async fn ask(id: &str, response: Response) -> Result<User> {
    let base_url = "https://school.example/open-api".parse().expect("a URL");
    let config = TianyinConfig::new(base_url, "1", "AT-4-hunter2");
    Tianyin::new(config, Arc::new(Canned(response))).user(&Lookup::id(id)).await
}

async fn error(status: u16, body: &str) -> Error {
    ask("1", response(status, body)).await.expect_err(body)
}

/// Every row of the table of codes.
const CODES: &[(ErrorKind, &[i64])] = &[
    (ErrorKind::Unavailable, &[500, 502, 503, 504, 507, 509, 408, 10030]),
    (ErrorKind::InvalidInput, &[400, 405, 406, 410, 411, 412, 413, 415, 416, 417, 422, 426, 428, 431]),
    (
        ErrorKind::Unauthenticated,
        &[
            401, 10001, 10002, 10004, 10005, 10006, 10011, 10012, 10021, 10022, 10023, 10024, 10025, 10026,
            10027, 10028, 10029,
        ],
    ),
    (ErrorKind::PermissionDenied, &[403, 451, 10020]),
    (ErrorKind::NotFound, &[404, 10007]),
    (
        ErrorKind::Rejected,
        &[407, 409, 423, 424, 501, 505, 506, 508, 510, 511, 1000, 10008, 10009, 0, -1, 201, 414, 4711],
    ),
    (ErrorKind::RateLimited, &[429]),
    (ErrorKind::LockedOut, &[10003, 10010]),
];

#[tokio::test]
async fn every_code_of_the_vendor_has_its_kind_whatever_the_status_and_the_flag() {
    for (kind, codes) in CODES {
        for code in *codes {
            for (status, sent, flag) in [
                (200, code.to_string(), "fail"),
                (200, format!("\"{code}\""), "success"),
                (400, code.to_string(), "error"),
                (503, code.to_string(), "fail"),
            ] {
                let body = format!(r#"{{"code":{sent},"status":"{flag}","message":"原因","data":["x"]}}"#);
                let error = error(status, &body).await;
                assert_eq!((error.kind(), error.message()), (*kind, "原因"), "{code} {status}");
                assert_eq!(error.vendor_code(), Some(code.to_string().as_str()));
                assert_eq!(error.http_status(), Some(status));
                assert_eq!(error.retry(), kind.default_retry(), "{code}");
            }
        }
    }
}

#[tokio::test]
async fn http_404_is_a_wrong_path_whatever_its_body_says() {
    for (body, code) in [
        (r#"{"code":404,"status":"fail","message":"x"}"#, Some("404")),
        (r#"{"code":10007,"status":"fail","message":"x"}"#, Some("10007")),
        (r#"{"code":200,"data":{"userId":"1"}}"#, Some("200")),
        (r#"{"oops":1}"#, None),
        ("<html>", None),
    ] {
        let error = error(404, body).await;
        assert_eq!((error.kind(), error.vendor_code()), (ErrorKind::Protocol, code), "{body}");
        assert!(error.advice().contains("base URL"), "{}", error.advice());
    }
    let missing = error(200, r#"{"code":404,"status":"fail","message":"x"}"#).await;
    assert_eq!(missing.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn the_page_is_found_and_a_foreign_one_is_a_mismatch() {
    let user = ask("619583637909737479", response(200, PAGE)).await.expect("the page");
    assert_eq!(user.username.as_deref(), Some("Test2022#11111111"));
    let foreign = error(200, PAGE).await;
    assert_eq!(foreign.kind(), ErrorKind::IdMismatch);
    assert!(!format!("{foreign} {foreign:?}").contains("Test2022"));
}

#[tokio::test]
async fn the_worked_failures_are_these() {
    for (body, kind) in [
        (FAILURE, ErrorKind::Unavailable),
        (r#"{"code":200,"status":"success","message":"请求成功","data":[]}"#, ErrorKind::NotFound),
        (r#"{"code":200,"status":"success","message":"请求成功","data":{}}"#, ErrorKind::NotFound),
        (r#"{"code":200,"status":"success","message":"请求成功","data":null}"#, ErrorKind::NotFound),
        (r#"{"code":200,"status":"success","message":"请求成功"}"#, ErrorKind::NotFound),
        (r#"{"code":200,"data":[{"userId":"1"},{"userId":"2"}]}"#, ErrorKind::Protocol),
        (r#"{"code":400,"status":"fail","message":"缺少请求头: [X-App-Id]."}"#, ErrorKind::InvalidInput),
        (r#"{"code":10023,"status":"fail","message":"…","data":{}}"#, ErrorKind::Unauthenticated),
        (r#"{"code":10023,"status":"success","message":"…"}"#, ErrorKind::Unauthenticated),
        (r#"{"code":200,"data":{"userId":6.19583637909737479e17}}"#, ErrorKind::Protocol),
        (r#"{"code":429,"status":"fail","message":"太多请求"}"#, ErrorKind::RateLimited),
        ("[]", ErrorKind::Protocol),
        ("", ErrorKind::Protocol),
        ("<html>", ErrorKind::Protocol),
    ] {
        assert_eq!(error(200, body).await.kind(), kind, "{body}");
    }
    assert_eq!(error(502, "<html>").await.kind(), ErrorKind::Unavailable);
}

#[tokio::test]
async fn a_success_needs_one_user() {
    for (data, kind) in [
        ("[{}]", ErrorKind::Protocol),
        ("[null]", ErrorKind::Protocol),
        ("[[]]", ErrorKind::Protocol),
        (r#"["1"]"#, ErrorKind::Protocol),
        (r#"[{"userId":"1"},{"userId":"1"}]"#, ErrorKind::Protocol),
        ("\"\"", ErrorKind::Protocol),
        ("7", ErrorKind::Protocol),
        ("true", ErrorKind::Protocol),
    ] {
        assert_eq!(error(200, &format!(r#"{{"code":200,"data":{data}}}"#)).await.kind(), kind, "{data}");
    }
    for data in [r#"{"userId":"1"}"#, r#"[{"userId":"1"}]"#, r#"{"userId":1}"#, r#"{"userId":2,"userId":1}"#]
    {
        let body = format!(r#"{{"code":200,"status":"fail","message":"异常","data":{data}}}"#);
        assert_eq!(ask("1", response(200, &body)).await.expect(data).id, "1");
    }
}

#[tokio::test]
async fn a_code_that_is_no_number_is_a_broken_answer() {
    for code in ["{}", "null", "\"\"", "\"OK\"", "200.0", "2e2", "true", "99999999999999999999"] {
        let body = format!(r#"{{"code":{code},"data":{{"userId":"1"}}}}"#);
        assert_eq!(error(200, &body).await.kind(), ErrorKind::Protocol, "{code}");
        assert_eq!(error(500, &body).await.kind(), ErrorKind::Unavailable, "{code}");
    }
}

#[tokio::test]
async fn the_status_decides_where_no_code_is_an_error() {
    for body in ["", "<html>", "[]", r#"{"status":401,"error":"x"}"#, r#"{"code":200,"data":{"userId":"1"}}"#]
    {
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
async fn the_message_is_message_or_msg_or_nothing() {
    for (body, message) in [
        (r#"{"code":1000,"message":"a"}"#, "a"),
        (r#"{"code":"1000","msg":"b"}"#, "b"),
        (r#"{"code":1000,"message":"","msg":"c"}"#, "c"),
        (r#"{"code":1000,"message":{}}"#, "refused without a message"),
    ] {
        assert_eq!(error(200, body).await.message(), message);
    }
}

#[tokio::test]
async fn a_pause_that_is_asked_for_is_kept_where_a_retry_can_help() {
    for (status, body, retry) in [
        (429, "", Retry::After(Duration::from_secs(7))),
        (200, r#"{"code":429}"#, Retry::After(Duration::from_secs(7))),
        (200, r#"{"code":10003}"#, Retry::Never),
    ] {
        let mut response = response(status, body);
        response.headers_mut().insert("retry-after", http::HeaderValue::from_static("7"));
        assert_eq!(ask("1", response).await.expect_err(body).retry(), retry, "{status} {body}");
    }
}

#[tokio::test]
async fn ids_are_compared_as_text() {
    for came in ["619583637909737472", "619583637909737500", "0619583637909737479", "1"] {
        let body = format!(r#"{{"code":200,"data":{{"userId":"{came}"}}}}"#);
        let error = ask("619583637909737479", response(200, &body)).await.expect_err(came);
        assert_eq!(error.kind(), ErrorKind::IdMismatch, "{came}");
    }
}

#[tokio::test]
async fn a_path_is_joined_to_the_base_of_the_call() {
    let body = r#"{"code":200,"data":{"userId":"1","avatar":"/files/a.png"}}"#;
    let user = ask("1", response(200, body)).await.expect("a user");
    assert_eq!(user.avatar_url.as_deref(), Some("https://school.example/open-api/files/a.png"));
}
