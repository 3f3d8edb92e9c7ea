use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::SystemTime,
};

use tokio::sync::Semaphore;
use userinfo_core::{Retry, Secret};

use super::*;

const SECOND: Duration = Duration::from_secs(1);

/// Issues `token-1`, `token-2`… for an hour each, or refuses.
#[derive(Debug)]
struct Office {
    clock: Arc<Watch>,
    logins: AtomicU64,
    /// A login takes one of these.
    open: Semaphore,
    refuses: Mutex<Option<ErrorKind>>,
}

#[derive(Debug, Default)]
struct Watch(AtomicU64);

impl Watch {
    fn forward(&self, by: Duration) {
        self.0.fetch_add(by.as_secs(), Ordering::Relaxed);
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
            Some(kind) => Err(Error::new(kind, "acme", "login", "no")),
            None => Ok(Credential::new(format!("token-{login}"), self.clock.now()).lasting(3600 * SECOND)),
        }
    }
}

impl Office {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            clock: Arc::default(),
            logins: AtomicU64::new(0),
            open: Semaphore::new(1000),
            refuses: Mutex::default(),
        })
    }

    fn refuse(&self, kind: Option<ErrorKind>) {
        *self.refuses.lock().expect("not poisoned") = kind;
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
async fn a_renewal_is_one_login_early_and_its_failure_is_invisible() {
    let office = Office::new();
    let tokens = office.tokens();
    assert_eq!(got(&tokens).await, "token-1");
    office.clock.forward(3299 * SECOND);
    assert_eq!(got(&tokens).await, "token-1");
    office.clock.forward(SECOND);
    office.refuse(Some(ErrorKind::Unavailable));
    assert_eq!((got(&tokens).await.as_str(), office.logins()), ("token-1", 2));
    assert_eq!((got(&tokens).await.as_str(), office.logins()), ("token-1", 2));
    office.clock.forward(SECOND);
    office.refuse(None);
    assert_eq!((got(&tokens).await.as_str(), office.logins()), ("token-3", 3));
}

#[tokio::test]
async fn while_one_renews_the_others_go_on_with_what_is_still_good() {
    let office = Office::new();
    let tokens = office.tokens();
    assert_eq!(got(&tokens).await, "token-1");
    office.clock.forward(3300 * SECOND);
    office.open.forget_permits(1000);
    let renews = tokio::spawn({
        let tokens = tokens.clone();
        async move { got(&tokens).await }
    });
    tokio::task::yield_now().await;
    assert_eq!((got(&tokens).await.as_str(), office.logins()), ("token-1", 2));
    office.open.add_permits(1);
    assert_eq!(renews.await.expect("no panic"), "token-2");
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
async fn two_that_share_a_store_log_in_once_and_neither_takes_what_was_refused() {
    let (office, folder) = (Office::new(), tempfile::tempdir().expect("a folder"));
    let stores: [Arc<dyn CredentialStore>; 2] =
        [Arc::new(MemoryCredentials::new()), Arc::new(FileCredentials::new(folder.path()))];
    for store in stores {
        let before = office.logins();
        let [one, other] = [(); 2].map(|()| office.tokens().with_store(Arc::clone(&store)));
        let (first, second) = tokio::join!(got(&one), got(&other));
        assert_eq!((&first, office.logins()), (&second, before + 1));
        // The vendor revokes it: one of them logs in again, the other finds what it got.
        let next = format!("token-{}", before + 2);
        assert!(ask(&one, &first).await.1.is_ok());
        assert!(ask(&other, &first).await.1.is_ok());
        assert!(ask(&one, &next).await.1.is_ok());
        assert_eq!(ask(&other, &next).await.0, [first, next]);
        assert_eq!(office.logins(), before + 2);
    }
}

#[tokio::test]
async fn what_is_about_to_end_is_not_taken_from_a_store() {
    let office = Office::new();
    let store: Arc<dyn CredentialStore> = Arc::new(MemoryCredentials::new());
    assert_eq!(got(&office.tokens().with_store(Arc::clone(&store))).await, "token-1");
    office.clock.forward(3299 * SECOND);
    assert_eq!(got(&office.tokens().with_store(Arc::clone(&store))).await, "token-1");
    office.clock.forward(SECOND);
    assert_eq!(got(&office.tokens().with_store(store)).await, "token-2");
}

#[derive(Debug)]
struct Broken;

#[async_trait]
impl CredentialStore for Broken {
    async fn load(&self, _: &CredentialName) -> io::Result<Option<Credential>> {
        Err(io::ErrorKind::PermissionDenied.into())
    }

    async fn save(&self, _: &CredentialName, _: &Credential) -> io::Result<()> {
        Err(io::ErrorKind::StorageFull.into())
    }

    async fn lock(&self, _: &CredentialName) -> io::Result<Box<dyn Send>> {
        Err(io::ErrorKind::TimedOut.into())
    }
}

#[tokio::test]
async fn a_store_that_fails_costs_a_login_and_no_more() {
    let office = Office::new();
    let tokens = office.tokens().with_store(Arc::new(Broken));
    assert_eq!(got(&tokens).await, "token-1");
    assert_eq!((got(&tokens).await.as_str(), office.logins()), ("token-1", 1));
}

#[tokio::test]
async fn a_token_that_the_vendor_hands_out_in_place_of_another_is_used_and_kept() {
    let office = Office::new();
    let store: Arc<dyn CredentialStore> = Arc::new(MemoryCredentials::new());
    let tokens = office.tokens().with_store(Arc::clone(&store));
    let old = tokens.get().await.expect("a token");
    tokens.rotate(&old, Credential::new("rotated", office.clock.now())).await;
    assert_eq!(got(&tokens).await, "rotated");
    assert_eq!(got(&office.tokens().with_store(store)).await, "rotated");
    // Late news of a token that is no more in use.
    tokens.rotate(&old, Credential::new("late", office.clock.now())).await;
    assert_eq!((got(&tokens).await.as_str(), office.logins()), ("rotated", 1));
}

#[tokio::test]
async fn what_was_given_is_sent_once_and_kept_nowhere_and_what_came_in_its_place_gives_way_to_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("credentials");
    let tokens = || {
        let store = Arc::new(FileCredentials::new(&place));
        Tokens::given("acme", CredentialName::new("acme", &["1"]), "given").with_store(store)
    };
    let first = tokens();
    assert_eq!(ask(&first, "none").await.0, ["given"]);
    assert!(ask(&first, "given").await.1.is_ok());
    assert!(!place.exists());
    let held = first.get().await.expect("a token");
    first.rotate(&held, Credential::new("rotated", SystemTime::UNIX_EPOCH)).await;
    let second = tokens();
    let (sent, outcome) = ask(&second, "given").await;
    assert_eq!((sent, outcome.is_ok()), (vec!["rotated".to_owned(), "given".to_owned()], true));
    // Another process learns it in its turn.
    assert!(ask(&tokens(), "given").await.1.is_ok());
}

#[tokio::test]
async fn what_came_in_place_of_a_given_token_is_used_to_its_end() {
    let clock = Arc::new(Watch::default());
    let watch = Arc::clone(&clock) as Arc<dyn Clock>;
    let tokens = Tokens::given("acme", CredentialName::new("acme", &["1"]), "given").with_clock(watch);
    let held = tokens.get().await.expect("a token");
    tokens.rotate(&held, Credential::new("rotated", clock.now()).lasting(3600 * SECOND)).await;
    clock.forward(3599 * SECOND);
    assert_eq!(got(&tokens).await, "rotated");
    clock.forward(SECOND);
    assert_eq!(got(&tokens).await, "given");
}

#[tokio::test]
async fn a_process_that_may_not_log_in_takes_what_another_one_obtained() {
    let office = Office::new();
    let store: Arc<dyn CredentialStore> = Arc::new(MemoryCredentials::new());
    let [one, other] = [(); 2].map(|()| office.tokens().with_store(Arc::clone(&store)));
    office.refuse(Some(ErrorKind::LockedOut));
    assert_eq!(one.get().await.expect_err("no login").kind(), ErrorKind::LockedOut);
    office.refuse(None);
    let obtained = got(&other).await;
    assert_eq!((got(&one).await, office.logins()), (obtained, 2));
}

#[tokio::test]
async fn tokens_that_are_refused_from_the_first_are_one_login_over_all_processes() {
    let office = Office::new();
    let store: Arc<dyn CredentialStore> = Arc::new(MemoryCredentials::new());
    for _ in 0..5 {
        assert!(ask(&office.tokens().with_store(Arc::clone(&store)), "none").await.1.is_err());
    }
    assert_eq!(office.logins(), 1);
}

#[tokio::test]
async fn what_one_process_saw_accepted_another_one_may_replace() {
    let office = Office::new();
    let store: Arc<dyn CredentialStore> = Arc::new(MemoryCredentials::new());
    let process = || office.tokens().with_store(Arc::clone(&store));
    assert!(ask(&process(), "token-1").await.1.is_ok());
    assert_eq!(ask(&process(), "token-2").await.0, ["token-1", "token-2"]);
}

#[tokio::test]
async fn news_of_an_old_token_does_not_take_the_place_of_a_new_one() {
    let office = Office::new();
    let store: Arc<dyn CredentialStore> = Arc::new(MemoryCredentials::new());
    let tokens = office.tokens().with_store(Arc::clone(&store));
    let held = tokens.get().await.expect("a token");
    let name = CredentialName::new("acme", &["1"]);
    store.save(&name, &Credential::new("newer", office.clock.now())).await.expect("saved");
    assert!(ask(&tokens, held.token().expose()).await.1.is_ok());
    let kept = store.load(&name).await.expect("read").expect("kept");
    assert_eq!((kept.token.expose(), kept.accepted), ("newer", false));
}

#[tokio::test]
async fn a_restart_while_logins_fail_goes_on_with_what_is_still_good() {
    let office = Office::new();
    let store: Arc<dyn CredentialStore> = Arc::new(MemoryCredentials::new());
    assert_eq!(got(&office.tokens().with_store(Arc::clone(&store))).await, "token-1");
    office.clock.forward(3300 * SECOND);
    office.refuse(Some(ErrorKind::Unavailable));
    let restarted = office.tokens().with_store(store);
    for _ in 0..3 {
        assert_eq!((got(&restarted).await.as_str(), office.logins()), ("token-1", 2));
    }
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
    let tokens = office.tokens();
    let held = tokens.get().await.expect("a token");
    assert!(ask(&tokens, "none").await.1.is_err());
    let shown = format!("{tokens:?} {held:?} {:?}", MemoryCredentials::new());
    assert!(!shown.contains("token-1"), "{shown}");
}
