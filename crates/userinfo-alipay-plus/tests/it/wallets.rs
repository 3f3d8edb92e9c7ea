//! The ways of the wallets, as public documents have them.

use serde_json::json;
use userinfo_alipay_plus::{AlipayPlusConfig, SignatureEncoding, Verify, Wallet};

use crate::{
    configuration::{build, configured, fault_of},
    wallet::config,
};

const V2: &str = "/v2/users/inquiryUserInfo";
const TOKEN_V1: &str = "/v1/authorizations/applyToken";
const TOKEN_V2: &str = "/v2/authorizations/applyToken";
const GCASH: Option<&str> = Some(r#"{"customerBelongsTo":"GCASH"}"#);

/// Name, path, path of tokens, encoding, `extendInfo`.
type Row = (Wallet, &'static str, &'static str, &'static str, SignatureEncoding, Option<&'static str>);

const TABLE: [Row; 7] = [
    (Wallet::AlipayConnect, "alipay-connect", V2, TOKEN_V2, SignatureEncoding::UrlEncoded, None),
    (Wallet::Gcash, "gcash", V2, TOKEN_V2, SignatureEncoding::UrlEncoded, GCASH),
    (
        Wallet::TngEwallet,
        "tng",
        "/v1/customers/user/inquiryUserInfoByAccessToken",
        TOKEN_V1,
        SignatureEncoding::Base64Url,
        None,
    ),
    (
        Wallet::VodaPay,
        "vodapay",
        "/v2/customers/user/inquiryUserInfo",
        TOKEN_V2,
        SignatureEncoding::UrlEncoded,
        None,
    ),
    (Wallet::SuperQi, "superqi", "/v1/users/inquiryUserInfo", TOKEN_V1, SignatureEncoding::Base64, None),
    (Wallet::MPesaLesotho, "mpesa-lesotho", V2, TOKEN_V2, SignatureEncoding::UrlEncoded, None),
    (Wallet::Claro, "claro", V2, TOKEN_V2, SignatureEncoding::UrlEncoded, None),
];

fn told(config: &AlipayPlusConfig) -> (&str, &str, SignatureEncoding, Option<&str>) {
    let info = config.extend_info.as_ref().map(|it| it.as_str().expect("text"));
    (&config.path, &config.token_path, config.signature_encoding, info)
}

#[test]
fn a_wallet_is_what_its_documents_say_in_code_and_in_a_file() {
    assert_eq!(TABLE.map(|row| row.0), Wallet::ALL);
    for (wallet, name, path, token_path, encoding, info) in TABLE {
        let expected = (path, token_path, encoding, info);
        assert_eq!(told(&config(Verify::Off).wallet(wallet)), expected, "{name}");
        let read = configured(|table| table["wallet"] = json!(name));
        assert_eq!(told(&read), expected, "{name}");
        assert_eq!(read.cancel_path, "/v1/authorizations/cancelToken");
        assert_eq!((wallet.as_str(), read.base_url.prefix()), (name, "/acl/api"));
    }
}

#[test]
fn a_setting_beside_the_wallet_stands() {
    let read = configured(|table| {
        for (key, value) in [
            ("wallet", "tng"),
            ("base_url", "https://elsewhere.example/api"),
            ("path", "/p"),
            ("token_path", "/t"),
            ("signature_encoding", "url-encoded"),
            ("extend_info", "{}"),
        ] {
            table[key] = json!(value);
        }
    });
    assert_eq!(told(&read), ("/p", "/t", SignatureEncoding::UrlEncoded, Some("{}")));
    assert_eq!(read.base_url.to_string(), "https://elsewhere.example/api");
}

#[test]
fn every_wallet_is_marked_as_unverified() {
    for name in TABLE.map(|row| row.1) {
        let notes = build(|table| table["wallet"] = json!(name)).expect(name);
        let note = format!("wallet: the ways of {name} are from public documentation, unverified");
        assert!(notes.contains(&note), "{notes:?}");
    }
    assert!(!build(|_| ()).expect("no wallet").iter().any(|note| note.contains("unverified")));
}

#[test]
fn a_wallet_that_nobody_knows_is_a_fault_with_those_that_are() {
    let fault = fault_of("wallet", json!("tngd"));
    for name in TABLE.map(|row| row.1) {
        assert!(fault.starts_with("wallet: ") && fault.contains(&format!("`{name}`")), "{fault}");
    }
}

#[test]
fn a_base_url_is_needed_unless_a_document_tells_it() {
    for (wallet, name, ..) in TABLE {
        let result = build(|table| {
            table["wallet"] = json!(name);
            table.as_object_mut().expect("a table").remove("base_url");
        });
        match wallet.base_url() {
            Some(url) => {
                let note = format!("base_url: is {url}, from public documentation, unverified");
                assert!(result.expect(name).contains(&note));
            }
            None => assert_eq!(result.expect_err(name), ["base_url: is missing"]),
        }
    }
    assert_eq!(Wallet::TngEwallet.base_url(), Some("https://api.tngdigital.com.my/acl/api"));
}

#[test]
fn a_prefix_that_the_documents_do_not_have_is_pointed_out() {
    let notes = |wallet: &'static str, url: &'static str| {
        let notes = build(|table| {
            table["wallet"] = json!(wallet);
            table["base_url"] = json!(url);
        });
        notes.expect(wallet).into_iter().find(|note| note.starts_with("base_url: "))
    };
    let tng = notes("tng", "https://api-sd.tngdigital.com.my").expect("a note");
    assert!(tng.contains("/acl/api"), "{tng}");
    let qi = notes("superqi", "https://wallet.example/api").expect("a note");
    assert!(qi.contains("no prefix"), "{qi}");
    for (wallet, url) in [
        ("tng", "https://api-sd.tngdigital.com.my/acl/api"),
        ("superqi", "https://wallet.example"),
        ("claro", "https://wallet.example/api"),
    ] {
        assert_eq!(notes(wallet, url), None);
    }
}

#[test]
fn what_a_wallet_wants_besides_is_pointed_out_while_it_is_missing() {
    let notes = |name: &str, given: bool| {
        let notes = build(|table| {
            table["wallet"] = json!(name);
            if given {
                table["auth_client_id"] = json!("ac");
                table["extra_body"] = json!({"appId": "a", "customerBelongsTo": "TNG"});
            }
        });
        let wanted = notes.expect(name).into_iter().filter(|note| note.contains("require it"));
        wanted.map(|note| note.split(':').next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        notes("alipay-connect", false),
        ["auth_client_id", "extra_body.appId", "extra_body.customerBelongsTo"]
    );
    assert_eq!(notes("vodapay", false), ["auth_client_id"]);
    assert_eq!(notes("gcash", false), ["extra_body.appId"]);
    for name in TABLE.map(|row| row.1) {
        assert_eq!(notes(name, true), Vec::<String>::new());
    }
}

#[test]
fn an_auth_client_id_that_is_too_long_for_a_wallet_is_pointed_out() {
    let notes = |name: &str, length: usize| {
        let notes = build(|table| {
            table["wallet"] = json!(name);
            table["auth_client_id"] = json!("a".repeat(length));
        });
        notes.expect(name).into_iter().filter(|note| note.contains("longer than the 32 characters")).count()
    };
    assert_eq!((notes("vodapay", 33), notes("vodapay", 32), notes("alipay-connect", 33)), (1, 0, 0));
}
