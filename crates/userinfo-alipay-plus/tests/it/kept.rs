//! Tokens that are kept for users who logged in.

use std::{
    error::Error as _,
    io,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use serde_json::json;
use userinfo_alipay_plus::AlipayPlus;
use userinfo_core::{Brought, Demand, Error, ErrorKind, Retry, Secret, SignIn as _};
use userinfo_http::{Credential, CredentialName, CredentialStore, MemoryCredentials, TransportErrorKind};

use crate::{
    office::{Next, Office, TOKEN_PATH, USER_PATH, access, issued, page, refresh, refused, result, tokens},
    wallet::required,
};

const ID: &str = "1000001119398804xxxx";
const DAY: u64 = 24 * 3600;

fn token(turn: u32) -> Secret {
    access(turn).into()
}

/// What the wallet says of an access token that has ended.
fn over() -> Error {
    Error::new(ErrorKind::Unauthenticated, "alipay-plus", "inquiryUserInfo", "over")
        .with_vendor_code("EXPIRED_ACCESS_TOKEN")
}

async fn sign_in(provider: &AlipayPlus) {
    assert!(matches!(provider.demand().await, Ok(Demand::Code)));
    let signed_in = provider.sign_in(Brought::Code("hunter2-code".into())).await.expect("a login");
    assert_eq!(signed_in.user.expect("a user").id, ID);
    assert!(signed_in.expires_at.is_some() && signed_in.kept);
}

#[tokio::test]
async fn the_token_of_a_user_who_logged_in_is_kept_for_that_user_alone() {
    let office = Office::new([issued(1), page()]);
    let provider = office.provider();
    assert_eq!(provider.token_of(ID, None).await.expect("nobody logged in"), None);
    sign_in(&provider).await;
    assert_eq!(provider.token_of(ID, None).await.expect("a token"), Some(token(1)));
    assert_eq!(provider.token_of("1000001119398804xxxy", None).await.expect("nobody"), None);
    let kept = provider.kept(ID).await.expect("a store").expect("tokens");
    assert_eq!(kept.refresh_token, Some(refresh(1).into()));
    assert_eq!(office.paths(), [TOKEN_PATH, USER_PATH]);
}

#[tokio::test]
async fn a_token_that_is_over_or_was_refused_is_renewed_once() {
    let office = Office::new([issued(1), page(), issued(2)]);
    let provider = office.provider();
    sign_in(&provider).await;
    office.clock.advance(DAY - 1);
    assert_eq!(provider.token_of(ID, None).await.expect("a token"), Some(token(1)));
    office.clock.advance(1);
    assert_eq!(provider.token_of(ID, None).await.expect("a token"), Some(token(2)));
    assert_eq!(office.body(2)["refreshToken"], json!(refresh(1)));
    let kept = provider.kept(ID).await.expect("a store").expect("tokens");
    assert_eq!((kept.access_token, kept.refresh_token), (access(2).into(), Some(refresh(2).into())));
    assert_eq!(office.paths().len(), 3);
}

#[tokio::test]
async fn a_refused_token_gives_way_to_another_and_the_other_one_stays() {
    let office = Office::new([issued(1), page(), issued(2)]);
    let provider = office.provider();
    sign_in(&provider).await;
    for _ in 0..2 {
        assert_eq!(provider.token_of(ID, Some((&token(1), &over()))).await.expect("a token"), Some(token(2)));
    }
    assert_eq!(office.paths().len(), 3);
}

#[tokio::test]
async fn of_two_processes_one_gives_the_refresh_token_away() {
    let store: Arc<dyn CredentialStore> = Arc::new(MemoryCredentials::new());
    let office = Office::closed([issued(1), page(), issued(2)]);
    office.gate.add_permits(2);
    let [one, other] = [(); 2].map(|()| {
        let mut config = required();
        config.credentials = Arc::clone(&store);
        office.provider_of(config)
    });
    sign_in(&one).await;
    let (first, over) = (token(1), over());
    let refused = Some((&first, &over));
    let open = async {
        office.asked(3).await;
        office.gate.add_permits(1);
    };
    let (first, second, ()) = tokio::join!(one.token_of(ID, refused), other.token_of(ID, refused), open);
    assert_eq!((first.expect("a token"), second.expect("a token")), (Some(token(2)), Some(token(2))));
    assert_eq!(office.paths().len(), 3);
}

/// Two processes that share a store.
fn two(office: &Arc<Office>) -> [AlipayPlus; 2] {
    let store: Arc<dyn CredentialStore> = Arc::new(MemoryCredentials::new());
    [(); 2].map(|()| {
        let mut config = required();
        config.credentials = Arc::clone(&store);
        office.provider_of(config)
    })
}

#[tokio::test]
async fn a_refresh_that_nobody_waits_for_is_kept_all_the_same() {
    let office = Office::closed([issued(1), page(), issued(2)]);
    office.gate.add_permits(2);
    let [one, other] = two(&office);
    sign_in(&one).await;
    let task = tokio::spawn(async move { one.token_of(ID, Some((&token(1), &over()))).await });
    office.asked(3).await;
    task.abort();
    assert!(task.await.expect_err("aborted").is_cancelled());
    office.gate.add_permits(1);
    // Another process waits for the lock, and finds what was obtained.
    assert_eq!(other.token_of(ID, Some((&token(1), &over()))).await.expect("a token"), Some(token(2)));
    assert_eq!(office.paths().len(), 3);
}

#[tokio::test]
async fn a_login_that_nobody_waits_for_is_kept_all_the_same() {
    let office = Office::closed([issued(1), page()]);
    let [one, other] = two(&office);
    let task = tokio::spawn(async move { one.sign_in(Brought::Code("c".into())).await });
    office.asked(1).await;
    task.abort();
    assert!(task.await.expect_err("aborted").is_cancelled());
    office.gate.add_permits(2);
    office.answered(2).await;
    assert_eq!(other.token_of(ID, None).await.expect("kept"), Some(token(1)));
}

#[tokio::test]
async fn tokens_that_are_another_customers_leave_what_was_kept() {
    let mut foreign = json!({
        "result": {"resultCode": "SUCCESS", "resultStatus": "S"}, "accessToken": access(2), "customerId": "somebody",
    });
    let office = Office::new([Next::Signed(foreign.clone()), page()]);
    let provider = office.provider();
    let error = provider.sign_in(Brought::Code("c".into())).await.expect_err("a stranger");
    assert_eq!(error.kind(), ErrorKind::IdMismatch);
    assert_eq!(provider.kept("somebody").await.expect("a store"), None);
    // The same where somebody had logged in before.
    foreign["accessToken"] = json!(access(3));
    let office = Office::new([Next::Signed(foreign), page()]);
    let provider = office.provider();
    provider.keep("somebody", &tokens(1)).await.expect("kept");
    provider.sign_in(Brought::Code("c".into())).await.expect_err("a stranger");
    assert_eq!(provider.token_of("somebody", None).await.expect("kept"), Some(token(1)));
}

#[tokio::test]
async fn a_clock_that_is_ahead_forgets_nobody() {
    let mut bare = json!({
        "result": {"resultCode": "SUCCESS", "resultStatus": "S"}, "accessToken": access(1), "customerId": ID,
    });
    bare["accessTokenExpiryTime"] = json!("3600");
    let office = Office::new([Next::Signed(bare), page()]);
    let provider = office.provider();
    sign_in(&provider).await;
    office.clock.advance(3600);
    provider.token_of(ID, None).await.expect_err("over, and there is nothing to renew it with");
    assert!(provider.kept(ID).await.expect("a store").is_some());
}

#[tokio::test]
async fn an_error_that_is_not_about_the_token_costs_no_refresh() {
    let office = Office::new([issued(1), page()]);
    let provider = office.provider();
    sign_in(&provider).await;
    for code in ["INVALID_CLIENT", "INVALID_AGENT_TOKEN"] {
        let error = over().with_vendor_code(code);
        assert_eq!(provider.token_of(ID, Some((&token(1), &error))).await.expect("nothing to do"), None);
    }
    assert_eq!(office.paths().len(), 2);
}

#[tokio::test]
async fn tokens_that_cannot_be_renewed_are_forgotten_and_the_user_must_come_again() {
    let bare = json!({"result": {"resultCode": "SUCCESS", "resultStatus": "S"}, "accessToken": access(1)});
    for (answers, code) in [
        (vec![Next::Signed(bare), page()], None),
        (vec![issued(1), page(), refused("EXPIRED_REFRESH_TOKEN")], Some("EXPIRED_REFRESH_TOKEN")),
        (vec![issued(1), page(), refused("USED_REFRESH_TOKEN")], Some("USED_REFRESH_TOKEN")),
    ] {
        let office = Office::new(answers);
        let provider = office.provider();
        provider.sign_in(Brought::Code("c".into())).await.expect("a login");
        let error = provider.token_of(ID, Some((&token(1), &over()))).await.expect_err("over");
        assert_eq!((error.kind(), error.vendor_code()), (ErrorKind::Unauthenticated, code));
        assert!(error.advice().contains("authorise again"), "{}", error.advice());
        assert_eq!(provider.kept(ID).await.expect("a store"), None);
    }
}

#[tokio::test]
async fn a_refresh_that_fails_for_another_reason_keeps_the_tokens() {
    let office = Office::new([issued(1), page(), refused("INVALID_CLIENT")]);
    let provider = office.provider();
    sign_in(&provider).await;
    provider.token_of(ID, Some((&token(1), &over()))).await.expect_err("refused");
    assert!(provider.kept(ID).await.expect("a store").is_some());
}

#[tokio::test]
async fn what_is_cancelled_is_forgotten() {
    let office = Office::new([
        issued(1),
        page(),
        Next::Signed(result("SUCCESS", "S")),
        Next::Signed(result("SUCCESS", "S")),
    ]);
    let provider = office.provider();
    sign_in(&provider).await;
    provider.cancel(&tokens(7)).await.expect("other tokens of the same user");
    assert!(provider.kept(ID).await.expect("a store").is_some());
    provider.cancel(&tokens(1)).await.expect("cancelled");
    assert_eq!(provider.kept(ID).await.expect("a store"), None);
}

#[tokio::test]
async fn clients_of_one_merchant_know_nothing_of_each_others_users() {
    let store: Arc<dyn CredentialStore> = Arc::new(MemoryCredentials::new());
    let office = Office::new([issued(1), page()]);
    let [one, other, third] = [("a", "x"), ("b", "x"), ("a", "y")].map(|(client, app)| {
        let mut config = required();
        config.credentials = Arc::clone(&store);
        config.auth_client_id = Some(client.to_owned());
        config.extra_body.insert("appId".to_owned(), json!(app));
        office.provider_of(config)
    });
    sign_in(&one).await;
    for stranger in [other, third] {
        assert_eq!(stranger.token_of(ID, None).await.expect("nobody logged in"), None);
    }
}

#[tokio::test]
async fn tokens_are_kept_though_the_look_up_after_the_login_fails() {
    let broken = || Next::Broken(TransportErrorKind::Timeout);
    let office = Office::new([issued(1), broken(), broken()]);
    let provider = office.provider();
    let error = provider.sign_in(Brought::Code("c".into())).await.expect_err("no answer");
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Timeout, Retry::Never));
    assert!(error.advice().contains("the tokens are kept"), "{}", error.advice());
    assert_eq!(provider.token_of(ID, None).await.expect("kept"), Some(token(1)));
    // What time does not mend has advice of its own.
    let unsigned = serde_json::from_str(crate::wallet::PAGE).expect("JSON");
    let office = Office::new([issued(1), Next::Unsigned(200, unsigned)]);
    let error = office.provider().sign_in(Brought::Code("c".into())).await.expect_err("unsigned");
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Signature, Retry::Never));
    assert!(error.advice().contains("do not use this answer"), "{}", error.advice());
    // A second look-up is often enough.
    let office = Office::new([issued(1), broken(), page()]);
    sign_in(&office.provider()).await;
}

/// A store that cannot do one thing, from some time on.
#[derive(Debug, Default)]
struct Broken(Mutex<&'static str>, MemoryCredentials);

impl Broken {
    fn can(&self, what: &str) -> io::Result<()> {
        let broken = *self.0.lock().expect("no test panics with it");
        if broken == what { Err(io::Error::other("the disk is gone")) } else { Ok(()) }
    }
}

#[async_trait]
impl CredentialStore for Broken {
    async fn load(&self, name: &CredentialName) -> io::Result<Option<Credential>> {
        self.can("load")?;
        self.1.load(name).await
    }

    async fn save(&self, name: &CredentialName, credential: &Credential) -> io::Result<()> {
        self.can("save")?;
        self.1.save(name, credential).await
    }

    async fn lock(&self, name: &CredentialName) -> io::Result<Box<dyn Send>> {
        self.can("lock")?;
        self.1.lock(name).await
    }
}

fn with_broken(office: &Arc<Office>, what: &'static str) -> (AlipayPlus, Arc<Broken>) {
    let store = Arc::new(Broken(Mutex::new(what), MemoryCredentials::new()));
    let mut config = required();
    config.credentials = Arc::<Broken>::clone(&store);
    (office.provider_of(config), store)
}

#[tokio::test]
async fn a_login_that_cannot_be_kept_says_so() {
    for what in ["save", "lock"] {
        let office = Office::new([issued(1), page()]);
        let code = Brought::Code("c".into());
        let signed_in = with_broken(&office, what).0.sign_in(code).await.expect("a login");
        assert!(!signed_in.kept && signed_in.user.is_some(), "{what}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_no_reason_for_a_new_login_and_says_why() {
    let error = with_broken(&Office::new([]), "load").0.token_of(ID, None).await.expect_err("unknown");
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    assert!(error.message().ends_with("cannot be read"), "{error}");
    assert_eq!(error.source().expect("a cause").to_string(), "the disk is gone");
}

#[tokio::test]
async fn no_refresh_token_is_given_away_without_the_lock_or_where_nothing_can_be_written() {
    let office = Office::new([]);
    let (provider, store) = with_broken(&office, "nothing");
    provider.keep(ID, &tokens(1)).await.expect("kept");
    for what in ["lock", "save"] {
        *store.0.lock().expect("no test panics with it") = what;
        let error = provider.token_of(ID, Some((&token(1), &over()))).await.expect_err(what);
        assert_eq!((error.kind(), error.retry()), (ErrorKind::Unavailable, Retry::Backoff));
        assert!(provider.kept(ID).await.expect("a store").is_some());
    }
}

#[tokio::test]
async fn a_login_takes_a_code_and_nothing_else() {
    let office = Office::new([]);
    let error = office.provider().sign_in(Brought::Nothing).await.expect_err("no code");
    assert_eq!((error.kind(), office.paths().len()), (ErrorKind::InvalidInput, 0));
}
