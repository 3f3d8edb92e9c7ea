//! What is said when something goes wrong, and the exit code.

use std::{
    fs::{self, File},
    process::Stdio,
    time::Instant,
};

use serde_json::json;
use userinfo_sandbox::Fault;

use crate::house::{House, INSTANCES};

/// Asks with one fault in the way; returns the exit code and the kind.
fn failed(house: &House, instance: &str, fault: Fault) -> (Option<i32>, String) {
    house.sandbox.fail_next(fault);
    let ran = house.run(&format!("get {} --output json --timeout 60s", house.question(instance)));
    let error = ran.error();
    assert_eq!(error["instance"], instance, "{error}");
    for key in ["provider", "message", "advice"] {
        assert!(error[key].as_str().is_some_and(|it| !it.is_empty()), "{error}");
    }
    (ran.code, error["kind"].as_str().expect("text").to_owned())
}

/// A page that never seems to end; the sandbox makes it in no time.
fn fifty_megabytes() -> Fault {
    let body = Some("x".repeat(50 << 20));
    Fault::HttpStatus { status: 200, body, content_type: None, headers: [].into() }
}

#[test]
fn a_fault_has_one_kind_and_one_exit_code_at_every_vendor() {
    let house = House::new();
    for instance in INSTANCES {
        for (fault, code, kind) in [
            (Fault::DeadToken, 3, "unauthenticated"),
            (Fault::http_status(503), 6, "unavailable"),
            (Fault::Reset, 6, "transport"),
            (Fault::Truncated, 6, "transport"),
            (Fault::Html, 7, "protocol"),
            (Fault::Empty, 7, "protocol"),
            (Fault::InvalidUtf8, 7, "protocol"),
            (Fault::NestingBomb { depth: None }, 7, "protocol"),
            (Fault::Gzip, 7, "protocol"),
            (Fault::Oversized { bytes: None }, 7, "protocol"),
            (fifty_megabytes(), 7, "protocol"),
            (Fault::Redirect { location: None, status: None }, 7, "protocol"),
        ] {
            let name = fault.name();
            assert_eq!(failed(&house, instance, fault), (Some(code), kind.to_owned()), "{instance}: {name}");
        }
    }
}

#[test]
fn a_foreign_user_is_never_printed() {
    let house = House::new();
    for instance in ["devices", "site", "school"] {
        assert_eq!(
            failed(&house, instance, Fault::ForeignUser),
            (Some(7), "id_mismatch".to_owned()),
            "{instance}"
        );
    }
}

#[test]
fn an_answer_whose_signature_is_wrong_is_never_printed() {
    let house = House::new();
    for fault in [Fault::TamperedBody, Fault::BadSignature, Fault::Unsigned, Fault::StaleTime] {
        let name = fault.name();
        assert_eq!(failed(&house, "wallet", fault), (Some(7), "signature".to_owned()), "{name}");
    }
}

#[test]
fn a_fault_can_ride_in_a_configured_header() {
    let house = House::new();
    let config = house.config(&house.url());
    house.configure(
        &config.replace("kind = \"anqicms\"", "kind = \"anqicms\"\nheaders = { Sandbox-Fault = \"html\" }"),
    );
    let ran = house.run(&format!("get {}", house.question("site")));
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(7), ""));
    let lines: Vec<_> = ran.stderr.lines().collect();
    assert_eq!(lines.len(), 1, "{}", ran.stderr);
    assert!(
        lines[0].starts_with("userinfo: site: anqicms: ") && lines[0].contains("an HTML page"),
        "{}",
        lines[0]
    );
    assert!(lines[0].contains("; check the base URL"), "{}", lines[0]);
}

#[test]
fn a_pause_that_the_vendor_names_is_told_to_programs() {
    let house = House::new();
    house.sandbox.fail_next(Fault::HttpStatus {
        status: 429,
        body: None,
        content_type: None,
        headers: [("retry-after".to_owned(), "2".to_owned())].into(),
    });
    let ran = house.run(&format!("get {} --output json", house.question("devices")));
    let error = ran.error();
    assert_eq!((ran.code, &error["kind"]), (Some(6), &json!("rate_limited")));
    assert_eq!(error["retry"], json!({"after_ms": 2000}));
    assert_eq!(error["http_status"], 429);
}

#[test]
fn a_pause_that_the_vendor_names_is_told_to_people() {
    let house = House::new();
    house.sandbox.fail_next(Fault::rate_limited(60));
    let ran = house.run(&format!("get {}", house.question("devices")));
    assert!(ran.stderr.ends_with("; wait, then ask more slowly (ask again in 60 s)\n"), "{}", ran.stderr);
}

#[test]
fn the_end_of_the_deadline_is_said_once() {
    let (house, _listener) = House::silent();
    let config = fs::read_to_string(house.folder.path().join("userinfo.toml")).expect("a file");
    house.configure(&format!("[http]\ntimeout = \"200ms\"\n{config}"));
    let question = house.question("site");
    let ran = house.run(&format!("get {question}"));
    assert!(ran.stderr.contains("no whole answer from 127.0.0.1"), "{}", ran.stderr);
    assert!(ran.stderr.ends_with(" in time; try again, or allow more time\n"), "{}", ran.stderr);
    assert_eq!(house.run(&format!("get {question} --output json")).error().get("cause"), None);
}

#[test]
fn a_silent_server_costs_no_more_than_the_deadline() {
    let (house, _listener) = House::silent();
    for instance in INSTANCES {
        let start = Instant::now();
        let ran = house.run(&format!("get {} --output json --timeout 200ms", house.question(instance)));
        assert_eq!((ran.code, &ran.error()["kind"]), (Some(6), &json!("timeout")), "{instance}");
        // The file's own deadline is the default, 10 s.
        assert!(start.elapsed().as_secs() < 9, "{instance}");
    }
}

#[test]
fn a_closed_port_is_said_to_be_one() {
    let (house, listener) = House::silent();
    drop(listener);
    let ran = house.run(&format!("get {}", house.question("site")));
    assert_eq!(ran.code, Some(6));
    assert!(ran.stderr.contains("no connection to 127.0.0.1"), "{}", ran.stderr);
    assert!(ran.stderr.to_lowercase().contains("refused"), "the innermost cause: {}", ran.stderr);
}

#[test]
fn an_id_with_a_line_feed_is_sent_nowhere() {
    let house = House::new();
    for instance in ["devices", "site", "school"] {
        for id in ["10\n00", "1\r\nX: y", ""] {
            let ran = house.command(&["get", instance, id, "--output", "json"]).output().expect("it runs");
            assert_eq!(ran.status.code(), Some(2), "{instance} {id:?}");
        }
    }
    assert_eq!(house.sandbox.journal().len(), 0);
}

#[test]
fn a_user_who_is_not_there_is_exit_5_or_what_the_vendor_makes_of_it() {
    let house = House::new();
    for (instance, id) in [("devices", "C404404"), ("school", "404404")] {
        let ran = house.run(&format!("get {instance} {id} --output json"));
        assert_eq!((ran.code, &ran.error()["kind"]), (Some(5), &json!("not_found")), "{instance}");
    }
}

#[test]
fn a_reader_who_leaves_is_no_failure() {
    let house = House::new();
    for line in ["completions bash", "--help", &format!("get {}", house.question("site"))] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let words: Vec<_> = line.split(' ').collect();
        let child = house.command(&words).stdout(writer).stderr(Stdio::piped()).spawn().expect("it runs");
        let output = child.wait_with_output().expect("it ends");
        assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]), "{line}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_a_failure() {
    let house = House::new();
    let full = File::options().write(true).open("/dev/full").expect("a device");
    let output = house.command(&["providers"]).stdout(full).output().expect("it runs");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("userinfo: the answer cannot be written: "));
}
