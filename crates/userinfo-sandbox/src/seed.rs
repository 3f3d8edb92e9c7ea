//! The five people who live in all four vendors. None is a real person.

use serde_json::json;

use crate::{
    moment::Moment,
    people::{Address, Gender, Group, Ids, Linked, Login, Organization, Person, Role, Status, Unset},
};

pub(crate) fn people() -> Vec<Person> {
    vec![minimal(), everything(), chinese(), masked(), disabled()]
}

fn ids(quectel: &str, alipay_plus: &str, anqicms: u32, tianyin: i64) -> Ids {
    Ids { quectel: quectel.into(), alipay_plus: alipay_plus.into(), anqicms, tianyin }
}

#[expect(clippy::unnecessary_wraps, reason = "every attribute is optional")]
fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// Only an id, everywhere.
fn minimal() -> Person {
    Person {
        key: "minimal".into(),
        ids: ids("C1", "1000001119398800001", 1, 1),
        unset: Unset::Missing,
        ..Person::default()
    }
}

/// Everything that any vendor can tell; ids as on the vendors' pages.
fn everything() -> Person {
    Person {
        key: "everything".into(),
        ids: ids("C131362", "1000001119398804xxxx", 1000, 619_583_637_909_737_479),
        unset: Unset::Empty,
        username: some("Test2022#11111111"),
        nickname: some("Robin"),
        full_name: some("Robin Q. Sample"),
        given_name: some("Robin"),
        middle_name: some("Q."),
        family_name: some("Sample"),
        email: some("robin@example.com"),
        email_verified: Some(true),
        phone: some("13800138000"),
        logins: vec![
            Login { kind: "MOBILE_PHONE".into(), value: some("13800138000"), ..Login::default() },
            Login {
                kind: "EMAIL".into(),
                value: some("robin@example.com"),
                mask: some("r***@example.com"),
                hash: some("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
            },
        ],
        avatar: some("https://cdn.example.com/uploads/202211/21/14f56760596b5328.webp"),
        profile_url: some("https://site.example.com/people/robin?tab=posts&lang=en"),
        bio: some("Tests <everything> & more"),
        gender: Some(Gender::Female),
        birth_date: some("2000-02-29"),
        language: some("en-CA"),
        time_zone: some("America/Toronto"),
        nationality: some("CA"),
        address: Some(Address {
            formatted: some("1 Example Street, Ottawa, ON K1A 0B1, Canada"),
            street: some("1 Example Street"),
            locality: some("Ottawa"),
            region: some("ON"),
            postal_code: some("K1A 0B1"),
            country: some("CA"),
        }),
        status: Some(Status::Active),
        tenant: some("C.DM.10271.5"),
        organizations: organizations(),
        group: Some(Group { id: 2, title: some("Members") }),
        linked: Linked {
            alipay: some("2088000000000001"),
            apple: some("000001.throwaway.0001"),
            facebook: some("100000000000001"),
            google: some("110000000000000000001"),
            qq: some("QQ0001"),
            twitter: some("1000000001"),
            wechat_mini_program: some("oMINI0001"),
            wechat_official_account: some("oOFFIA0001"),
            wechat_union: some("oUNION0001"),
        },
        created_at: Some(Moment::from_millis(1_669_012_062_000)),
        updated_at: Some(Moment::from_millis(1_679_536_756_000)),
        last_login_at: Some(Moment::from_millis(1_702_912_236_133)),
        expires_at: Some(Moment::from_millis(1_997_404_800_000)),
        remark: some("a test account"),
        logon_mode: Some(1),
        parent_id: Some(7),
        is_retailer: Some(true),
        balance: Some(1250),
        total_reward: Some(99_900),
        invite_code: some("anqicms"),
        url_token: some("robin"),
        reset_password: Some(false),
        custom_fields: [("hobby".into(), json!("chess")), ("skills".into(), json!(["go", "rust"]))].into(),
        extend_info: some(r#"{"memo":"memo"}"#),
    }
}

fn organizations() -> Vec<Organization> {
    let role = |id, code: &str, name: &str| Role { id, code: code.into(), name: name.into() };
    vec![
        Organization {
            id: 1_594_497_749_264_621_570,
            code: "10020027".into(),
            name: "027 新增职业高中测试".into(),
            roles: vec![role(8, "js_000008", "教职工"), role(9_007_199_254_740_993, "js_000009", "班主任")],
        },
        Organization { id: 2, code: "10020028".into(), name: "Example School".into(), roles: vec![] },
    ]
}

/// Chinese text, and ids that a float would change.
fn chinese() -> Person {
    let role = Role { id: 9, code: "xs_000009".into(), name: "学生".into() };
    Person {
        key: "chinese".into(),
        ids: ids("C9007199254740993", "2188009223372036854775783", u32::MAX, 9_223_372_036_854_775_783),
        unset: Unset::Null,
        username: some("李小明"),
        nickname: some("小明"),
        full_name: some("李小明"),
        given_name: some("小明"),
        family_name: some("李"),
        email: some("xiaoming@例子.example.com"),
        phone: some("+86 13900139000"),
        avatar: some("https://cdn.example.com/头像/小明.png"),
        bio: some("这是介绍😀"),
        gender: Some(Gender::Male),
        birth_date: some("1999-12-31"),
        language: some("zh-CN"),
        time_zone: some("Asia/Shanghai"),
        nationality: some("CN"),
        address: Some(Address {
            formatted: some("浙江省杭州市示例路1号"),
            street: some("示例路1号"),
            locality: some("杭州市"),
            region: some("浙江省"),
            postal_code: some("310000"),
            country: some("CN"),
        }),
        status: Some(Status::Active),
        tenant: some("U.DM.10271.6"),
        organizations: vec![Organization {
            id: 9_223_372_036_854_775_807,
            code: "10020029".into(),
            name: "示例中学".into(),
            roles: vec![role],
        }],
        group: Some(Group { id: 3, title: some("会员") }),
        created_at: Some(Moment::from_millis(1_744_780_580_000)),
        last_login_at: Some(Moment::from_millis(1_744_780_781_133)),
        ..Person::default()
    }
}

/// Values masked with runs of `*`, as the vendors mask.
fn masked() -> Person {
    Person {
        key: "masked".into(),
        ids: ids("C2", "1000001119398800002", 2, 619_583_637_909_737_480),
        unset: Unset::Empty,
        username: some("t**#2"),
        nickname: some("t**"),
        full_name: some("T** S*****"),
        email: some("a***@example.com"),
        phone: some("138****0000"),
        logins: vec![
            Login { kind: "MOBILE_PHONE".into(), value: some("138****0000"), ..Login::default() },
            Login { kind: "EMAIL".into(), mask: some("a***@example.com"), ..Login::default() },
        ],
        status: Some(Status::Active),
        ..Person::default()
    }
}

/// An account that each vendor calls disabled in its own word.
fn disabled() -> Person {
    Person {
        key: "disabled".into(),
        ids: ids("C3", "1000001119398800003", 3, 619_583_637_909_737_481),
        unset: Unset::Null,
        username: some("gone"),
        nickname: some("Gone"),
        status: Some(Status::Disabled),
        created_at: Some(Moment::from_millis(1_669_012_062_000)),
        ..Person::default()
    }
}
