//! What the program obtains by itself, and keeps from one run to the next.

use std::{
    fs,
    time::{Duration, SystemTime},
};

use userinfo_sandbox::{Fault, Operation, credentials};

use crate::house::{House, Ran};

/// Three instances that log in by themselves.
fn house() -> House {
    let house = House::new();
    house.configure(&house.config_with_keys());
    house
}

const INSTANCES: [&str; 3] = ["devices", "site", "school"];

fn logins(house: &House) -> usize {
    let journal = house.sandbox.journal();
    journal.iter().filter(|it| it.operation() == Some(Operation::Login)).count()
}

fn get(house: &House, instance: &str) -> Ran {
    house.run(&format!("get {}", house.question(instance)))
}

#[test]
fn two_runs_are_one_login() {
    let house = house();
    for instance in INSTANCES {
        let before = logins(&house);
        let [one, other] = [(); 2].map(|()| get(&house, instance).json());
        assert_eq!((&one, logins(&house)), (&other, before + 1), "{instance}");
    }
}

#[test]
fn runs_at_once_are_one_login() {
    let house = house();
    let line = format!("get {}", house.question("devices"));
    let words: Vec<_> = line.split_whitespace().collect();
    let start =
        || house.command(&words).stdout(std::process::Stdio::piped()).spawn().expect("the program runs");
    let runs: Vec<_> = (0..4).map(|_| start()).collect();
    for run in runs {
        assert!(run.wait_with_output().expect("it ends").status.success());
    }
    assert_eq!(logins(&house), 1);
}

#[test]
fn a_run_after_the_token_was_revoked_logs_in_again() {
    let house = house();
    for instance in INSTANCES {
        get(&house, instance).json();
        house.sandbox.revoke_issued();
        let before = logins(&house);
        get(&house, instance).json();
        assert_eq!(logins(&house), before + 1, "{instance}");
    }
}

#[test]
fn tokens_are_kept_beside_the_configuration_or_nowhere_if_it_says_so() {
    let house = house();
    let text = fs::read_to_string(house.folder.path().join("userinfo.toml")).expect("a file");
    house.configure(&format!("[credentials]\ndir = \"tokens\"\n{text}"));
    get(&house, "devices").json();
    let kept = fs::read_dir(house.folder.path().join("tokens")).expect("a folder").count();
    assert_eq!((kept, house.folder.path().join("home").exists()), (2, false));
    house.configure(&format!("[credentials]\ndir = \"off\"\n{text}"));
    let before = logins(&house);
    for _ in 0..2 {
        get(&house, "devices").json();
    }
    assert_eq!((logins(&house), house.folder.path().join("home").exists()), (before + 2, false));
}

#[test]
fn a_token_that_is_configured_is_written_nowhere() {
    let house = House::new();
    get(&house, "site").json();
    assert!(!house.folder.path().join("home").exists());
}

#[test]
fn a_check_tries_the_key_and_not_a_token_that_is_still_good() {
    let house = house();
    get(&house, "devices").json();
    let text = fs::read_to_string(house.folder.path().join("userinfo.toml")).expect("a file");
    let wrong = "wrong-secret-5f1d7c0a9b";
    house.configure(&text.replace(credentials::QUECTEL_ACCESS_SECRET, wrong));
    let checked = house.run("check devices --online --output table");
    assert_eq!(checked.code, Some(3), "{checked:?}");
    assert!(checked.stdout.contains("the credential is refused"), "{checked:?}");
    assert!(checked.stdout.contains("advice: check `access_secret`"), "{checked:?}");
    assert!(!format!("{checked:?}").contains(wrong));
}

#[test]
fn a_check_says_what_is_wrong_at_a_login() {
    let house = house();
    let code = |code: &str| {
        Fault::VendorCode(userinfo_sandbox::VendorCode { code: code.into(), ..Default::default() })
    };
    for (fault, words) in [
        (code("90047"), "check `access_key`, and the region"),
        (code("91006"), "IP whitelist"),
        (code("91007"), "API service package"),
        (code("5147"), "20 minutes"),
        (Fault::Unavailable, "try again later"),
    ] {
        house.sandbox.fail_next_login(fault);
        let checked = house.run("check devices --online --output table");
        assert_ne!(checked.code, Some(0), "{checked:?}");
        assert!(checked.stdout.contains(words), "{words}: {checked:?}");
    }
}

#[test]
fn a_folder_that_cannot_be_used_is_told_once_beside_the_answer() {
    let house = house();
    let text = fs::read_to_string(house.folder.path().join("userinfo.toml")).expect("a file");
    fs::write(house.folder.path().join("file"), "").expect("a file");
    house.configure(&format!("[credentials]\ndir = \"file\"\n{text}"));
    let ran = get(&house, "devices");
    assert_eq!((ran.code, ran.stderr.lines().count()), (Some(0), 1), "{ran:?}");
    assert!(ran.stderr.starts_with("userinfo: a credential cannot be read: file: "), "{ran:?}");
    assert!(ran.stderr.contains("runs may log in anew"), "{ran:?}");
    for (dir, words) in [("Off", "must be written \"off\""), ("~/x", "write the path out")] {
        house.configure(&format!("[credentials]\ndir = \"{dir}\"\n{text}"));
        let ran = get(&house, "devices");
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(ran.stderr.contains("credentials.dir: ") && ran.stderr.contains(words), "{ran:?}");
    }
}

#[test]
fn a_wrong_key_is_tried_once_by_many_runs_and_a_mended_one_at_once() {
    let house = house();
    let text = fs::read_to_string(house.folder.path().join("userinfo.toml")).expect("a file");
    house.configure(&text.replace(credentials::QUECTEL_ACCESS_SECRET, "wrong-secret-5f1d7c0a9b"));
    for _ in 0..3 {
        let ran = get(&house, "devices");
        assert_eq!(ran.code, Some(3), "{ran:?}");
    }
    assert_eq!(logins(&house), 1);
    house.configure(&text);
    get(&house, "devices").json();
    assert_eq!(logins(&house), 2);
}

#[test]
fn a_secret_that_begins_like_the_id_before_it_is_blanked_to_its_end() {
    let house = house();
    assert!(credentials::TIANYIN_CLIENT_SECRET.starts_with(credentials::TIANYIN_CLIENT_ID));
    house.sandbox.fail_next_login(Fault::EchoSecret);
    let ran = get(&house, "school");
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.stderr.contains("[secret]") && !ran.stderr.contains("[secret]-"), "{ran:?}");
}

#[test]
fn a_clock_that_is_off_is_named_with_the_skew_that_the_vendor_shows() {
    for (clock, words) in [
        (
            twenty_minutes_ago as fn() -> SystemTime,
            "the clock of this machine is 20 minutes ahead of the vendor's",
        ),
        (in_twenty_minutes, "minutes behind the vendor's"),
    ] {
        let house = House::at(clock);
        house.configure(&house.config_with_keys());
        let checked = house.run("check devices --online --output table");
        assert_eq!(checked.code, Some(3), "{checked:?}");
        assert!(checked.stdout.contains(words), "{checked:?}");
        assert!(checked.stdout.contains("advice: set the clock of this machine"), "{checked:?}");
    }
}

fn twenty_minutes_ago() -> SystemTime {
    SystemTime::now() - Duration::from_secs(20 * 60 + 5)
}

fn in_twenty_minutes() -> SystemTime {
    SystemTime::now() + Duration::from_secs(20 * 60 + 5)
}

#[test]
fn nothing_that_is_obtained_is_shown() {
    let house = house();
    for instance in INSTANCES {
        for flags in ["-vv --output json", "-vv --output raw"] {
            let ran = house.run(&format!("get {} {flags}", house.question(instance)));
            let shown = format!("{ran:?}");
            for part in [
                "QJWT ",
                "eyJ",
                "AT-",
                credentials::QUECTEL_ACCESS_SECRET,
                credentials::TIANYIN_CLIENT_SECRET,
            ] {
                assert!(!shown.contains(part), "{instance} {flags}: {part}");
            }
            assert!(!shown.contains(&house.person("everything").anqicms_password()), "{instance} {flags}");
        }
    }
}
