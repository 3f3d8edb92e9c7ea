use std::sync::Arc;

use userinfo_http::{CredentialName, Issuer as _, Request};

use super::*;
use crate::{
    LoginBy,
    canned::{Canned, http, login},
};

async fn asked(answer: &str, status: u16, site_id: Option<u32>) -> (Request, Result<Option<Captcha>>) {
    let canned = Arc::new(Canned { answer: answer.to_owned(), status, ..Canned::default() });
    let outcome = ask(&http(&canned), site_id).await;
    let request = canned.asked.lock().expect("a list").pop().expect("a request");
    (request, outcome)
}

#[tokio::test]
async fn a_site_shows_a_picture_or_says_that_it_wants_none() {
    let answer = r#"{"code":0,"data":{"captcha_off":false,"captcha_id":"c-1","captcha":"data:image/png;base64,AQID"},"msg":""}"#;
    let (request, captcha) = asked(answer, 200, Some(7)).await;
    assert_eq!(
        (request.method(), request.uri().to_string().as_str()),
        (&http::Method::GET, "https://a.example/sub/api/captcha?site_id=7")
    );
    let captcha = captcha.expect("an answer").expect("a captcha");
    assert_eq!(
        (captcha.id.as_str(), captcha.media_type.as_str(), captcha.picture.as_slice()),
        ("c-1", "image/png", &[1, 2, 3][..])
    );
    // Versions before say nothing of `captcha_off`.
    let older = answer.replace("\"captcha_off\":false,", "");
    assert!(asked(&older, 200, None).await.1.expect("an answer").is_some());
    let off = r#"{"code":0,"data":{"captcha_off":true},"msg":""}"#;
    let (request, captcha) = asked(off, 200, None).await;
    assert_eq!((request.uri().query(), captcha.expect("an answer").is_none()), (None, true));
    assert!(asked("<html>", 404, None).await.1.expect("no such call").is_none());
}

#[tokio::test]
async fn a_captcha_that_nobody_can_read_is_an_error() {
    for (answer, status, kind) in [
        (r#"{"code":0,"data":{}}"#, 200, ErrorKind::Protocol),
        (r#"{"code":0,"data":{"captcha_id":"c-1"}}"#, 200, ErrorKind::Protocol),
        (r#"{"code":0,"data":{"captcha":"data:image/png;base64,AQID"}}"#, 200, ErrorKind::Protocol),
        (
            r#"{"code":0,"data":{"captcha_id":"c-1","captcha":"https://a.example/c.png"}}"#,
            200,
            ErrorKind::Protocol,
        ),
        (
            r#"{"code":0,"data":{"captcha_id":"c-1","captcha":"data:image/png;base64,!"}}"#,
            200,
            ErrorKind::Protocol,
        ),
        (
            r#"{"code":0,"data":{"captcha_id":"c-1","captcha":"image/png;base64,AQID"}}"#,
            200,
            ErrorKind::Protocol,
        ),
        (r#"{"code":-1,"msg":"no"}"#, 200, ErrorKind::Rejected),
        ("<html>", 200, ErrorKind::Protocol),
        ("<html>", 502, ErrorKind::Unavailable),
        ("Your IP is blocked.", 403, ErrorKind::LockedOut),
    ] {
        let error = asked(answer, status, None).await.1.expect_err(answer);
        assert_eq!((error.kind(), error.operation()), (kind, "captcha"), "{answer}");
    }
}

/// The texts of AnqiCMS 3.5.8 in its nine languages, and one of a version before.
const TEXTS: [&str; 10] = [
    "图形码不正确",
    "圖形碼不正確",
    "Graphic code is incorrect",
    "間違ったグラフィックコード",
    "Неправильный графический код",
    "Código gráfico incorreto",
    "Kode grafis salah",
    "کد گرافیکی نادرست",
    "ভুল গ্রাফিক্স কোড",
    "验证码不正确",
];

#[tokio::test]
async fn a_demand_is_understood_in_every_language_of_the_vendor() {
    for text in TEXTS {
        let answer = format!(r#"{{"code":-1,"msg":"{text}"}}"#);
        let canned = Arc::new(Canned { answer, status: 200, ..Canned::default() });
        let desk = Desk::new(http(&canned), login(LoginBy::Email), None);
        let error = desk.issue().await.expect_err(text);
        assert_eq!(error.kind(), ErrorKind::Unauthenticated);
        assert_eq!(error.message(), format!("the site demands a captcha: {text}"));
        assert!(error.advice().contains("userinfo login"), "{}", error.advice());
        let desk = desk.with_captcha(Read { id: "c-1".to_owned(), text: "x7k2".into() });
        let error = desk.issue().await.expect_err(text);
        assert!(error.message().starts_with("what the captcha says was read wrongly"), "{error}");
        let request = canned.asked.lock().expect("a list").pop().expect("a request");
        let body: serde_json::Value = serde_json::from_slice(request.body()).expect("JSON");
        assert_eq!((&body["captcha_id"], &body["captcha"]), (&"c-1".into(), &"x7k2".into()));
    }
    assert!(!is_meant("账号或密码错误") && !is_meant("Login failed"));
}

#[tokio::test]
async fn a_person_brings_what_the_captcha_says_and_no_code() {
    let canned = Arc::new(Canned::default());
    let desk = Desk::new(http(&canned), login(LoginBy::Email), None);
    let tokens = Tokens::new(KIND, CredentialName::new(KIND, &[]), Arc::new(desk.clone()));
    let error = Person { desk, tokens }.sign_in(Brought::Code("c".into())).await.expect_err("no code");
    assert_eq!((error.kind(), canned.asked.lock().expect("a list").len()), (ErrorKind::InvalidInput, 0));
}
