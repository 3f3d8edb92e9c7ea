//! `userinfo check` with made-up providers.

use std::fs;

use serde_json::json;

use super::Case;

#[test]
fn check_tells_the_notes_and_every_fault_at_once() {
    let outcome = Case::new().on_a_terminal().run("check");
    assert_eq!(outcome.code, 0);
    assert!(
        outcome
            .stdout
            .starts_with("site (acme): ok\n  note: providers.site.secret: 8 characters or so\nwallet")
    );
    let broken = Case::new().with_config(
        "typo = 1\n[http]\ntimeout = 3\n[providers.site]\nkind = \"acme\"\n\
         [providers.b]\nkind = \"acme\"\nsecret = {env = \"NOPE\"}\nsecrte = 1\n[providers.c]\nkind = \"x\"\n",
    );
    let outcome = broken.run("check");
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
    for fault in [
        "typo: unknown key",
        "http.timeout: must be a duration in quotes",
        "providers.site.secret: is missing",
        "providers.b.secret: the environment variable NOPE is not set",
        "providers.b.secrte: unknown key; did you mean `secret`?",
        "providers.c.kind: there is no provider `x`",
    ] {
        let lines = outcome.stderr.lines().filter(|it| it.contains(fault) && it.starts_with("userinfo: "));
        assert_eq!(lines.count(), 1, "{fault}: {}", outcome.stderr);
    }
    assert_eq!(outcome.stderr.lines().count(), 6, "{}", outcome.stderr);
    let json = broken.run("check --output json").error();
    assert_eq!((&json["kind"], json["faults"].as_array().map(Vec::len)), (&json!("config"), Some(6)));
    // The other instances' faults are not this one's.
    assert_eq!(broken.run("check site").stderr.lines().count(), 3);
}

#[cfg(unix)]
#[test]
fn check_warns_of_a_secret_file_that_others_may_read() {
    use std::os::unix::fs::PermissionsExt;

    let config = "[providers.site]\nkind = \"acme\"\nsecret = { file = \"key.txt\" }\n";
    let case = Case::new().with_config(config);
    fs::write(case.file("key.txt"), "hunter44\n").expect("a file");
    let warnings = |mode| {
        fs::set_permissions(case.file("key.txt"), fs::Permissions::from_mode(mode)).expect("chmod");
        case.run("check").json()[0]["warnings"].clone()
    };
    assert_eq!(warnings(0o600), json!([]));
    let message = "the file key.txt can be read by everyone (mode 644); chmod 600 it";
    assert_eq!(warnings(0o644), json!([{"path": "providers.site.secret", "message": message}]));
    assert_eq!(case.run("get site settings").json()["extra"]["secret_length"], 8);
}

#[test]
fn check_online_asks_each_vendor_once() {
    let rows = Case::new().run("check --online").json();
    let site = json!({"ok": true, "reachable": true, "credential": "accepted", "kind": "not_found",
        "message": "no such user", "clock_unknown": "the configuration has no base_url to ask",
        "login": "was not tried: it takes a person, who reads a captcha; `userinfo login`"});
    assert_eq!(rows[0]["online"], site);
    let wallet = json!({"ok": true, "reachable": true, "credential": "unknown", "kind": "unauthenticated",
        "message": "another token, please", "vendor_code": "T-1",
        "clock_unknown": "the configuration has no base_url to ask"});
    assert_eq!(rows[1]["online"], wallet);
}

#[test]
fn check_online_says_that_a_token_of_nobodys_proves_nothing_and_what_the_vendor_said() {
    let outcome = Case::new().on_a_terminal().run("check wallet --online");
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    let lines = "  online: reachable, the credential could not be judged; \
                 it answered unauthenticated: another token, please (vendor code T-1)\n  \
                 clock: unknown: the configuration has no base_url to ask\n";
    assert!(outcome.stdout.ends_with(lines), "{}", outcome.stdout);
}

#[test]
fn check_online_fails_where_the_vendor_says_that_the_configuration_is_wrong() {
    let case = Case::new().with_config("[providers.wallet]\nkind = \"purse\"\nsecret = \"misconfigured\"\n");
    let outcome = case.on_a_terminal().run("check --online");
    assert_eq!(outcome.code, 2);
    assert!(outcome.stdout.starts_with("wallet (purse): failed\n"), "{}", outcome.stdout);
    let line = "  online: reachable; it answered invalid_input: no such client (vendor code T-2)\n";
    assert!(outcome.stdout.contains(line), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("\n  advice: check the client\n"), "{}", outcome.stdout);
    let told =
        "userinfo: wallet: purse: userInfo: no such client (vendor code T-2, HTTP 200); check the client\n";
    assert_eq!(outcome.stderr, told);
}
