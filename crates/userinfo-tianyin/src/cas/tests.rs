use std::sync::{Arc, Mutex};

use bytes::Bytes;
use userinfo_http::{Request, Response, Transport, TransportError};

use super::*;

/// Answers with this, and notes what it was asked.
#[derive(Debug)]
struct Canned(String, u16, Mutex<Vec<Request>>);

#[async_trait]
impl Transport for Canned {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        self.2.lock().expect("a list").push(request);
        let mut response = Response::new(Bytes::from(self.0.clone()));
        *response.status_mut() = self.1.try_into().expect("a status");
        Ok(response)
    }
}

async fn asked(answer: &str, status: u16) -> (Request, Result<Credential>) {
    let canned = Arc::new(Canned(answer.to_owned(), status, Mutex::default()));
    let base = "https://cas.example/cas/".parse().expect("a URL");
    let transport = Arc::clone(&canned);
    let cas = Cas::new(Http::new(KIND, base, transport), application());
    let outcome = cas.issue().await;
    let request = canned.2.lock().expect("a list").pop().expect("a request");
    (request, outcome)
}

fn application() -> Application {
    let cas_url = "https://cas.example/cas/".parse().expect("a URL");
    Application::new(cas_url, "client 1&x", "hunter2/+")
}

#[tokio::test]
async fn the_call_is_an_empty_post_with_all_in_the_query() {
    let answer = r#"{"access_token":"AT-3-r","token_type":"bearer","expires_in":28800}"#;
    let (request, credential) = asked(answer, 200).await;
    assert_eq!(request.method(), http::Method::POST);
    let query = "grant_type=client_credentials&client_id=client%201%26x&client_secret=hunter2%2F%2B";
    assert_eq!(request.uri(), format!("https://cas.example/cas/oauth2.0/accessToken?{query}").as_str());
    assert!(request.body().is_empty() && !request.headers().contains_key("content-type"));
    let credential = credential.expect("a token");
    assert_eq!(credential.token.expose(), "AT-3-r");
    assert_eq!(credential.lifetime(), Some(Duration::from_secs(28800)));
}

#[test]
fn a_fingerprint_is_of_the_client_and_its_secret() {
    let of = |id: &str, secret: &str| {
        let canned = Arc::new(Canned(String::new(), 200, Mutex::default()));
        let base: userinfo_http::BaseUrl = "https://cas.example/cas/".parse().expect("a URL");
        let application = Application::new(base.clone(), id, secret);
        Cas::new(Http::new(KIND, base, canned), application).fingerprint()
    };
    let (secret, other) = ("hunter2-hunter2-2345", "hunter2-hunter2-2346");
    assert!(of("client", secret).is_some());
    assert_eq!(of("client", secret), of("client", secret));
    assert_ne!(of("client", secret), of("client", other));
    assert_ne!(of("client", secret), of("other", secret));
    // What a person may have invented is digested nowhere.
    assert_eq!(of("client", &secret[1..]), None);
}

#[tokio::test]
async fn a_lifetime_may_be_text_and_one_that_nobody_states_is_unknown() {
    for (stated, seconds) in [(r#","expires_in":"60""#, Some(60)), ("", None), (r#","expires_in":-1"#, None)]
    {
        let (_, credential) = asked(&format!(r#"{{"access_token":"AT"{stated}}}"#), 200).await;
        assert_eq!(credential.expect("a token").lifetime(), seconds.map(Duration::from_secs), "{stated}");
    }
}

#[tokio::test]
async fn a_refusal_is_understood_in_every_shape() {
    use ErrorKind::{PermissionDenied, Protocol, RateLimited, Unauthenticated, Unavailable};
    let spring = r#"{"timestamp":1660987198227,"status":401,"error":"Unauthorized","message":"No message available","path":"/oauth2.0/accessToken"}"#;
    for (answer, status, kind, message) in [
        (spring, 401, Unauthenticated, "Unauthorized: No message available"),
        (spring, 200, Unauthenticated, "Unauthorized: No message available"),
        (r#"{"status":"401","error":"Unauthorized"}"#, 200, Unauthenticated, "Unauthorized"),
        (r#"{"error":"invalid_client"}"#, 400, Unauthenticated, "invalid_client"),
        (r#"{"error":"invalid_client"}"#, 200, Unauthenticated, "invalid_client"),
        (r#"{"error":["expired_accessToken"]}"#, 401, Unauthenticated, "expired_accessToken"),
        (r#"{"error":"invalid_grant","error_description":"no"}"#, 403, Unauthenticated, "invalid_grant: no"),
        (r#"{"code":10029,"status":"fail","message":"no"}"#, 200, Unauthenticated, "no"),
        (r#"{"status":503,"error":"Service Unavailable"}"#, 503, Unavailable, "Service Unavailable"),
        (r#"{"status":"500","error":"Internal Server Error"}"#, 200, Unavailable, "Internal"),
        (r#"{"error":"invalid_client"}"#, 502, Unavailable, "invalid_client"),
        (r#"{"status":404,"error":"Not Found"}"#, 404, Protocol, "Not Found"),
        (r#"{"code":10010,"message":"locked"}"#, 200, ErrorKind::LockedOut, "locked"),
        (r#"{"code":10010,"message":"locked"}"#, 401, ErrorKind::LockedOut, "locked"),
        (r#"{"code":10030,"message":"fault"}"#, 400, Unavailable, "fault"),
        (r#"{"code":404,"message":"no interface"}"#, 200, Protocol, "no interface"),
        (r#"{"code":10012,"message":"x"}"#, 404, Protocol, "x"),
        (r#"{"code":10007,"message":"no account"}"#, 200, Unauthenticated, "no account"),
        (r#"{"code":503,"message":"busy"}"#, 200, Unavailable, "busy"),
        (r#"{"error":"moved"}"#, 302, Protocol, "moved"),
        (r#"{"status":404,"error":"Not Found"}"#, 200, Protocol, "Not Found"),
        (r#"{"status":429,"error":"Too Many Requests"}"#, 200, RateLimited, "Too Many"),
        ("", 429, RateLimited, "too many requests"),
        ("{}", 200, Protocol, "no word why"),
        (r#"{"access_token":""}"#, 200, Protocol, "no word why"),
        (r#"{"access_token":"A\nT"}"#, 200, Protocol, "control characters"),
        (r#"{"access_token":"AT-3"}"#, 401, Unauthenticated, "no word why"),
        ("<html>", 200, Protocol, "HTML"),
        ("<html>", 502, Unavailable, "the vendor failed"),
        ("", 401, Unauthenticated, "refused"),
        ("", 403, PermissionDenied, "refused"),
    ] {
        let error = asked(answer, status).await.1.expect_err(answer);
        assert_eq!(error.kind(), kind, "{answer} {status}");
        assert!(error.message().contains(message), "{answer} {status}: {error}");
        assert!(!format!("{error:?}").contains("AT-3"), "{error:?}");
    }
}

#[tokio::test]
async fn the_advice_names_the_keys_of_this_server() {
    for (answer, status, advice) in [
        ("<html>", 404, "cas_url"),
        ("", 401, "client_secret"),
        (r#"{"error":"invalid_client"}"#, 401, "client_secret"),
        ("<html>", 200, "cas_url"),
    ] {
        let error = asked(answer, status).await.1.expect_err(answer);
        assert!(error.advice().contains(advice), "{answer} {status}: {}", error.advice());
    }
}

#[tokio::test]
async fn nothing_secret_is_shown_even_if_the_vendor_repeats_it() {
    let (_, outcome) = asked(r#"{"error":"bad hunter2/+ or hunter2%2F%2B"}"#, 401).await;
    let shown = format!("{:?} {:?} {:?}", outcome, application(), call(&application()));
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn only_a_dead_token_is_worth_another() {
    let error = |code: Option<&str>, status| {
        let error = Error::new(ErrorKind::Unauthenticated, KIND, "user/info", "no").with_http_status(status);
        if let Some(code) = code { error.with_vendor_code(code) } else { error }
    };
    for code in ["401", "10022", "10023", "10024", "10025"] {
        assert!(is_dead(&error(Some(code), 200)), "{code}");
    }
    assert!(is_dead(&error(None, 401)) && !is_dead(&error(None, 200)));
    for code in ["10001", "10012", "10021", "10026", "10029"] {
        assert!(!is_dead(&error(Some(code), 401)), "{code}");
    }
    assert!(!is_dead(&error(Some("10023"), 200).with_kind(ErrorKind::LockedOut)));
}
