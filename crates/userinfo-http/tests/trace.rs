//! What an exchange shows to `tracing`.
//!
//! A room of its own: `tracing` remembers who asked first whether a span is wanted, so every test here listens.

use std::{
    future::{Future, ready},
    io,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use tracing::{Level, subscriber::DefaultGuard, trace};
use tracing_subscriber::{
    filter::dynamic_filter_fn,
    fmt::{format::FmtSpan, layer},
    layer::SubscriberExt,
    registry,
};
use userinfo_core::{ErrorKind, Secret};
use userinfo_http::{
    BaseUrl, Call, ExtraHeaders, Http, PlainHttp, Request, Response, Transport, TransportError,
    TransportErrorKind,
};

/// Answers with a status, fails, or never does either; whatever it holds is nobody's business.
#[derive(Clone, Copy, Debug)]
enum Peer {
    Answers(u16),
    Fails(TransportErrorKind),
    Hangs,
}

#[async_trait]
impl Transport for Peer {
    async fn send(&self, _: Request) -> Result<Response, TransportError> {
        trace!("sent");
        match *self {
            Self::Answers(status) => {
                let mut response = Response::new(Bytes::from_static(b"{\"msg\":\"hunter2-answer\"}"));
                *response.status_mut() = status.try_into().expect("a status");
                let headers = response.headers_mut();
                headers.insert("x-request-id", HeaderValue::from_static("hunter2-request"));
                headers.insert("location", HeaderValue::from_static("https://hunter2.example/"));
                Ok(response)
            }
            Self::Fails(kind) => Err(TransportError::new(kind).with_source("hunter2-source")),
            Self::Hangs => std::future::pending().await,
        }
    }
}

/// Keeps the lines that are logged.
#[derive(Clone, Debug, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Judges every line anew: a level that is known beforehand would be remembered for the tests beside.
    fn listen(&self, most: Level) -> DefaultGuard {
        let log = self.clone();
        let lines = layer().with_span_events(FmtSpan::CLOSE).without_time().with_ansi(false);
        let filter = dynamic_filter_fn(move |line, _| *line.level() <= most);
        tracing::subscriber::set_default(registry().with(lines.with_writer(move || log.clone())).with(filter))
    }

    fn lines(&self) -> Vec<String> {
        let bytes = self.0.lock().expect("not poisoned").clone();
        String::from_utf8(bytes).expect("text").lines().map(|it| it.trim().to_owned()).collect()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("not poisoned").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Runs `call` while it is listened to; returns the lines logged.
async fn logged<T>(level: Level, call: impl Future<Output = T>) -> Vec<String> {
    let log = Log::default();
    {
        let _listening = log.listen(level);
        call.await;
    }
    let lines = log.lines();
    assert!(!format!("{lines:?}").contains("hunter2"), "{lines:?}");
    lines
}

fn http(base: &str, peer: Peer) -> Http {
    let mut headers = ExtraHeaders::default();
    headers.add("Agent-Token", &"hunter2-agent".into()).expect("a header");
    let base = BaseUrl::parse(base, PlainHttp::Anywhere).expect("a URL");
    Http::new("acme", base, Arc::new(peer)).with_headers(headers)
}

/// A call that has a secret in every place that can hold one.
fn call() -> Call {
    let secret = Secret::new("hunter2-secret");
    Call::post_json("userInfo", "/hunter2-path?hunter2=hunter2", Bytes::from_static(b"hunter2-body"))
        .query("id", "hunter2-id")
        .secret_query("token", &secret)
        .secret_header(HeaderName::from_static("token"), &secret)
        .header(HeaderName::from_static("x-id"), "hunter2-id")
}

/// The one line about an exchange with the vendor, as its span closes.
async fn closed(peer: Peer) -> String {
    let http = http("https://a.example/hunter2-prefix", peer);
    let mut lines = logged(Level::INFO, http.send(call())).await;
    assert_eq!(lines.len(), 1, "{lines:?}");
    lines.remove(0)
}

fn span(more: &str) -> String {
    format!(
        "HTTP{{otel.name=POST userInfo otel.kind=\"client\" http.request.method=\"POST\" \
         server.address=\"a.example\" server.port=443 url.scheme=\"https\" userinfo.operation=\"userInfo\"{more}}}: \
         userinfo_http::trace:"
    )
}

#[tokio::test]
async fn an_answer_is_shown_with_its_status_and_nothing_of_what_was_said() {
    for status in [200, 204, 302, 399] {
        let more = format!(" http.response.status_code={status}");
        assert_eq!(closed(Peer::Answers(status)).await, format!("INFO {} close", span(&more)));
    }
}

#[tokio::test]
async fn a_status_that_says_no_is_the_type_of_the_error() {
    for status in [400, 401, 404, 429, 500, 503, 599] {
        let more =
            format!(" http.response.status_code={status} error.type=\"{status}\" otel.status_code=\"ERROR\"");
        assert_eq!(closed(Peer::Answers(status)).await, format!("INFO {} close", span(&more)));
    }
}

#[tokio::test]
async fn an_answer_that_never_came_is_shown_as_its_kind() {
    for (failure, kind) in [
        (TransportErrorKind::Connect, ErrorKind::Transport),
        (TransportErrorKind::Tls, ErrorKind::Transport),
        (TransportErrorKind::Broken, ErrorKind::Transport),
        (TransportErrorKind::Timeout, ErrorKind::Timeout),
        (TransportErrorKind::TooLarge, ErrorKind::Protocol),
    ] {
        let more = format!(" error.type=\"{kind}\" otel.status_code=\"ERROR\"");
        assert_eq!(closed(Peer::Fails(failure)).await, format!("INFO {} close", span(&more)));
    }
}

#[tokio::test]
async fn an_exchange_that_is_dropped_is_cancelled() {
    let lines = logged(Level::DEBUG, async {
        let http = http("https://a.example", Peer::Hangs);
        tokio::select! {
            biased;
            _ = http.send(call()) => unreachable!("it hangs"),
            () = ready(()) => {}
        }
    })
    .await;
    assert_eq!(lines, [format!("INFO {} close", span(" error.type=\"cancelled\""))]);
}

#[tokio::test]
async fn one_event_tells_size_and_time_to_who_wants_to_know_more() {
    for (peer, more, event) in [
        (
            Peer::Answers(200),
            " http.response.status_code=200",
            "response http.response.body.size=24 elapsed=",
        ),
        (
            Peer::Fails(TransportErrorKind::Connect),
            " error.type=\"transport\" otel.status_code=\"ERROR\"",
            "no response elapsed=",
        ),
    ] {
        let lines = logged(Level::DEBUG, http("https://a.example", peer).send(call())).await;
        let [event_line, closed] = &lines[..] else { panic!("{lines:?}") };
        let elapsed = event_line.strip_prefix(&format!("DEBUG {} {event}", span(more)));
        assert!(elapsed.is_some_and(|it| it.ends_with('s')), "{event_line}");
        assert_eq!(*closed, format!("INFO {} close", span(more)));
    }
}

#[tokio::test]
async fn what_the_transport_does_is_a_part_of_the_exchange() {
    let lines = logged(Level::TRACE, http("https://a.example", Peer::Answers(200)).send(call())).await;
    assert_eq!(lines[0], format!("TRACE {}", span("").replace("userinfo_http::trace:", "trace: sent")));
}

#[tokio::test]
async fn address_and_port_are_told_apart() {
    for (base, told) in [
        ("https://a.example:8443", "server.address=\"a.example\" server.port=8443 url.scheme=\"https\""),
        ("http://a.example/x", "server.address=\"a.example\" server.port=80 url.scheme=\"http\""),
        ("http://127.0.0.1:9", "server.address=\"127.0.0.1\" server.port=9 url.scheme=\"http\""),
        ("https://[::1]:9", "server.address=\"::1\" server.port=9 url.scheme=\"https\""),
    ] {
        let lines = logged(Level::INFO, http(base, Peer::Answers(200)).send(call())).await;
        assert!(lines[0].contains(told), "{lines:?}");
    }
}

#[tokio::test]
async fn a_call_that_is_not_sent_is_no_exchange() {
    let unsendable = Call::get("it", "/hunter2").segment("..");
    let http = http("https://a.example", Peer::Answers(200));
    assert!(logged(Level::TRACE, http.send(unsendable)).await.is_empty());
}
