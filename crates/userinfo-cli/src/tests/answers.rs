//! What is printed when all goes well.

use std::fs;

use serde_json::json;

use super::{CONFIG, Case, fake};

#[test]
fn a_user_is_canonical_json_where_nobody_looks() {
    let outcome = Case::new().run("get site 1000");
    assert_eq!(
        outcome.stdout,
        "{\n  \"provider\": \"acme\",\n  \"id\": \"1000\",\n  \"display_name\": \"小明\",\n  \"nickname\": \"小明\",\n  \
         \"emails\": [\n    {\n      \"value\": \"x@y.example\"\n    }\n  ]\n}\n"
    );
    assert_eq!(outcome.code, 0);
}

#[test]
fn a_user_is_a_table_on_a_terminal() {
    let outcome = Case::new().on_a_terminal().run("get site 1000");
    assert_eq!(
        outcome.stdout,
        "provider      acme\nid            1000\ndisplay_name  小明\nnickname      小明\nemails        x@y.example\n"
    );
}

#[test]
fn the_other_forms_are_those_of_the_user() {
    let case = Case::new();
    assert_eq!(case.run("get site 1000 --output oidc").json()["sub"], "1000");
    assert_eq!(case.run("--output scim get site 1000").json()["externalId"], "1000");
    let raw = case.run("get site 1000 --output=raw");
    assert_eq!((raw.code, raw.stdout.as_str()), (0, fake::ANSWER));
}

#[test]
fn a_mask_covers_every_form_and_a_raw_answer_cannot_have_one() {
    let case = Case::new();
    for form in ["table", "json", "oidc", "scim"] {
        let outcome = case.run(&format!("get site 1000 --mask --output {form}"));
        assert_eq!(outcome.code, 0);
        assert!(!outcome.stdout.contains("x@y") && !outcome.stdout.contains("小明"), "{}", outcome.stdout);
        assert!(outcome.stdout.contains("1000"));
    }
    let outcome = case.run("get site 1000 --mask --output raw");
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
    assert!(outcome.stderr.starts_with("userinfo: a raw answer cannot be masked; "));
    let explained = case.run("explain site 1000 --mask").stdout;
    assert!(!explained.contains("x@y") && explained.contains("x***") && explained.contains("/data/mail"));
}

#[test]
fn a_token_comes_from_the_environment_or_from_stdin() {
    let mut case = Case::new();
    assert_eq!(case.run("get wallet --token-env T").json()["id"], "1000");
    case.stdin = b"right\r\n";
    assert_eq!(case.run("get wallet --token-stdin").json()["id"], "1000");
    assert_eq!(case.run("get site settings --token-stdin").json()["extra"]["token"], 5);
    case.stdin = b"\n";
    let outcome = case.run("get wallet --token-stdin");
    assert_eq!(outcome.code, 2);
    assert!(outcome.stderr.starts_with("userinfo: stdin is empty; "), "{}", outcome.stderr);
    let outcome = case.run("get wallet --token-env NOWHERE");
    assert_eq!(outcome.code, 2);
    assert!(outcome.stderr.starts_with("userinfo: the environment variable NOWHERE is not set; "));
    assert_eq!(case.run("get wallet --token-env T --token-stdin").code, 2);
}

#[test]
fn a_deadline_on_the_command_line_stands_before_the_file() {
    let case = Case::new();
    assert_eq!(case.run("get site settings").json()["extra"]["timeout"], "7000");
    assert_eq!(case.run("get site settings --timeout 250ms").json()["extra"]["timeout"], "250");
    let case = case.with_config(&CONFIG.replace("\"hunter22\"", "\"hunter22\"\nhttp.timeout = \"9s\""));
    assert_eq!(case.run("get site settings").json()["extra"]["timeout"], "9000");
    assert_eq!(case.run("--timeout 2s get site settings").json()["extra"]["timeout"], "2000");
    for wrong in ["0s", "2", "off"] {
        assert_eq!(case.run(&format!("get site 1000 --timeout {wrong}")).code, 2, "{wrong}");
    }
}

#[test]
fn explain_says_where_each_field_came_from() {
    let case = Case::new();
    let rows = case.run("explain site 1000").json();
    let row = |field: &str| {
        rows.as_array().expect("a list").iter().find(|it| it["field"] == field).expect("every field").clone()
    };
    assert_eq!(
        row("nickname"),
        json!({"field": "nickname", "from": ["/data/nick"], "presence": "value", "value": "小明"})
    );
    assert_eq!(row("bio"), json!({"field": "bio", "from": ["/data/bio"], "presence": "empty"}));
    assert_eq!(row("tenant"), json!({"field": "tenant", "from": [], "presence": "absent"}));
    let table = Case::new().on_a_terminal().run("explain site 1000").stdout;
    assert!(table.starts_with("field              presence  from        value\n"), "{table}");
    assert!(table.contains("\nnickname           value     /data/nick  小明\n"), "{table}");
    assert_eq!(case.run("explain site 1000 --output scim").code, 2);
}

#[test]
fn providers_lists_what_is_configured() {
    let rows = Case::new().run("providers").json();
    let site = json!({"instance": "site", "kind": "acme", "vendor": "Acme", "lookups": ["id", "id_with_token"],
        "layers": ["trace", "single_flight", "attempt"], "docs": "https://acme.example/docs"});
    assert_eq!(rows[0], site);
    assert_eq!(rows[1]["lookups"], json!(["token"]));
    let mut wide = Case::new().on_a_terminal();
    wide.screen.columns = Some(100);
    let table = wide.run("providers").stdout;
    assert!(
        table.contains("\nsite      acme   Acme    id, id with token  https://acme.example/docs\n"),
        "{table}"
    );
}

#[test]
fn replay_needs_no_configuration_and_says_what_it_did_not_check() {
    let mut case = Case::new().with_config("not toml");
    fs::write(case.file("answer.json"), fake::ANSWER).expect("a file");
    let outcome = case.run(&format!("replay acme {}", case.file("answer.json").display()));
    assert_eq!(outcome.code, 0);
    assert!(outcome.stdout.contains("\"id\": \"1000\""));
    assert_eq!(outcome.stderr, "userinfo: replayed: no signature was checked and no id was compared\n");
    case.stdin = fake::ANSWER.as_bytes();
    assert_eq!(case.run("replay acme - --output raw").stdout, fake::ANSWER);
    case.stdin = b"{}";
    assert_eq!(case.run("replay acme -").code, 7);
    let outcome = case.run("replay acne -");
    assert_eq!(outcome.code, 2);
    assert!(outcome.stderr.contains("did you mean `acme`?"));
    let outcome = case.run("replay acme /nowhere/at/all");
    assert_eq!(outcome.code, 2);
    assert!(outcome.stderr.starts_with("userinfo: the answer /nowhere/at/all cannot be read: "));
}

#[test]
fn help_version_completions_and_man_pages_are_answers() {
    let case = Case::new();
    for (line, part) in [
        ("--help", "userinfo get devices C131362"),
        ("get --help", "--token-stdin"),
        ("--version", concat!("userinfo ", env!("CARGO_PKG_VERSION"))),
        ("completions bash", "complete -F _userinfo"),
        ("completions zsh", "#compdef userinfo"),
        ("man", ".TH userinfo 1"),
        ("man get", "token\\-stdin"),
    ] {
        let outcome = case.run(line);
        assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{line}");
        assert!(outcome.stdout.contains(part), "{line}: {}", outcome.stdout);
    }
    assert_eq!(case.run("man gett").code, 2);
}
