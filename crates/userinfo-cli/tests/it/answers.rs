//! What is printed when all goes well.

use crate::house::{House, INSTANCES};

const GOLDEN: &str = "\
provider       tianyin
id             9223372036854775783
username       李小明
display_name   小明
nickname       小明
emails         xiaoming@例子.example.com
phones         +86 13900139000
avatar_url     https://cdn.example.com/头像/小明.png
gender         male
organizations  示例中学 (10020029, 9223372036854775807): 学生 (xs_000009, 9)
";

#[test]
fn every_vendor_answers_who_it_is() {
    let house = House::new();
    for (instance, kind, id) in [
        ("devices", "quectel", "C131362"),
        ("wallet", "alipay-plus", "1000001119398804xxxx"),
        ("site", "anqicms", "1000"),
        ("school", "tianyin", "619583637909737479"),
    ] {
        let user = house.run(&format!("get {}", house.question(instance))).json();
        assert_eq!((&user["provider"], &user["id"]), (&kind.into(), &id.into()), "{user}");
    }
}

#[test]
fn a_table_is_aligned_over_chinese_text() {
    let house = House::new();
    let id = house.person("chinese").ids.tianyin;
    let ran = house.run(&format!("get school {id} --output table"));
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    assert_eq!(ran.stdout, GOLDEN);
}

#[test]
fn a_masked_value_says_so() {
    let house = House::new();
    let ran = house.run(&format!("get devices {} --output table", house.person("masked").ids.quectel));
    assert!(ran.stdout.contains("138****0000 (masked)"), "{}", ran.stdout);
}

#[test]
fn a_table_that_nobody_looks_at_has_no_colours_and_no_end_of_line_but_lf() {
    let house = House::new();
    for instance in INSTANCES {
        let ran = house.run(&format!("get {} --output table", house.question(instance)));
        assert_eq!(ran.code, Some(0));
        assert!(!ran.stdout.contains(|c: char| c.is_control() && c != '\n'), "{}", ran.stdout);
    }
}

#[test]
fn a_raw_answer_replays_to_the_same_user() {
    let house = House::new();
    for (instance, kind) in INSTANCES.into_iter().zip(["quectel", "alipay-plus", "anqicms", "tianyin"]) {
        let question = house.question(instance);
        let raw = house.run(&format!("get {question} --output raw"));
        assert_eq!((raw.code, raw.stderr.as_str()), (Some(0), ""));
        let replayed = house.run_with_stdin(&format!("replay {kind} -"), raw.stdout.as_bytes());
        assert_eq!(replayed.code, Some(0), "{}", replayed.stderr);
        assert!(replayed.stderr.contains("no signature was checked"));
        let asked = house.run(&format!("get {question}"));
        assert_eq!(replayed.stdout, asked.stdout, "{instance}");
    }
}

#[test]
fn explain_points_into_the_raw_answer() {
    let house = House::new();
    for instance in INSTANCES {
        let question = house.question(instance);
        let raw = house.run(&format!("get {question} --output raw")).json();
        let rows = house.run(&format!("explain {question} --output json")).json();
        let rows = rows.as_array().expect("a list");
        let with_origin = rows.iter().filter(|row| !row["from"].as_array().expect("a list").is_empty());
        assert!(with_origin.count() > 3, "{instance}");
        for row in rows {
            for pointer in row["from"].as_array().expect("a list") {
                assert!(raw.pointer(pointer.as_str().expect("text")).is_some(), "{instance}: {row}");
            }
        }
    }
}
