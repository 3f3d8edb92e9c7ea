use userinfo_core::{ErrorKind, RawValue, User};

use super::*;
use crate::replay;

const PAGE: &str = include_str!("../../fixtures/vendor-page-anqicms-success.json");

/// Maps `data`, as a site would send it.
fn user(data: &str) -> User {
    replay(format!(r#"{{"code":0,"data":{data},"msg":null}}"#).as_bytes()).expect("a user")
}

fn json(user: &User) -> String {
    serde_json::to_string(user).expect("JSON")
}

#[test]
fn the_vendor_page_is_this_user() {
    let user = replay(PAGE.as_bytes()).expect("the page");
    let golden = concat!(
        r#"{"provider":"anqicms","id":"1000","username":"admin","display_name":"admin","#,
        r#""avatar_url":"http://127.0.0.1:8001/uploads/202211/21/14f56760596b5328.webp","#,
        r#""bio":"这是介绍","status":"active","groups":[{"id":"2"}],"#,
        r#""created_at":"2022-11-21T06:27:42Z","updated_at":"2023-03-23T01:59:16Z","#,
        r#""last_login_at":"2023-12-18T15:10:36Z","expires_at":"2033-04-18T02:40:00Z","#,
        r#""extra":{"balance":0,"invite_code":"anqicms","is_retailer":0,"parent_id":0,"total_reward":0}}"#,
    );
    assert_eq!(json(&user), golden);
    assert_eq!(user.raw.as_bytes(), PAGE.as_bytes());
}

#[test]
fn the_fields_of_every_version_are_mapped() {
    let user = user(
        r#"{"id":1,"user_name":"alice","first_name":"Alice","last_name":"Liddell","email":"a@example.com",
        "email_verified":false,"status":-1,"balance":1250,"expire_time":0,"birthday":86400,"google_id":"g1",
        "reset_password":true,"url_token":"alice","extra":{"age":{"name":"Age","value":7}},"group":null,"token":""}"#,
    );
    let golden = concat!(
        r#"{"provider":"anqicms","id":"1","username":"alice","display_name":"alice","#,
        r#""name":{"given":"Alice","family":"Liddell"},"emails":[{"value":"a@example.com","verified":false}],"#,
        r#""status":"banned","linked_identities":[{"provider":"google","id":"g1"}],"#,
        r#""extra":{"balance":1250,"birthday":86400,"extra":{"age":{"name":"Age","value":7}},"#,
        r#""reset_password":true,"url_token":"alice"}}"#,
    );
    assert_eq!(json(&user), golden);
}

#[test]
fn a_group_object_gives_its_title_and_keeps_the_rest() {
    let vip =
        user(r#"{"id":1,"group_id":2,"group":{"id":2,"title":"VIP","level":3,"setting":{"discount":90}}}"#);
    assert_eq!(
        json(&vip),
        r#"{"provider":"anqicms","id":"1","groups":[{"id":"2","name":"VIP"}],"extra":{"group":{"level":3,"setting":{"discount":90}}}}"#
    );
    let other = user(r#"{"id":1,"group_id":2,"group":{"id":9,"title":"VIP"}}"#);
    assert!(json(&other).contains(r#""groups":[{"id":"2"}],"extra":{"group":{"id":9,"title":"VIP"}}"#));
    assert!(user(r#"{"id":1,"group_id":0,"group":{}}"#).groups.is_empty());
}

#[test]
fn a_token_in_the_answer_is_in_neither_raw_nor_extra() {
    let clean = user(r#"{"id":1,"token":"eyJ.abc","note":"x"}"#);
    assert_eq!(
        clean.raw.as_bytes(),
        br#"{"code":0,"data":{"id":1,"token":"[secret]","note":"x"},"msg":null}"#
    );
    assert_eq!(clean.extra.to_string(), r#"{"note":"x"}"#);
    let deep =
        user(r#"{"id":1,"token":"eyJ.abc","group":{"token":"eyJ.def"},"extra":{"token":"eyJ"},"token":""}"#);
    let shown = format!("{} {}", json(&deep), String::from_utf8_lossy(deep.raw.as_bytes()));
    assert!(!shown.contains("eyJ"), "{shown}");
    let kept = user(r#"{"id":1,"token":""}"#);
    assert!(kept.raw.as_bytes().windows(10).any(|it| it == br#""token":"""#));
}

#[test]
fn an_avatar_is_joined_to_the_base_and_an_absolute_one_is_kept() {
    let base = "https://a.example/cms".parse().expect("a URL");
    let avatar = |data: &str| {
        let reply = Reply::saved("anqicms", "user/detail", bytes::Bytes::new());
        let user =
            map(Object::parse(data).expect("JSON"), Extra::default(), &reply, Some(&base)).expect("a user");
        (user.avatar_url.clone(), user.extra.text("avatar_url").or(user.extra.text("full_avatar_url")))
    };
    let url = |text: &str| (Some(text.to_owned()), None);
    assert_eq!(
        avatar(r#"{"id":1,"avatar_url":"uploads/a.webp"}"#),
        url("https://a.example/cms/uploads/a.webp")
    );
    assert_eq!(avatar(r#"{"id":1,"avatar_url":"/a.webp"}"#), url("https://a.example/cms/a.webp"));
    assert_eq!(avatar(r#"{"id":1,"avatar_url":"//cdn.example/a.webp"}"#), url("//cdn.example/a.webp"));
    assert_eq!(
        avatar(r#"{"id":1,"avatar_url":"a.webp","full_avatar_url":"http://127.0.0.1/a.webp"}"#),
        url("http://127.0.0.1/a.webp")
    );
    let script = "javascript://alert(1)";
    assert_eq!(avatar(&format!(r#"{{"id":1,"avatar_url":"{script}"}}"#)), (None, Some(script.to_owned())));
}

#[test]
fn another_picture_beside_the_complete_one_is_kept() {
    let user = user(r#"{"id":1,"avatar_url":"uploads/b.png","full_avatar_url":"https://a.example/a.png"}"#);
    assert_eq!(user.avatar_url.as_deref(), Some("https://a.example/a.png"));
    assert_eq!(user.extra.text("avatar_url").as_deref(), Some("uploads/b.png"));
}

#[test]
fn what_is_no_address_becomes_none() {
    let base = "https://a.example".parse().expect("a URL");
    for sent in
        ["data:image/png;base64,AAA", "javascript:alert(1)", "ftp://x/a.png", "//", "a\\nb.png", "a b"]
    {
        let data = format!(r#"{{"id":1,"avatar_url":"{sent}","link":"{sent}"}}"#);
        let reply = Reply::saved("anqicms", "user/detail", bytes::Bytes::new());
        let data = Object::parse(&data).expect("JSON");
        let user = map(data, Extra::default(), &reply, Some(&base)).expect("a user");
        assert_eq!((user.avatar_url.as_ref(), user.profile_url.as_ref()), (None, None), "{sent}");
        assert!(user.extra.get("avatar_url").is_some() && user.extra.get("link").is_some(), "{sent}");
    }
}

#[test]
fn a_refusal_that_was_saved_states_no_http_status() {
    let error = replay(br#"{"code":1001,"msg":"no"}"#).expect_err("a refusal");
    assert_eq!((error.vendor_code(), error.http_status()), (Some("1001"), None));
}

#[test]
fn members_beside_the_data_that_no_document_names_are_kept() {
    let user =
        replay(br#"{"code":0,"msg":null,"message":"","traceId":"t-1","data":{"id":1}}"#).expect("a user");
    assert_eq!(user.extra.to_string(), r#"{"traceId":"t-1"}"#);
}

#[test]
fn without_a_base_a_relative_avatar_goes_to_extra() {
    let user = user(r#"{"id":1,"avatar_url":"uploads/a.webp"}"#);
    assert_eq!(
        (user.avatar_url.as_deref(), user.extra.text("avatar_url").as_deref()),
        (None, Some("uploads/a.webp"))
    );
}

#[test]
fn a_status_is_one_of_ours_or_the_vendors_own_number() {
    for (sent, word) in [("1", "active"), ("0", "pending"), ("-1", "banned"), ("7", "7"), ("\"1\"", "active")]
    {
        let status = user(&format!(r#"{{"id":1,"status":{sent}}}"#)).into_profile().status;
        assert_eq!(status.as_ref().map(Status::as_str), Some(word));
    }
}

#[test]
fn seconds_that_are_no_time_stay_a_number() {
    for sent in ["9223372036854775807", "-9223372036854775808", "99999999999999999999", "1.5", "\"soon\""] {
        let user = user(&format!(r#"{{"id":1,"created_time":{sent}}}"#));
        assert_eq!(user.created_at, None);
        assert_eq!(user.extra.get("created_time").map(RawValue::get), Some(sent));
    }
    assert_eq!(json(&user(r#"{"id":1,"last_login":0,"birthday":0}"#)), r#"{"provider":"anqicms","id":"1"}"#);
}

#[test]
fn a_success_without_an_id_is_a_broken_answer() {
    for data in
        ["{}", r#"{"id":0}"#, r#"{"id":""}"#, r#"{"id":null}"#, r#"{"id":1.5}"#, r#"{"user_name":"x"}"#]
    {
        let error = replay(format!(r#"{{"code":0,"data":{data}}}"#).as_bytes()).expect_err(data);
        assert_eq!(error.kind(), ErrorKind::Protocol, "{data}");
    }
}

#[test]
fn every_documented_member_is_in_the_table() {
    let documented = "id parent_id user_name real_name introduce avatar_url full_avatar_url email phone group_id \
        is_retailer balance total_reward invite_code last_login expire_time created_time updated_time status extra \
        group link url_token first_name last_name email_verified birthday google_id reset_password";
    let sources: Vec<_> = FIELDS.iter().flat_map(|field| field.sources).map(|source| source.path).collect();
    for name in documented.split_whitespace() {
        assert!(sources.contains(&format!("/data/{name}").as_str()), "{name}");
    }
}

#[test]
fn raw_is_a_slice_of_what_was_read() {
    let body = bytes::Bytes::from_static(PAGE.as_bytes());
    let reply = Reply::saved("anqicms", "user/detail", body.clone());
    let user =
        map(Object::parse(r#"{"id":1}"#).expect("JSON"), Extra::default(), &reply, None).expect("a user");
    assert_eq!(user.raw.as_bytes().as_ptr(), body.as_ptr());
}
