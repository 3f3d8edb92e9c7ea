//! The transport for real use, over real sockets on loopback.

mod environment;
mod server;

use std::{error::Error as _, fmt::Write as _, sync::Arc, time::Duration};

use bytes::Bytes;
use server::{Act, Server};
use userinfo_core::{Error, ErrorKind, Result, Secret};
use userinfo_http::{BaseUrl, Call, Http, HttpConfig, PlainHttp, Proxy, Reply, ReqwestTransport};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";

fn config() -> HttpConfig {
    HttpConfig::default()
}

/// A config whose deadline is meant to pass.
fn impatient() -> HttpConfig {
    let mut config = config();
    config.timeout = Duration::from_millis(150);
    config
}

fn capped(max_body: usize) -> HttpConfig {
    let mut config = config();
    config.max_body = max_body;
    config
}

fn http(config: &HttpConfig, base: &str) -> Http {
    let base = BaseUrl::parse(base, PlainHttp::Anywhere).expect("a URL");
    Http::new("acme", base, Arc::new(ReqwestTransport::new(config).expect("a transport")))
}

fn to(server: &Server, config: &HttpConfig) -> Http {
    http(config, &format!("http://{}", server.address))
}

/// A `GET` with a secret in its query, as some vendors want it.
fn get() -> Call {
    Call::get("userInfo", "/user").secret_query("t", &Secret::new("hunter2"))
}

fn post() -> Call {
    Call::post_json("userInfo", "/user", Bytes::from_static(b"{\"t\":\"hunter2\"}"))
}

/// One call to a server that does this to it.
async fn ask(config: &HttpConfig, act: Act) -> Result<Reply> {
    let server = Server::start(vec![vec![act]]).await;
    in_the_end(to(&server, config).send(get())).await
}

/// Makes a deadline that does not hold a red test instead of one that hangs.
async fn in_the_end<T>(call: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), call).await.expect("an end")
}

/// Everything that the error shows, its causes included.
fn shown(error: &Error) -> String {
    let mut shown = format!("{error} {error:?} {error:#?}");
    let mut cause = error.source();
    while let Some(it) = cause {
        write!(shown, " {it} {it:?}").expect("a string takes everything");
        cause = it.source();
    }
    shown
}

/// Says the kind of a failure that shows neither the URL nor the secret within it.
fn kind(result: Result<Reply>) -> ErrorKind {
    let error = result.expect_err("no reply");
    let shown = shown(&error);
    for hidden in ["hunter2", "/user", "t=", "http://", "https://"] {
        assert!(!shown.contains(hidden), "{hidden} in {shown}");
    }
    error.kind()
}

#[tokio::test]
async fn the_deadline_covers_a_head_that_never_comes() {
    assert_eq!(kind(ask(&impatient(), Act::SayAndStall("")).await), ErrorKind::Timeout);
    assert_eq!(kind(ask(&impatient(), Act::SayAndStall("HTTP/1.1 200")).await), ErrorKind::Timeout);
}

#[tokio::test]
async fn the_deadline_covers_a_body_that_never_ends() {
    let stalled = Act::SayAndStall("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{");
    assert_eq!(kind(ask(&impatient(), stalled).await), ErrorKind::Timeout);
    let mut config = impatient();
    config.max_body = usize::MAX;
    let trickle = Act::SayForEver("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "1\r\n \r\n");
    assert_eq!(kind(ask(&config, trickle).await), ErrorKind::Timeout);
}

#[tokio::test]
async fn a_connection_that_is_refused_reset_or_cut_short_is_transport() {
    let refused = Server::start(vec![]).await;
    let http = to(&refused, &config());
    while tokio::net::TcpStream::connect(refused.address).await.is_ok() {}
    assert_eq!(kind(http.send(get()).await), ErrorKind::Transport);
    for act in [
        Act::Reset,
        Act::SayAndClose(""),
        Act::SayAndClose("HTTP/1.1 200 OK\r\ncontent-le"),
        Act::SayAndClose("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{\"id\""),
        Act::SayAndClose("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n"),
        Act::SayAndClose("220 mail.example ESMTP\r\n"),
    ] {
        assert_eq!(kind(ask(&config(), act).await), ErrorKind::Transport, "{act:?}");
    }
}

#[tokio::test]
async fn a_body_larger_than_the_cap_is_refused_as_soon_as_that_is_known() {
    for act in [
        Act::SayAndStall("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n"),
        Act::SayAndStall("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n12345\r\n5\r\n12345\r\n"),
        Act::SayAndClose("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\n123456789\r\n0\r\n\r\n"),
        Act::SayForEver("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "1\r\n \r\n"),
        Act::SayAndClose("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n123456789"),
    ] {
        assert_eq!(kind(ask(&capped(8), act).await), ErrorKind::Protocol, "{act:?}");
    }
}

#[tokio::test]
async fn a_body_as_large_as_the_cap_is_whole() {
    for act in [
        Act::SayAndStall("HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\n12345678"),
        Act::SayAndStall(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\n1234\r\n4\r\n5678\r\n0\r\n\r\n",
        ),
        Act::SayAndClose("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n12345678"),
    ] {
        assert_eq!(ask(&capped(8), act).await.expect("a reply").body(), "12345678", "{act:?}");
    }
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let elsewhere = Server::start(vec![vec![Act::Say(OK)]]).await;
    let redirect = format!("HTTP/1.1 302 Found\r\nlocation: http://{}/\r\n\r\n", elsewhere.address);
    let reply = ask(&config(), Act::SayAndClose(redirect.leak())).await.expect("a reply");
    assert_eq!(reply.status(), 302);
    assert!(elsewhere.seen().is_empty());
}

#[tokio::test]
async fn a_request_carries_what_it_should_and_nothing_more() {
    let server = Server::start(vec![vec![Act::Say(OK), Act::Say(OK)]]).await;
    let http = to(&server, &config());
    http.send(get()).await.expect("a reply");
    http.send(post()).await.expect("a reply");
    let (first, second) = (&server.seen()[0].1, &server.seen()[1].1);
    assert!(first.starts_with("GET /user?t=hunter2 HTTP/1.1\r\n"), "{first}");
    assert!(
        second.starts_with("POST /user HTTP/1.1\r\n") && second.ends_with("{\"t\":\"hunter2\"}"),
        "{second}"
    );
    for head in [first, second] {
        let names = head.lines().skip(1).take_while(|line| !line.is_empty());
        let mut names: Vec<_> = names.filter_map(|line| Some(line.split_once(':')?.0)).collect();
        names.retain(|name| !["content-type", "content-length"].contains(name));
        names.sort_unstable();
        assert_eq!(names, ["accept", "host", "user-agent"], "{head}");
        assert!(head.contains("user-agent: userinfo/") && head.contains("accept: application/json\r\n"));
    }
}

/// Lets the connection of the last call go back to the pool: no I/O is needed for that.
async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

/// Makes a call, then `second` on the same connection, which dies of `death` without an answer.
async fn second_call(
    second: Call,
    death: Act,
    then: Vec<Vec<Act>>,
    config: &HttpConfig,
) -> (Result<Reply>, Vec<usize>) {
    let mut connections = vec![vec![Act::Say(OK), death]];
    connections.extend(then);
    let server = Server::start(connections).await;
    let http = to(&server, config);
    http.send(get()).await.expect("a reply");
    settle().await;
    let result = in_the_end(http.send(second)).await;
    (result, server.asked_on())
}

#[tokio::test]
async fn a_read_on_a_dead_reused_connection_is_sent_once_more() {
    for call in [get(), post().reading()] {
        let (result, asked) =
            second_call(call, Act::SayAndClose(""), vec![vec![Act::Say(OK)]], &config()).await;
        result.expect("a reply");
        assert_eq!(asked, [0, 0, 1]);
    }
    let (result, asked) = second_call(get(), Act::Reset, vec![vec![Act::Say(OK)]], &config()).await;
    result.expect("a reply");
    assert_eq!(asked, [0, 1]);
}

#[tokio::test]
async fn a_read_is_never_sent_a_third_time() {
    let then = vec![vec![Act::SayAndClose("")], vec![Act::Say(OK)]];
    let (result, asked) = second_call(get(), Act::SayAndClose(""), then, &config()).await;
    assert_eq!((kind(result), asked), (ErrorKind::Transport, vec![0, 0, 1]));
}

#[tokio::test]
async fn a_second_try_stands_under_the_deadline_of_the_first() {
    let then = vec![vec![Act::SayAndStall("")]];
    let mut config = config();
    config.timeout = Duration::from_secs(1);
    let (result, asked) = second_call(get(), Act::SayAndClose(""), then, &config).await;
    assert_eq!((kind(result), asked), (ErrorKind::Timeout, vec![0, 0, 1]));
}

#[tokio::test]
async fn a_call_that_may_change_something_is_never_sent_twice() {
    let (result, asked) =
        second_call(post(), Act::SayAndClose(""), vec![vec![Act::Say(OK)]], &config()).await;
    assert_eq!((kind(result), asked), (ErrorKind::Transport, vec![0, 0]));
}

#[tokio::test]
async fn a_fresh_connection_that_dies_gets_no_second_try() {
    for act in [Act::SayAndClose(""), Act::Reset] {
        let server = Server::start(vec![vec![act], vec![Act::Say(OK)]]).await;
        assert_eq!(kind(to(&server, &config()).send(get()).await), ErrorKind::Transport);
        assert!(!server.asked_on().contains(&1));
    }
}

#[tokio::test]
async fn an_answer_that_began_is_not_asked_for_again() {
    let cut = Act::SayAndClose("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{");
    let (result, asked) = second_call(get(), cut, vec![vec![Act::Say(OK)]], &config()).await;
    assert_eq!((kind(result), asked), (ErrorKind::Transport, vec![0, 0]));
}

#[tokio::test]
async fn a_proxy_is_used_for_plain_and_for_secure_calls() {
    let server = Server::start(vec![
        vec![Act::SayAndClose("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}")],
        vec![Act::SayAndClose("HTTP/1.1 407 No\r\ncontent-length: 0\r\n\r\n")],
    ])
    .await;
    let mut config = config();
    config.proxy = Proxy::Url(Secret::new(format!("http://ada:hunter2@{}", server.address)));
    let plain = http(&config, "http://a.example");
    assert!(!format!("{config:?} {plain:?}").contains("hunter2"));
    plain.send(get()).await.expect("a reply");
    assert_eq!(kind(http(&config, "https://a.example").send(get()).await), ErrorKind::Transport);
    let seen = server.seen();
    assert!(seen[0].1.starts_with("GET http://a.example/user?t=hunter2 HTTP/1.1\r\n"), "{}", seen[0].1);
    assert!(seen[1].1.starts_with("CONNECT a.example:443 HTTP/1.1\r\n"), "{}", seen[1].1);
    for (_, request) in seen {
        assert!(request.to_ascii_lowercase().contains("proxy-authorization: basic"), "{request}");
    }
}

#[tokio::test]
async fn tls_with_a_server_that_has_none_is_transport() {
    let server = Server::start(vec![vec![Act::Blurt("HTTP/1.1 400 Bad Request\r\n\r\n")]]).await;
    let result = http(&config(), &format!("https://{}", server.address)).send(get()).await;
    let message = result.as_ref().expect_err("no TLS").message();
    assert!(message.starts_with("no secure connection to 127.0.0.1"), "{message}");
    assert_eq!(kind(result), ErrorKind::Transport);
    let server = Server::start(vec![vec![Act::Reset]]).await;
    let result = http(&config(), &format!("https://{}", server.address)).send(get()).await;
    assert_eq!(kind(result), ErrorKind::Transport);
}

#[test]
fn settings_that_cannot_work_are_config_and_never_repeated() {
    let proxy = |url: &str| {
        let mut config = config();
        config.proxy = Proxy::Url(Secret::new(url));
        config
    };
    let ca = |pem: &str| {
        let mut config = config();
        config.ca_pem = Some(pem.to_owned());
        config
    };
    let garbage = "-----BEGIN CERTIFICATE-----\naHVudGVyMg==\n-----END CERTIFICATE-----\n";
    for (config, key) in [
        (proxy("socks5://ada:hunter2@127.0.0.1:1"), "proxy"),
        (proxy("hunter2"), "proxy"),
        (proxy("hunter2:3128"), "proxy"),
        (proxy("//hunter2"), "proxy"),
        (proxy("ftp://ada:hunter2@127.0.0.1"), "proxy"),
        (proxy("http://ada:hunter2@"), "proxy"),
        (proxy("http://ada:hunter2@127.0.0.1:99999"), "proxy"),
        (ca("hunter2"), "ca_file"),
        (ca(""), "ca_file"),
        (ca(garbage), "ca_file"),
        (ca("-----BEGIN CERTIFICATE-----\n!hunter2!\n-----END CERTIFICATE-----\n"), "ca_file"),
    ] {
        let error = ReqwestTransport::new(&config).expect_err(key);
        assert_eq!((error.kind(), error.operation()), (ErrorKind::Config, key));
        assert!(!shown(&error).contains("hunter2"), "{error:?}");
    }
    let mut patient = config();
    (patient.timeout, patient.connect_timeout, patient.idle_timeout) =
        (Duration::MAX, Duration::MAX, Duration::MAX);
    ReqwestTransport::new(&patient).expect("a transport");
}
