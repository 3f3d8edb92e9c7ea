//! The login callback against the simulated wallet.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, Response, StatusCode, header},
};
use serde_json::{Value, json};
use tower::ServiceExt as _;
use userinfo_alipay_plus::{AlipayPlus, AlipayPlusConfig, RsaSigner, Verify, WalletKey, WalletKeys};
use userinfo_examples::login_callback::app;
use userinfo_http::Clock;
use userinfo_sandbox::{
    Fault, Operation, Sandbox,
    credentials::{ALIPAY_AUTH_CLIENT_ID, ALIPAY_CLIENT_ID, MERCHANT_PRIVATE_KEY_PEM, WALLET_PUBLIC_KEY_PEM},
};
use userinfo_testkit::{InProcess, SandboxClock};

struct Shop {
    sandbox: Arc<Sandbox>,
    clock: SandboxClock,
    app: Router,
}

impl Shop {
    fn new() -> Self {
        let clock = SandboxClock::default();
        let sandbox = Arc::new(Sandbox::new().with_clock(clock.reader()));
        let wire = InProcess::new(Arc::clone(&sandbox));
        let signer = RsaSigner::parse(MERCHANT_PRIVATE_KEY_PEM).expect("a key");
        let verify =
            Verify::Require(WalletKeys::new(WalletKey::parse(WALLET_PUBLIC_KEY_PEM).expect("a key")));
        let mut config =
            AlipayPlusConfig::new(wire.base_url("/alipay-plus"), ALIPAY_CLIENT_ID, signer, verify);
        config.auth_client_id = Some(ALIPAY_AUTH_CLIENT_ID.to_owned());
        let wallet = AlipayPlus::new(config, wire.transport()).expect("a wallet");
        let app = app(wallet.with_clock(Arc::new(clock.clone()) as Arc<dyn Clock>));
        Self { sandbox, clock, app }
    }

    async fn send(&self, request: Request<Body>) -> (Response<()>, Value) {
        let response = self.app.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 1 << 20).await.expect("a body");
        (Response::from_parts(parts, ()), serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    async fn log_in(&self, auth_code: &str) -> (Response<()>, Value) {
        let request = Request::post("/login").header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(json!({ "auth_code": auth_code }).to_string().into()).expect("a request"))
            .await
    }

    async fn with_session(&self, method: &str, path: &str, session: &Response<()>) -> (Response<()>, Value) {
        let cookie = session.headers()[header::SET_COOKIE].to_str().expect("text").to_owned();
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        let request = Request::builder().method(method).uri(path).header(header::COOKIE, cookie);
        self.send(request.body(Body::empty()).expect("a request")).await
    }
}

/// The id of the person `everything`.
const EVERYTHING: &str = "1000001119398804xxxx";

#[tokio::test]
async fn a_code_becomes_a_session_with_the_user() {
    let shop = Shop::new();
    let (session, user) = shop.log_in(&shop.sandbox.auth_code("everything")).await;
    assert_eq!(session.status(), StatusCode::OK, "{user}");
    assert_eq!(user["id"], EVERYTHING);
    let cookie = session.headers()[header::SET_COOKIE].to_str().expect("text");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && !cookie.contains("2810"));
    let (answer, again) = shop.with_session("GET", "/me", &session).await;
    assert_eq!((answer.status(), &again), (StatusCode::OK, &user));
}

#[tokio::test]
async fn a_session_outlives_the_access_token_and_ends_with_a_logout() {
    let shop = Shop::new();
    let (session, _) = shop.log_in(&shop.sandbox.auth_code("everything")).await;
    shop.clock.advance(Duration::from_secs(2 * 60 * 60));
    let before = shop.sandbox.journal().len();
    let (answer, _) = shop.with_session("GET", "/me", &session).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let journal = shop.sandbox.journal();
    let renewals =
        journal[before..].iter().filter(|it| it.operation() == Some(Operation::ApplyToken)).count();
    assert_eq!(renewals, 1);
    shop.sandbox.fail_next_at(Operation::CancelToken, Fault::Unavailable);
    let (answer, _) = shop.with_session("POST", "/logout", &session).await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    let (answer, _) = shop.with_session("POST", "/logout", &session).await;
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    let (answer, error) = shop.with_session("GET", "/me", &session).await;
    assert_eq!((answer.status(), &error["error"]), (StatusCode::UNAUTHORIZED, &json!("no_session")));
}

#[tokio::test]
async fn a_wrong_signature_an_expired_code_and_an_unknown_state_are_three_answers() {
    let shop = Shop::new();
    shop.sandbox.fail_next_login(Fault::BadSignature);
    let (forged, error) = shop.log_in(&shop.sandbox.auth_code("everything")).await;
    assert_eq!((forged.status(), &error["error"]), (StatusCode::BAD_GATEWAY, &json!("wallet_not_trusted")));

    let code = shop.sandbox.auth_code("everything");
    shop.clock.advance(Duration::from_secs(11 * 60));
    let (expired, error) = shop.log_in(&code).await;
    assert_eq!((expired.status(), &error["error"]), (StatusCode::UNAUTHORIZED, &json!("authorise_again")));

    shop.sandbox.fail_next_login(Fault::Unavailable);
    let (unknown, error) = shop.log_in(&shop.sandbox.auth_code("everything")).await;
    assert_eq!((unknown.status(), &error["error"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("try_later")));

    for answer in [forged, expired, unknown] {
        assert!(!answer.headers().contains_key(header::SET_COOKIE));
    }
}

#[tokio::test]
async fn a_code_is_good_once_and_nobody_gets_in_without_one() {
    let shop = Shop::new();
    let code = shop.sandbox.auth_code("everything");
    assert_eq!(shop.log_in(&code).await.0.status(), StatusCode::OK);
    assert_eq!(shop.log_in(&code).await.0.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(shop.log_in("made-up").await.0.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(shop.log_in("").await.0.status(), StatusCode::BAD_REQUEST);
    let request = Request::get("/me").header(header::COOKIE, "session=made-up").body(Body::empty());
    assert_eq!(shop.send(request.expect("a request")).await.0.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn two_users_have_two_sessions() {
    let shop = Shop::new();
    let (one, robin) = shop.log_in(&shop.sandbox.auth_code("everything")).await;
    let (other, chinese) = shop.log_in(&shop.sandbox.auth_code("chinese")).await;
    assert_ne!(robin["id"], chinese["id"]);
    assert_eq!(shop.with_session("GET", "/me", &one).await.1, robin);
    assert_eq!(shop.with_session("GET", "/me", &other).await.1, chinese);
}
