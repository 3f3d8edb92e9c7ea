use std::time::{Duration, SystemTime};

use serde_json::Value;
use userinfo_sandbox::{Ids, Person, Sandbox, Vendor, people_from_json};

use crate::asks::{ask, ask_for, get, record, text};

#[test]
fn five_people_live_in_all_four_vendors() {
    let sandbox = Sandbox::new();
    let keys: Vec<_> = sandbox.people().iter().map(|it| it.key.as_str()).collect();
    assert_eq!(keys, ["minimal", "everything", "chinese", "masked", "disabled"]);
    for vendor in Vendor::ALL {
        for person in sandbox.people() {
            let data = record(vendor, &sandbox.handle(&ask(vendor, person)));
            let (name, id) = match vendor {
                Vendor::Quectel => ("uid", person.ids.quectel.as_str().into()),
                Vendor::AlipayPlus => ("userId", person.ids.alipay_plus.as_str().into()),
                Vendor::AnqiCms => ("id", Value::from(person.ids.anqicms)),
                Vendor::Tianyin => ("userId", person.ids.tianyin.to_string().into()),
            };
            assert_eq!(data[name], id, "{} at {vendor}", person.key);
        }
    }
}

#[test]
fn other_people_can_move_in() {
    let ids = Ids { quectel: "X".into(), alipay_plus: "X".into(), anqicms: 9, tianyin: 9 };
    let robin = Person { key: "robin".into(), ids, nickname: Some("Robin".into()), ..Person::default() };
    let sandbox = Sandbox::new().with_people(vec![robin]);
    assert_eq!(
        record(Vendor::Quectel, &sandbox.handle(&ask_for(&sandbox, Vendor::Quectel, "robin")))["nikeName"],
        "Robin"
    );
    assert!(sandbox.person("minimal").is_none());
}

#[test]
fn the_example_of_the_readme_is_a_file_of_people() {
    let readme = include_str!("../../README.md");
    let json = readme.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
    let people = people_from_json(json).unwrap();
    assert_eq!(people[0].key, "robin");
    assert!(people[0].created_at.is_some());
}

#[test]
fn the_clock_stands_unless_told_otherwise() {
    let sandbox = Sandbox::new().with_clock(|| SystemTime::UNIX_EPOCH + Duration::from_secs(60));
    let answer = sandbox.handle(&ask_for(&sandbox, Vendor::AlipayPlus, "minimal"));
    assert!(text(&answer).contains("TIMESTAMP_INVALID"));
}

#[test]
fn outside_of_the_mounts_the_mounts_are_named() {
    let answer = Sandbox::new().handle(&get("/quectelx/user/info", &[]));
    assert_eq!(answer.status(), 404);
    assert!(text(&answer).contains("/quectel, /alipay-plus, /anqicms, /tianyin"));
}

#[test]
fn a_documented_path_needs_no_mount() {
    let sandbox = Sandbox::new();
    for vendor in [Vendor::Quectel, Vendor::AnqiCms, Vendor::Tianyin] {
        let mut request = ask_for(&sandbox, vendor, "minimal");
        *request.uri_mut() = request.uri().to_string().replacen(vendor.mount(), "", 1).parse().unwrap();
        assert!(record(vendor, &sandbox.handle(&request)).is_object(), "{vendor}");
    }
}

#[test]
fn a_sandbox_tells_nothing_but_keys_in_debug() {
    let shown = format!("{:?}", Sandbox::new());
    assert!(shown.contains("everything") && !shown.contains("robin@example.com"), "{shown}");
}
