//! A login that a person orders, or has a part in.

use std::fs;

use serde_json::Value;
use userinfo_sandbox::{Entry, Fault, Operation, VendorCode, credentials::ANQICMS_CAPTCHA};

use crate::house::House;

fn calls(house: &House) -> Vec<Option<Operation>> {
    house.sandbox.journal().iter().map(Entry::operation).collect()
}

fn logins(house: &House) -> usize {
    calls(house).into_iter().filter(|it| *it == Some(Operation::Login)).count()
}

/// Logs the person in with a fresh code.
fn log_in(house: &House, person: &str) -> Value {
    let code = house.sandbox.auth_code(person);
    let ran = house.run_with_stdin("login wallet --code-stdin", format!("{code}\n").as_bytes());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stderr.starts_with("userinfo: logged in; what was issued is kept in "), "{ran:?}");
    assert!(!format!("{ran:?}").contains(&code));
    serde_json::from_str(&ran.stdout).expect("JSON")
}

#[test]
fn a_user_who_logged_in_is_looked_up_without_a_token() {
    let house = House::new();
    let id = house.person("everything").ids.alipay_plus.clone();
    let told = log_in(&house, "everything");
    assert_eq!(
        (&told["instance"], &told["kind"], &told["kept"]),
        (&"wallet".into(), &"alipay-plus".into(), &true.into())
    );
    assert_eq!(told["user"]["id"], id.as_str());
    assert!(told["expires_at"].as_str().is_some_and(|it| it.ends_with('Z')), "{told}");
    let user = house.run(&format!("get wallet {id}")).json();
    assert_eq!(user["id"], id.as_str());
    assert_eq!(calls(&house), [Some(Operation::ApplyToken), Some(Operation::User), Some(Operation::User)]);
    // The same answer in every form, and where its fields came from.
    assert_eq!(house.run(&format!("get wallet {id} --output oidc")).json()["sub"], id.as_str());
    assert_eq!(house.run(&format!("explain wallet {id}")).code, Some(0));
}

#[test]
fn a_kept_token_that_is_refused_is_renewed_and_kept_anew() {
    let house = House::new();
    let id = house.person("everything").ids.alipay_plus.clone();
    log_in(&house, "everything");
    house.sandbox.revoke_access();
    let before = calls(&house).len();
    for calls_of_a_run in [3, 1] {
        let before = calls(&house).len();
        house.run(&format!("get wallet {id}")).json();
        assert_eq!(calls(&house).len(), before + calls_of_a_run);
    }
    assert_eq!(
        calls(&house)[before..],
        [Some(Operation::User), Some(Operation::ApplyToken), Some(Operation::User), Some(Operation::User)]
    );
    house.sandbox.revoke_issued();
    let ran = house.run(&format!("get wallet {id}"));
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.stderr.contains("authorise again"), "{ran:?}");
}

#[test]
fn nobody_gets_the_token_of_somebody_else() {
    let house = House::new();
    log_in(&house, "everything");
    let other = house.person("minimal").ids.alipay_plus.clone();
    let ran = house.run(&format!("get wallet {other}"));
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("log that user in: `userinfo login wallet`"), "{ran:?}");
    assert_eq!(calls(&house).len(), 2);
}

#[test]
fn a_token_that_is_given_stands_before_one_that_is_kept() {
    let house = House::new();
    log_in(&house, "minimal");
    let id = house.person("minimal").ids.alipay_plus.clone();
    let ran = house.run(&format!("get wallet {id} --token-env WALLET_TOKEN"));
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(7), ""), "{ran:?}");
}

#[test]
fn a_kept_token_that_turns_out_to_be_somebody_elses_is_no_answer() {
    let house = House::new();
    let folder = house.folder.path().join("home/.local/state/userinfo/credentials");
    let kept = || -> Vec<_> {
        let files = fs::read_dir(&folder).expect("a folder").map(|it| it.expect("a file").path());
        files.filter(|it| it.extension().is_some_and(|it| it == "json")).collect()
    };
    log_in(&house, "everything");
    let first = kept().remove(0);
    log_in(&house, "minimal");
    let other = kept().into_iter().find(|it| *it != first).expect("a second file");
    fs::copy(&other, &first).expect("copied");
    let id = house.person("everything").ids.alipay_plus.clone();
    let ran = house.run(&format!("get wallet {id}"));
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(7), ""), "{ran:?}");
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_believed_is_told_with_what_to_do() {
    use std::os::unix::fs::PermissionsExt as _;

    let house = House::new();
    let folder = house.folder.path().join("home/.local/state/userinfo/credentials");
    log_in(&house, "everything");
    for file in fs::read_dir(&folder).expect("a folder") {
        fs::set_permissions(file.expect("a file").path(), fs::Permissions::from_mode(0o644)).expect("chmod");
    }
    let ran = house.run(&format!("get wallet {}", house.person("everything").ids.alipay_plus));
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.stderr.contains("cannot be read") && ran.stderr.contains("chmod it to 600"), "{ran:?}");
}

#[test]
fn a_login_that_cannot_be_says_why_in_one_line() {
    let house = House::new();
    for (line, stdin, code, words) in [
        ("login wallet", "", 2, "the code is missing; give it with --code-env VAR or --code-stdin"),
        ("login wallet --code-stdin", "\n", 2, "stdin is empty; put the code into it"),
        ("login wallet --code-env NOWHERE", "", 2, "the environment variable NOWHERE is not set"),
        ("login wallet --code-env WALLET_TOKEN", "", 3, "let the user authorise"),
        ("login wallet --code-stdin --output scim", "x", 2, "this command has no --output scim"),
        ("login walet", "", 2, "did you mean `wallet`?"),
    ] {
        let ran = house.run_with_stdin(line, stdin.as_bytes());
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(code), ""), "{line}: {ran:?}");
        assert!(ran.stderr.contains(words) && ran.stderr.lines().count() == 1, "{line}: {ran:?}");
    }
}

/// An instance of each vendor that takes a login, the site with a captcha if it is wanted.
fn with_keys() -> House {
    let house = House::new();
    house.configure(&house.config_with_keys());
    house
}

#[test]
fn a_login_is_ordered_whatever_is_kept_and_used_by_what_comes_after() {
    let house = with_keys();
    for instance in ["devices", "site", "school"] {
        let question = format!("get {}", house.question(instance));
        house.run(&question).json();
        let before = logins(&house);
        let ran = house.run(&format!("login {instance}"));
        let told: Value = serde_json::from_str(&ran.stdout).expect("JSON");
        assert_eq!((ran.code, &told["kept"], told.get("user")), (Some(0), &true.into(), None), "{ran:?}");
        house.run(&question).json();
        assert_eq!(logins(&house), before + 1, "{instance}");
    }
}

#[test]
fn a_locked_account_is_left_alone_until_somebody_orders_a_login() {
    let house = with_keys();
    let question = format!("get {}", house.question("devices"));
    let locked = VendorCode { code: "5147".into(), ..VendorCode::default() };
    house.sandbox.fail_next_login(Fault::VendorCode(locked));
    for _ in 0..3 {
        let ran = house.run(&question);
        assert_eq!(ran.code, Some(4), "{ran:?}");
        assert!(ran.stderr.contains("5147") && ran.stderr.lines().count() == 1, "{ran:?}");
    }
    assert_eq!(logins(&house), 1);
    assert!(house.run(&question).stderr.contains("userinfo login"));
    assert_eq!(house.run("login devices").code, Some(0));
    house.run(&question).json();
    assert_eq!(logins(&house), 2);
}

#[test]
fn a_site_that_demands_a_captcha_is_logged_in_to_by_a_person() {
    let house = with_keys();
    house.sandbox.demand_captcha(true);
    let question = format!("get {}", house.question("site"));
    let ran = house.run(&question);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(
        ran.stderr.contains("the site demands a captcha") && ran.stderr.contains("userinfo login"),
        "{ran:?}"
    );
    let checked = house.run("check site --online --output table");
    assert_eq!(checked.code, Some(3), "{checked:?}");
    assert!(checked.stdout.contains("the site demands a captcha"), "{checked:?}");
    assert!(!checked.stdout.contains("was not tried"), "{checked:?}");
    let ran = house.run_with_stdin("login site --code-stdin", b"wrong\n");
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(3), ""), "{ran:?}");
    assert!(ran.stderr.contains("read the new picture"), "{ran:?}");
    let ran = house.run_with_stdin("login site --code-stdin", format!("{ANQICMS_CAPTCHA}\n").as_bytes());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    house.run(&question).json();
    // A check goes on with what the person obtained: a login that cannot succeed is not made.
    let before = logins(&house);
    let checked = house.run("check site --online").json();
    assert_eq!(checked[0]["online"]["credential"], "accepted", "{checked}");
    assert!(
        checked[0]["online"]["login"].as_str().is_some_and(|it| it.contains("was not tried")),
        "{checked}"
    );
    assert_eq!(logins(&house), before);
    let table = house.run("check site --online --output table").stdout;
    assert!(table.contains("\n  login: was not tried: "), "{table}");
}

#[test]
fn an_instance_with_a_token_has_nothing_to_log_in_with() {
    let house = House::new();
    let ran = house.run("login devices");
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{ran:?}");
    assert!(ran.stderr.contains("there is nothing to log in with"), "{ran:?}");
    assert!(calls(&house).is_empty());
}
