use std::{
    io::{Read, Write},
    net::{Shutdown, TcpStream},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use http::Request;
use userinfo_sandbox::{Running, Sandbox, Server, Vendor};

use crate::asks::{Clock, ask_for, get, header, request, with_fault};

pub(crate) fn serve() -> (Arc<Sandbox>, Running) {
    serve_this(Sandbox::new())
}

fn serve_this(sandbox: Sandbox) -> (Arc<Sandbox>, Running) {
    let sandbox = Arc::new(sandbox);
    let server = Server::bind(Arc::clone(&sandbox), "127.0.0.1:0").unwrap();
    (sandbox, server.spawn().unwrap())
}

pub(crate) fn connect(running: &Running) -> TcpStream {
    let stream = TcpStream::connect(running.addr()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream
}

/// The bytes of a request on the wire.
pub(crate) fn bytes(request: &Request<Bytes>) -> Vec<u8> {
    let mut bytes =
        format!("{} {} HTTP/1.1\r\nHost: sandbox\r\n", request.method(), request.uri()).into_bytes();
    for (name, value) in request.headers() {
        bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    bytes.extend(format!("content-length: {}\r\n\r\n", request.body().len()).into_bytes());
    bytes.extend_from_slice(request.body());
    bytes
}

/// One answer: its head, and as much body as its head promises.
pub(crate) fn answer(stream: &mut TcpStream) -> (String, Vec<u8>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let length = head.lines().find_map(|it| it.strip_prefix("content-length: ")).unwrap_or("0");
    let mut body = vec![0; length.parse().unwrap()];
    stream.read_exact(&mut body).unwrap();
    (head, body)
}

pub(crate) fn faulty(sandbox: &Sandbox, fault: &str) -> Vec<u8> {
    bytes(&with_fault(ask_for(sandbox, Vendor::Quectel, "everything"), fault))
}

#[test]
fn one_connection_serves_call_after_call() {
    let (sandbox, running) = serve();
    let mut stream = connect(&running);
    for vendor in Vendor::ALL {
        let request = ask_for(&sandbox, vendor, "chinese");
        stream.write_all(&bytes(&request)).unwrap();
        let (head, body) = answer(&mut stream);
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n") && head.contains("connection: keep-alive"), "{head}");
        if vendor != Vendor::AlipayPlus {
            assert_eq!(&body, Sandbox::new().handle(&request).body(), "{vendor}");
        }
    }
    assert_eq!(sandbox.journal().len(), 4);
}

#[test]
fn pipelined_calls_are_answered_in_order() {
    let (sandbox, running) = serve();
    let mut stream = connect(&running);
    let calls = ["minimal", "chinese"].map(|it| bytes(&ask_for(&sandbox, Vendor::Tianyin, it)));
    stream.write_all(&calls.concat()).unwrap();
    assert!(String::from_utf8(answer(&mut stream).1).unwrap().contains(r#""userId":"1""#));
    assert!(String::from_utf8(answer(&mut stream).1).unwrap().contains("9223372036854775783"));
}

#[test]
fn chunked_bodies_are_put_together() {
    let (_, running) = serve();
    let mut stream = connect(&running);
    let call = b"POST /_sandbox/faults HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n\
        9\r\n{\"rules\":\r\n3\r\n[]}\r\n0\r\n\r\n";
    for piece in call.chunks(7) {
        stream.write_all(piece).unwrap();
    }
    assert!(answer(&mut stream).0.starts_with("HTTP/1.1 204 No Content\r\n"));
}

#[test]
fn a_client_that_says_close_is_closed() {
    let (sandbox, running) = serve();
    let mut stream = connect(&running);
    let mut request = ask_for(&sandbox, Vendor::Quectel, "minimal");
    request.headers_mut().insert("connection", "close".parse().unwrap());
    stream.write_all(&bytes(&request)).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("connection: close\r\n") && answer.contains(r#""uid":"C1""#), "{answer}");
}

#[test]
fn what_is_too_large_or_no_http_is_refused() {
    let (sandbox, running) = serve();
    for (call, status) in [
        (b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n".to_vec(), "413 Payload Too Large"),
        (
            [b"GET / HTTP/1.1\r\nA: ".to_vec(), vec![b'a'; 70_000]].concat(),
            "431 Request Header Fields Too Large",
        ),
        (b"\x16\x03\x01 hello\r\n\r\n".to_vec(), "400 Bad Request"),
    ] {
        let mut stream = connect(&running);
        stream.write_all(&call).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{answer}");
        assert_eq!(dates(&answer), ["Wed, 10 Jan 2024 04:12:12 GMT"]);
    }
    assert!(sandbox.journal().is_empty());
}

/// Every `Date` of a head.
fn dates(head: &str) -> Vec<&str> {
    head.lines().filter_map(|it| it.strip_prefix("date: ")).collect()
}

#[test]
fn each_answer_tells_the_time_of_the_sandbox() {
    let (sandbox, clock) = Clock::new();
    let (sandbox, running) = serve_this(sandbox);
    let mut stream = connect(&running);
    let mut tell = |request: &Request<Bytes>| {
        stream.write_all(&bytes(request)).unwrap();
        answer(&mut stream).0
    };
    for vendor in Vendor::ALL {
        let head = tell(&ask_for(&sandbox, vendor, "minimal"));
        assert_eq!(dates(&head), ["Wed, 10 Jan 2024 04:12:12 GMT"], "{vendor}");
    }
    clock.advance(26 * 24 * 60 * 60 + 1);
    for request in [get("/nowhere", &[]), get("/_sandbox/journal", &[]), request("HEAD", "/", &[], "")] {
        let response = sandbox.handle(&request);
        assert_eq!(header(&response, "date"), Some("Mon, 05 Feb 2024 04:12:13 GMT"), "{request:?}");
    }
    assert_eq!(dates(&tell(&get("/nowhere", &[]))), ["Mon, 05 Feb 2024 04:12:13 GMT"]);
    let fault = r#"{"fault":"http-status","status":502,"headers":{"Date":"Sun, 06 Nov 1994 08:49:37 GMT"}}"#;
    let head = tell(&with_fault(ask_for(&sandbox, Vendor::Quectel, "minimal"), fault));
    assert_eq!(dates(&head), ["Sun, 06 Nov 1994 08:49:37 GMT"]);
}

#[test]
fn dropping_the_guard_frees_the_port() {
    let (_, running) = serve();
    let addr = running.addr();
    assert_eq!(running.url(), format!("http://{addr}"));
    let mut stream = connect(&running);
    drop(running);
    assert_eq!(stream.read(&mut [0]).unwrap_or_default(), 0);
    assert!(TcpStream::connect(addr).is_err());
}
