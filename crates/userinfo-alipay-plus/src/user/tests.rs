use userinfo_core::ErrorKind;

use super::*;
use crate::replay;

const PAGE: &str = include_str!("../../fixtures/vendor-page-alipay-plus-success.json");

/// Maps `userInfo`, as a wallet would send it.
fn user(info: &str) -> User {
    answer(&format!(r#"{{"result":{{"resultStatus":"S"}},"userInfo":{info}}}"#))
}

fn answer(body: &str) -> User {
    replay(body.as_bytes()).expect("a user")
}

fn json(user: &User) -> String {
    serde_json::to_string(user).expect("JSON")
}

/// What is known of a user besides the provider and the id, which is 1.
fn rest(info: &str) -> String {
    let json = json(&user(&format!(r#"{{"userId":"1",{info}}}"#)));
    let rest = json.strip_prefix(r#"{"provider":"alipay-plus","id":"1""#).expect("an id");
    rest.strip_suffix('}').expect("an object").trim_start_matches(',').to_owned()
}

#[test]
fn the_vendor_page_is_this_user() {
    let user = answer(PAGE);
    let golden = concat!(
        r#"{"provider":"alipay-plus","id":"1000001119398804xxxx","display_name":"Jack","nickname":"Jack","#,
        r#""name":{"formatted":"Jack Sparrow","given":"Jack","family":"Sparrow"},"#,
        r#""phones":[{"value":"1116874199xxx"}],"#,
        r#""logins":[{"kind":"MOBILE_PHONE","value":"1116874199xxx"}],"#,
        r#""avatar_url":"http://example.com/avatar.htm?avatarId=FBF16F91-28FB-47EC-B9BE-27B285C23CD3xxxx","#,
        r#""gender":"male","birth_date":"2020-07-25","nationality":"US","status":"active","#,
        r#""extra":{"extendInfo":"{}"}}"#,
    );
    assert_eq!(json(&user), golden);
    assert_eq!(user.raw.as_bytes(), PAGE.as_bytes());
}

#[test]
fn the_example_of_another_dictionary_is_this_user() {
    let golden = concat!(
        r#""phones":[{"value":"138****0000"}],"gender":"female","masked":["phones"],"#,
        r#""extra":{"extendInfo":{"a":1}}"#,
    );
    let info = r#""gender":"F","loginIdInfos":null,"contactInfos":[{"contactType":"MOBILE","contactNo":"138****0000"}],"extendInfo":{"a":1}"#;
    assert_eq!(rest(info), golden);
}

#[test]
fn every_member_of_the_dictionaries_has_its_place() {
    let info = r#""userName":{"fullName":"A B C","firstName":"A","middleName":"B","lastName":"C","secondName":"S","thirdName":""},
        "loginIdInfos":[{"loginId":"a@example.com","loginIdType":"EMAIL","maskLoginId":"a***","hashLoginId":"9f","extendInfo":"{}"},
                        {"loginId":"138","loginIdType":"MOBILE_PHONE"}],
        "contactInfos":[{"contactNo":"a@example.com","contactType":"EMAIL","note":"n"},{"contactNo":138,"contactType":"telephone"},
                        {"contactNo":"@a","contactType":"PIGEON"},{"contactNo":"139"},{"contactType":"EMAIL"},"x",null],
        "userAddresses":[{"region":"CA","state":"ON","city":"Ottawa","address1":"1 Street","address2":"Flat 2","zipCode":"K1A"},
                         {"region":"US"}],
        "status":"FROZEN","avatar":"style:3","birthDate":"soon","nationality":"","level":{"a":[1.10]}"#;
    let golden = concat!(
        r#""display_name":"A B C","name":{"formatted":"A B C","given":"A","middle":"B","family":"C"},"#,
        r#""emails":[{"value":"a@example.com"}],"phones":[{"value":"138"}],"#,
        r#""logins":[{"kind":"EMAIL","value":"a@example.com"},{"kind":"MOBILE_PHONE","value":"138"}],"#,
        r#""address":{"street":"1 Street","locality":"Ottawa","region":"ON","postal_code":"K1A","country":"CA"},"#,
        r#""status":"FROZEN","extra":{"avatar":"style:3","birthDate":"soon","#,
        r#""contactInfos":[{"note":"n"},{},{"contactNo":"@a","contactType":"PIGEON"},{"contactNo":"139"},"#,
        r#"{"contactType":"EMAIL"},"x",null],"level":{"a":[1.10]},"#,
        r#""loginIdInfos":[{"extendInfo":"{}","hashLoginId":"9f","maskLoginId":"a***"},{}],"#,
        r#""userAddresses":[{"address2":"Flat 2"},{"region":"US"}],"userName":{"secondName":"S"}}"#,
    );
    assert_eq!(rest(info), golden);
}

#[test]
fn a_login_known_by_its_mask_alone_is_marked() {
    assert_eq!(
        rest(
            r#""nickName":"J**","loginIdInfos":[{"maskLoginId":"13...00","loginIdType":"MOBILE_PHONE"}],
            "userAddresses":[{"city":"O**"}]"#
        ),
        concat!(
            r#""display_name":"J**","nickname":"J**","logins":[{"kind":"MOBILE_PHONE","value":"13...00"}],"#,
            r#""address":{"locality":"O**"},"masked":["display_name","nickname","logins","address"]"#
        )
    );
    assert_eq!(
        rest(
            r#""loginIdInfos":[{"loginId":"","maskLoginId":""}],"contactInfos":[{"contactNo":"1**0","contactType":"MOBILE"}]"#
        ),
        r#""phones":[{"value":"1**0"}],"masked":["phones"]"#
    );
}

#[test]
fn a_login_known_by_its_hash_alone_stays_as_it_is() {
    assert_eq!(
        rest(r#""loginIdInfos":[{"hashLoginId":"9f","loginIdType":"EMAIL"}]"#),
        r#""extra":{"loginIdInfos":[{"hashLoginId":"9f","loginIdType":"EMAIL"}]}"#
    );
}

#[test]
fn placeholders_of_the_page_are_no_masks() {
    assert!(answer(PAGE).masked.is_empty());
}

#[test]
fn a_gender_is_one_of_ours_or_the_vendors_own_word() {
    for (sent, word) in
        [("MALE", "male"), ("m", "male"), ("F", "female"), ("Female", "female"), ("X", "X"), ("男", "男")]
    {
        let gender = user(&format!(r#"{{"userId":"1","gender":"{sent}"}}"#)).into_profile().gender;
        assert_eq!(gender.as_ref().map(Gender::as_str), Some(word));
    }
}

#[test]
fn a_status_is_active_or_the_vendors_own_word() {
    for (sent, word) in [("ACTIVE", "active"), ("FROZEN", "FROZEN"), ("INACTIVE", "INACTIVE")] {
        let status = user(&format!(r#"{{"userId":"1","status":"{sent}"}}"#)).into_profile().status;
        assert_eq!(status.as_ref().map(Status::as_str), Some(word));
    }
}

#[test]
fn a_birth_date_is_a_valid_date_or_stays_a_fact() {
    assert_eq!(rest(r#""birthDate":"2020-07-25T00:00:00+08:00""#), r#""birth_date":"2020-07-25""#);
    assert_eq!(rest(r#""birthday":"2020-07-25""#), r#""birth_date":"2020-07-25""#);
    assert_eq!(rest(r#""birthDate":"2020-02-30""#), r#""extra":{"birthDate":"2020-02-30"}"#);
    assert_eq!(
        rest(r#""birthDate":"2020-07-25","birthday":"07-25""#),
        r#""birth_date":"2020-07-25","extra":{"birthday":"07-25"}"#
    );
}

#[test]
fn extend_info_is_kept_as_sent() {
    for sent in [r#""{}""#, r#"{"a":1}"#, r#""{\"customerBelongsTo\":\"GCASH\"}""#, r#""plain""#, "[1,2.50]"]
    {
        assert_eq!(rest(&format!(r#""extendInfo":{sent}"#)), format!(r#""extra":{{"extendInfo":{sent}}}"#));
    }
    for unset in ["null", r#""""#] {
        assert_eq!(rest(&format!(r#""extendInfo":{unset}"#)), "");
    }
}

#[test]
fn an_avatar_is_absolute_or_joined_to_the_base() {
    let base = "https://wallet.example/api".parse().expect("a URL");
    for (sent, url) in [
        ("http://a/b.htm?x=1", Some("http://a/b.htm?x=1")),
        ("//cdn.example/a.png", None),
        ("/a.png", Some("https://wallet.example/api/a.png")),
        ("style:3", None),
        ("a.png", None),
        ("javascript://alert(1)", None),
        ("/a b", None),
        ("/a\u{7}b", None),
        ("/gnp.\u{202e}a", None),
    ] {
        assert_eq!(avatar(sent, Some(&base)).as_deref(), url, "{sent:?}");
    }
    assert_eq!(rest(r#""avatar":"//cdn.example/a.png""#), r#""extra":{"avatar":"//cdn.example/a.png"}"#);
    assert_eq!(avatar("/a.png", None), None);
}

#[test]
fn members_of_another_type_are_kept() {
    assert_eq!(
        rest(
            r#""nickName":{"a":1},"userName":"Jack","loginIdInfos":"x","contactInfos":{},"userAddresses":[]"#
        ),
        r#""extra":{"contactInfos":{},"loginIdInfos":"x","nickName":{"a":1},"userName":"Jack"}"#
    );
}

#[test]
fn a_user_without_an_id_is_a_broken_answer() {
    for id in ["", r#""userId":null"#, r#""userId":"""#, r#""userId":{}"#, r#""userId":1.5"#] {
        let body = format!(r#"{{"result":{{"resultStatus":"S"}},"userInfo":{{{id}}}}}"#);
        assert_eq!(replay(body.as_bytes()).expect_err(id).kind(), ErrorKind::Protocol);
    }
    assert_eq!(user(r#"{"userId":9223372036854775783}"#).id, "9223372036854775783");
}

#[test]
fn what_stands_beside_the_user_is_kept_and_never_replaces_a_fact() {
    let user =
        answer(r#"{"a":1,"level":2,"result":{"resultStatus":"S"},"userInfo":{"userId":"1","level":3}}"#);
    assert_eq!(user.extra.to_string(), r#"{"a":1,"level":3}"#);
}

#[test]
fn what_the_result_says_beyond_the_page_is_kept() {
    let user = answer(
        r#"{"result":{"resultStatus":"S","resultCode":"SUCCESS","resultMessage":"","traceId":7},"userInfo":{"userId":"1"}}"#,
    );
    assert_eq!(user.extra.to_string(), r#"{"result":{"traceId":7}}"#);
}

#[test]
fn every_documented_member_is_in_the_table() {
    let documented = "userId status nickName userName/fullName userName/firstName userName/lastName
        userName/middleName avatar gender birthDate nationality loginIdInfos/*/loginId loginIdInfos/*/loginIdType
        loginIdInfos/*/maskLoginId contactInfos/*/contactNo extendInfo userAddresses/0/region
        userAddresses/0/state userAddresses/0/city userAddresses/0/address1 userAddresses/0/zipCode";
    let sources: Vec<_> = FIELDS.iter().flat_map(|field| field.sources).map(|source| source.path).collect();
    for name in documented.split_whitespace() {
        assert!(sources.contains(&format!("/userInfo/{name}").as_str()), "{name}");
    }
}

#[test]
fn every_value_of_the_page_says_where_it_came_from() {
    for explained in answer(PAGE).explain() {
        assert_eq!(explained.value.is_some(), !explained.from.is_empty(), "{explained:?}");
    }
}
