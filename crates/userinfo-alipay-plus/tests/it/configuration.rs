//! The configuration as an operator writes it.

use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::{Value, json};
use userinfo_alipay_plus::{
    AlipayPlus, AlipayPlusConfig, Separator, SignatureEncoding, TimeFormat, Verify, factory, replay,
};
use userinfo_core::{ConfigError, Factory, Registry, SecretSources, Settings, UserInfoProvider};
use userinfo_http::HttpConfig;
use userinfo_sandbox::credentials::{
    MERCHANT_PRIVATE_KEY_PEM, MERCHANT_PUBLIC_KEY_PEM, ROTATED_WALLET_PUBLIC_KEY_PEM, WALLET_PUBLIC_KEY_PEM,
};

use crate::wallet::{Answer, PAGE};

macro_rules! key {
    ($name:literal) => {
        include_str!(concat!("../../fixtures/keys/", $name, ".pem")).to_owned()
    };
}

/// The base64 within a PEM armour, in one line.
fn bare(pem: &str) -> String {
    pem.lines().filter(|it| !it.starts_with("-----")).collect()
}

/// Files and variables of a test.
#[derive(Debug)]
struct Sources;

impl SecretSources for Sources {
    fn env(&self, name: &str) -> Option<String> {
        (name == "MERCHANT").then(|| MERCHANT_PRIVATE_KEY_PEM.replace('\n', "\\n"))
    }

    fn file(&self, path: &str) -> io::Result<String> {
        match path {
            "wallet.pem" => Ok(WALLET_PUBLIC_KEY_PEM.replace('\n', "\r\n")),
            "rotated.pem" => Ok(ROTATED_WALLET_PUBLIC_KEY_PEM.to_owned()),
            "windows.pem" => Ok(MERCHANT_PRIVATE_KEY_PEM.replace('\n', "\r\n")),
            "classic.pem" => Ok(MERCHANT_PRIVATE_KEY_PEM.replace('\n', "\r")),
            "bare.txt" => Ok(format!("{}\r\n", bare(MERCHANT_PRIVATE_KEY_PEM))),
            "cut.pem" => Ok(MERCHANT_PRIVATE_KEY_PEM.split_at(800).0.to_owned()),
            "blank.pem" => Ok("\r\n\r\n".to_owned()),
            "binary.der" => Err(io::ErrorKind::InvalidData.into()),
            "secret.pem" => Err(io::ErrorKind::PermissionDenied.into()),
            "public.pem" => Ok(MERCHANT_PUBLIC_KEY_PEM.to_owned()),
            "private.pem" => Ok(MERCHANT_PRIVATE_KEY_PEM.to_owned()),
            "public-pkcs1.pem" => Ok(key!("merchant_public_key_pkcs1")),
            "encrypted.pem" => Ok(key!("encrypted_private_key")),
            "encrypted-pkcs1.pem" => Ok(key!("encrypted_private_key_pkcs1")),
            "certificate.pem" => Ok(key!("certificate")),
            "small.pem" => Ok(key!("small_private_key")),
            "small-public.pem" => Ok(key!("small_public_key")),
            "openssh.pem" => Ok(key!("openssh_private_key")),
            "ec.pem" => Ok(key!("ec_private_key")),
            "ed25519.pem" => Ok(key!("ed25519_private_key")),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

fn registry(change: impl FnOnce(&mut Value), factory: &Factory) -> Result<Registry, ConfigError> {
    let mut table = json!({
        "kind": "alipay-plus",
        "base_url": "https://wallet.example/acl/api",
        "client_id": "TEST_5X00000000000000",
        "private_key": {"env": "MERCHANT"},
        "wallet_public_key": {"file": "wallet.pem"},
    });
    change(&mut table);
    let Value::Object(file) = json!({"providers": {"wallet": table}}) else { unreachable!("an object") };
    Registry::from_table(file, std::slice::from_ref(factory), &Sources)
}

/// The notes of a configuration, or its faults, each as `key: message`.
pub(crate) fn build(change: impl FnOnce(&mut Value)) -> Result<Vec<String>, Vec<String>> {
    let short =
        |path: &str, message: &str| format!("{}: {message}", path.trim_start_matches("providers.wallet."));
    match registry(change, &factory()) {
        Ok(registry) => {
            let (_, instance) = registry.iter().next().expect("one instance");
            Ok(instance.notes.iter().map(|note| short(&note.path, &note.message)).collect())
        }
        Err(error) => Err(error.faults.iter().map(|fault| short(&fault.path, &fault.message)).collect()),
    }
}

/// The configuration that is read from a table.
pub(crate) fn configured(change: impl FnOnce(&mut Value)) -> AlipayPlusConfig {
    let read = Arc::new(Mutex::new(None));
    let seen = Arc::clone(&read);
    let build = move |settings: &mut Settings<'_>| -> Option<Arc<dyn UserInfoProvider>> {
        let http = HttpConfig::from_settings(settings);
        let config = AlipayPlusConfig::from_settings(settings, &http)?;
        *seen.lock().expect("no test panics with it") = Some(config.clone());
        let provider = AlipayPlus::new(config, Answer::unsigned(200, PAGE).wallet()).ok()?;
        Some(Arc::new(provider))
    };
    registry(change, &Factory::new(factory().descriptor(), build, replay))
        .expect("a configuration that works");
    let config = read.lock().expect("no test panics with it").take();
    config.expect("a configuration")
}

pub(crate) fn fault_of(key: &str, value: Value) -> String {
    let faults = build(|table| table[key] = value).expect_err(key);
    assert_eq!(faults.len(), 1, "{faults:?}");
    faults.into_iter().next().unwrap_or_default()
}

/// Sets every key that may be set.
fn whole(table: &mut Value) {
    for (key, value) in [
        ("path", json!("/v1/users/inquiryUserInfo?lang=en")),
        ("token_path", json!("/v1/authorizations/applyToken.htm")),
        ("cancel_path", json!("/v2/authorizations/cancelToken")),
        ("auth_client_id", json!("ac")),
        ("key_version", json!(0)),
        ("wallet_public_keys", json!({"2": {"file": "rotated.pem"}})),
        ("verify", json!("when-present")),
        ("signature_encoding", json!("base64url")),
        ("signature_separator", json!(",")),
        ("time_format", json!("utc")),
        ("max_clock_skew", json!("off")),
        ("extend_info", json!("{}")),
        ("extra_body", json!({"appId": "a"})),
        ("headers", json!({"Agent-Token": "t"})),
        ("http", json!({"timeout": "3s"})),
    ] {
        table[key] = value;
    }
}

#[test]
fn a_key_version_may_be_text_and_extend_info_a_table() {
    for (sent, version) in [(json!(7), 7), (json!("7"), 7), (json!("0"), 0)] {
        assert_eq!(configured(|table| table["key_version"] = sent).key_version, version);
    }
    let info = json!({"customerBelongsTo": "GCASH"});
    let config = configured(|table| table["extend_info"] = info.clone());
    assert_eq!(config.extend_info, Some(info));
    for wrong in [json!(""), json!(7), json!(["x"])] {
        let faults = build(|table| table["extend_info"] = wrong).expect_err("a fault");
        assert!(faults.iter().any(|it| it.contains("extend_info")), "{faults:?}");
    }
}

#[test]
fn every_key_has_its_effect() {
    let config = configured(whole);
    assert_eq!(config.base_url.prefix(), "/acl/api");
    assert_eq!(config.path, "/v1/users/inquiryUserInfo?lang=en");
    assert_eq!(config.token_path, "/v1/authorizations/applyToken.htm");
    assert_eq!(config.cancel_path, "/v2/authorizations/cancelToken");
    assert_eq!(config.client_id, "TEST_5X00000000000000");
    assert_eq!(config.auth_client_id.as_deref(), Some("ac"));
    assert_eq!(config.key_version, 0);
    assert!(matches!(config.verify, Verify::WhenPresent(_)));
    assert_eq!(config.signature_encoding, SignatureEncoding::Base64Url);
    assert_eq!(config.signature_separator, Separator::Comma);
    assert_eq!(config.time_format, TimeFormat::Utc);
    assert_eq!(config.max_clock_skew, None);
    assert_eq!(config.extend_info, Some(json!("{}")));
    assert_eq!(config.extra_body.get("appId"), Some(&json!("a")));
    assert!(format!("{:?}", config.headers).contains("agent-token"));
}

#[test]
fn every_word_has_its_meaning() {
    let with = |key: &'static str, value: &'static str| configured(move |table| table[key] = json!(value));
    assert!(matches!(with("verify", "require").verify, Verify::Require(_)));
    assert!(matches!(with("verify", "off").verify, Verify::Off));
    assert_eq!(with("signature_encoding", "base64").signature_encoding, SignatureEncoding::Base64);
    assert_eq!(with("time_format", "seconds").time_format, TimeFormat::Seconds);
    assert_eq!(with("time_format", "epoch").time_format, TimeFormat::Epoch);
    assert_eq!(with("max_clock_skew", "90s").max_clock_skew, Some(Duration::from_secs(90)));
}

#[test]
fn what_is_not_set_has_the_default_of_the_documents() {
    let config = configured(|_| ());
    assert_eq!(config.path, "/v2/users/inquiryUserInfo");
    assert_eq!(config.token_path, "/v2/authorizations/applyToken");
    assert_eq!(config.cancel_path, "/v1/authorizations/cancelToken");
    assert_eq!((config.key_version, config.max_clock_skew), (1, Some(Duration::from_secs(300))));
    assert!(matches!(config.verify, Verify::Require(_)));
    assert_eq!(config.signature_encoding, SignatureEncoding::UrlEncoded);
    assert_eq!(config.signature_separator, Separator::CommaBlank);
    assert_eq!(config.time_format, TimeFormat::Milliseconds);
    assert!(config.auth_client_id.is_none() && config.extend_info.is_none() && config.extra_body.is_empty());
}

#[test]
fn the_notes_tell_of_every_key() {
    let notes = build(whole);
    let notes = notes.expect("a configuration that works");
    assert!(notes[0].starts_with("private_key: an RSA private key of 2048 bits (PKCS#8); the SHA-256 of"));
    assert!(notes[1].starts_with("wallet_public_key: an RSA public key of 2048 bits (SPKI); the SHA-256 of"));
    assert!(notes[2].starts_with("wallet_public_keys.2: an RSA public key of 2048 bits"));
    assert_eq!(notes.len(), 3);
}

#[test]
fn settings_that_cannot_work_are_named() {
    for (key, value, words) in [
        ("path", json!("v2/users"), "must begin with a slash"),
        ("path", json!("/v2/a b"), "would be rewritten"),
        ("token_path", json!("v2/authorizations"), "must begin with a slash"),
        ("token_path", json!("/v2/../v1"), "would be rewritten"),
        ("cancel_path", json!(""), "must not be empty"),
        ("cancel_path", json!("/v1/a#b"), "would be rewritten"),
        ("client_id", json!(" x"), "without blanks"),
        ("client_id", json!("天"), "ASCII"),
        ("auth_client_id", json!("天".repeat(129)), "128 characters"),
        ("auth_client_id", json!("a\nb"), "128 characters"),
        ("extend_info", json!("é".repeat(4097)), "4096 characters"),
        ("extra_body", json!({"accessToken": "x"}), "extra_body.accessToken: is set by other keys"),
        ("extra_body", json!({"authClientId": "x"}), "extra_body.authClientId: is set by other keys"),
        ("extra_body", json!({"extendInfo": "x"}), "extra_body.extendInfo: is set by other keys"),
        ("extra_body", json!({"grantType": "x"}), "extra_body.grantType: is set by other keys"),
        ("extra_body", json!({"authCode": "x"}), "extra_body.authCode: is set by other keys"),
        ("extra_body", json!({"refreshToken": "x"}), "extra_body.refreshToken: is set by other keys"),
        (
            "extra_body",
            json!({"referenceClientId": "x"}),
            "extra_body.referenceClientId: is set by other keys",
        ),
        ("verify", json!("always"), "one of"),
        ("signature_encoding", json!("hex"), "one of"),
        ("signature_separator", json!(";"), "one of"),
        ("time_format", json!("iso"), "one of"),
        ("max_clock_skew", json!("soon"), "duration"),
        ("key_version", json!(-1), "whole number"),
        ("walet_public_key", json!("x"), "did you mean `wallet_public_key`"),
    ] {
        let fault = fault_of(key, value);
        assert!(fault.contains(words), "{fault}");
    }
    for (key, value) in
        [("auth_client_id", json!("天".repeat(128))), ("extend_info", json!("é".repeat(4096)))]
    {
        build(|table| table[key] = value).expect(key);
    }
}

#[test]
fn one_run_lists_every_fault() {
    let faults = build(|table| {
        *table = json!({"kind": "alipay-plus", "path": "x", "auth_client_id": "", "key_version": "x",
            "wallet_public_key": "garbage", "verify": "always", "extra_body": {"extendInfo": 1}, "nonsense": 1});
    });
    let faults = faults.expect_err("many faults");
    for key in [
        "base_url",
        "client_id",
        "private_key",
        "path",
        "auth_client_id",
        "key_version",
        "wallet_public_key",
        "verify",
        "extra_body.extendInfo",
        "nonsense",
    ] {
        assert!(faults.iter().any(|fault| fault.starts_with(&format!("{key}: "))), "{key}: {faults:?}");
    }
}

fn without_key(verify: Option<&str>) -> Result<Vec<String>, Vec<String>> {
    build(|table| {
        table.as_object_mut().expect("a table").remove("wallet_public_key");
        if let Some(verify) = verify {
            table["verify"] = json!(verify);
        }
    })
}

#[test]
fn without_a_wallet_key_nothing_is_verified_and_that_is_said() {
    let notes = without_key(None).expect("no policy");
    assert!(
        notes.iter().any(|it| it == "wallet_public_key: is missing: answers are not verified"),
        "{notes:?}"
    );
    without_key(Some("off")).expect("off");
    for verify in ["require", "when-present"] {
        let faults = without_key(Some(verify)).expect_err(verify);
        assert_eq!(faults, ["verify: needs wallet_public_key; without one, only \"off\" is possible"]);
    }
}

#[test]
fn a_wallet_key_under_off_is_pointed_out() {
    let notes = build(|table| table["verify"] = json!("off")).expect("off");
    assert!(notes.iter().any(|it| it.starts_with("verify: is off: answers are not verified")), "{notes:?}");
}

#[test]
fn the_merchants_own_public_key_is_pointed_out_and_not_refused() {
    let own = |notes: Vec<String>, key: &str| {
        notes
            .iter()
            .any(|it| it.starts_with(&format!("{key}: warning: this is the public half of private_key")))
    };
    let notes = build(|table| table["wallet_public_key"] = json!(MERCHANT_PUBLIC_KEY_PEM)).expect("a key");
    assert!(own(notes, "wallet_public_key"));
    let notes =
        build(|table| table["wallet_public_keys"] = json!({"2": MERCHANT_PUBLIC_KEY_PEM})).expect("keys");
    assert!(own(notes, "wallet_public_keys.2"));
    assert!(!own(build(|_| ()).expect("the wallet's key"), "wallet_public_key"));
}

#[test]
fn keys_by_version_alone_are_enough() {
    let faults = build(|table| {
        table.as_object_mut().expect("a table").remove("wallet_public_key");
        table["wallet_public_keys"] = json!({"1": {"file": "wallet.pem"}, "2": {"file": "rotated.pem"}});
        table["verify"] = json!("require");
    });
    faults.expect("two keys");
}

#[test]
fn a_saved_answer_is_mapped_without_a_configuration() {
    assert_eq!(
        factory().replay(PAGE.as_bytes()).expect("the page"),
        replay(PAGE.as_bytes()).expect("the page")
    );
}
