//! The signing vectors, each one byte for byte.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde_json::Value;
use userinfo_core::ErrorKind;
use userinfo_http::{Http, Reply, Request, Response, Transport, TransportError};

use crate::{
    RsaSigner, Separator, SignatureEncoding, Signer as _, WalletKey, WalletKeys,
    header::SignatureHeader,
    sign,
    verify::{self, Asked, Doubt},
};

fn vectors() -> Value {
    serde_json::from_str(include_str!("../fixtures/signing-vectors.json")).expect("JSON")
}

fn list<'a>(vectors: &'a Value, path: &str) -> &'a [Value] {
    vectors.pointer(path).and_then(Value::as_array).expect(path)
}

fn text<'a>(vector: &'a Value, name: &str) -> &'a str {
    vector[name].as_str().expect(name)
}

fn key(vectors: &Value, owner: &str) -> WalletKey {
    WalletKey::parse(text(&vectors["keys"][owner], "public_spki_base64")).expect("a key")
}

fn content(vector: &Value, time: &str) -> Vec<u8> {
    assert_eq!(text(vector, "method"), "POST", "the only method that is ever signed");
    let body = text(vector, "body").as_bytes();
    sign::content(text(vector, "uri"), text(vector, "client_id"), text(vector, time), body)
}

/// Gives a reply with these headers, as a wallet would.
async fn reply(headers: &[(&str, &str)], body: &str) -> Reply {
    #[derive(Debug)]
    struct Canned(Response);

    #[async_trait::async_trait]
    impl Transport for Canned {
        async fn send(&self, _: Request) -> Result<Response, TransportError> {
            Ok(self.0.clone())
        }
    }

    let mut response = http::Response::builder();
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    let response = response.body(Bytes::copy_from_slice(body.as_bytes())).expect("a response");
    let base = "https://wallet.example".parse().expect("a URL");
    let http = Http::new("alipay-plus", base, Arc::new(Canned(response)));
    http.send(userinfo_http::Call::get("it", "/")).await.expect("a reply")
}

/// Checks a signature as the provider does, with whatever freshness.
async fn check(vector: &Value, time: &str, header: &str, key: WalletKey) -> Result<(), Doubt> {
    let headers = [
        ("client-id", text(vector, "client_id")),
        ("response-time", text(vector, time)),
        ("signature", header),
    ];
    let reply = reply(&headers, text(vector, "body")).await;
    let asked =
        Asked { uri: text(vector, "uri"), client_id: text(vector, "client_id"), max_clock_skew: None };
    verify::check(&WalletKeys::new(key), &reply, &asked)
}

#[tokio::test]
async fn every_request_is_signed_byte_for_byte_in_every_encoding() {
    let vectors = vectors();
    let signer = RsaSigner::parse(text(&vectors["keys"]["merchant"], "private_pkcs8_base64")).expect("a key");
    let encodings = [
        (SignatureEncoding::Base64, "base64"),
        (SignatureEncoding::UrlEncoded, "url_encoded_base64"),
        (SignatureEncoding::Base64Url, "base64url_no_pad"),
    ];
    let mut count = 0;
    for vector in list(&vectors, "/requests") {
        let content = content(vector, "request_time");
        assert_eq!(content, text(vector, "content_to_sign").as_bytes());
        let signature = signer.sign(&content).await.expect("a signature");
        let version = vector["key_version"].as_u64().expect("a number");
        for (encoding, name) in encodings {
            let value = encoding.encode(&signature);
            assert_eq!(value, text(&vector["signature"], name));
            let header = SignatureHeader::write(version, Separator::CommaBlank, &value);
            assert_eq!(header, text(&vector["signature_header"], name));
            assert_eq!(SignatureHeader::write(version, Separator::Comma, &value), header.replace(' ', ""));
            count += 1;
        }
    }
    assert_eq!(count, 30);
}

#[tokio::test]
async fn every_answer_verifies_in_every_encoding() {
    let vectors = vectors();
    let mut count = 0;
    for vector in list(&vectors, "/responses") {
        for header in vector["signature_header"].as_object().expect("headers").values() {
            let key = key(&vectors, text(vector, "signed_by"));
            let result = check(vector, "response_time", header.as_str().expect("text"), key).await;
            assert_eq!(result, Ok(()), "{}", text(vector, "name"));
            count += 1;
        }
    }
    assert_eq!(count, 21);
}

#[tokio::test]
async fn every_case_that_must_fail_is_a_signature_error() {
    let vectors = vectors();
    let cases = list(&vectors, "/must_fail");
    assert_eq!(cases.len(), 24);
    for case in cases {
        let name = text(case, "name");
        if text(case, "method") != "POST" {
            continue;
        }
        let header = format!("algorithm=RSA256, keyVersion=1, signature={}", text(case, "signature"));
        let doubt = check(case, "time", &header, key(&vectors, text(case, "verify_with"))).await;
        let error = doubt.expect_err(name).error(&reply(&[], "").await);
        assert_eq!(error.kind(), ErrorKind::Signature, "{name}");
    }
}

/// The provider signs and verifies `POST` alone; with any other method the content is another.
#[tokio::test]
async fn a_signature_over_another_method_is_no_signature_of_ours() {
    let vectors = vectors();
    for case in list(&vectors, "/must_fail").iter().filter(|case| text(case, "method") != "POST") {
        let signature = SignatureHeader::parse(&format!("signature={}", text(case, "signature")));
        let signature = signature.expect("a signature").signature;
        let content = content(
            &Value::Object({
                let mut vector = case.as_object().expect("a case").clone();
                vector.insert("method".to_owned(), "POST".into());
                vector
            }),
            "time",
        );
        let other = [b"GET".as_slice(), content.strip_prefix(b"POST").expect("our method")].concat();
        let key = key(&vectors, text(case, "verify_with"));
        assert!(key.key.verify_sig(&content, &signature).is_ok(), "the original");
        assert!(key.key.verify_sig(&other, &signature).is_err(), "{}", text(case, "name"));
    }
}

#[test]
fn every_header_is_accepted_or_refused_as_the_vectors_say() {
    let vectors = vectors();
    let (accept, reject) =
        (list(&vectors, "/signature_header/accept"), list(&vectors, "/signature_header/reject"));
    assert_eq!((accept.len(), reject.len()), (15, 9));
    for case in accept {
        let name = text(case, "name");
        let header = SignatureHeader::parse(text(case, "header")).expect(name);
        assert_eq!(STANDARD.encode(&header.signature), text(case, "signature_base64"));
        assert_eq!(header.key_version.as_deref(), case["key_version"].as_str());
    }
    for case in reject {
        SignatureHeader::parse(text(case, "header")).expect_err(text(case, "name"));
    }
}

#[test]
fn no_header_panics() {
    for header in [
        ",",
        "=",
        "==",
        "signature==",
        "signature=%",
        "signature=%+f",
        "signature=%é",
        "signature=A",
        "signature=AAAAA",
        "signature=AA=A",
        "signature=====",
        "signature=\"",
        "signature=\"\"",
        "é=é",
        "signature=AAAA,",
        "signature=AA====",
    ] {
        SignatureHeader::parse(header).expect_err(header);
    }
}

#[test]
fn a_header_beyond_what_any_wallet_sends_is_not_parsed() {
    let padded = |length: usize| format!("signature={}", "QUFB".repeat(2000)).split_at(length).0.to_owned();
    let items = |count: usize| {
        let others = (1..count).map(|it| format!("i{it}="));
        others.chain(["signature=QUFB".to_owned()]).collect::<Vec<_>>().join(",")
    };
    for header in [padded(10 + 4084), " ".repeat(2) + &padded(10 + 4084), items(16)] {
        SignatureHeader::parse(&header).expect("a header of this size");
    }
    let too_long =
        [" ".repeat(3) + &padded(10 + 4084), items(17), format!("{}signature=QUFB", ",".repeat(400_000))];
    for header in too_long {
        assert_eq!(SignatureHeader::parse(&header), Err(Doubt::Malformed("it is too long")));
    }
}

#[test]
fn the_newest_key_is_the_one_of_the_highest_version() {
    let vectors = vectors();
    let (merchant, wallet) = (key(&vectors, "merchant"), key(&vectors, "wallet"));
    let keys = WalletKeys::new(merchant.clone()).with(10, wallet.clone()).with(9, merchant.clone());
    let found = |version| keys.find(version).map(WalletKey::fingerprint);
    assert_eq!(found(None), Some(wallet.fingerprint()));
    assert_eq!(found(Some("10")), Some(wallet.fingerprint()));
    for version in ["0", "1", "9"] {
        assert_eq!(found(Some(version)), Some(merchant.fingerprint()));
    }
    for version in ["", "2", "-1", "1.0", "x", "99999999999999999999"] {
        assert_eq!(found(Some(version)), None, "{version}");
    }
}
