use aws_lc_rs::digest::{SHA256, digest};
use userinfo_core::{ErrorKind, User};

use super::*;
use crate::replay;

const PAGE: &str = include_str!("../../fixtures/vendor-page-tianyin-success.json");
const FAILURE: &str = include_str!("../../fixtures/vendor-page-tianyin-error.json");

const GOLDEN: &str = concat!(
    r#"{"provider":"tianyin","id":"619583637909737479","username":"Test2022#11111111","display_name":"t**","#,
    r#""nickname":"t**","gender":"male","organizations":[{"id":"1594497749264621570","code":"10020027","#,
    r#""name":"027 新增职业高中测试","roles":[{"id":"8","code":"js_000008","name":"教职工"}]}],"#,
    r#""masked":["display_name","nickname"]}"#,
);

/// Maps `data`, as the vendor would send it.
fn user(data: &str) -> User {
    replay(format!(r#"{{"code":200,"status":"success","message":"请求成功","data":{data}}}"#).as_bytes())
        .expect(data)
}

fn json(user: &User) -> String {
    serde_json::to_string(user).expect("JSON")
}

/// The vendor page with its `data` in a list of one.
fn listed() -> String {
    let (head, data) = PAGE.split_once(r#""data": "#).expect("data");
    format!(r#"{head}"data": [{}]}}"#, data.trim_end().strip_suffix('}').expect("the envelope's end"))
}

#[test]
fn the_fixtures_are_the_vendors_samples_byte_for_byte() {
    for (fixture, sha256) in [
        (PAGE, "83bda3447417de0b17584c49503836717dca5e35021705149ed5abcebe8e19b2"),
        (FAILURE, "cce2bc30deca4b5b288b0bd95b58867ba1d8a8717c011a2009b0c578df4317e8"),
    ] {
        let sum = digest(&SHA256, fixture.as_bytes());
        assert_eq!(format!("{sum:?}"), format!("SHA256:{sha256}"));
    }
}

#[test]
fn the_vendor_page_is_this_user() {
    let user = replay(PAGE.as_bytes()).expect("the page");
    assert_eq!(json(&user), GOLDEN);
    assert_eq!(user.raw.as_bytes(), PAGE.as_bytes());
}

#[test]
fn a_list_of_one_is_the_same_user_with_its_places_in_the_list() {
    let user = replay(listed().as_bytes()).expect("a user");
    assert_eq!(json(&user), GOLDEN);
    let explained = user.explain();
    let from = |field| &explained.iter().find(|it| it.field == field).expect("a row").from;
    assert_eq!(from("id"), &["/data/0/userId"]);
    assert_eq!(from("nickname"), &["/data/0/nickname"]);
    assert_eq!(from("organizations").len(), 6);
}

#[test]
fn the_vendors_failure_is_no_empty_user() {
    let error = replay(FAILURE.as_bytes()).expect_err("a failure");
    assert_eq!((error.kind(), error.vendor_code()), (ErrorKind::Unavailable, Some("500")));
}

#[test]
fn an_id_sent_as_a_number_keeps_every_digit() {
    let body = r#"{"code":"200","data":{"userId":619583637909737479,"gender":"2","orgList":null}}"#;
    let golden = r#"{"provider":"tianyin","id":"619583637909737479","gender":"female"}"#;
    assert_eq!(json(&replay(body.as_bytes()).expect("a user")), golden);
}

#[test]
fn an_id_that_is_no_whole_number_is_a_broken_answer() {
    for id in [
        "6.19583637909737479e17",
        "619583637909737479.0",
        "1e3",
        "-1",
        "\"6.19e17\"",
        "\"abc\"",
        "\" 1\"",
        "\"\"",
        "null",
        "true",
        "{}",
        "[1]",
    ] {
        let error = replay(format!(r#"{{"code":200,"data":{{"userId":{id},"account":"x"}}}}"#).as_bytes());
        assert_eq!(error.expect_err(id).kind(), ErrorKind::Protocol, "{id}");
    }
    let error = replay(br#"{"code":200,"data":{"account":"x"}}"#).expect_err("no id");
    assert_eq!(error.kind(), ErrorKind::Protocol);
}

#[test]
fn every_member_of_the_page_has_its_place() {
    let user = user(
        r#"{"userId":"1","account":"a#1","avatar":"https://cdn.example/a.png","email":"a@example.com",
        "gender":2,"nickname":"小天","phone":"13800138000","orgList":[]}"#,
    );
    let golden = concat!(
        r#"{"provider":"tianyin","id":"1","username":"a#1","display_name":"小天","nickname":"小天","#,
        r#""emails":[{"value":"a@example.com"}],"phones":[{"value":"13800138000"}],"#,
        r#""avatar_url":"https://cdn.example/a.png","gender":"female"}"#,
    );
    assert_eq!(json(&user), golden);
}

#[test]
fn what_is_empty_null_or_absent_is_not_set() {
    for value in ["\"\"", "null"] {
        let data = format!(
            r#"{{"userId":"1","account":{value},"avatar":{value},"email":{value},"gender":{value},"nickname":{value},"phone":{value},"orgList":{value}}}"#
        );
        assert_eq!(json(&user(&data)), r#"{"provider":"tianyin","id":"1"}"#, "{value}");
    }
}

#[test]
fn a_gender_is_one_of_two_or_the_vendors_own() {
    for (sent, word) in
        [("1", "male"), ("\"1\"", "male"), ("2", "female"), ("0", "0"), ("9", "9"), ("\"男\"", "男")]
    {
        let gender = user(&format!(r#"{{"userId":"1","gender":{sent}}}"#)).into_profile().gender;
        assert_eq!(gender.as_ref().map(Gender::as_str), Some(word), "{sent}");
    }
}

#[test]
fn a_masked_value_is_kept_as_sent_and_named() {
    let user = user(
        r#"{"userId":"1","nickname":"t**","phone":"138****0000","email":"a***@example.com","account":"a*b"}"#,
    );
    assert_eq!(user.nickname.as_deref(), Some("t**"));
    assert_eq!(
        (user.phones[0].value.as_str(), user.emails[0].value.as_str()),
        ("138****0000", "a***@example.com")
    );
    assert_eq!(user.masked, ["display_name", "nickname", "emails", "phones"]);
}

#[test]
fn an_avatar_is_an_address_or_a_path_and_anything_else_goes_to_extra() {
    let base = "https://school.example/open-api".parse().expect("a URL");
    for (sent, address) in [
        ("https://cdn.example/a.png", Some("https://cdn.example/a.png")),
        ("HTTP://cdn.example/a.png", Some("HTTP://cdn.example/a.png")),
        ("/files/a.png", Some("https://school.example/open-api/files/a.png")),
        ("icon-user-7", None),
        ("files/a.png", None),
        ("//cdn.example/a.png", None),
        ("/a b.png", None),
        ("/gnp.\u{202e}a", None),
        ("javascript://alert(1)", None),
    ] {
        let data = format!(r#"{{"userId":"1","avatar":"{sent}"}}"#);
        let reply = Reply::saved("tianyin", "user/info", bytes::Bytes::new());
        let user = map(Object::parse(&data).expect("JSON"), Extra::default(), &reply, Some(&base));
        let user = user.expect("a user");
        assert_eq!(user.avatar_url.as_deref(), address, "{sent}");
        assert_eq!(user.extra.text("avatar").as_deref(), address.is_none().then_some(sent));
    }
}

#[test]
fn without_a_base_a_path_goes_to_extra() {
    let user = user(r#"{"userId":"1","avatar":"/files/a.png"}"#);
    assert_eq!(
        (user.avatar_url.as_deref(), user.extra.text("avatar").as_deref()),
        (None, Some("/files/a.png"))
    );
}

#[test]
fn organizations_and_roles_are_exact() {
    let user = user(
        r#"{"userId":"1","orgList":[
        {"orgId":1594497749264621570,"orgCode":"1","orgName":"A","roleList":[{"roleId":9007199254740993},{"roleName":"b"}]},
        {"orgId":"2","orgCode":"","orgName":null,"roleList":null},
        {"orgId":"3","roleList":[]}]}"#,
    );
    let golden = concat!(
        r#"{"provider":"tianyin","id":"1","organizations":["#,
        r#"{"id":"1594497749264621570","code":"1","name":"A","roles":[{"id":"9007199254740993"},{"name":"b"}]},"#,
        r#"{"id":"2"},{"id":"3"}]}"#,
    );
    assert_eq!(json(&user), golden);
}

#[test]
fn what_else_the_rows_say_is_kept_in_their_places() {
    let user = user(
        r#"{"userId":"1","orgList":[{"orgId":"1","roleList":[{"roleId":"8"},{"roleId":"9","until":2030}]},
        {"orgId":"2","orgType":"school"},{},{"orgId":4.5,"orgName":["x"]}]}"#,
    );
    assert_eq!(user.organizations.len(), 2);
    assert_eq!(
        user.extra.to_string(),
        r#"{"orgList":[{"roleList":[{},{"until":2030}]},{"orgType":"school"},{},{"orgId":4.5,"orgName":["x"]}]}"#
    );
}

#[test]
fn lists_of_another_shape_are_kept_whole() {
    for list in [r#"{"orgId":"1"}"#, r#"["a"]"#, "\"x\"", "7"] {
        let user = user(&format!(r#"{{"userId":"1","orgList":{list}}}"#));
        assert!(user.organizations.is_empty());
        assert_eq!(user.extra.to_string(), format!(r#"{{"orgList":{list}}}"#));
    }
    let user = user(r#"{"userId":"1","orgList":[{"orgId":"1","roleList":[8]}]}"#);
    assert_eq!(user.organizations[0].id.as_deref(), Some("1"));
    assert_eq!(user.extra.to_string(), r#"{"orgList":[{"roleList":[8]}]}"#);
}

#[test]
fn one_odd_row_costs_no_other_organization_and_no_other_role() {
    let odd = user(
        r#"{"userId":"1","orgList":[null,{"orgId":"1","roleList":[{"roleId":"8"},null,7]},"x",{"orgId":"2"}]}"#,
    );
    let ids: Vec<_> = odd.organizations.iter().filter_map(|it| it.id.as_deref()).collect();
    assert_eq!((ids, odd.organizations[0].roles.len()), (vec!["1", "2"], 1));
    assert_eq!(odd.extra.to_string(), r#"{"orgList":[null,{"roleList":[{},null,7]},"x",{}]}"#);
    let null = user(r#"{"userId":"1","orgList":[{"orgId":"1","roleList":[null]},null]}"#);
    assert_eq!(json(&null), r#"{"provider":"tianyin","id":"1","organizations":[{"id":"1"}]}"#);
}

#[test]
fn what_stands_beside_the_user_is_kept_and_never_replaces_a_fact() {
    for (data, level) in [(r#"{"userId":"1"}"#, 2), (r#"[{"userId":"1","level":3}]"#, 3)] {
        let body = format!(
            r#"{{"code":"200","status":"success","message":"","msg":"ok","traceId":"t-1","level":2,"data":{data}}}"#
        );
        let user = replay(body.as_bytes()).expect("a user");
        assert_eq!(user.extra.to_string(), format!(r#"{{"level":{level},"traceId":"t-1"}}"#));
    }
}

#[test]
fn unknown_members_and_members_of_another_type_are_kept() {
    let user =
        user(r#"{"userId":"1","lastSequence":123456789012345678901,"phone":13800138000,"nickname":{"a":1}}"#);
    assert_eq!(
        user.extra.to_string(),
        r#"{"lastSequence":123456789012345678901,"nickname":{"a":1},"phone":13800138000}"#
    );
}

#[test]
fn every_documented_member_is_in_the_table_in_both_places() {
    let organizations = ["orgId", "orgCode", "orgName"].map(|it| format!("orgList/*/{it}"));
    let roles = ["roleId", "roleCode", "roleName"].map(|it| format!("orgList/*/roleList/*/{it}"));
    let members = ["userId", "account", "avatar", "email", "gender", "nickname", "phone", "orgList"];
    let documented = members.map(str::to_owned).into_iter().chain(organizations).chain(roles);
    let sources: Vec<_> = FIELDS.iter().flat_map(|field| field.sources).map(|source| source.path).collect();
    for name in documented {
        for place in ["/data", "/data/0"] {
            assert!(sources.contains(&format!("{place}/{name}").as_str()), "{place}/{name}");
        }
        let last = name.rsplit('/').next().expect("a name");
        assert!(PAGE.contains(&format!("\"{last}\":")), "{name}");
    }
}

#[test]
fn every_row_of_the_table_is_a_canonical_field_of_its_own() {
    for (at, field) in FIELDS.iter().enumerate() {
        assert!(User::FIELDS.contains(&field.name), "{}", field.name);
        assert!(FIELDS[..at].iter().all(|it| it.name != field.name), "{}", field.name);
    }
}

#[test]
fn raw_is_a_slice_of_what_was_read() {
    let body = bytes::Bytes::from_static(PAGE.as_bytes());
    let reply = Reply::saved("tianyin", "user/info", body.clone());
    let data = Object::parse(r#"{"userId":1}"#).expect("JSON");
    let user = map(data, Extra::default(), &reply, None).expect("a user");
    assert_eq!(user.raw.as_bytes().as_ptr(), body.as_ptr());
}
