use std::sync::Arc;

use bytes::Bytes;
use userinfo_core::Retry;
use userinfo_http::{Clock, Request, Response, Transport, TransportError};

use super::*;

const VECTORS: &str = include_str!("../../fixtures/login-vectors.json");

/// Answers with this, at any time.
#[derive(Clone, Debug)]
struct Canned(&'static str, u16, Option<&'static str>);

#[async_trait]
impl Transport for Canned {
    async fn send(&self, _: Request) -> Result<Response, TransportError> {
        let mut response = Response::new(Bytes::from_static(self.0.as_bytes()));
        *response.status_mut() = self.1.try_into().expect("a status");
        if let Some(date) = self.2 {
            response.headers_mut().insert("date", date.parse().expect("a date"));
        }
        Ok(response)
    }
}

/// Shows the time of the vectors' second login: 2023-11-14T22:13:20Z.
#[derive(Debug)]
struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000)
    }
}

fn key() -> AccessKey {
    AccessKey::new("AKTEST", "SKTEST-hunter2").expect("a key pair")
}

fn issuer(answer: Canned) -> Login {
    let base = "https://a.example".parse().expect("a URL");
    Login::new(Http::new(KIND, base, Arc::new(answer)).with_clock(Arc::new(Stopped)), key())
}

async fn login(answer: Canned) -> Result<Credential> {
    issuer(answer).issue().await
}

#[test]
fn the_query_is_that_of_the_published_vectors_and_none_of_the_misprints() {
    let vectors: serde_json::Value = serde_json::from_str(VECTORS).expect("JSON");
    let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    let mut seen = 0;
    for vector in vectors["valid"].as_array().expect("a list") {
        let key =
            AccessKey::new(text(&vector["access_key"]), text(&vector["access_secret"])).expect("a pair");
        let millis = vector["timestamp_ms"].as_u64().expect("a time");
        let call = call(&key, SystemTime::UNIX_EPOCH + Duration::from_millis(millis));
        // The order of the fields is the caller's own; ours is that of the vendor's guide.
        if !text(&vector["username_raw"]).starts_with("ver=") {
            continue;
        }
        seen += 1;
        let query = text(&vector["query"]);
        assert_eq!(call.target(), format!("/v2/quecauth/accessKeyAuthrize/accessKeyLogin?{query}"));
        for wrong in vectors["must_not_match"].as_array().expect("a list") {
            let wrong = text(&wrong["wrong_value"]);
            assert!(!call.target().ends_with(&wrong), "{wrong}");
        }
    }
    assert_eq!(seen, 2);
}

#[tokio::test]
async fn a_token_is_found_wherever_the_vendor_puts_it_and_keeps_its_scheme() {
    for answer in [
        r#"{"msg":"OK","access_token":"QJWT eyJ","code":200,"scope":"","token_type":"jwt","expires_in":600}"#,
        r#"{"msg":"","access_token":"eyJ","code":"200","expire_in":"600"}"#,
        r#"{"code":200,"data":{"access_token":"QJWT eyJ"},"expires_in":"600"}"#,
        r#"{"code":0,"data":{"accessToken":"QJWT eyJ"},"expire_in":600}"#,
    ] {
        let credential = login(Canned(answer, 200, None)).await.expect(answer);
        assert_eq!(credential.token.expose(), "QJWT eyJ", "{answer}");
        assert_eq!(credential.lifetime(), Some(Duration::from_secs(600)), "{answer}");
    }
}

#[tokio::test]
async fn the_earliest_end_counts() {
    // {"iat":1700000000,"exp":1700003600}, {"iat":1700001000,…}, {"exp":1700003600}, {"exp":1699999999}, no JSON, {"exp":"x"}
    let hour = "eyJpYXQiOjE3MDAwMDAwMDAsImV4cCI6MTcwMDAwMzYwMH0";
    let table = [
        ("eyJpYXQiOjE3MDAwMDAwMDAsImV4cCI6MTcwMDAwMzYwMH0", r#","expires_in":86400"#, 3600),
        (hour, r#","expires_in":1800"#, 1800),
        (hour, "", 3600),
        ("eyJpYXQiOjE3MDAwMDEwMDAsImV4cCI6MTcwMDAwMzYwMH0", "", 2600),
        ("eyJleHAiOjE3MDAwMDM2MDB9", "", 3600),
        ("eyJpYXQiOjE3MDAwMDAwMDAsImV4cCI6MTcwMDA4NjQwMH0", r#","expires_in":86400"#, 7200),
        ("eyJleHAiOjE2OTk5OTk5OTl9", "", 7200),
        ("e30", "", 7200),
        ("####", r#","expires_in":-5"#, 7200),
        ("eyJleHAiOiJ4In0", r#","expires_in":0"#, 7200),
        ("eyJleHAiOjkyMjMzNzIwMzY4NTQ3NzU4MDcsImlhdCI6LTl9", r#","expires_in":9223372036854775807"#, 7200),
    ];
    for (claims, stated, seconds) in table {
        let answer = format!(r#"{{"code":200,"access_token":"QJWT eyJ.{claims}.x"{stated}}}"#);
        let credential = login(Canned(answer.leak(), 200, None)).await.expect(claims);
        assert_eq!(credential.lifetime(), Some(Duration::from_secs(seconds)), "{claims} {stated}");
    }
    // A token that is not new: what is left of it by the vendor's clock.
    let answer = Canned(
        r#"{"code":200,"access_token":"QJWT eyJ.eyJpYXQiOjE3MDAwMDAwMDAsImV4cCI6MTcwMDAwMzYwMH0.x"}"#,
        200,
        Some("Tue, 14 Nov 2023 22:53:20 GMT"),
    );
    assert_eq!(login(answer).await.expect("a token").lifetime(), Some(Duration::from_secs(1200)));
    // Without a time of issue, the vendor's clock counts.
    let answer = Canned(
        r#"{"code":200,"access_token":"QJWT eyJ.eyJleHAiOjE3MDAwMDM2MDB9.x"}"#,
        200,
        Some("Tue, 14 Nov 2023 22:53:20 GMT"),
    );
    assert_eq!(login(answer).await.expect("a token").lifetime(), Some(Duration::from_secs(1200)));
}

#[tokio::test]
async fn a_refusal_says_something_of_the_key_and_never_of_a_user() {
    use ErrorKind::{LockedOut, PermissionDenied, Protocol, Rejected, Unauthenticated, Unavailable};
    for (code, kind) in [
        ("90047", Unauthenticated),
        ("401", Unauthenticated),
        ("50005", Unauthenticated),
        ("5420", Unauthenticated),
        ("5033", Unauthenticated),
        ("5370", Unauthenticated),
        ("403", PermissionDenied),
        ("91006", PermissionDenied),
        ("91007", PermissionDenied),
        ("404", Protocol),
        ("50000", Unavailable),
        ("70000", Unavailable),
        ("5147", LockedOut),
        ("5148", LockedOut),
        ("5325", LockedOut),
        ("5104", Rejected),
        ("123456", Rejected),
    ] {
        let answer = format!(r#"{{"msg":"no hunter2","code":{code},"error":"no"}}"#);
        let issuer = issuer(Canned(answer.leak(), 200, None));
        let error = issuer.issue().await.expect_err(code);
        let hours = issuer.lock_out(&error).map(|it| it.as_secs() / 3600);
        assert_eq!(hours, (code == "5325").then_some(24), "{code}");
        assert_eq!((error.kind(), error.vendor_code()), (kind, Some(code)));
        assert_eq!(error.operation(), "accessKeyLogin");
        assert_eq!(error.retry(), kind.default_retry(), "{code}");
    }
}

#[test]
fn a_fingerprint_is_of_both_halves_of_the_pair() {
    let of = |key: &str, secret: &str| {
        let pair = AccessKey::new(key, secret).expect("a key pair");
        let login = issuer(Canned("", 200, None));
        Login { key: pair, ..login }.fingerprint().expect("a digest")
    };
    assert_eq!(of("AKTEST", "SKTEST"), of("AKTEST", "SKTEST"));
    assert_ne!(of("AKTEST", "SKTEST"), of("AKTEST", "SKTESTED"));
    assert_ne!(of("AKTEST", "SKTEST"), of("AKTESTED", "SKTEST"));
}

#[tokio::test]
async fn an_answer_that_is_none_is_protocol() {
    for (answer, status, kind) in [
        (r#"{"code":200,"msg":"OK"}"#, 200, ErrorKind::Protocol),
        (r#"{"code":200,"access_token":""}"#, 200, ErrorKind::Protocol),
        (r#"{"code":200,"access_token":"Bearer eyJ"}"#, 200, ErrorKind::Protocol),
        (r#"{"access_token":"QJWT eyJ"}"#, 200, ErrorKind::Protocol),
        ("<html>", 200, ErrorKind::Protocol),
        ("<html>", 502, ErrorKind::Unavailable),
        (r#"{"code":200,"access_token":"QJWT eyJ"}"#, 500, ErrorKind::Unavailable),
        ("", 401, ErrorKind::Unauthenticated),
        ("", 429, ErrorKind::RateLimited),
    ] {
        let error = login(Canned(answer, status, None)).await.expect_err(answer);
        assert_eq!(error.kind(), kind, "{answer}");
        assert!(!format!("{error:?}").contains("eyJ"), "{error:?}");
    }
}

#[tokio::test]
async fn a_clock_that_is_off_is_named_with_the_skew() {
    let refused = |date| Canned(r#"{"code":50005,"msg":"param error"}"#, 200, date);
    for (date, words) in [
        (
            "Tue, 14 Nov 2023 22:02:20 GMT",
            "the clock of this machine is 11 minutes ahead of the vendor's: param error",
        ),
        (
            "Wed, 15 Nov 2023 22:13:20 GMT",
            "the clock of this machine is 1440 minutes behind the vendor's: param error",
        ),
        ("Tue, 14 Nov 2023 22:03:20 GMT", "param error"),
        ("Tue, 14 Nov 2023 22:23:20 GMT", "param error"),
    ] {
        let error = login(refused(Some(date))).await.expect_err(date);
        assert_eq!(error.message(), words);
        let is_told = error.advice().starts_with("set the clock");
        assert_eq!(is_told, words.contains("clock"), "{}", error.advice());
    }
    assert!(login(refused(None)).await.expect_err("refused").advice().contains("access_secret"));
    let strange = Canned(r#"{"code":123456,"msg":"no"}"#, 200, Some("Wed, 15 Nov 2023 22:13:20 GMT"));
    let error = login(strange).await.expect_err("refused");
    assert_eq!((error.kind(), error.message().starts_with("the clock")), (ErrorKind::Rejected, true));
    let busy = Canned(r#"{"code":50000,"msg":"busy"}"#, 200, Some("Wed, 15 Nov 2023 22:13:20 GMT"));
    assert_eq!(login(busy).await.expect_err("refused").message(), "busy");
    let unknown = Canned(r#"{"code":90047,"msg":"no"}"#, 200, Some("Wed, 15 Nov 2023 22:13:20 GMT"));
    let error = login(unknown).await.expect_err("refused");
    assert_eq!((error.message(), error.retry()), ("no", Retry::Never));
    assert!(error.advice().contains("data center"));
}

#[tokio::test]
async fn nothing_secret_is_shown_even_if_the_vendor_repeats_it() {
    let error = login(Canned(r#"{"code":50000,"msg":"bad SKTEST-hunter2 of AKTEST"}"#, 200, None))
        .await
        .expect_err("no");
    let login = Login::new(
        Http::new(KIND, "https://a.example".parse().expect("a URL"), Arc::new(Canned("", 200, None))),
        key(),
    );
    let shown = format!("{error:?} {error} {login:?} {:?} {:?}", key(), call(&key(), SystemTime::UNIX_EPOCH));
    assert!(!shown.contains("hunter2") && !shown.contains("AKTEST"), "{shown}");
    assert!(!login.name().as_str().contains("AKTEST"));
}

#[test]
fn only_a_dead_token_is_worth_a_login() {
    let error = |kind, code: Option<&str>, status| {
        let error = Error::new(kind, KIND, "userInfo", "no").with_http_status(status);
        if let Some(code) = code { error.with_vendor_code(code) } else { error }
    };
    let unauthenticated = ErrorKind::Unauthenticated;
    for code in ["5032", "91001", "91004", "401"] {
        assert!(is_dead(&error(unauthenticated, Some(code), 200)), "{code}");
    }
    assert!(is_dead(&error(unauthenticated, None, 401)));
    assert!(!is_dead(&error(unauthenticated, None, 200)));
    for code in ["5106", "90047", "5036", "5055", "5420"] {
        assert!(!is_dead(&error(unauthenticated, Some(code), 401)), "{code}");
    }
    assert!(!is_dead(&error(ErrorKind::LockedOut, Some("5032"), 401)));
}
