use std::{
    io::{ErrorKind, Read, Write},
    time::Duration,
};

use userinfo_sandbox::{Sandbox, Vendor, WireFault};

use crate::{
    asks::{ask_for, with_fault},
    server::{answer, bytes, connect, faulty, serve},
};

#[test]
fn faults_below_http_ride_in_the_extensions() {
    let sandbox = Sandbox::new();
    for (fault, wire) in [
        ("refused", WireFault::Refused),
        ("reset", WireFault::Reset),
        ("stall", WireFault::Stall),
        ("stall-body", WireFault::StallBody),
        ("truncated", WireFault::Truncated),
        ("slow", WireFault::Slow { pause: Duration::from_millis(100) }),
        (r#"{"fault":"slow","pause_ms":5}"#, WireFault::Slow { pause: Duration::from_millis(5) }),
        ("drop-idle", WireFault::DropIdle),
    ] {
        let response = sandbox.handle(&with_fault(ask_for(&sandbox, Vendor::Quectel, "minimal"), fault));
        assert_eq!(response.extensions().get::<WireFault>(), Some(&wire));
        assert!(!response.body().is_empty());
    }
}

#[test]
fn refused_and_reset_end_in_a_reset() {
    for (fault, most) in [("refused", 0), ("reset", 200)] {
        let (sandbox, running) = serve();
        let mut stream = connect(&running);
        stream.write_all(&faulty(&sandbox, fault)).unwrap();
        let mut seen = Vec::new();
        let error = stream.read_to_end(&mut seen).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{fault}");
        assert!(seen.len() <= most, "{fault}: {}", String::from_utf8_lossy(&seen));
    }
}

#[test]
fn a_stalled_answer_never_comes() {
    let (sandbox, running) = serve();
    let mut stream = connect(&running);
    stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    stream.write_all(&faulty(&sandbox, "stall")).unwrap();
    let error = stream.read(&mut [0]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}");
}

#[test]
fn a_stalled_body_stops_half_way() {
    let (sandbox, running) = serve();
    let mut stream = connect(&running);
    stream.write_all(&faulty(&sandbox, "stall-body")).unwrap();
    let whole = sandbox.handle(&ask_for(&sandbox, Vendor::Quectel, "everything"));
    let mut seen = Vec::new();
    let mut byte = [0];
    while !seen.ends_with(&whole.body()[..whole.body().len() / 2]) {
        stream.read_exact(&mut byte).unwrap();
        seen.push(byte[0]);
    }
    let promised = format!("content-length: {}\r\n", whole.body().len());
    assert!(String::from_utf8_lossy(&seen).contains(&promised));
    stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    let error = stream.read(&mut byte).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}");
}

#[test]
fn a_truncated_answer_promises_more_than_comes() {
    let (sandbox, running) = serve();
    let mut stream = connect(&running);
    stream.write_all(&faulty(&sandbox, "truncated")).unwrap();
    let mut seen = String::new();
    stream.read_to_string(&mut seen).unwrap();
    let (head, body) = seen.split_once("\r\n\r\n").unwrap();
    assert!(head.contains(&format!("content-length: {}", body.len() + 16)), "{head}");
}

#[test]
fn a_slow_answer_comes_whole() {
    let (sandbox, running) = serve();
    let mut stream = connect(&running);
    stream.write_all(&faulty(&sandbox, r#"{"fault":"slow","pause_ms":1}"#)).unwrap();
    let whole = sandbox.handle(&ask_for(&sandbox, Vendor::Quectel, "everything"));
    assert_eq!(&answer(&mut stream).1, whole.body());
    stream.write_all(&bytes(&ask_for(&sandbox, Vendor::Quectel, "minimal"))).unwrap();
    assert!(!answer(&mut stream).1.is_empty());
}

#[test]
fn an_idle_connection_is_dropped_under_the_next_call() {
    let (sandbox, running) = serve();
    let mut stream = connect(&running);
    stream.write_all(&faulty(&sandbox, "drop-idle")).unwrap();
    let (head, body) = answer(&mut stream);
    assert!(head.contains("connection: keep-alive") && !body.is_empty());
    stream.write_all(&bytes(&ask_for(&sandbox, Vendor::Quectel, "minimal"))).unwrap();
    assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    assert_eq!(sandbox.journal().len(), 1);
    let mut second = connect(&running);
    second.write_all(&bytes(&ask_for(&sandbox, Vendor::Quectel, "minimal"))).unwrap();
    assert!(!answer(&mut second).1.is_empty());
}

#[test]
fn a_large_answer_comes_whole() {
    let (sandbox, running) = serve();
    let mut stream = connect(&running);
    stream.write_all(&faulty(&sandbox, "oversized")).unwrap();
    assert!(answer(&mut stream).1.len() > 4 << 20);
}
