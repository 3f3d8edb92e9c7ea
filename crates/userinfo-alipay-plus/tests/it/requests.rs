//! What goes over the wire, and what never does.

use std::sync::Arc;

use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;
use userinfo_alipay_plus::{
    AlipayPlus, AlipayPlusConfig, Separator, SignatureEncoding, Signer, TimeFormat, Verify,
};
use userinfo_core::{Error, ErrorKind, Lookup, LookupKind, Result, Retry, UserInfoProvider as _};
use userinfo_http::Request;

use crate::wallet::{Answer, PAGE, TOKEN, config, provider};

const PATH: &str = "/v2/users/inquiryUserInfo";

/// The request that a look-up with this configuration sends.
async fn request(config: AlipayPlusConfig) -> Request {
    let wallet = Answer::unsigned(200, PAGE).wallet();
    provider(config, Arc::clone(&wallet)).user(&Lookup::token(TOKEN)).await.expect("a user");
    let mut seen = wallet.seen.lock().expect("no test panics with it");
    assert_eq!(seen.len(), 1);
    seen.remove(0)
}

fn vector(name: &str) -> serde_json::Value {
    let vectors: serde_json::Value =
        serde_json::from_str(include_str!("../../fixtures/signing-vectors.json")).expect("JSON");
    let found = vectors["requests"].as_array().expect("a list").iter().find(|it| it["name"] == name);
    found.expect(name).clone()
}

fn at_the_root() -> AlipayPlusConfig {
    let mut config = config(Verify::Off);
    config.base_url = "https://wallet.example".parse().expect("a URL");
    config.auth_client_id = Some("202016726873874774774xxxx".to_owned());
    config
}

#[tokio::test]
async fn a_request_is_that_of_the_vectors_byte_for_byte() {
    for (name, format) in
        [("request-time-utc", TimeFormat::Utc), ("request-time-epoch-ms", TimeFormat::Epoch)]
    {
        let mut config = at_the_root();
        config.time_format = format;
        let request = request(config).await;
        let vector = vector(name);
        assert_eq!(request.method(), "POST");
        assert_eq!(
            request.uri().path_and_query().map(ToString::to_string).as_deref(),
            vector["uri"].as_str()
        );
        assert_eq!(request.body().as_ref(), vector["body"].as_str().expect("text").as_bytes());
        for (header, value) in [
            ("client-id", &vector["headers"]["Client-Id"]),
            ("request-time", &vector["headers"]["Request-Time"]),
            ("signature", &vector["signature_header"]["url_encoded_base64"]),
        ] {
            assert_eq!(request.headers()[header].to_str().ok(), value.as_str(), "{name} {header}");
        }
        assert_eq!(request.headers()["content-type"], "application/json; charset=UTF-8");
        assert!(request.headers()["signature"].is_sensitive());
    }
}

#[tokio::test]
async fn the_time_is_that_of_the_clock_in_the_documents_form() {
    assert_eq!(request(at_the_root()).await.headers()["request-time"], "2024-01-10T04:12:12.000+00:00");
}

#[tokio::test]
async fn encoding_separator_and_version_are_settings() {
    let plain = request(at_the_root()).await.headers()["signature"].to_str().expect("ASCII").to_owned();
    let (head, signature) = plain.split_once("signature=").expect("a signature");
    assert_eq!(head, "algorithm=RSA256, keyVersion=1, ");
    assert!(signature.ends_with("%3D%3D"), "{signature}");
    for (encoding, padding) in [(SignatureEncoding::Base64, "=="), (SignatureEncoding::Base64Url, "")] {
        let mut config = at_the_root();
        config.signature_encoding = encoding;
        config.signature_separator = Separator::Comma;
        config.key_version = 0;
        let header = request(config).await.headers()["signature"].to_str().expect("ASCII").to_owned();
        let value = header.strip_prefix("algorithm=RSA256,keyVersion=0,signature=").expect("no blanks");
        assert!(value.ends_with(padding) && !value.contains('%'), "{value}");
    }
}

/// Shows what it is given to sign.
#[derive(Debug)]
struct Glass;

#[async_trait]
impl Signer for Glass {
    async fn sign(&self, content: &[u8]) -> Result<Vec<u8>> {
        Ok(content.to_vec())
    }
}

/// What was signed for a request, read back from its own header.
async fn signed(mut config: AlipayPlusConfig) -> (Request, String) {
    config.signer = Arc::new(Glass);
    config.signature_encoding = SignatureEncoding::UrlEncoded;
    let request = request(config).await;
    let header = request.headers()["signature"].to_str().expect("ASCII").to_owned();
    let base64 = header.split_once("signature=").expect("a signature").1;
    let base64 = base64.replace("%2B", "+").replace("%2F", "/").replace("%3D", "=");
    let content = STANDARD.decode(base64).expect("base64");
    (request, String::from_utf8(content).expect("UTF-8"))
}

#[tokio::test]
async fn what_is_signed_is_what_is_sent_prefix_and_query_included() {
    for (base, path) in [
        ("https://wallet.example", PATH),
        ("https://wallet.example:8443/", PATH),
        ("https://wallet.example/acl/api", PATH),
        ("https://wallet.example/acl/api/", "/v1/customers/user/inquiryUserInfoByAccessToken.htm"),
        ("https://wallet.example/api", "/v2/users/inquiryUserInfo?lang=en&x=a%20b"),
    ] {
        let mut config = at_the_root();
        config.base_url = base.parse().expect("a URL");
        path.clone_into(&mut config.path);
        config.extend_info = Some("用户信息 é".into());
        let (request, content) = signed(config).await;
        let target = request.uri().path_and_query().expect("a path");
        let body = std::str::from_utf8(request.body()).expect("UTF-8");
        assert_eq!(
            content,
            format!("POST {target}\nTEST_5X00000000000000.2024-01-10T04:12:12.000+00:00.{body}")
        );
        assert!(target.as_str().ends_with(path), "{target}");
    }
}

#[tokio::test]
async fn the_body_begins_with_the_token_and_leaves_out_what_is_not_set() {
    let body = |config| async { String::from_utf8_lossy(request(config).await.body()).into_owned() };
    let mut config = config(Verify::Off);
    assert_eq!(body(config.clone()).await, format!(r#"{{"accessToken":"{TOKEN}"}}"#));
    config.auth_client_id = Some("ac".to_owned());
    config.extend_info = Some(r#"{"customerBelongsTo":"GCASH"}"#.into());
    config.extra_body.insert("appId".to_owned(), json!("app"));
    config.extra_body.insert("nested".to_owned(), json!({"a": [1, null]}));
    assert_eq!(
        body(config.clone()).await,
        format!(
            r#"{{"accessToken":"{TOKEN}","authClientId":"ac","extendInfo":"{{\"customerBelongsTo\":\"GCASH\"}}","appId":"app","nested":{{"a":[1,null]}}}}"#
        )
    );
    config.extend_info = Some(json!({"memo": "memo"}));
    assert!(body(config).await.contains(r#""extendInfo":{"memo":"memo"}"#));
}

#[tokio::test]
async fn a_token_that_cannot_be_sent_is_refused_before_any_io() {
    let wallet = Answer::unsigned(200, PAGE).wallet();
    let provider = provider(config(Verify::Off), Arc::clone(&wallet));
    for token in ["", "a\nb", "a\r", "\u{0}", "x\u{85}", &"天".repeat(129)] {
        let error = provider.user(&Lookup::token(token)).await.expect_err(token);
        assert_eq!((error.kind(), error.retry()), (ErrorKind::InvalidInput, Retry::Never), "{token:?}");
    }
    for id in ["", "a\nb", &"x".repeat(65)] {
        let error = provider.user(&Lookup::id(id).with_token(TOKEN)).await.expect_err(id);
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{id:?}");
    }
    let error = provider.user(&Lookup::id("1000001119398804xxxx")).await.expect_err("no token");
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(!provider.supports(LookupKind::Id));
    assert!(wallet.seen.lock().expect("no test panics with it").is_empty());
    provider.user(&Lookup::token("天".repeat(128))).await.expect("128 characters");
}

#[derive(Debug)]
struct Broken;

#[async_trait]
impl Signer for Broken {
    async fn sign(&self, _: &[u8]) -> Result<Vec<u8>> {
        Err(Error::new(ErrorKind::Unavailable, "alipay-plus", "sign", "the module does not answer"))
    }
}

#[tokio::test]
async fn a_signer_that_fails_says_itself_what_it_means() {
    let wallet = Answer::unsigned(200, PAGE).wallet();
    let mut config = config(Verify::Off);
    config.signer = Arc::new(Broken);
    let error =
        provider(config, Arc::clone(&wallet)).user(&Lookup::token(TOKEN)).await.expect_err("unsigned");
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Unavailable, Retry::Backoff));
    assert!(wallet.seen.lock().expect("no test panics with it").is_empty());
}

#[test]
fn it_signs_without_a_runtime_too() {
    let wallet = Answer::unsigned(200, PAGE).wallet();
    let provider = provider(config(Verify::Off), wallet);
    let lookup = Lookup::token(TOKEN);
    let mut call = provider.user(&lookup);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(call.as_mut().poll(&mut context).is_ready());
}

#[test]
fn a_configuration_that_cannot_work_is_refused_with_every_fault() {
    let mut config = config(Verify::Off);
    config.path = "v2/users".to_owned();
    config.client_id = "a\nb".to_owned();
    config.auth_client_id = Some("x".repeat(129));
    config.extend_info = Some("é".repeat(4097).into());
    config.extra_body.insert("accessToken".to_owned(), json!("x"));
    let error = AlipayPlus::new(config, Answer::unsigned(200, PAGE).wallet()).expect_err("five faults");
    assert_eq!(error.kind(), ErrorKind::Config);
    for key in ["path must", "client_id must", "auth_client_id must", "extend_info must"] {
        assert!(error.message().contains(key), "{error}");
    }
}

#[test]
fn debug_shows_no_key_and_no_body() {
    let mut config = config(Verify::Off);
    config.extra_body.insert("appId".to_owned(), json!("hunter2-app"));
    config.headers.add("Agent-Token", &"hunter2-agent".into()).expect("a header");
    let shown = format!("{config:?} {:?}", provider(config.clone(), Answer::unsigned(200, PAGE).wallet()));
    assert!(shown.contains("RsaSigner(2048 bits)") && !shown.contains("hunter2"), "{shown}");
}
