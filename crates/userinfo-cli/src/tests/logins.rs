//! What a person is asked for, and what is made of the answer.

use std::{fs, path::Path};

use serde_json::json;

use super::{CONFIG, Case, Outcome};

/// Tokens are kept beside the configuration.
fn case() -> Case {
    configured(CONFIG)
}

fn configured(text: &str) -> Case {
    Case::new().with_config(&format!("[credentials]\ndir = \"state\"\n{text}"))
}

/// Somebody sits there and types this.
fn typed(line: &str, text: &'static [u8]) -> Outcome {
    let mut case = case();
    (case.somebody_sits_there, case.stdin) = (true, text);
    case.run(line)
}

#[test]
fn whoever_sits_there_is_asked_for_the_code() {
    let outcome = typed("login wallet --output json", b" right \r\nwhat comes next");
    let told: serde_json::Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_eq!((told["kept"].clone(), told["user"]["id"].clone()), (json!(true), json!("1000")));
    assert_eq!(told.get("expires_at"), None);
    let asked =
        "userinfo: the code that the user was given: userinfo: logged in; what was issued is kept in ";
    assert!(outcome.stderr.starts_with(asked), "{}", outcome.stderr);
    let mut case = case();
    case.stdin = b" right \n";
    assert_eq!(case.run("login wallet --code-stdin").code, 0, "blanks around a code are nobody's");
    let outcome = typed("login wallet", b"\n");
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
    assert!(outcome.stderr.contains("there is no answer"), "{}", outcome.stderr);
}

#[test]
fn a_user_is_masked_where_that_is_wanted() {
    let outcome = typed("login wallet --output json --mask", b"right\n");
    assert!(outcome.stdout.contains("x***") && !outcome.stdout.contains("x@y"), "{}", outcome.stdout);
}

#[test]
fn a_captcha_is_shown_and_its_picture_goes_away() {
    let outcome = typed("login site --output table", b"x7k2\n");
    assert_eq!(
        outcome.stdout,
        "instance     site\nkind         acme\ntoken until  1970-01-01T00:00:00Z\nkept         yes\n"
    );
    let place = outcome.stderr.split("its picture is ").nth(1).and_then(|it| it.lines().next());
    let place = Path::new(place.expect("a place"));
    assert!(place.extension().is_some_and(|it| it == "png") && !place.exists(), "{}", place.display());
    let outcome = typed("login site", b"X7K2\n");
    assert_eq!((outcome.code, outcome.stdout.as_str()), (3, ""));
}

#[test]
fn a_captcha_is_answered_on_stdin_or_by_somebody_and_never_beforehand() {
    let mut case = case();
    case.stdin = b"x7k2\n";
    assert_eq!(case.run("login site --code-stdin").code, 0);
    for (line, words) in [
        ("login site", "site: a captcha is demanded; run it on a terminal, or answer with --code-stdin"),
        ("login site --code-env T", "a captcha is demanded, which nobody can know beforehand; "),
    ] {
        let outcome = case.run(line);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{line}");
        assert!(outcome.stderr.contains(words) && !outcome.stderr.contains("picture"), "{}", outcome.stderr);
    }
}

#[test]
fn an_instance_that_has_all_it_takes_asks_for_nothing() {
    let text = CONFIG.replace("\"hunter22\"", "\"captcha-off\"");
    let case = configured(&text);
    let outcome = case.run("login site");
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let told: serde_json::Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_eq!(told, json!({"instance": "site", "kind": "acme", "kept": true}));
    let case = case.with_config(&format!("[credentials]\ndir = \"off\"\n{text}"));
    let outcome = case.run("login site");
    assert!(outcome.stdout.contains("\"kept\": false"), "{}", outcome.stdout);
    assert!(outcome.stderr.contains("is not kept"), "{}", outcome.stderr);
}

#[test]
fn what_could_not_be_kept_is_not_said_to_be() {
    let case = configured(&CONFIG.replace("\"hunter22\"", "\"not-kept\""));
    let outcome = case.run("login site");
    assert!(outcome.stdout.contains("\"kept\": false"), "{}", outcome.stdout);
    assert!(outcome.stderr.contains("is not kept"), "{}", outcome.stderr);
}

#[test]
fn a_code_that_nobody_asks_for_is_not_read() {
    let mut case = configured(&CONFIG.replace("\"hunter22\"", "\"captcha-off\""));
    case.stdin = b"x";
    let outcome = case.run("login site --code-stdin");
    assert_eq!(outcome.code, 0);
    assert!(outcome.stderr.starts_with("userinfo: no code was asked for\n"), "{}", outcome.stderr);
}

#[test]
fn an_instance_without_anything_to_log_in_with_says_so() {
    let case = configured(&CONFIG.replace("\"hunter22\"", "\"no-desk\""));
    let outcome = case.run("login site");
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
    assert_eq!(
        outcome.stderr,
        "userinfo: site (Acme): there is nothing to log in with; a token needs no login; to log in, configure a key pair \
         or a password\n"
    );
    assert!(fs::read_dir(case.file("state")).is_err(), "nothing is written");
}
