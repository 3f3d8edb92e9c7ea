use std::{
    io,
    sync::atomic::{AtomicU64, Ordering},
    time::SystemTime,
};

use futures_util::FutureExt as _;
use tokio::sync::Semaphore;
use userinfo_core::{Retry, Secret};

use super::*;

mod orders;
mod refusals;
mod renewal;
mod stores;

const SECOND: Duration = Duration::from_secs(1);

/// Issues `token-1`, `token-2`… for an hour each, or refuses.
#[derive(Debug)]
struct Office {
    clock: Arc<Watch>,
    logins: AtomicU64,
    /// A login takes one of these.
    open: Semaphore,
    refuses: Mutex<Option<ErrorKind>>,
    retry: Mutex<Option<Retry>>,
    fingerprint: Mutex<Option<String>>,
}

#[derive(Debug, Default)]
struct Watch(AtomicU64);

impl Watch {
    fn forward(&self, by: Duration) {
        self.0.fetch_add(by.as_secs(), Ordering::Relaxed);
    }

    fn back(&self, by: Duration) {
        self.0.fetch_sub(by.as_secs(), Ordering::Relaxed);
    }
}

impl Clock for Watch {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(self.0.load(Ordering::Relaxed))
    }
}

#[async_trait]
impl Issuer for Office {
    async fn issue(&self) -> Result<Credential> {
        let login = self.logins.fetch_add(1, Ordering::Relaxed) + 1;
        self.open.acquire().await.expect("open").forget();
        match *self.refuses.lock().expect("not poisoned") {
            Some(kind) => {
                let error = Error::new(kind, "acme", "login", "no").with_vendor_code("7");
                let retry = self.retry.lock().expect("not poisoned").unwrap_or(error.retry());
                Err(error.with_retry(retry))
            }
            None => Ok(Credential::new(format!("token-{login}"), self.clock.now()).lasting(3600 * SECOND)),
        }
    }

    fn fingerprint(&self) -> Option<String> {
        self.fingerprint.lock().expect("not poisoned").clone()
    }
}

impl Office {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            clock: Arc::default(),
            logins: AtomicU64::new(0),
            open: Semaphore::new(1000),
            refuses: Mutex::default(),
            retry: Mutex::default(),
            fingerprint: Mutex::default(),
        })
    }

    fn refuse(&self, kind: Option<ErrorKind>) {
        *self.refuses.lock().expect("not poisoned") = kind;
    }

    fn has_key(&self, fingerprint: &str) {
        *self.fingerprint.lock().expect("not poisoned") = Some(fingerprint.to_owned());
    }

    fn logins(&self) -> u64 {
        self.logins.load(Ordering::Relaxed)
    }

    fn tokens(self: &Arc<Self>) -> Tokens {
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        let issuer = Arc::clone(self) as Arc<dyn Issuer>;
        Tokens::new("acme", CredentialName::new("acme", &["1"]), issuer).with_clock(clock).with_luck(|| 0.0)
    }
}

async fn got(tokens: &Tokens) -> String {
    tokens.get().await.expect("a token").token().expose().to_owned()
}

fn is_dead(error: &Error) -> bool {
    error.kind() == ErrorKind::Unauthenticated
}

/// Asks a vendor that accepts this token alone; what was sent, and what came of it.
async fn ask(tokens: &Tokens, accepted: &str) -> (Vec<String>, Result<()>) {
    let sent = Mutex::new(Vec::new());
    let outcome = tokens
        .call(is_dead, |held| {
            let token = held.token().expose().to_owned();
            let accepts = token == accepted;
            sent.lock().expect("not poisoned").push(token);
            std::future::ready(if accepts {
                Ok(())
            } else {
                Err(Error::new(ErrorKind::Unauthenticated, "acme", "user", "dead"))
            })
        })
        .await;
    (sent.into_inner().expect("not poisoned"), outcome)
}

#[tokio::test]
async fn a_thousand_first_calls_at_once_are_one_login() {
    let office = Office::new();
    let tokens = office.tokens();
    office.open.forget_permits(1000);
    let callers: Vec<_> = (0..1000)
        .map(|_| {
            let tokens = tokens.clone();
            tokio::spawn(async move { got(&tokens).await })
        })
        .collect();
    tokio::task::yield_now().await;
    office.open.add_permits(1);
    for caller in callers {
        assert_eq!(caller.await.expect("no panic"), "token-1");
    }
    assert_eq!(office.logins(), 1);
}

#[tokio::test]
async fn a_refused_token_is_one_login_and_one_more_call() {
    let office = Office::new();
    let tokens = office.tokens();
    assert_eq!(ask(&tokens, "token-1").await.0, ["token-1"]);
    let (sent, outcome) = ask(&tokens, "token-2").await;
    assert_eq!((sent, outcome.is_ok()), (vec!["token-1".to_owned(), "token-2".to_owned()], true));
    // What nobody accepts is no reason for login after login.
    let (sent, outcome) = ask(&tokens, "none").await;
    assert_eq!((sent.len(), outcome.expect_err("refused").kind()), (2, ErrorKind::Unauthenticated));
    for _ in 0..10 {
        assert_eq!(ask(&tokens, "none").await.0, ["token-3"]);
    }
    assert_eq!(office.logins(), 3);
    office.clock.forward(60 * SECOND);
    assert_eq!(ask(&tokens, "token-4").await.0, ["token-3", "token-4"]);
}

#[tokio::test]
async fn a_token_that_is_refused_at_once_is_one_more_login_too() {
    let office = Office::new();
    let tokens = office.tokens();
    let (sent, outcome) = ask(&tokens, "token-2").await;
    assert_eq!((sent, outcome.is_ok()), (vec!["token-1".to_owned(), "token-2".to_owned()], true));
    let tokens = office.tokens();
    assert_eq!(ask(&tokens, "none").await.0, ["token-3", "token-4"]);
    for _ in 0..10 {
        assert_eq!(ask(&tokens, "none").await.0, ["token-4"]);
    }
    assert_eq!(office.logins(), 4);
}

#[tokio::test]
async fn who_comes_to_log_in_just_after_a_login_finds_what_it_obtained() {
    let office = Office::new();
    let tokens = office.tokens();
    for _ in 0..2 {
        assert_eq!(tokens.login().await.expect("a token").token().expose(), "token-1");
    }
    assert_eq!(office.logins(), 1);
}

#[tokio::test]
async fn a_storm_of_refused_calls_is_one_login() {
    let office = Office::new();
    let tokens = office.tokens();
    assert!(ask(&tokens, "token-1").await.1.is_ok());
    let callers: Vec<_> = (0..1000)
        .map(|_| {
            let tokens = tokens.clone();
            tokio::spawn(async move { ask(&tokens, "token-2").await.1.is_ok() })
        })
        .collect();
    for caller in callers {
        assert!(caller.await.expect("no panic"));
    }
    assert_eq!(office.logins(), 2);
}

#[tokio::test]
async fn other_errors_cost_no_login_and_no_second_call() {
    let office = Office::new();
    let tokens = office.tokens();
    for kind in
        [ErrorKind::NotFound, ErrorKind::LockedOut, ErrorKind::Unavailable, ErrorKind::PermissionDenied]
    {
        let calls = AtomicU64::new(0);
        let outcome: Result<()> = tokens
            .call(is_dead, |_| {
                calls.fetch_add(1, Ordering::Relaxed);
                std::future::ready(Err(Error::new(kind, "acme", "user", "so")))
            })
            .await;
        assert_eq!((outcome.expect_err("so").kind(), calls.into_inner()), (kind, 1));
    }
    assert_eq!(office.logins(), 1);
}

#[tokio::test]
async fn a_login_that_fails_is_not_hammered_and_a_lock_out_waits_for_a_person() {
    let office = Office::new();
    let tokens = office.tokens();
    office.refuse(Some(ErrorKind::Unavailable));
    for _ in 0..100 {
        let error = tokens.get().await.expect_err("no login");
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert!(office.logins() == 1, "{}", office.logins());
    }
    assert_eq!(tokens.get().await.expect_err("early").retry(), Retry::After(SECOND));
    office.clock.forward(SECOND);
    office.refuse(Some(ErrorKind::LockedOut));
    assert_eq!(tokens.get().await.expect_err("no login").kind(), ErrorKind::LockedOut);
    office.refuse(None);
    office.clock.forward(1_000_000 * SECOND);
    assert_eq!(tokens.get().await.expect_err("locked").kind(), ErrorKind::LockedOut);
    assert_eq!(office.logins(), 2);
    tokens.pardon();
    assert_eq!(got(&tokens).await, "token-3");
}

#[tokio::test]
async fn a_caller_who_goes_takes_nobody_with_it_and_a_login_that_all_gave_up_is_a_failure() {
    let office = Office::new();
    let tokens = office.tokens();
    office.open.forget_permits(1000);
    let [first, second] = [(); 2].map(|()| {
        let tokens = tokens.clone();
        tokio::spawn(async move { tokens.get().await.map(|it| it.token().clone()) })
    });
    tokio::task::yield_now().await;
    first.abort();
    assert!(first.await.is_err());
    office.open.add_permits(1);
    assert_eq!(second.await.expect("no panic").expect("a token"), Secret::new("token-1"));

    office.clock.forward(7200 * SECOND);
    let waits = tokens.get();
    assert!(waits.now_or_never().is_none());
    assert_eq!(tokens.get().await.expect_err("given up").kind(), ErrorKind::Timeout);
    office.clock.forward(SECOND);
    office.open.add_permits(1);
    assert_eq!((got(&tokens).await.as_str(), office.logins()), ("token-3", 3));
}

#[tokio::test]
async fn a_token_that_found_nobody_was_accepted() {
    let office = Office::new();
    let tokens = office.tokens();
    let outcome: Result<()> = tokens
        .call(is_dead, |_| std::future::ready(Err(Error::new(ErrorKind::NotFound, "acme", "user", "nobody"))))
        .await;
    assert!(outcome.is_err());
    assert_eq!(ask(&tokens, "token-2").await.0, ["token-1", "token-2"]);
}

#[tokio::test]
async fn debug_shows_no_token() {
    let office = Office::new();
    let store = Arc::new(MemoryCredentials::new());
    let tokens = office.tokens().with_store(Arc::clone(&store) as Arc<dyn CredentialStore>);
    assert!(ask(&tokens, "none").await.1.is_err());
    let held = tokens.get().await.expect("a token");
    let kept = store.load(&CredentialName::new("acme", &["1"])).await.expect("read");
    assert!(kept.is_some_and(|it| it.token == *held.token()));
    let shown = format!("{tokens:?} {held:?} {store:?}");
    assert!(!shown.contains("token-"), "{shown}");
}
