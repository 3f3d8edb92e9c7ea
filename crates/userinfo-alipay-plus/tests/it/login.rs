//! A code for tokens, tokens for a user.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use userinfo_alipay_plus::{AlipayPlusConfig, UserTokens};
use userinfo_core::{Error, ErrorKind, Retry, Secret};
use userinfo_http::TransportErrorKind;

use crate::{
    office::{
        CANCEL_PATH, Next, Office, TOKEN_PATH, USER_PATH, access, issued, page, refresh, refused, result,
        tokens,
    },
    wallet::{NOW_MILLIS, required},
};

const CODE: &str = "hunter2-code";

/// What the exchange of a code, and that of a refresh token, fail with.
async fn errors(next: impl Fn() -> Next) -> [Error; 2] {
    let code = Office::new([next()]).provider().tokens_of(&CODE.into()).await.expect_err("a refusal");
    let refresh = Office::new([next()]).provider().refresh(&tokens(1)).await.expect_err("a refusal");
    [code, refresh]
}

fn after(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(NOW_MILLIS) + Duration::from_secs(seconds)
}

#[tokio::test]
async fn a_code_gives_tokens_and_tokens_give_a_user() {
    let office = Office::new([issued(1), page()]);
    let (user, tokens) = office.provider().login(&CODE.into()).await.expect("a login");
    assert_eq!((user.id.as_str(), user.nickname.as_deref()), ("1000001119398804xxxx", Some("Jack")));
    assert_eq!(tokens.access_token.expose(), access(1));
    assert_eq!(tokens.refresh_token, Some(refresh(1).into()));
    assert_eq!(tokens.access_expires_at, Some(after(24 * 3600)));
    assert_eq!(tokens.refresh_expires_at, Some(after(3581)));
    assert_eq!(tokens.customer_id.as_deref(), Some("1000001119398804xxxx"));
    assert_eq!(office.paths(), [TOKEN_PATH, USER_PATH]);
    assert_eq!(office.body(1), json!({"accessToken": access(1)}));
}

/// The bodies of an exchange, a refresh and a cancellation.
async fn bodies(change: impl FnOnce(&mut AlipayPlusConfig)) -> [Value; 3] {
    let mut config = required();
    change(&mut config);
    let office = Office::new([issued(1), issued(2), Next::Signed(result("SUCCESS", "S"))]);
    let provider = office.provider_of(config);
    provider.tokens_of(&CODE.into()).await.expect("tokens");
    provider.refresh(&tokens(1)).await.expect("tokens");
    provider.cancel(&tokens(2)).await.expect("cancelled");
    [0, 1, 2].map(|at| office.body(at))
}

#[tokio::test]
async fn the_bodies_have_the_names_of_the_second_version() {
    let bodies = bodies(|config| {
        config.auth_client_id = Some("ac".to_owned());
        config.extend_info = Some(json!("{}"));
        config.extra_body.insert("appId".to_owned(), json!("app"));
    });
    let code = json!({"authClientId": "ac", "grantType": "AUTHORIZATION_CODE", "authCode": CODE, "extendInfo": "{}",
        "appId": "app"});
    let refreshed = json!({"authClientId": "ac", "grantType": "REFRESH_TOKEN", "refreshToken": refresh(1),
        "extendInfo": "{}", "appId": "app"});
    let cancelled = json!({"accessToken": access(2), "extendInfo": "{}", "appId": "app"});
    assert_eq!(bodies.await, [code, refreshed, cancelled]);
}

#[tokio::test]
async fn the_path_of_the_first_version_brings_its_names() {
    for path in ["/v1/authorizations/applyToken", "/v1/authorizations/applyToken.htm?lang=en"] {
        let [code, refreshed, _] = bodies(|config| {
            path.clone_into(&mut config.token_path);
            config.auth_client_id = Some("ac".to_owned());
        })
        .await;
        assert_eq!(
            code,
            json!({"referenceClientId": "ac", "grantType": "AUTHORIZATION_CODE", "authCode": CODE})
        );
        assert_eq!(refreshed["referenceClientId"], "ac");
    }
    let [code, ..] = bodies(|config| {
        config.token_path = "/v2/x/applyToken?api=/v1/".to_owned();
        config.auth_client_id = Some("ac".to_owned());
    })
    .await;
    assert_eq!(code, json!({"authClientId": "ac", "grantType": "AUTHORIZATION_CODE", "authCode": CODE}));
}

#[tokio::test]
async fn only_the_look_up_may_be_sent_twice_by_a_transport() {
    let cancelled = Next::Signed(result("SUCCESS", "S"));
    let office = Office::new([issued(1), page(), issued(2), cancelled]);
    let provider = office.provider();
    let (_, tokens) = provider.login(&CODE.into()).await.expect("a login");
    provider.refresh(&tokens).await.expect("tokens");
    provider.cancel(&tokens).await.expect("cancelled");
    let seen = office.seen.lock().expect("no test panics with it");
    let marked: Vec<_> =
        seen.iter().map(|it| (it.uri().path().to_owned(), !it.extensions().is_empty())).collect();
    let expected = [(TOKEN_PATH, false), (USER_PATH, true), (TOKEN_PATH, false), (CANCEL_PATH, false)];
    assert_eq!(marked, expected.map(|(path, marked)| (path.to_owned(), marked)));
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_before_any_io() {
    let office = Office::new([]);
    let (second, mut config) = (office.provider(), required());
    config.token_path = "/v1/authorizations/applyToken".to_owned();
    let first = office.provider_of(config);
    for (provider, code) in [
        (&second, String::new()),
        (&second, "a\nb".to_owned()),
        (&second, "天".repeat(65)),
        (&first, "天".repeat(33)),
    ] {
        let code = Secret::new(code);
        let error = provider.login(&code).await.expect_err("a code");
        assert_eq!((error.kind(), error.retry()), (ErrorKind::InvalidInput, Retry::Never));
        assert!(error.message().contains("authorisation code"), "{error}");
    }
    for token in [String::new(), "a\nb".to_owned(), "天".repeat(129)] {
        let mut kept = UserTokens::new(token.clone());
        assert_eq!(second.cancel(&kept).await.expect_err("a token").kind(), ErrorKind::InvalidInput);
        assert_eq!(second.user_of(&mut kept).await.expect_err("a token").kind(), ErrorKind::InvalidInput);
        kept.refresh_token = Some(token.into());
        assert_eq!(second.refresh(&kept).await.expect_err("a token").kind(), ErrorKind::InvalidInput);
    }
    assert!(office.paths().is_empty());
}

#[tokio::test]
async fn a_code_and_a_token_may_be_as_long_as_the_documents_say() {
    let office = Office::new([issued(1), issued(1), issued(2)]);
    office.provider().tokens_of(&"天".repeat(64).into()).await.expect("64 characters");
    let mut config = required();
    config.token_path = "/v1/authorizations/applyToken".to_owned();
    office.provider_of(config).tokens_of(&"天".repeat(32).into()).await.expect("32 characters");
    let mut kept = tokens(1);
    kept.refresh_token = Some("天".repeat(128).into());
    office.provider().refresh(&kept).await.expect("128 characters");
}

const CODES: &[(&str, ErrorKind, &str)] = &[
    ("AUTH_CLIENT_UNSUPPORTED_GRANT_TYPE", ErrorKind::InvalidInput, "kind of grant"),
    ("REFERENCE_CLIENT_ID_NOT_MATCH", ErrorKind::InvalidInput, "auth_client_id"),
    ("INVALID_AUTHCODE", ErrorKind::Unauthenticated, "given to this client"),
    ("INVALID_CODE", ErrorKind::Unauthenticated, "given to this client"),
    ("EXPIRED_AUTHCODE", ErrorKind::Unauthenticated, "send the code at once"),
    ("EXPIRED_CODE", ErrorKind::Unauthenticated, "send the code at once"),
    ("USED_AUTHCODE", ErrorKind::Unauthenticated, "a code is good once"),
    ("USED_CODE", ErrorKind::Unauthenticated, "a code is good once"),
    ("INVALID_REFRESH_TOKEN", ErrorKind::Unauthenticated, "the refresh token was given to this client"),
    ("EXPIRED_REFRESH_TOKEN", ErrorKind::Unauthenticated, "the refresh token is over"),
    ("USED_REFRESH_TOKEN", ErrorKind::Unauthenticated, "a refresh token is good once"),
    ("INVALID_AUTH_CLIENT", ErrorKind::InvalidInput, "auth_client_id"),
    ("PARAM_ILLEGAL", ErrorKind::InvalidInput, "extra_body"),
    ("PROCESS_FAIL", ErrorKind::Rejected, "message and code"),
    ("INVALID_SIGNATURE", ErrorKind::Signature, "key_version"),
    ("SOME_NEW_CODE", ErrorKind::Rejected, "message and code"),
];

#[tokio::test]
async fn every_code_of_the_exchange_has_its_kind_and_its_advice() {
    for (code, kind, advice) in CODES {
        for error in errors(|| refused(code)).await {
            assert_eq!((error.kind(), error.message()), (*kind, "原因"), "{code}");
            assert_eq!((error.vendor_code(), error.retry()), (Some(*code), Retry::Never));
            assert_eq!(error.operation(), "applyToken");
            assert!(error.advice().contains(advice), "{code}: {}", error.advice());
            if *kind == ErrorKind::Unauthenticated {
                assert!(error.advice().contains("let the user authorise again"), "{}", error.advice());
            }
        }
    }
}

#[tokio::test]
async fn a_grant_that_the_wallet_may_have_taken_is_not_to_be_sent_again() {
    let doubtful: [fn() -> Next; 9] = [
        || Next::Signed(result("UNKNOWN_EXCEPTION", "U")),
        || Next::Signed(result("REQUEST_TRAFFIC_EXCEED_LIMIT", "U")),
        || Next::Signed(result("SOME_NEW_CODE", "U")),
        || Next::Signed(result("SYSTEM_ERROR", "F")),
        || Next::Status(502, json!([])),
        || Next::Status(503, json!({})),
        || Next::Unsigned(504, json!([])),
        || Next::Broken(TransportErrorKind::Timeout),
        || Next::Broken(TransportErrorKind::Broken),
    ];
    for next in doubtful {
        let [code, refreshed] = errors(next).await;
        assert_eq!((code.retry(), refreshed.retry()), (Retry::Never, Retry::Never), "{code}");
        assert_eq!(code.kind(), refreshed.kind());
        assert!(code.advice().contains("may have taken the code"), "{}", code.advice());
        assert!(refreshed.advice().contains("may have taken the refresh token"), "{}", refreshed.advice());
    }
    let kinds = [ErrorKind::Unavailable, ErrorKind::RateLimited, ErrorKind::Timeout, ErrorKind::Transport];
    for (next, kind) in [0, 1, 7, 8].map(|at| doubtful[at]).into_iter().zip(kinds) {
        assert_eq!(errors(next).await[0].kind(), kind);
    }
}

#[tokio::test]
async fn a_grant_that_the_wallet_did_not_take_may_be_sent_again() {
    let untouched: [fn() -> Next; 4] = [
        || refused("REQUEST_TRAFFIC_EXCEED_LIMIT"),
        || Next::Unsigned(429, json!([])),
        || Next::Broken(TransportErrorKind::Connect),
        || Next::Broken(TransportErrorKind::Tls),
    ];
    for next in untouched {
        for error in errors(next).await {
            assert_eq!(error.retry(), Retry::Backoff, "{error}");
        }
    }
}

#[tokio::test]
async fn a_success_without_an_access_token_is_protocol() {
    for body in
        [json!({}), json!({"accessToken": null}), json!({"accessToken": ""}), json!({"accessToken": 7})]
    {
        let mut answer = result("SUCCESS", "S");
        answer.as_object_mut().expect("an object").extend(body.as_object().expect("an object").clone());
        for error in errors(|| Next::Signed(answer.clone())).await {
            assert_eq!((error.kind(), error.retry()), (ErrorKind::Protocol, Retry::Never));
        }
    }
    for answer in [json!([]), json!({}), json!({"accessToken": access(1)}), result("SUCCESS", "A")] {
        for error in errors(|| Next::Signed(answer.clone())).await {
            assert_eq!(error.kind(), ErrorKind::Protocol, "{answer}");
        }
    }
}

#[tokio::test]
async fn tokens_of_an_answer_that_is_not_signed_are_not_believed() {
    let forged = json!({"result": {"resultStatus": "S"}, "accessToken": access(1)});
    for error in errors(|| Next::Unsigned(200, forged.clone())).await {
        assert_eq!((error.kind(), error.retry()), (ErrorKind::Signature, Retry::Never));
    }
    let forged = Office::new([Next::Unsigned(200, result("SUCCESS", "S"))]);
    let error = forged.provider().cancel(&tokens(1)).await.expect_err("unsigned");
    assert_eq!(error.kind(), ErrorKind::Signature);
}

#[tokio::test]
async fn tokens_of_someone_else_are_a_mismatch() {
    let answer =
        json!({"result": {"resultStatus": "S"}, "accessToken": access(1), "customerId": "hunter2-id"});
    let office = Office::new([Next::Signed(answer), page()]);
    let error = office.provider().login(&CODE.into()).await.expect_err("another user");
    assert_eq!(error.kind(), ErrorKind::IdMismatch);
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
    let answer = json!({"result": {"resultStatus": "S"}, "accessToken": access(1)});
    let office = Office::new([Next::Signed(answer), page()]);
    office.provider().login(&CODE.into()).await.expect("the wallet did not say whose tokens they are");
}

#[tokio::test]
async fn a_login_whose_look_up_fails_cannot_be_repeated() {
    for next in [Next::Broken(TransportErrorKind::Timeout), Next::Signed(result("SYSTEM_ERROR", "U"))] {
        let office = Office::new([issued(1), next]);
        let error = office.provider().login(&CODE.into()).await.expect_err("no user");
        assert_eq!((error.retry(), error.operation()), (Retry::Never, "inquiryUserInfo"));
        assert!(error.advice().contains("the code is used up"), "{}", error.advice());
    }
    let office = Office::new([issued(1), Next::Signed(result("SYSTEM_ERROR", "U")), page()]);
    let mut tokens = office.provider().tokens_of(&CODE.into()).await.expect("tokens");
    let error = office.provider().user_of(&mut tokens).await.expect_err("later");
    assert_eq!(error.retry(), Retry::Backoff);
    office.provider().user_of(&mut tokens).await.expect("the user");
}

#[tokio::test]
async fn cancelling_says_what_the_wallet_says() {
    let office = Office::new([Next::Signed(result("SUCCESS", "S"))]);
    office.provider().cancel(&tokens(1)).await.expect("cancelled");
    assert_eq!(office.paths(), [CANCEL_PATH]);
    assert_eq!(office.body(0), json!({"accessToken": access(1)}));
    for (next, kind, retry) in [
        (refused("INVALID_ACCESS_TOKEN"), ErrorKind::Unauthenticated, Retry::Never),
        (Next::Signed(result("UNKNOWN_EXCEPTION", "U")), ErrorKind::Unavailable, Retry::Backoff),
        (Next::Broken(TransportErrorKind::Timeout), ErrorKind::Timeout, Retry::Backoff),
        (Next::Signed(json!({})), ErrorKind::Protocol, Retry::Never),
        (Next::Status(500, json!([])), ErrorKind::Unavailable, Retry::Backoff),
    ] {
        let error = Office::new([next]).provider().cancel(&tokens(1)).await.expect_err("not cancelled");
        assert_eq!((error.kind(), error.retry(), error.operation()), (kind, retry, "cancelToken"));
    }
}

/// Refuses in words, and in headers, that repeat every secret there is.
fn echo() -> Value {
    let all = format!("{CODE} {} {} {} {}", access(1), refresh(1), access(2), refresh(2));
    json!({
        "result": {"resultCode": all, "resultStatus": "F", "resultMessage": all},
        "accessToken": access(2),
        "refreshToken": refresh(2),
    })
}

#[tokio::test]
async fn no_secret_that_the_wallet_repeats_reaches_an_error() {
    let own_signature = json!({"result": {"resultCode": "INVALID_SIGNATURE", "resultStatus": "F",
        "resultMessage": format!("{CODE} {} {} {}", refresh(1), access(2), refresh(2))},
        "accessToken": access(2), "refreshToken": refresh(2)});
    let nexts: [&dyn Fn() -> Next; 3] = [&|| Next::Signed(echo()), &|| Next::Status(500, echo()), &|| {
        Next::Unsigned(200, own_signature.clone())
    }];
    for next in nexts {
        let [code, refreshed] = errors(next).await;
        let told = |error: &Error| format!("{error} {error:?} {error:#?}");
        assert!(!told(&code).contains(CODE) && !told(&code).contains("-2"), "{code:?}");
        assert!(!told(&refreshed).contains(&refresh(1)) && !told(&refreshed).contains("-2"), "{refreshed:?}");
    }
    let error = Office::new([Next::Signed(echo())]).provider().cancel(&tokens(1)).await.expect_err("refused");
    assert!(!format!("{error:?}").contains("-1") && !format!("{error:?}").contains("-2"), "{error:?}");
}

#[tokio::test]
async fn no_secret_that_the_wallet_repeats_reaches_the_user() {
    let echo = format!("{CODE} {} {}", access(1), refresh(1));
    let page = json!({
        "result": {"resultStatus": "S"},
        "userInfo": {"userId": "1000001119398804xxxx", "echo": echo, "accessToken": access(9)},
        "refreshToken": refresh(9),
    });
    let office = Office::new([issued(1), Next::Signed(page)]);
    let (user, tokens) = office.provider().login(&CODE.into()).await.expect("a login");
    let told = format!("{user:?} {tokens:?} {} {:?}", serde_json::json!(user), office.provider());
    assert!(!told.contains("hunter2"), "{told}");
    assert!(!String::from_utf8_lossy(user.raw.as_bytes()).contains("hunter2"));
}
