//! A login that a person orders, or has a part in.

use serde_json::Value;
use userinfo_sandbox::Operation;

use crate::house::House;

fn calls(house: &House) -> Vec<Option<Operation>> {
    house.sandbox.journal().iter().map(|it| it.operation()).collect()
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
