//! No secret and no personal data where they do not belong, whatever happens and however loud.

use userinfo_sandbox::{Fault, credentials};

use crate::house::{House, INSTANCES};

/// Every secret of the house, and of a private key each line.
fn secrets(house: &House) -> Vec<String> {
    let person = house.person("everything");
    let tokens = [
        credentials::QUECTEL_TOKEN.to_owned(),
        credentials::TIANYIN_ACCESS_TOKEN.to_owned(),
        person.anqicms_token(),
        person.alipay_access_token(),
    ];
    let key = credentials::MERCHANT_PRIVATE_KEY_PEM.lines().filter(|it| it.len() > 40);
    tokens.into_iter().chain(key.map(str::to_owned)).collect()
}

#[test]
fn no_secret_is_printed_at_any_level() {
    let house = House::new();
    let secrets = secrets(&house);
    let faults = [
        None,
        Some(Fault::EchoSecret),
        Some(Fault::DeadToken),
        Some(Fault::http_status(500)),
        Some(Fault::Reset),
        Some(Fault::Html),
        Some(Fault::Redirect { location: None, status: None }),
    ];
    for instance in INSTANCES {
        let question = house.question(instance);
        for fault in &faults {
            if let Some(fault) = fault {
                house.sandbox.fail_next(fault.clone());
            }
            nothing_leaks(&house, &format!("get {question} -vv --output json"), &secrets);
        }
        house.sandbox.fail_next(Fault::EchoSecret);
        nothing_leaks(&house, &format!("get {question} -vv"), &secrets);
        nothing_leaks(&house, &format!("get {question} -vv --output raw"), &secrets);
        nothing_leaks(&house, &format!("explain {question} -vv"), &secrets);
    }
    for line in ["check -vv", "check --online -vv", "providers -vv"] {
        nothing_leaks(&house, line, &secrets);
    }
}

fn nothing_leaks(house: &House, line: &str, secrets: &[String]) {
    let ran = house.run(line);
    assert!(ran.stderr.contains(" INFO userinfo"), "-vv is loud: {}", ran.stderr);
    for secret in secrets {
        assert!(!ran.stdout.contains(secret), "{line}: {}", ran.stdout);
        assert!(!ran.stderr.contains(secret), "{line}: {}", ran.stderr);
    }
}

#[test]
fn no_personal_data_is_logged() {
    let house = House::new();
    for instance in INSTANCES {
        let question = house.question(instance);
        let ran = house.run(&format!("get {question} -vv"));
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        let ids = ["C131362", "1000001119398804xxxx", "619583637909737479"];
        for personal in ["robin", "Robin", "13800138000", "Test2022"].into_iter().chain(ids) {
            assert!(!ran.stderr.contains(personal), "{instance}: {personal}: {}", ran.stderr);
        }
    }
}

#[test]
fn an_id_that_nobody_has_is_neither_logged_nor_told() {
    let house = House::new();
    for (instance, id) in [("devices", "C404404"), ("site", "404404"), ("school", "404404")] {
        for form in ["", "--output json"] {
            let ran = house.run(&format!("get {instance} {id} -vv {form}"));
            assert_ne!(ran.code, Some(0));
            assert!(ran.stderr.contains("INFO") && !ran.stderr.contains("404404"), "{}", ran.stderr);
        }
    }
}

#[test]
fn a_mask_leaves_nothing_personal_on_stdout() {
    let house = House::new();
    for instance in INSTANCES {
        let question = house.question(instance);
        for form in ["table", "json", "oidc", "scim"] {
            let ran = house.run(&format!("get {question} --mask --output {form}"));
            assert_eq!(ran.code, Some(0));
            for personal in ["robin@example.com", "Robin Q. Sample", "13800138000", "2000-02-29", "memo"] {
                assert!(!ran.stdout.contains(personal), "{instance} {form}: {}", ran.stdout);
            }
        }
    }
    let ran = house.run(&format!("get {} --mask --output raw", house.question("site")));
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
}
