//! Every policy, over every way in which an answer can be signed or not.

use userinfo_alipay_plus::{Verify, WalletKeys};
use userinfo_core::{ErrorKind, Retry};
use userinfo_sandbox::credentials::{
    ALIPAY_CLIENT_ID, MERCHANT_PRIVATE_KEY_PEM, ROTATED_WALLET_PRIVATE_KEY_PEM, WALLET_PRIVATE_KEY_PEM,
};

use crate::wallet::{Answer, PAGE, ask, config, error, required, rotated_key, wallet_key};

const TIME: &str = "2024-01-10T12:12:12.345+08:00";

async fn signed_as(key: &str, version: &str, client_id: &str) -> Answer {
    Answer::signed_as(key, version, client_id, TIME, PAGE).await
}

/// Answers that no policy but `off` lets pass.
async fn bad_answers() -> Vec<(&'static str, Answer)> {
    let good = Answer::signed(PAGE).await;
    let other = Answer::signed(&PAGE.replace("Jack", "Jill")).await;
    let signature = good.get("signature");
    let with = |header: &str| good.clone().without("signature").header("signature", header);
    let time = |time: &'static str| Answer::signed_at(time, PAGE);
    let mut all = vec![
        ("malformed", with("garbage")),
        ("empty", with("")),
        ("no ASCII", with("signature=é")),
        ("without a signature", with("algorithm=RSA256, keyVersion=1")),
        ("unknown algorithm", with(&signature.replace("RSA256", "ECC224"))),
        ("tampered", good.clone().body(&PAGE.replace("Jack", "Jick"))),
        ("white space changed", good.clone().body(&PAGE.replace('\n', ""))),
        ("line feed added", good.clone().body(&format!("{PAGE}\n"))),
        ("the signature of another answer", with(&other.get("signature"))),
        ("one byte short", with(signature.split_at(signature.len() - 2).0)),
        ("another time", good.clone().without("response-time").header("response-time", "1704859932345")),
        ("no time", good.clone().without("response-time")),
        ("two signatures", good.clone().header("signature", &signature)),
        ("two signatures, the first one wrong", with("garbage").header("signature", &signature)),
        ("two clients", good.clone().header("client-id", ALIPAY_CLIENT_ID)),
        ("two times", good.clone().header("response-time", TIME)),
        ("another client, unsigned", good.clone().without("client-id").header("client-id", "OTHER")),
        ("client without ASCII", good.clone().without("client-id").header("client-id", "é")),
    ];
    all.extend([
        ("our own key", signed_as(MERCHANT_PRIVATE_KEY_PEM, "1", ALIPAY_CLIENT_ID).await),
        ("wrong key", signed_as(ROTATED_WALLET_PRIVATE_KEY_PEM, "1", ALIPAY_CLIENT_ID).await),
        ("rotated key", signed_as(ROTATED_WALLET_PRIVATE_KEY_PEM, "2", ALIPAY_CLIENT_ID).await),
        ("unknown version", signed_as(WALLET_PRIVATE_KEY_PEM, "99", ALIPAY_CLIENT_ID).await),
        ("version that is no number", signed_as(WALLET_PRIVATE_KEY_PEM, "one", ALIPAY_CLIENT_ID).await),
        ("empty version", signed_as(WALLET_PRIVATE_KEY_PEM, "", ALIPAY_CLIENT_ID).await),
        ("another client", signed_as(WALLET_PRIVATE_KEY_PEM, "1", "TEST_OTHER_CLIENT").await),
        ("stale", time("2024-01-10T12:07:11.999+08:00").await),
        ("from the future", time("2024-01-10T12:17:12.001+08:00").await),
        ("no time at all", time("soon").await),
        ("time without a zone", time("2024-01-10T12:12:12.345").await),
        ("seconds since the epoch", time("1704859932").await),
        ("empty time", time("").await),
    ]);
    all
}

#[tokio::test]
async fn a_bad_signature_passes_under_off_alone() {
    for (name, answer) in bad_answers().await {
        let keys = WalletKeys::new(wallet_key());
        let required = ask(required(), answer.clone()).await.expect_err(name);
        let present = ask(config(Verify::WhenPresent(keys)), answer.clone()).await.expect_err(name);
        for error in [required, present] {
            assert_eq!(
                (error.kind(), error.retry()),
                (ErrorKind::Signature, Retry::Never),
                "{name}: {error}"
            );
            assert!(!error.to_string().contains("Jack"), "{error}");
        }
        ask(config(Verify::Off), answer).await.expect(name);
    }
}

#[tokio::test]
async fn a_good_signature_passes_under_every_policy() {
    let no_version = Answer::signed(PAGE).await;
    let header = no_version.get("signature").replace("keyVersion=1, ", "");
    for answer in [
        Answer::signed(PAGE).await,
        Answer::signed_at("2024-01-10T12:07:12.000+08:00", PAGE).await,
        Answer::signed_at("2024-01-10T12:17:12.000+08:00", PAGE).await,
        Answer::signed_at("2024-01-10T04:12:12Z", PAGE).await,
        Answer::signed_at("2024-01-10T12:12:12+08:00", PAGE).await,
        Answer::signed_at("1704859932345", PAGE).await,
        Answer::signed(PAGE).await.without("client-id"),
        no_version.without("signature").header("signature", &header),
        signed_as(WALLET_PRIVATE_KEY_PEM, "0", ALIPAY_CLIENT_ID).await,
    ] {
        let keys = WalletKeys::new(wallet_key());
        for policy in [Verify::Require(keys.clone()), Verify::WhenPresent(keys), Verify::Off] {
            let user = ask(config(policy), answer.clone()).await.expect("the user of the page");
            assert_eq!(user.id, "1000001119398804xxxx");
        }
    }
}

#[tokio::test]
async fn an_unsigned_answer_passes_unless_a_signature_is_required() {
    let answer = Answer::unsigned(200, PAGE);
    let keys = WalletKeys::new(wallet_key());
    ask(config(Verify::Off), answer.clone()).await.expect("off");
    ask(config(Verify::WhenPresent(keys)), answer.clone()).await.expect("when present");
    let error = error(answer).await;
    assert_eq!((error.kind(), error.message()), (ErrorKind::Signature, "the answer is not signed"));
}

#[tokio::test]
async fn a_rotated_key_is_found_by_its_version() {
    let keys = WalletKeys::new(wallet_key()).with(2, rotated_key());
    let ask = async |answer| ask(config(Verify::Require(keys.clone())), answer).await;
    ask(signed_as(WALLET_PRIVATE_KEY_PEM, "1", ALIPAY_CLIENT_ID).await).await.expect("the old key");
    let rotated = signed_as(ROTATED_WALLET_PRIVATE_KEY_PEM, "2", ALIPAY_CLIENT_ID).await;
    ask(rotated.clone()).await.expect("the new key");
    let header = rotated.get("signature").replace("keyVersion=2, ", "");
    ask(rotated.without("signature").header("signature", &header)).await.expect("the newest key");
    let old = signed_as(WALLET_PRIVATE_KEY_PEM, "2", ALIPAY_CLIENT_ID).await;
    assert_eq!(ask(old).await.expect_err("the wrong one").kind(), ErrorKind::Signature);
}

#[tokio::test]
async fn freshness_can_be_widened_and_switched_off() {
    let mut config = required();
    config.max_clock_skew = None;
    for time in ["2020-01-01T00:00:00Z", "soon"] {
        ask(config.clone(), Answer::signed_at(time, PAGE).await).await.expect(time);
    }
    let untimed = Answer::signed(PAGE).await.without("response-time");
    assert_eq!(ask(config.clone(), untimed).await.expect_err("no time").kind(), ErrorKind::Signature);
    config.max_clock_skew = Some(std::time::Duration::from_secs(10));
    let answer = Answer::signed_at("2024-01-10T12:12:02.000+08:00", PAGE).await;
    ask(config.clone(), answer).await.expect("ten seconds");
    let answer = Answer::signed_at("2024-01-10T12:12:01.999+08:00", PAGE).await;
    let error = ask(config, answer).await.expect_err("more than ten seconds");
    assert!(error.message().contains("10 s are allowed") && error.advice().contains("clock"), "{error}");
}

#[tokio::test]
async fn an_unsigned_refusal_of_our_signature_is_reported_in_the_wallets_words() {
    for code in ["INVALID_SIGNATURE", "SIGNATURE_INVALID", "KEY_NOT_FOUND", "TIMESTAMP_INVALID"] {
        let result =
            format!(r#""result":{{"resultCode":"{code}","resultStatus":"F","resultMessage":"No."}}"#);
        let error = error(Answer::unsigned(200, &format!("{{{result}}}"))).await;
        assert_eq!(error.kind(), ErrorKind::Signature);
        assert_eq!((error.message(), error.vendor_code()), ("No.", Some(code)));
    }
    let bare =
        error(Answer::unsigned(200, r#"{"result":{"resultCode":"SIGNATURE_INVALID","resultStatus":"F"}}"#))
            .await;
    assert_eq!((bare.kind(), bare.vendor_code()), (ErrorKind::Signature, Some("SIGNATURE_INVALID")));
}

#[tokio::test]
async fn nothing_else_that_is_unsigned_is_believed() {
    for body in [
        r#"{"result":{"resultCode":"EXPIRED_ACCESS_TOKEN","resultStatus":"F","resultMessage":"Expired."}}"#,
        r#"{"result":{"resultCode":"REQUEST_TRAFFIC_EXCEED_LIMIT","resultStatus":"U","resultMessage":"Slow."}}"#,
        r#"{"result":{"resultCode":"UNKNOWN_EXCEPTION","resultStatus":"U","resultMessage":"Later."}}"#,
        r#"{"result":{"resultCode":"SIGNATURE_INVALID","resultStatus":"U","resultMessage":"Later."}}"#,
        r#"{"result":{"resultCode":"SIGNATURE_INVALID","resultStatus":"S"},"userInfo":{"userId":"1"}}"#,
        "<html><title>Welcome</title></html>",
        "",
    ] {
        let error = error(Answer::unsigned(200, body)).await;
        assert_eq!((error.kind(), error.vendor_code()), (ErrorKind::Signature, None), "{body}");
        assert_eq!(error.message(), "the answer is not signed");
        assert_eq!(error.retry(), Retry::Never);
    }
}

#[tokio::test]
async fn an_unsigned_failure_of_http_is_what_its_status_says() {
    let limit = r#"{"result":{"resultCode":"EXPIRED_ACCESS_TOKEN","resultStatus":"F"}}"#;
    for (status, kind) in [
        (204, ErrorKind::Protocol),
        (429, ErrorKind::RateLimited),
        (502, ErrorKind::Unavailable),
        (404, ErrorKind::Protocol),
        (401, ErrorKind::PermissionDenied),
        (403, ErrorKind::PermissionDenied),
    ] {
        for body in ["", "<html></html>", limit] {
            let error = error(Answer::unsigned(status, body)).await;
            assert_eq!((error.kind(), error.vendor_code()), (kind, None), "{status} {body}");
        }
    }
    let refused = r#"{"result":{"resultCode":"INVALID_SIGNATURE","resultStatus":"F"}}"#;
    assert_eq!(error(Answer::unsigned(401, refused)).await.kind(), ErrorKind::Signature);
    let garbage = Answer::unsigned(502, "<html></html>").header("signature", "garbage");
    assert_eq!(error(garbage).await.kind(), ErrorKind::Signature);
}

#[tokio::test]
async fn an_answer_compressed_on_its_way_is_called_that() {
    let answer = Answer::signed(PAGE).await.header("content-encoding", "gzip").body("compressed");
    let error = error(answer).await;
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert!(error.message().contains("compressed"), "{error}");
}
