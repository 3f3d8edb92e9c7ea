//! What `bad-day` tells of a bad day at the simulator, and what the simulator's journal tells of the same.

use std::{fs, process::Command, sync::Arc};

use tempfile::TempDir;
use userinfo_sandbox::{Sandbox, Script, Server, credentials};

/// What came of one run.
#[derive(Debug)]
struct Day {
    stdout: String,
    requests: usize,
    faults: usize,
}

/// Runs the program against a sandbox of its own that plays one rule.
fn day(layers: &str, rule: &str, times: usize) -> Day {
    let sandbox = Arc::new(Sandbox::new());
    let script = Script::from_json(&format!(r#"{{"rules":[{rule}]}}"#)).expect("a script");
    sandbox.play(script);
    let server = Server::bind(Arc::clone(&sandbox), "127.0.0.1:0").expect("a free port");
    let server = server.spawn().expect("a thread");
    let id = &sandbox.person("everything").expect("a seeded person").ids.quectel;

    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("userinfo.toml");
    let config = format!(
        "[providers.devices]\nkind = \"quectel\"\nbase_url = \"{}/quectel\"\ntoken = {:?}\n
[layers]\nsingle_flight = false\n{layers}\n",
        server.url(),
        credentials::QUECTEL_TOKEN,
    );
    fs::write(&file, config).expect("a file");
    let mut program = Command::new(env!("CARGO_BIN_EXE_bad-day"));
    let output = program.arg(file).args(["devices", id, &times.to_string()]).env_clear().output();
    let output = output.expect("the program runs");
    assert!(output.status.success(), "{output:?}");

    let journal = sandbox.journal();
    Day {
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        requests: journal.len(),
        faults: journal.iter().filter(|it| it.fault().is_some()).count(),
    }
}

impl Day {
    /// What is told besides the layers and the time, with how often it came.
    fn outcomes(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.stdout.lines().skip(2);
        lines.map(|line| {
            let (count, what) = line.trim_start().split_once("  ").expect("a count and what came of it");
            (count.parse().expect("a count"), what)
        })
    }

    /// How many look-ups ended in words that contain these.
    fn told(&self, words: &str) -> usize {
        self.outcomes().filter(|(_, what)| what.contains(words)).map(|(count, _)| count).sum()
    }

    fn ok(&self) -> usize {
        self.outcomes().filter(|(_, what)| *what == "ok").map(|(count, _)| count).sum()
    }

    /// The most retries that the budget grants to so many look-ups: ten or 20 %, and ten more for each second
    /// that a busy machine needs besides the first.
    fn budget(&self, times: usize) -> usize {
        let time = self.stdout.lines().nth(1).expect("the time");
        let seconds = time.strip_prefix(&format!("{times} look-ups in ")).and_then(|it| it.split('.').next());
        let more: usize = seconds.and_then(|it| it.parse().ok()).expect("seconds");
        (times / 5).max(10) + 10 * more
    }
}

#[test]
fn with_three_calls_in_ten_failing_retries_save_most_of_them() {
    let rule = r#"{"vendor":"quectel","percent":30,"fault":"unavailable"}"#;
    let day = day("retry = { attempts = 3 }", rule, 30);
    assert!(day.stdout.starts_with("layers: trace > deadline > retry > attempt_timeout\n"), "{day:?}");
    // Whichever look-ups are hit: with 30 + r requests, 9 + 0.3 r are hit, and all but r of these hits end a
    // look-up. One that fails had two retries, unless ten were spent: so no more than three fail.
    assert!(day.ok() >= 27, "{day:?}");
    assert_eq!(day.ok() + day.told("服务异常 (vendor code 50000, HTTP 200)"), 30, "{day:?}");
    let (retries, failed) = (day.requests - 30, 30 - day.ok());
    assert_eq!(day.faults, retries + failed, "{day:?}");
    assert!(retries <= day.budget(30), "{day:?}");
}

#[test]
fn twenty_look_ups_of_such_a_day_are_refused_no_retry() {
    let day =
        day("retry = { attempts = 3 }", r#"{"vendor":"quectel","percent":30,"fault":"unavailable"}"#, 20);
    // With 20 + r requests, as many as 6 + 0.3 r are hit, and at least r: so r is no more than eight.
    assert!(day.requests <= 28, "{day:?}");
    // Who fails had two retries, as nobody was refused one: so no more than two fail.
    assert!(day.ok() >= 18, "{day:?}");
}

#[test]
fn an_upstream_that_is_down_sees_at_most_a_fifth_more_calls() {
    let day = day("retry = { attempts = 3 }", r#"{"vendor":"quectel","fault":"unavailable"}"#, 200);
    assert_eq!(day.told("vendor code 50000"), 200, "{day:?}");
    assert_eq!(day.faults, day.requests, "{day:?}");
    assert!(day.requests > 200, "{day:?}");
    assert!(day.requests - 200 <= day.budget(200), "{day:?}");
}

#[test]
fn an_upstream_that_is_down_is_left_alone_behind_a_breaker() {
    let layers = "retry = { attempts = 3 }\nbreaker = { failures = 5, cooldown = '200s' }";
    let day = day(layers, r#"{"vendor":"quectel","fault":"unavailable"}"#, 200);
    assert!(
        day.stdout.starts_with("layers: trace > deadline > retry > breaker > attempt_timeout\n"),
        "{day:?}"
    );
    assert_eq!(day.ok(), 0, "{day:?}");
    // Sixteen are under way at once, and the fifth failure stops all that are not.
    assert!((5..=20).contains(&day.requests), "{day:?}");
    assert!(day.told("not asked: the circuit breaker is open after 5 failures in a row") >= 180, "{day:?}");
}

#[test]
fn a_vendor_that_names_a_pause_is_asked_again_after_it() {
    let rule = r#"{"vendor":"quectel","times":2,"fault":"rate-limited","retry_after":0}"#;
    let day = day("retry = { attempts = 3 }", rule, 1);
    assert_eq!((day.ok(), day.requests, day.faults), (1, 3, 2), "{day:?}");
}

#[test]
fn a_pause_longer_than_the_deadline_is_not_begun() {
    let rule = r#"{"vendor":"quectel","fault":"rate-limited","retry_after":60}"#;
    let day = day("retry = { attempts = 3 }\ndeadline = '30s'", rule, 1);
    assert_eq!((day.told("HTTP 429"), day.requests), (1, 1), "{day:?}");
}

#[test]
fn a_stalled_attempt_is_given_up_and_another_one_answers() {
    let rule = r#"{"vendor":"quectel","times":1,"fault":"stall"}"#;
    // The transport would give up too, after ten seconds: then there is no time left.
    let day = day("retry = { attempts = 3 }\nattempt_timeout = '300ms'\ndeadline = '8s'", rule, 1);
    assert_eq!((day.ok(), day.requests, day.faults), (1, 2, 1), "{day:?}");
}

#[test]
fn a_slow_answer_is_given_up_and_the_next_one_is_quick() {
    let rule = r#"{"vendor":"quectel","times":1,"fault":"slow","pause_ms":625}"#;
    let day = day("retry = { attempts = 3 }\nattempt_timeout = '1s'", rule, 1);
    assert_eq!((day.ok(), day.requests, day.faults), (1, 2, 1), "{day:?}");
}

#[test]
fn a_faulty_file_is_told_by_its_name_a_line_of_words() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("userinfo.toml");
    fs::write(&file, "[layers]\ndeadline = 5\n").expect("a file");
    let mut program = Command::new(env!("CARGO_BIN_EXE_bad-day"));
    let output = program.arg(&file).args(["devices", "1", "1"]).output().expect("the program runs");
    assert_eq!(output.status.code(), Some(1));
    let expected =
        format!("bad-day: {}: layers.deadline: must be \"off\" or a duration in quotes, ", file.display());
    let told = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(told.starts_with(&expected) && told.lines().count() == 1, "{told}");
}
