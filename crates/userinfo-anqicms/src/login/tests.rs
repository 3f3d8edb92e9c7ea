use std::sync::Arc;

use userinfo_http::Request;

use super::*;
use crate::{
    LoginBy,
    canned::{Canned, NOW, http, login},
};

async fn asked(answer: &str, status: u16) -> (Request, Result<Credential>) {
    let canned = Arc::new(Canned { answer: answer.to_owned(), status, ..Canned::default() });
    let outcome = Desk::new(http(&canned), login(LoginBy::Email), Some(7)).issue().await;
    let request = canned.asked.lock().expect("a list").pop().expect("a request");
    (request, outcome)
}

/// A token that ends so many seconds from now.
fn jwt(seconds: i64) -> String {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

    let end = i64::try_from(NOW).expect("small") + seconds;
    let claims = format!(r#"{{"t":"{end}","userId":"1"}}"#);
    format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims))
}

#[tokio::test]
async fn the_call_posts_one_name_and_the_password() {
    let answer = format!(r#"{{"code":0,"data":{{"id":1,"token":"{}"}},"msg":""}}"#, jwt(3600));
    let (request, credential) = asked(&answer, 200).await;
    assert_eq!(request.method(), http::Method::POST);
    assert_eq!(request.uri(), "https://a.example/sub/api/login?site_id=7");
    let body: serde_json::Value = serde_json::from_slice(request.body()).expect("JSON");
    assert_eq!(body, serde_json::json!({"email": "ada@example.com", "password": "hunter2-pass"}));
    let credential = credential.expect("a token");
    assert_eq!(credential.token.expose(), jwt(3600));
    assert_eq!(credential.lifetime(), Some(Duration::from_secs(3600)));
    for (by, name) in [(LoginBy::UserName, "user_name"), (LoginBy::Phone, "phone")] {
        let canned = Arc::new(Canned { status: 200, ..Canned::default() });
        Desk::new(http(&canned), login(by), None).issue().await.expect_err("no answer");
        let request = canned.asked.lock().expect("a list").pop().expect("a request");
        assert_eq!(request.uri().query(), None);
        let body: serde_json::Value = serde_json::from_slice(request.body()).expect("JSON");
        assert_eq!(body[name], "ada@example.com");
    }
}

#[tokio::test]
async fn a_token_that_states_no_end_has_none_that_we_know() {
    for token in ["opaque", "e30.e30.c2ln", &jwt(-5), "e30.eyJ0IjoieCJ9.c2ln"] {
        let answer = format!(r#"{{"code":200,"data":{{"token":"{token}"}}}}"#);
        assert_eq!(asked(&answer, 200).await.1.expect(token).lifetime(), None, "{token}");
    }
}

#[tokio::test]
async fn a_refusal_says_something_of_the_login_and_never_of_a_user() {
    use ErrorKind::{LockedOut, Protocol, RateLimited, Unauthenticated, Unavailable};
    for (answer, status, kind, advice) in [
        (r#"{"code":-1,"msg":"用户名或密码错误"}"#, 200, Unauthenticated, "the name and the password"),
        (r#"{"code":1001,"msg":"no"}"#, 200, Unauthenticated, "the name and the password"),
        (r#"{"code":-1,"msg":"验证码不正确"}"#, 200, Unauthenticated, "switch the captcha"),
        (r#"{"code":-1,"msg":"Wrong Captcha"}"#, 200, Unauthenticated, "switch the captcha"),
        (r#"{"code":0,"data":{"id":1}}"#, 200, Protocol, ""),
        (r#"{"code":0,"data":{"token":"a\nb"}}"#, 200, Protocol, ""),
        (r#"{"code":0,"data":null}"#, 200, Protocol, ""),
        ("Your IP is blocked.", 403, LockedOut, "an hour"),
        ("Too many requests from this IP.", 429, RateLimited, "an hour"),
        ("<html>", 200, Protocol, "base URL"),
        ("<html>", 500, Unavailable, ""),
        ("", 401, Unauthenticated, ""),
    ] {
        let error = asked(answer, status).await.1.expect_err(answer);
        assert_eq!((error.kind(), error.operation()), (kind, "login"), "{answer}");
        assert!(error.advice().contains(advice), "{answer}: {}", error.advice());
        let block = Retry::After(Duration::from_secs(3600));
        let retry = if kind == RateLimited { block } else { kind.default_retry() };
        assert_eq!(error.retry(), retry, "{answer}");
    }
    let blocked = asked("Your IP is blocked.", 403).await.1.expect_err("blocked");
    let desk = Desk::new(http(&Arc::new(Canned::default())), login(LoginBy::Email), None);
    assert_eq!((desk.lock_out(&blocked), desk.lock_out(&error_of("1001").await)), (Some(BLOCK), None));
    let busy = asked("", 429).await.1.expect_err("busy");
    assert_eq!((busy.kind(), busy.retry()), (RateLimited, Retry::Backoff));
    let error = asked(r#"{"code":-1,"msg":"captcha"}"#, 200).await.1.expect_err("refused");
    assert!(error.message().starts_with("the site demands a captcha"), "{error}");
}

async fn error_of(code: &str) -> Error {
    asked(&format!(r#"{{"code":{code},"msg":"no"}}"#), 200).await.1.expect_err("refused")
}

#[tokio::test]
async fn a_new_token_comes_with_any_answer() {
    for (header, end) in
        [(jwt(60), Some(60)), (format!(" {} ", jwt(60)), Some(60)), ("opaque".to_owned(), None)]
    {
        let canned =
            Canned { status: 500, header: Some(("update-token", header.clone())), ..Canned::default() };
        let reply = http(&Arc::new(canned)).send(Call::get("it", "/x")).await.expect("a reply");
        let new = update(&reply).expect("a token");
        assert_eq!(new.token.expose(), header.trim());
        assert_eq!(new.lifetime(), end.map(Duration::from_secs));
    }
    for header in [None, Some(("update-token", String::new()))] {
        let canned = Canned { status: 200, header, ..Canned::default() };
        let reply = http(&Arc::new(canned)).send(Call::get("it", "/x")).await.expect("a reply");
        assert!(update(&reply).is_none());
    }
}

#[tokio::test]
async fn nothing_secret_is_shown_even_if_the_site_repeats_it() {
    let (_, outcome) = asked(r#"{"code":-1,"msg":"ada@example.com hunter2-pass"}"#, 200).await;
    let desk = Desk::new(http(&Arc::default()), login(LoginBy::Email), None);
    let names = [desk.name(), name_of(&http(&Arc::default()), &"hunter2-token".into())];
    let shown = format!("{outcome:?} {desk:?} {names:?} {:?}", desk.call());
    assert!(!shown.contains("hunter2") && !shown.contains("ada@"), "{shown}");
}

#[tokio::test]
async fn accounts_and_sites_have_credentials_of_their_own() {
    let name = |by, site| Desk::new(http(&Arc::default()), login(by), site).name();
    assert_ne!(name(LoginBy::Email, None), name(LoginBy::UserName, None));
    assert_ne!(name(LoginBy::Email, None), name(LoginBy::Email, Some(1)));
    assert_eq!(name(LoginBy::Email, Some(1)), name(LoginBy::Email, Some(1)));
}

#[test]
fn a_login_that_no_site_would_take_is_refused() {
    let wrong = |name: &str, password: &str| Login::new(LoginBy::Phone, name, password).err();
    assert!(wrong(" ", "123456").is_some_and(|it| it.contains("name")));
    assert!(wrong("ada", " 12345 ").is_some_and(|it| it.contains("password")));
    assert!(wrong("ada", "123456").is_none());
}
