use aws_lc_rs::digest::{SHA256, digest};
use userinfo_core::{ErrorKind, User};

use super::*;
use crate::replay;

const PAGE: &str = include_str!("../../fixtures/vendor-page-quectel-success.json");
const PAGE_SHA256: &str = "87d59cc805d3df2afca946cc42159c728b07bf6e52b76b1937ebcac26c476bc4";

/// Maps `data`, as a host anywhere would send it.
fn user(data: &str) -> User {
    replay(format!(r#"{{"code":200,"data":{data},"extMsg":null,"msg":""}}"#).as_bytes()).expect(data)
}

/// Maps the members of a user, as the Chinese host would send them.
fn chinese(members: &str) -> User {
    let data = format!(r#"{{"uid":"C1",{members}}}"#);
    let reply = Reply::saved("quectel", "userInfo", bytes::Bytes::new());
    map(Object::parse(&data).expect("JSON"), Extra::default(), &reply, TextTimes::China).expect("a user")
}

fn json(user: &User) -> String {
    serde_json::to_string(user).expect("JSON")
}

/// Writes the two times and what is left over.
fn times(user: &User) -> (Option<String>, Option<String>, String) {
    let text = |time: Option<Timestamp>| time.map(|it| it.to_string());
    (text(user.created_at), text(user.last_login_at), user.extra.to_string())
}

#[test]
fn the_fixture_is_the_vendors_sample_byte_for_byte() {
    let sum = digest(&SHA256, PAGE.as_bytes());
    assert_eq!(format!("{sum:?}"), format!("SHA256:{PAGE_SHA256}"));
}

#[test]
fn the_vendor_page_is_filler_without_a_uid() {
    let error = replay(PAGE.as_bytes()).expect_err("no uid");
    assert_eq!((error.kind(), error.message()), (ErrorKind::Protocol, "a success without the user's uid"));
}

#[test]
fn the_vendor_page_with_a_uid_is_this_user() {
    let page = PAGE.replace(r#""uid": """#, r#""uid": "C131362""#);
    let user = replay(page.as_bytes()).expect("a user");
    assert_eq!(
        json(&user),
        r#"{"provider":"quectel","id":"C131362","status":"disabled","extra":{"logonMode":0}}"#
    );
    assert_eq!(user.raw.as_bytes(), page.as_bytes());
}

#[test]
fn the_worked_example_is_this_user() {
    let body = r#"{"code":200,"msg":"","extMsg":null,"data":{"uid":"C131362","nikeName":"QuE1DglfKXB","phone":"13800138000","sex":"2","email":null,"headimg":"https://cdn.example/a.png","registerTime":"2025-04-16 13:16:20","registerTimeTs":1744780580000,"lastLoginTime":1744780586000,"lastLoginTimeTs":1744780586000,"logonMode":1,"status":1,"lang":"","userDomain":"C.DM.10271.5"}}"#;
    let golden = concat!(
        r#"{"provider":"quectel","id":"C131362","display_name":"QuE1DglfKXB","nickname":"QuE1DglfKXB","#,
        r#""phones":[{"value":"13800138000"}],"avatar_url":"https://cdn.example/a.png","gender":"undisclosed","#,
        r#""status":"active","tenant":"C.DM.10271.5","created_at":"2025-04-16T05:16:20Z","#,
        r#""last_login_at":"2025-04-16T05:16:26Z","extra":{"logonMode":1}}"#,
    );
    assert_eq!(json(&replay(body.as_bytes()).expect("a user")), golden);
}

#[test]
fn strings_and_numbers_are_the_same_words() {
    let body = r#"{"code":"200","data":{"uid":"C1","sex":1,"status":"1","lastLoginTimeTs":null}}"#;
    let golden = r#"{"provider":"quectel","id":"C1","gender":"female","status":"active"}"#;
    assert_eq!(json(&replay(body.as_bytes()).expect("a user")), golden);
}

#[test]
fn every_member_of_the_page_has_its_place() {
    let everything = user(
        r#"{"address":"1 Example Street","alipayUserId":"a1","appleUserId":"a2","city":"Hefei","email":"a@example.com",
        "facebookUserId":"f1","headimg":"http://cdn.example/a.png","lang":"zh_CN","lastLoginTime":"2025-04-16 13:19:41",
        "lastLoginTimeTs":1744780781133,"logonMode":0,"nationality":"China","nikeName":"Ada","phone":"+8613800138000",
        "province":"Anhui","qqUserId":"q1","registerTime":1744780580000,"registerTimeTs":0,"remark":"vip","sex":"0",
        "signature":"Per aspera","status":2,"timezone":"Asia/Shanghai","twitterUserId":"t1","uid":"C1",
        "userDomain":"U.DM.1","wechatMiniprogramUserId":"w1","wechatOffiaccountUserId":"w2","wechatUnionId":"w3"}"#,
    );
    let golden = concat!(
        r#"{"provider":"quectel","id":"C1","display_name":"Ada","nickname":"Ada","#,
        r#""emails":[{"value":"a@example.com"}],"phones":[{"value":"+8613800138000"}],"#,
        r#""avatar_url":"http://cdn.example/a.png","bio":"Per aspera","gender":"male","language":"zh_CN","#,
        r#""time_zone":"Asia/Shanghai","address":{"formatted":"1 Example Street","locality":"Hefei","#,
        r#""region":"Anhui","country":"China"},"status":"2","tenant":"U.DM.1","linked_identities":["#,
        r#"{"provider":"alipay","id":"a1"},{"provider":"apple","id":"a2"},{"provider":"facebook","id":"f1"},"#,
        r#"{"provider":"qq","id":"q1"},{"provider":"twitter","id":"t1"},"#,
        r#"{"provider":"wechat-mini-program","id":"w1"},{"provider":"wechat-official-account","id":"w2"},"#,
        r#"{"provider":"wechat-union","id":"w3"}],"created_at":"2025-04-16T05:16:20Z","#,
        r#""last_login_at":"2025-04-16T05:19:41.133Z","extra":{"logonMode":0,"remark":"vip"}}"#,
    );
    assert_eq!(json(&everything), golden);
}

#[test]
fn the_setters_spellings_are_read_too() {
    let user =
        user(r#"{"uid":"C1","nickName":"Ada","headImage":"icon-7","headImg":"https://a.example/b.png"}"#);
    assert_eq!(user.nickname.as_deref(), Some("Ada"));
    assert_eq!(user.avatar_url.as_deref(), Some("https://a.example/b.png"));
    assert_eq!(user.extra.to_string(), r#"{"headImage":"icon-7"}"#);
}

#[test]
fn the_pages_spelling_stands_before_the_setters_and_nothing_is_lost() {
    let user = user(r#"{"uid":"C1","nikeName":"Ada","nickName":"Bob","headimg":"a/b.png"}"#);
    assert_eq!(user.nickname.as_deref(), Some("Ada"));
    assert_eq!(user.avatar_url, None);
    assert_eq!(user.extra.to_string(), r#"{"headimg":"a/b.png","nickName":"Bob"}"#);
}

#[test]
fn numbers_and_unknown_words_are_kept() {
    for (sent, word) in [("0", "male"), ("\"1\"", "female"), ("2", "undisclosed"), ("9", "9"), ("\"x\"", "x")]
    {
        let gender = user(&format!(r#"{{"uid":"C1","sex":{sent}}}"#)).into_profile().gender;
        assert_eq!(gender.as_ref().map(Gender::as_str), Some(word), "{sent}");
    }
    for (sent, word) in [("0", "disabled"), ("\"0\"", "disabled"), ("1", "active"), ("-1", "-1")] {
        let status = user(&format!(r#"{{"uid":"C1","status":{sent}}}"#)).into_profile().status;
        assert_eq!(status.as_ref().map(Status::as_str), Some(word), "{sent}");
    }
    let ids = user(r#"{"uid":"C1","lang":3,"nationality":156,"timezone":"8","sex":"","status":null}"#);
    let golden =
        r#"{"provider":"quectel","id":"C1","language":"3","time_zone":"8","address":{"country":"156"}}"#;
    assert_eq!(json(&ids), golden);
}

#[test]
fn milliseconds_stand_before_their_twins() {
    let (created, login, extra) = times(&chinese(
        r#""registerTimeTs":1744780580000,"registerTime":"2025-04-16 13:16:20","lastLoginTimeTs":"1744780781133","lastLoginTime":"2025-04-16 13:19:41""#,
    ));
    assert_eq!(created.as_deref(), Some("2025-04-16T05:16:20Z"));
    assert_eq!(login.as_deref(), Some("2025-04-16T05:19:41.133Z"));
    assert_eq!(extra, "{}");
}

#[test]
fn a_twin_that_says_something_else_is_kept() {
    let (created, login, extra) = times(&chinese(
        r#""registerTimeTs":1744780580000,"registerTime":1744780580,"lastLoginTimeTs":1744780781133,"lastLoginTime":"soon""#,
    ));
    assert!(created.is_some() && login.is_some());
    assert_eq!(extra, r#"{"lastLoginTime":"soon","registerTime":1744780580}"#);
    let (_, _, extra) =
        times(&chinese(r#""registerTimeTs":1744780580000,"registerTime":"2001-01-01 00:00:00""#));
    assert_eq!(extra, r#"{"registerTime":"2001-01-01 00:00:00"}"#);
}

#[test]
fn a_twin_stands_in_where_the_milliseconds_are_not_set() {
    let (created, login, extra) = times(&chinese(
        r#""registerTimeTs":null,"registerTime":"2025-04-16 13:16:20","lastLoginTimeTs":0,"lastLoginTime":"1744780586000""#,
    ));
    assert_eq!(created.as_deref(), Some("2025-04-16T05:16:20Z"));
    assert_eq!(login.as_deref(), Some("2025-04-16T05:16:26Z"));
    assert_eq!(extra, "{}");
}

#[test]
fn a_number_that_cannot_be_milliseconds_of_our_era_stays_a_number() {
    for (sent, time) in [
        ("1", None),
        ("1744780580", None),
        ("99999999999", None),
        ("100000000000", Some("1973-03-03T09:46:40Z")),
        ("9223372036854775807", None),
        ("1.5", None),
    ] {
        let (created, _, extra) = times(&chinese(&format!(r#""registerTime":{sent}"#)));
        assert_eq!(created.as_deref(), time, "{sent}");
        let kept = if time.is_none() { format!(r#"{{"registerTime":{sent}}}"#) } else { "{}".to_owned() };
        assert_eq!(extra, kept);
    }
}

#[test]
fn a_text_that_stands_alone_is_read_on_the_chinese_host_only() {
    let lone = r#"{"uid":"C1","registerTime":"2025-04-16 13:16:20","lastLoginTime":"2025-04-16 13:16:20"}"#;
    let (created, login, extra) = times(&user(lone));
    assert_eq!((created, login), (None, None));
    assert_eq!(extra, r#"{"lastLoginTime":"2025-04-16 13:16:20","registerTime":"2025-04-16 13:16:20"}"#);
    for (url, texts) in [
        ("https://iot-api.quectelcn.com", TextTimes::China),
        ("https://IOT-API.quectelcn.com:443/proxy", TextTimes::China),
        ("https://iot-api.acceleronix.io", TextTimes::Unproven),
        ("https://iot-api.landecia.com", TextTimes::Unproven),
        ("https://white-label.example/iot-api.quectelcn.com", TextTimes::Unproven),
        ("https://iot-api.quectelcn.com.example", TextTimes::Unproven),
    ] {
        assert_eq!(TextTimes::of(&url.parse().expect(url)), texts, "{url}");
    }
}

#[test]
fn zero_empty_and_null_in_a_time_are_not_set() {
    for sent in ["0", "\"0\"", "\"\"", "null"] {
        let data = format!(
            r#"{{"uid":"C1","registerTime":{sent},"registerTimeTs":{sent},"lastLoginTime":{sent},"lastLoginTimeTs":{sent}}}"#
        );
        assert_eq!(json(&user(&data)), r#"{"provider":"quectel","id":"C1"}"#, "{sent}");
    }
}

#[test]
fn an_extended_message_and_unknown_members_are_kept() {
    let body = r#"{"code":200,"data":{"uid":"C1","vip":{"level":3},"balance":12345678901234567890123,"email":["x"]},"extMsg":"note"}"#;
    let user = replay(body.as_bytes()).expect("a user");
    let golden = r#"{"balance":12345678901234567890123,"email":["x"],"extMsg":"note","vip":{"level":3}}"#;
    assert_eq!(user.extra.to_string(), golden);
    let empty = replay(br#"{"code":200,"data":{"uid":"C1"},"extMsg":""}"#).expect("a user");
    assert!(empty.extra.is_empty());
}

#[test]
fn a_success_without_a_uid_is_a_broken_answer() {
    for data in [r#"{"uid":""}"#, r#"{"uid":null}"#, r#"{"uid":{}}"#, r#"{"uid":1.5}"#, r#"{"nikeName":"x"}"#]
    {
        let error = replay(format!(r#"{{"code":200,"data":{data}}}"#).as_bytes()).expect_err(data);
        assert_eq!(error.kind(), ErrorKind::Protocol, "{data}");
    }
}

#[test]
fn a_masked_phone_is_kept_and_named() {
    let user = user(r#"{"uid":"C1","phone":"138****8000","nikeName":"t**"}"#);
    assert_eq!(user.phones[0].value, "138****8000");
    assert_eq!(user.masked, ["display_name", "nickname", "phones"]);
}

#[test]
fn the_secret_of_a_user_domain_is_in_neither_raw_nor_extra() {
    let user = user(r#"{"uid":"C1","userDomainSecret":"hunter2"}"#);
    assert!(user.extra.is_empty());
    assert!(!String::from_utf8_lossy(user.raw.as_bytes()).contains("hunter2"));
}

#[test]
fn every_documented_member_is_in_the_table() {
    let documented = "address alipayUserId appleUserId city email facebookUserId headimg lang lastLoginTime \
        lastLoginTimeTs logonMode nationality nikeName phone province qqUserId registerTime registerTimeTs remark \
        sex signature status timezone twitterUserId uid userDomain wechatMiniprogramUserId \
        wechatOffiaccountUserId wechatUnionId";
    let documented: Vec<_> = documented.split_whitespace().collect();
    assert_eq!(documented.len(), 29);
    let sources: Vec<_> = FIELDS.iter().flat_map(|field| field.sources).map(|source| source.path).collect();
    for name in documented {
        assert!(sources.contains(&format!("/data/{name}").as_str()), "{name}");
        assert!(PAGE.contains(&format!("\"{name}\":")), "{name}");
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
    let reply = Reply::saved("quectel", "userInfo", body.clone());
    let data = Object::parse(r#"{"uid":"C1"}"#).expect("JSON");
    let user = map(data, Extra::default(), &reply, TextTimes::Unproven).expect("a user");
    assert_eq!(user.raw.as_bytes().as_ptr(), body.as_ptr());
}
