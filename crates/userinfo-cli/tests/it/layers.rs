//! What the configured layers do, as the sandbox's journal tells it.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use userinfo_sandbox::Script;

use crate::house::{House, Ran};

/// A house with these layers for all instances.
fn house(layers: &str) -> House {
    let house = House::new();
    house.configure(&format!("{}\n[layers]\n{layers}\n", house.config(&house.url())));
    house
}

fn play(house: &House, rule: &Value) {
    let script = json!({ "rules": [rule] }).to_string();
    house.sandbox.play(Script::from_json(&script).expect("a script"));
}

fn get(house: &House, flags: &str) -> Ran {
    house.run(&format!("get {} --output json {flags}", house.question("devices")))
}

fn requests(house: &House) -> usize {
    house.sandbox.journal().len()
}

#[test]
fn an_outage_that_passes_is_not_seen() {
    let house = house("retry = { attempts = 3 }");
    play(&house, &json!({ "vendor": "quectel", "times": 2, "fault": "unavailable" }));
    assert_eq!(get(&house, "").json()["id"], "C131362");
    assert_eq!(requests(&house), 3);
}

#[test]
fn an_outage_that_lasts_is_told_once_all_attempts_are_used_up() {
    let house = house("retry = { attempts = 3 }");
    play(&house, &json!({ "vendor": "quectel", "fault": "unavailable" }));
    let ran = get(&house, "");
    let error = ran.error();
    assert_eq!(
        (ran.code, &error["kind"], &error["retry"]),
        (Some(6), &json!("unavailable"), &json!("never"))
    );
    assert_eq!(requests(&house), 3);
}

#[test]
fn a_final_answer_is_asked_for_once() {
    let house = house("retry = { attempts = 3 }");
    for (fault, code) in [("locked-out", 4), ("dead-token", 3), ("not-found", 5), ("html", 7)] {
        house.sandbox.clear_journal();
        play(&house, &json!({ "vendor": "quectel", "times": 1, "fault": fault }));
        assert_eq!((get(&house, "").code, requests(&house)), (Some(code), 1), "{fault}");
    }
}

#[test]
fn a_pause_that_the_deadline_does_not_allow_is_not_waited_for() {
    let house = house("retry = { attempts = 3 }\ndeadline = '10s'");
    play(&house, &json!({ "vendor": "quectel", "fault": "rate-limited", "retry_after": 60 }));
    let ran = get(&house, "");
    assert_eq!((ran.code, ran.error()["retry"].clone()), (Some(6), json!({ "after_ms": 60000 })));
    assert_eq!(requests(&house), 1);
}

#[test]
fn a_stalled_attempt_is_given_up_and_another_one_made() {
    let house = house("retry = { attempts = 3 }\nattempt_timeout = '300ms'");
    play(&house, &json!({ "vendor": "quectel", "times": 1, "fault": "stall" }));
    assert_eq!(get(&house, "").json()["id"], "C131362");
    assert_eq!(requests(&house), 2);
}

#[test]
fn the_timeout_of_the_command_line_ends_all_attempts() {
    let house = house("retry = { attempts = 3 }\ndeadline = '10m'");
    play(&house, &json!({ "vendor": "quectel", "fault": "stall" }));
    let begun = Instant::now();
    let ran = get(&house, "--timeout 600ms");
    assert_eq!((ran.code, ran.error()["kind"].clone()), (Some(6), json!("timeout")));
    assert!(begun.elapsed() < Duration::from_secs(9), "the transport's own deadline is 10 s");
}

#[test]
fn the_timeout_of_the_command_line_leaves_room_for_another_attempt() {
    for (layers, flags) in [
        ("retry = { attempts = 3 }", "--timeout 3s"),
        ("retry = { attempts = 3 }\nattempt_timeout = '300ms'", "--timeout 8s"),
    ] {
        let house = house(layers);
        play(&house, &json!({ "vendor": "quectel", "times": 1, "fault": "stall" }));
        let begun = Instant::now();
        assert_eq!(get(&house, flags).json()["id"], "C131362", "{layers}");
        assert_eq!(requests(&house), 2, "{layers}");
        assert!(begun.elapsed() < Duration::from_millis(2_300), "{layers}");
    }
}

#[test]
fn the_timeout_of_the_command_line_cuts_a_longer_one_of_an_attempt_and_hides_no_fault() {
    let house = house("attempt_timeout = '5m'");
    assert_eq!(get(&house, "--timeout 8s").json()["id"], "C131362");
    house.configure(&format!("{}\n[layers]\nattempt_timeout = 'soon'\n", house.config(&house.url())));
    let ran = get(&house, "--timeout 8s");
    let fault = &ran.error()["faults"][0];
    assert_eq!((ran.code, &fault["path"]), (Some(2), &json!("layers.attempt_timeout")));
}

#[test]
fn every_attempt_is_one_line_without_a_word_about_anybody() {
    for (layers, attempts) in [("retry = { attempts = 3 }", 3), ("", 1)] {
        let house = house(layers);
        play(&house, &json!({ "vendor": "quectel", "fault": "unavailable" }));
        let told = get(&house, "-v").stderr;
        let lines: Vec<_> = told.lines().filter(|it| it.contains(": attempt ")).collect();
        assert_eq!((lines.len(), requests(&house)), (attempts, attempts), "{told}");
        for (at, line) in lines.iter().enumerate() {
            assert!(line.contains(&format!("http.request.resend_count={at} ")), "{line}");
            assert!(line.contains("error.type=\"unavailable\"") && line.contains("\"devices\""), "{line}");
            assert!(
                !line.contains("C131362") && !line.contains("eyJ") && !line.contains("http://"),
                "{line}"
            );
        }
    }
}

#[test]
fn a_refusal_of_a_layer_is_no_attempt_at_the_vendor_in_the_log() {
    let house = house("retry = { attempts = 3 }\nbreaker = { failures = 2 }");
    play(&house, &json!({ "vendor": "quectel", "fault": "unavailable" }));
    let told = get(&house, "-v").stderr;
    let lines: Vec<_> = told.lines().filter(|it| it.contains(": attempt ")).collect();
    let outcomes: Vec<_> = lines.iter().map(|it| it.contains("outcome=\"refused\"")).collect();
    assert_eq!((outcomes.as_slice(), requests(&house)), (&[false, false, true][..], 2), "{told}");
}

#[test]
fn a_check_is_one_question_whatever_the_layers() {
    let house = house("retry = { attempts = 3 }\nrate_limit = { per_second = 1 }");
    play(&house, &json!({ "vendor": "quectel", "fault": "unavailable" }));
    assert_eq!(house.run("check devices --online").code, Some(6));
    let asked = house.sandbox.journal().iter().filter(|it| it.method() == "GET").count();
    assert_eq!(asked, 1);
}

#[test]
fn the_layers_are_listed_and_their_faults_are_told() {
    let house = house("retry = { attempts = 3 }\nbreaker = {}");
    let rows = house.run("providers").json();
    assert_eq!(
        rows[0]["layers"],
        json!(["trace", "single_flight", "deadline", "retry", "breaker", "attempt_timeout"])
    );
    house.configure(&format!("{}\n[layers]\nretry = {{ attempts = 0 }}\n", house.config(&house.url())));
    let ran = house.run("check");
    assert_eq!(ran.code, Some(2));
    assert_eq!(
        ran.stderr,
        "userinfo: userinfo.toml: layers.retry.attempts: must be a whole number from 1 to 4294967295\n"
    );
}
