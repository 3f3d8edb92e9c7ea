use std::{error::Error as _, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use userinfo_core::{Retry, Secret};

use super::*;
use crate::Response;

const NOON: SystemTime = SystemTime::UNIX_EPOCH;

/// Answers everything with one response, or with one failure.
#[derive(Debug)]
struct Canned(std::result::Result<Response, TransportErrorKind>);

#[async_trait]
impl Transport for Canned {
    async fn send(&self, _: Request) -> std::result::Result<Response, TransportError> {
        self.0.clone().map_err(|kind| TransportError::new(kind).with_source("the cause"))
    }
}

#[derive(Debug)]
struct Noon;

impl Clock for Noon {
    fn now(&self) -> SystemTime {
        NOON
    }
}

const TOKEN: &str = "hunter2+token";

async fn exchange(canned: Canned) -> Result<Reply> {
    let base = "https://a.example/api".parse().expect("a URL");
    let http = Http::new("acme", base, Arc::new(canned)).with_clock(Arc::new(Noon));
    http.send(Call::get("userInfo", "/user").secret_query("t", &Secret::new(TOKEN))).await
}

async fn reply(status: u16, headers: &[(&'static str, &str)], body: impl Into<Bytes>) -> Reply {
    let mut response = Response::new(body.into());
    *response.status_mut() = status.try_into().expect("a status");
    for (name, value) in headers {
        response.headers_mut().insert(*name, value.parse().expect("a value"));
    }
    exchange(Canned(Ok(response))).await.expect("a reply")
}

async fn refusal(status: u16, headers: &[(&'static str, &str)], body: impl Into<Bytes>) -> Error {
    let error = reply(status, headers, body).await.object().expect_err("a refusal");
    assert_eq!(error.http_status(), Some(status));
    assert!(!error.to_string().contains(['\n', '\r', '\u{1b}']) && error.to_string().chars().count() < 400);
    error
}

#[tokio::test]
async fn a_json_object_is_read_whatever_stands_around_it() {
    for (headers, body) in [
        (&[][..], &b"{\"id\":\"1\"}"[..]),
        (&[("content-type", "text/html")], b"\xef\xbb\xbf{\"id\":\"1\"}"),
        (&[("content-encoding", "Identity")], b" \r\n{\"id\":\"0\",\"id\":\"1\"}\n"),
    ] {
        for status in [200, 206, 401, 500] {
            let reply = reply(status, headers, body).await;
            assert_eq!(reply.object().expect("an object").take_id("id").as_deref(), Some("1"));
        }
    }
}

#[tokio::test]
async fn any_other_body_is_protocol_and_says_what_it_is() {
    let deep = "{\"a\":".repeat(65) + "0" + &"}".repeat(65);
    for (headers, body, words) in [
        (&[][..], &b""[..], "not a JSON object but an empty body"),
        (&[], b"<title>Welcome</title>", "but an HTML page titled \"Welcome\""),
        (&[], b"slow\ndown", "but the text \"slow down\""),
        (&[], b"[{\"id\":\"hunter1\"}]", "but JSON of another shape"),
        (&[], b"{\"id\":\"hunter1", "but JSON of another shape"),
        (&[], b"{\"id\":\"\xff\"}", "not UTF-8"),
        (&[], deep.as_bytes(), "nested too deep"),
        (&[("content-encoding", "gzip")], b"{\"id\":\"hunter1\"}", "compressed"),
    ] {
        let error = refusal(200, headers, body.to_vec()).await;
        assert_eq!((error.kind(), error.retry()), (ErrorKind::Protocol, Retry::Never), "{words}");
        assert!(error.message().contains(words), "{error}");
        assert!(!format!("{error:?}").contains("hunter1"), "{error:?}");
    }
}

#[tokio::test]
async fn json_may_be_nested_64_deep_and_brackets_within_text_do_not_count() {
    let nested = |depth: usize| "{\"a\":".repeat(depth) + "0" + &"}".repeat(depth);
    assert!(reply(200, &[], nested(64)).await.object().is_ok());
    assert!(reply(200, &[], nested(65)).await.object().is_err());
    let lists = "{\"a\":".to_owned() + &"[".repeat(64) + &"]".repeat(64) + "}";
    assert!(reply(200, &[], lists).await.object().is_err());
    for text in ["{[".repeat(100), "\\\"".to_owned() + &"[".repeat(100), "\\\\".to_owned()] {
        let body = format!("{{\"a\":\"{text}\",\"b\":{}}}", nested(63));
        assert!(reply(200, &[], body).await.object().is_ok(), "{text}");
    }
    let flat = format!("{{\"a\":[{}]}}", ["[]"; 200].join(","));
    assert!(reply(200, &[], flat).await.object().is_ok());
}

#[tokio::test]
async fn a_status_without_an_object_has_one_right_kind() {
    use ErrorKind::{PermissionDenied, Protocol, RateLimited, Unauthenticated, Unavailable};
    let table = [
        (401, Unauthenticated),
        (403, PermissionDenied),
        (404, Protocol),
        (405, Protocol),
        (410, Protocol),
        (429, RateLimited),
        (408, Unavailable),
        (500, Unavailable),
        (502, Unavailable),
        (503, Unavailable),
        (504, Unavailable),
        (599, Unavailable),
        (301, Protocol),
        (302, Protocol),
        (307, Protocol),
        (304, Protocol),
        (400, Protocol),
        (402, Protocol),
        (409, Protocol),
        (418, Protocol),
        (600, Protocol),
    ];
    for (status, kind) in table {
        let error = refusal(status, &[], "<title>no</title>").await;
        assert_eq!((error.kind(), error.retry()), (kind, kind.default_retry()), "{status}");
        assert_eq!((error.provider(), error.operation()), ("acme", "userInfo"));
        assert_eq!(reply(status, &[], "{}").await.success().expect_err("refused").kind(), kind, "{status}");
    }
    for status in [301, 404, 405, 410] {
        assert_ne!(refusal(status, &[], "").await.advice(), Protocol.advice(), "{status}");
    }
    assert!(reply(204, &[], "").await.success().is_ok());
}

#[tokio::test]
async fn retry_after_is_read_in_seconds_or_as_a_date_where_a_retry_can_help() {
    let after = Duration::from_secs;
    let date = "Thu, 01 Jan 1970 00:01:30 GMT";
    for (status, headers, retry) in [
        (429, &[("retry-after", " 7 ")][..], Retry::After(after(7))),
        (503, &[("retry-after", "0")], Retry::After(after(0))),
        (503, &[("retry-after", date)], Retry::After(after(90))),
        (503, &[("retry-after", date), ("date", "Thu, 01 Jan 1970 00:01:00 GMT")], Retry::After(after(30))),
        (503, &[("retry-after", date), ("date", "Thu, 01 Jan 1970 00:02:00 GMT")], Retry::After(after(0))),
        (429, &[("retry-after", "18446744073709551615")], Retry::After(after(31_536_000))),
        (429, &[("retry-after", "Fri, 31 Dec 9999 23:59:59 GMT")], Retry::After(after(31_536_000))),
        (429, &[("retry-after", "-1")], Retry::Backoff),
        (429, &[("retry-after", "soon")], Retry::Backoff),
        (401, &[("retry-after", "7")], Retry::Never),
    ] {
        assert_eq!(refusal(status, headers, "").await.retry(), retry, "{headers:?}");
    }
}

#[tokio::test]
async fn a_redirect_names_the_host_alone() {
    for (location, host) in [
        ("https://b.example:8443/hunter1?t=hunter1#hunter1", "a redirect to b.example:8443, not"),
        ("https://hunter1:hunter1@b.example/", "to b.example, not"),
        ("//b.example/hunter1", "to b.example, not"),
        ("https://b.example\\@hunter1", "to b.example, not"),
        ("/hunter1?to=https://hunter1.example/", "to the same host, not"),
        ("hunter1//hunter1", "to the same host, not"),
        ("urn:hunter1://hunter1", "to the same host, not"),
        ("https://hunter1%20x/", "to an unreadable address, not"),
        ("https://hunter2+token.example/", "to an unreadable address, not"),
    ] {
        let error = refusal(302, &[("location", location)], "").await;
        assert!(error.message().contains(host), "{error}");
        assert!(!format!("{error:?}").contains("hunter"), "{error:?}");
    }
    assert!(refusal(302, &[], "").await.message().contains("to nowhere"));
    let long = format!("https://{}/", "b".repeat(5000));
    refusal(302, &[("location", &long)], "").await;
}

#[tokio::test]
async fn a_secret_that_the_vendor_repeats_is_blanked_everywhere() {
    for echoed in [TOKEN, "hunter2%2Btoken", "hunter2%2btoken"] {
        let headers = [("x-request-id", echoed), ("location", echoed), ("x-other", echoed)];
        let bodies = [
            format!("bad token {echoed}"),
            format!("<title>bad {echoed}</title>"),
            format!("{{\"msg\":\"bad {echoed}\"}}"),
        ];
        for body in bodies {
            let reply = reply(401, &headers, body.clone()).await;
            assert_eq!(reply.received(), &body);
            let text = |bytes: &Bytes| String::from_utf8_lossy(bytes).into_owned();
            assert!(text(reply.body()).contains("[secret]"));
            let own = reply.refuse(ErrorKind::Rejected, format!("bad {echoed}"));
            assert_eq!((own.message(), own.request_id()), ("bad [secret]", Some("[secret]")));
            let shown = format!("{reply:?} {own:?} {:?} {:?}", reply.status_error(), reply.object().err());
            assert!(!shown.contains("hunter2"), "{shown}");
        }
    }
    let written = reply(200, &[], r#"{"msg":"bad hunter2\u002btoken"}"#).await;
    let message = written.object().expect("an object").take_text("msg").expect("a text");
    assert_eq!(written.refuse(ErrorKind::Rejected, message).message(), "bad [secret]");
}

#[tokio::test]
async fn a_word_in_an_operators_header_does_not_blank_the_same_word_in_the_data() {
    let mut headers = ExtraHeaders::default();
    headers.add("x-env", &"school".into()).expect("a header");
    headers.add("agent-token", &"agent-token-0123456789".into()).expect("a header");
    let body = r#"{"email":"a@school.example","seen":"agent-token-0123456789"}"#;
    let base = "https://a.example/api".parse().expect("a URL");
    let canned = Canned(Ok(Response::new(body.into())));
    let http = Http::new("acme", base, Arc::new(canned)).with_headers(headers);
    let reply = http.send(Call::get("userInfo", "/user")).await.expect("a reply");
    let mut data = reply.object().expect("an object");
    assert_eq!(data.take_text("email").as_deref(), Some("a@school.example"));
    assert_eq!(data.take_text("seen").as_deref(), Some("[secret]"));
    assert_eq!(reply.refuse(ErrorKind::Rejected, "at school").message(), "at [secret]");
}

#[tokio::test]
async fn a_body_that_repeats_nothing_is_not_copied() {
    let body = Bytes::from_static(b"{\"id\":\"1\"}");
    let reply = reply(200, &[], body.clone()).await;
    assert_eq!((reply.body().as_ptr(), reply.received().as_ptr()), (body.as_ptr(), body.as_ptr()));
}

#[tokio::test]
async fn the_vendors_correlation_id_is_picked_up() {
    for name in ["trace-id", "tracer-id", "traceid", "x-request-id"] {
        assert_eq!(refusal(500, &[(name, "id-7")], "").await.request_id(), Some("id-7"), "{name}");
    }
    assert_eq!(refusal(500, &[], "").await.request_id(), None);
    assert_eq!(reply(200, &[], "").await.at(), NOON);
}

#[tokio::test]
async fn no_whole_response_has_one_right_kind_and_names_the_host() {
    for (kind, expected) in [
        (TransportErrorKind::Connect, ErrorKind::Transport),
        (TransportErrorKind::Tls, ErrorKind::Transport),
        (TransportErrorKind::Broken, ErrorKind::Transport),
        (TransportErrorKind::Timeout, ErrorKind::Timeout),
        (TransportErrorKind::TooLarge, ErrorKind::Protocol),
    ] {
        let error = exchange(Canned(Err(kind))).await.expect_err("no reply");
        assert_eq!((error.kind(), error.http_status()), (expected, None));
        assert!(error.message().contains("a.example"), "{error}");
        let is_cap = kind == TransportErrorKind::TooLarge;
        assert_eq!(error.advice().contains("raise http.max_body"), is_cap, "{}", error.advice());
        let cause = error.source().expect("a transport's error");
        assert_eq!(cause.source().expect("its cause").to_string(), "the cause");
    }
}

#[tokio::test]
async fn a_call_that_cannot_be_sent_is_invalid_input() {
    let base = "https://a.example".parse().expect("a URL");
    let http = Http::new("acme", base, Arc::new(Canned(Ok(Response::default()))));
    let bad = http::HeaderName::from_static("token");
    for call in [
        Call::get("it", "/p").segment(".."),
        Call::get("it", "/p").query("q", &"x".repeat(70_000)),
        Call::get("it", "/p").secret_header(bad, &"hunter2\n".into()),
    ] {
        let error = http.send(call).await.expect_err("not sent");
        assert_eq!((error.kind(), error.operation()), (ErrorKind::InvalidInput, "it"));
        assert!(!format!("{error:?}").contains("hunter2"));
    }
}
