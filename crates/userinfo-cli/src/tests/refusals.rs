//! What is said when it does not.

use std::{
    io::{self, Write},
    path::Path,
};

use serde_json::json;
use userinfo_core::ErrorKind;

use super::Case;
use crate::exit;

#[test]
fn every_kind_of_error_has_its_exit_code_and_its_json() {
    let case = Case::new();
    for kind in ErrorKind::ALL {
        let outcome = case.run(&format!("get site {kind} --output json"));
        assert_eq!(outcome.code, exit::code(kind), "{kind}");
        let retry = if outcome.code == 6 { "backoff" } else { "never" };
        let expected = json!({"kind": kind.as_str(), "provider": "acme", "instance": "site", "message": "as asked",
            "http_status": 200, "retry": retry, "advice": kind.advice()});
        assert_eq!(outcome.error(), expected);
    }
    let outcome = case.run("get site nobody");
    assert_eq!(outcome.code, 5);
    assert_eq!(
        outcome.stderr,
        "userinfo: site: acme: userInfo: no such user (HTTP 200); \
         check the id; the vendor knows no such user\n"
    );
}

#[test]
fn what_a_provider_cannot_answer_is_refused_in_words_of_the_command_line() {
    let case = Case::new();
    for (line, kind, message, advice) in [
        ("get site", "invalid_input", "site (Acme): an ID is missing", "ask `userinfo get site ID`"),
        (
            "explain site --token-env T",
            "invalid_input",
            "site (Acme): an ID is missing",
            "ask `userinfo get site ID`",
        ),
        (
            "get wallet",
            "invalid_input",
            "wallet (Purse): the user's own token is missing",
            "give it with --token-env VAR or --token-stdin",
        ),
        (
            "get wallet 1000",
            "unsupported",
            "wallet (Purse): the user's own token is missing",
            "give it with --token-env VAR or --token-stdin",
        ),
        (
            "get wallet 1000 --token-env T",
            "unsupported",
            "wallet (Purse): there is no look-up by id with token",
            "leave the id or the token out",
        ),
    ] {
        let outcome = case.run(&format!("{line} --output json"));
        let instance = message.split(' ').next();
        let expected = json!({"kind": kind, "instance": instance, "message": message, "retry": "never", "advice": advice});
        assert_eq!((outcome.code, outcome.error()), (2, expected), "{line}");
    }
}

#[test]
fn an_unknown_instance_is_told_its_neighbours() {
    let case = Case::new();
    let outcome = case.run("get sitee 1");
    assert_eq!(outcome.code, 2);
    assert_eq!(
        outcome.stderr,
        "userinfo: there is no instance `sitee`; did you mean `site`? known are site, wallet\n"
    );
    assert!(case.run("get zzz 1").stderr.contains("; known are site, wallet\n"));
    assert!(case.run("check sitee").stderr.contains("did you mean `site`?"));
}

#[test]
fn a_configuration_that_cannot_be_read_is_one_line() {
    let case = Case::new();
    for path in ["/nowhere/at/all.toml".as_ref(), case.folder.path() as &Path] {
        let outcome = case.run(&format!("providers --config {}", path.display()));
        assert_eq!(outcome.code, 2);
        let expected = format!("userinfo: the configuration {} cannot be read: ", path.display());
        assert!(outcome.stderr.starts_with(&expected), "{}", outcome.stderr);
        assert_eq!(outcome.stderr.lines().count(), 1);
    }
    let outcome = Case::new().with_config("[providers.site]\nsecret = \"hunter22").run("providers");
    assert_eq!(outcome.code, 2);
    assert_eq!(outcome.stderr.lines().count(), 1);
    assert!(outcome.stderr.contains("userinfo.toml: line 2: not TOML: "), "{}", outcome.stderr);
    assert!(!outcome.stderr.contains("hunter22"));
}

#[test]
fn a_reader_who_leaves_is_no_failure_and_a_full_disk_is_one() {
    struct Fails(io::ErrorKind);
    impl Write for Fails {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let case = Case::new();
    for line in
        ["get site 1000", "--help", "providers", "completions bash", "man", "check", "explain site 1000"]
    {
        let (code, stderr) = case.run_into(&mut Fails(io::ErrorKind::BrokenPipe), line);
        assert_eq!((code, stderr.as_str()), (0, ""), "{line}");
        let (code, stderr) = case.run_into(&mut Fails(io::ErrorKind::StorageFull), line);
        assert_eq!(code, 1, "{line}");
        assert!(stderr.starts_with("userinfo: the answer cannot be written: "), "{line}: {stderr}");
    }
}

#[test]
fn a_wrong_flag_is_exit_2_and_json_where_json_is_wanted() {
    let case = Case::new();
    let outcome = case.run("get site 1000 --oops");
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
    assert!(
        outcome.stderr.starts_with("userinfo: unexpected argument '--oops' found; "),
        "{}",
        outcome.stderr
    );
    for line in ["get site 1000 --oops", "get site 1 --output xml", "gett site", "get site 1 2", "get"] {
        let outcome = case.run(line);
        assert_eq!((outcome.code, outcome.stderr.lines().count()), (2, 1), "{line}: {}", outcome.stderr);
    }
    let error = case.run("get site 1000 --oops --output json").error();
    assert_eq!(error["kind"], "invalid_input");
    assert!(
        error["message"].as_str().expect("text").starts_with("unexpected argument '--oops' found"),
        "{error}"
    );
    assert_eq!(case.run("gett site").code, 2);
    assert_eq!(case.run("").code, 2);
}

#[test]
fn a_flag_that_cannot_be_read_is_one_clean_line() {
    let case = Case::new();
    assert_eq!(
        case.run("get site 1 --timeout 5").stderr,
        "userinfo: invalid value '5' for '--timeout <DURATION>': write a duration such as 500ms, 10s, 5m or 24h; \
         read `userinfo --help`\n"
    );
    assert_eq!(
        case.run("get site 1 --output xml").stderr,
        "userinfo: invalid value 'xml' for '--output <FORM>' [possible values: table, json, oidc, scim, raw]; \
         read `userinfo --help`\n"
    );
}

#[test]
fn a_secret_that_stands_where_a_name_belongs_is_not_repeated() {
    let case = Case::new();
    let long = "T".repeat(65);
    for token in ["281010033AB2F588D14B43238637264F", "eyJ.hunter2.sig", "hunter2+/=", &long] {
        for form in ["table", "json"] {
            let outcome = case.run(&format!("get wallet --token-env {token} --output {form}"));
            assert_eq!(outcome.code, 2);
            assert!(!outcome.stderr.contains(token), "{}", outcome.stderr);
            let said = "the environment variable that --token-env names is not set";
            assert!(outcome.stderr.contains(said), "{}", outcome.stderr);
        }
    }
    let outcome = case.run("get wallet --token-env _My_Token2");
    assert!(outcome.stderr.contains("variable _My_Token2 is not set"), "{}", outcome.stderr);
}

#[test]
fn an_id_or_a_word_too_many_is_not_repeated() {
    let case = Case::new();
    for (line, code) in [
        ("get site hunter2", 5),
        ("get site hunter2 --output json", 5),
        ("get wallet hunter2", 2),
        ("get wallet hunter2 --token-env T", 2),
        ("get site 1000 hunter2", 2),
        ("get site 1000 hunter2 --output json", 2),
        ("explain wallet --token-stdin 1 hunter2", 2),
        ("get wallet --token=hunter2", 2),
        ("get wallet --token-stdin=hunter2", 2),
        ("get wallet --mask=hunter2 --output json", 2),
    ] {
        let outcome = case.run(line);
        assert_eq!(outcome.code, code, "{line}");
        assert!(
            !outcome.stderr.is_empty() && !outcome.stderr.contains("hunter2"),
            "{line}: {}",
            outcome.stderr
        );
    }
}
