//! What each answer of the vendor means, status by status and code by code.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use userinfo_anqicms::{AnqiCms, AnqiCmsConfig, IdCheck};
use userinfo_core::{Error, ErrorKind, Lookup, Result, Retry, User, UserInfoProvider as _};
use userinfo_http::{Request, Response, Transport, TransportError};

/// Gives every request the same answer.
#[derive(Debug)]
struct Canned(Response);

#[async_trait]
impl Transport for Canned {
    async fn send(&self, _: Request) -> Result<Response, TransportError> {
        Ok(self.0.clone())
    }
}

fn response(status: u16, headers: &[(&'static str, &'static str)], body: &str) -> Response {
    let mut response = http::Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response.body(Bytes::copy_from_slice(body.as_bytes())).expect("a response")
}

async fn ask(id_check: IdCheck, id: &str, response: Response) -> Result<User> {
    let mut config = AnqiCmsConfig::new("https://site.example".parse().expect("a URL"), "hunter2-token");
    config.id_check = id_check;
    AnqiCms::new(config, Arc::new(Canned(response))).user(&Lookup::id(id)).await
}

async fn error(response: Response) -> Error {
    ask(IdCheck::Strict, "1", response).await.expect_err("no user")
}

#[tokio::test]
async fn every_code_of_the_vendor_has_its_kind() {
    for (code, kind) in [
        ("-1", ErrorKind::Rejected),
        ("1001", ErrorKind::Unauthenticated),
        ("1002", ErrorKind::PermissionDenied),
        ("4711", ErrorKind::Rejected),
        ("\"1001\"", ErrorKind::Unauthenticated),
    ] {
        for status in [200, 500] {
            let error = error(response(status, &[], &format!(r#"{{"code":{code},"msg":"原因"}}"#))).await;
            assert_eq!(
                (error.kind(), error.message(), error.retry()),
                (kind, "原因", Retry::Never),
                "{code}"
            );
            assert_eq!(error.vendor_code(), Some(code.trim_matches('"')));
            assert_eq!(error.http_status(), Some(status));
        }
    }
}

#[tokio::test]
async fn the_message_is_msg_or_message_or_nothing() {
    for (body, message) in [
        (r#"{"code":-1,"msg":"a"}"#, "a"),
        (r#"{"code":-1,"message":"b"}"#, "b"),
        (r#"{"code":-1,"msg":null,"message":"c"}"#, "c"),
        (r#"{"code":-1,"msg":null}"#, "refused without a message"),
    ] {
        assert_eq!(error(response(200, &[], body)).await.message(), message);
    }
}

#[tokio::test]
async fn a_success_needs_a_data_object() {
    for data in ["null", "[]", "\"x\"", "7", "{}"] {
        let error = error(response(200, &[], &format!(r#"{{"code":0,"data":{data}}}"#))).await;
        assert_eq!(error.kind(), ErrorKind::Protocol, "{data}");
    }
    assert_eq!(error(response(200, &[], r#"{"code":0,"msg":""}"#)).await.kind(), ErrorKind::Protocol);
}

#[tokio::test]
async fn zero_and_two_hundred_are_successes_and_msg_may_be_anything() {
    for body in [
        r#"{"code":200,"msg":"","data":{"id":7}}"#,
        r#"{"code":"0","message":"","data":{"id":"7","is_retailer":true,"extra":null}}"#,
        r#"{"code":0,"msg":null,"data":{"id":1,"id":7}}"#,
    ] {
        let user = ask(IdCheck::Strict, "7", response(200, &[], body)).await.expect(body);
        assert_eq!(user.id, "7");
    }
}

#[tokio::test]
async fn another_user_is_a_mismatch_unless_the_check_is_off() {
    let page = include_str!("../fixtures/vendor-page-anqicms-success.json");
    let error = ask(IdCheck::Strict, "1", response(200, &[], page)).await.expect_err("a foreign user");
    assert_eq!(error.kind(), ErrorKind::IdMismatch);
    assert!(!format!("{error} {error:?}").contains("admin"));
    let user = ask(IdCheck::Off, "1", response(200, &[], page)).await.expect("whoever comes back");
    assert_eq!(user.id, "1000");
}

#[tokio::test]
async fn every_status_without_a_code_has_its_kind_and_its_advice() {
    let html = "<html><title>Not Found</title></html>";
    for (status, headers, body, kind, advice) in [
        (302, &[("location", "/install")][..], "", ErrorKind::Protocol, "installation"),
        (307, &[("location", "/system")][..], "", ErrorKind::Protocol, "base URL"),
        (403, &[][..], "Your IP is blocked.", ErrorKind::LockedOut, "stop asking"),
        (403, &[][..], "Forbidden", ErrorKind::PermissionDenied, "permission"),
        (401, &[][..], "", ErrorKind::Unauthenticated, "token"),
        (404, &[][..], html, ErrorKind::Protocol, "sub-path"),
        (429, &[][..], "Too many requests from this IP.", ErrorKind::RateLimited, "an hour"),
        (429, &[][..], "", ErrorKind::RateLimited, "slowly"),
        (500, &[][..], html, ErrorKind::Unavailable, "later"),
        (200, &[][..], html, ErrorKind::Protocol, "base URL"),
        (200, &[][..], "", ErrorKind::Protocol, "User-Agent"),
        (500, &[][..], r#"{"oops":1}"#, ErrorKind::Unavailable, "later"),
        (200, &[][..], r#"{"oops":1}"#, ErrorKind::Protocol, "base URL"),
    ] {
        let error = error(response(status, headers, body)).await;
        assert_eq!(error.kind(), kind, "{status} {body}");
        assert!(error.advice().contains(advice), "{status} {body}: {}", error.advice());
        let retryable = matches!(kind, ErrorKind::RateLimited | ErrorKind::Unavailable);
        assert_eq!(error.retry() == Retry::Backoff, retryable, "{status} {body}");
    }
}

#[tokio::test]
async fn an_id_that_is_no_number_of_the_site_is_refused_before_sending() {
    for id in ["0", "-1", "abc", "1.0", "4294967296", " 1", "+1", "1\n", "", "१"] {
        let error = ask(IdCheck::Strict, id, response(200, &[], r#"{"code":0,"data":{"id":1}}"#))
            .await
            .expect_err(id);
        assert_eq!((error.kind(), error.http_status()), (ErrorKind::InvalidInput, None), "{id}");
    }
    ask(IdCheck::Strict, "4294967295", response(200, &[], r#"{"code":0,"data":{"id":4294967295}}"#))
        .await
        .expect("the largest id");
}

#[tokio::test]
async fn an_empty_token_is_not_sent() {
    let config = AnqiCmsConfig::new("https://site.example".parse().expect("a URL"), "hunter2-token");
    let provider =
        AnqiCms::new(config, Arc::new(Canned(response(200, &[], r#"{"code":0,"data":{"id":1}}"#))));
    let error = provider.user(&Lookup::id("1").with_token("")).await.expect_err("no token");
    assert_eq!((error.kind(), error.http_status()), (ErrorKind::Unauthenticated, None));
}

#[tokio::test]
async fn a_token_that_the_site_sends_is_in_no_user() {
    let body =
        r#"{"code":0,"data":{"id":1,"token":"eyJ.a","group":{"token":"eyJ.b"},"x":[{"token":"eyJ.c"}]}}"#;
    let user = ask(IdCheck::Strict, "1", response(200, &[], body)).await.expect("a user");
    let shown = format!("{} {}", user.extra, String::from_utf8_lossy(user.raw.as_bytes()));
    assert!(!shown.contains("eyJ") && shown.contains("[secret]"), "{shown}");
}
