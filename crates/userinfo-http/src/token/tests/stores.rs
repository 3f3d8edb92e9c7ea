//! What is kept between processes, and what of it is believed.

use super::*;

#[tokio::test]
async fn two_that_share_a_store_log_in_once_and_neither_takes_what_was_refused() {
    let (office, folder) = (Office::new(), tempfile::tempdir().expect("a folder"));
    let stores: [Arc<dyn CredentialStore>; 2] =
        [Arc::new(MemoryCredentials::new()), Arc::new(FileCredentials::new(folder.path()))];
    for store in stores {
        let before = office.logins();
        let [one, other] = [(); 2].map(|()| office.tokens().with_store(Arc::clone(&store)));
        // The login takes its time, so that the second one comes while it is under way.
        let open = office.open.forget_permits(1000);
        let opens = async {
            tokio::task::yield_now().await;
            office.open.add_permits(open);
        };
        let (first, second, ()) = tokio::join!(got(&one), got(&other), opens);
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
    // Nor is it needed to find what was just obtained, or to go on with what is still good.
    assert_eq!(tokens.login().await.expect("a token").token().expose(), "token-1");
    office.clock.forward(3300 * SECOND);
    office.refuse(Some(ErrorKind::Unavailable));
    assert_eq!((got(&tokens).await.as_str(), office.logins()), ("token-1", 2));
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
async fn what_came_in_place_of_a_given_token_gives_way_to_it_however_young_it_is() {
    let clock = Arc::new(Watch::default());
    let store: Arc<dyn CredentialStore> = Arc::new(MemoryCredentials::new());
    let process = || {
        let tokens = Tokens::given("acme", CredentialName::new("acme", &["1"]), "given");
        tokens.with_clock(Arc::clone(&clock) as Arc<dyn Clock>).with_store(Arc::clone(&store))
    };
    let first = process();
    let held = first.get().await.expect("a token");
    first.rotate(&held, Credential::new("rotated", clock.now())).await;
    clock.forward(SECOND);
    let (sent, outcome) = ask(&process(), "given").await;
    assert_eq!((sent, outcome.is_ok()), (vec!["rotated".to_owned(), "given".to_owned()], true));
    // Where the vendor accepts neither, that is the end of it.
    assert_eq!(ask(&process(), "none").await.0, ["rotated", "given"]);
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
    office.clock.forward(1200 * SECOND);
    let obtained = got(&other).await;
    assert_eq!((got(&one).await, office.logins()), (obtained, 2));
}

#[tokio::test]
async fn tokens_that_are_refused_from_the_first_are_two_logins_over_all_processes() {
    let office = Office::new();
    let store: Arc<dyn CredentialStore> = Arc::new(MemoryCredentials::new());
    for _ in 0..5 {
        assert!(ask(&office.tokens().with_store(Arc::clone(&store)), "none").await.1.is_err());
    }
    assert_eq!(office.logins(), 2);
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
async fn a_young_token_gives_way_to_a_newer_one_of_another_process_and_to_none_before_it() {
    let office = Office::new();
    let store: Arc<dyn CredentialStore> = Arc::new(MemoryCredentials::new());
    let [daemon, person] = [(); 2].map(|()| office.tokens().with_store(Arc::clone(&store)));
    assert_eq!(got(&daemon).await, "token-1");
    office.clock.forward(SECOND);
    assert!(person.log_in(&*office).await.is_ok());
    let (sent, outcome) = ask(&daemon, "token-2").await;
    assert_eq!((sent, outcome.is_ok()), (vec!["token-1".to_owned(), "token-2".to_owned()], true));

    let daemon = office.tokens().with_store(Arc::clone(&store));
    assert!(daemon.log_in(&*office).await.is_ok());
    assert_eq!(ask(&daemon, "none").await.0, ["token-3", "token-4"]);
    // What was saved before it is older, so it is no better.
    let old = Credential::new("old", SystemTime::UNIX_EPOCH).lasting(3600 * SECOND);
    store.save(&CredentialName::new("acme", &["1"]), &old).await.expect("saved");
    assert_eq!(ask(&daemon, "none").await.0, ["token-4"]);
    assert_eq!(office.logins(), 4);
}

#[tokio::test]
async fn a_newer_token_that_is_soon_over_is_better_than_one_that_was_refused() {
    let office = Office::new();
    let store: Arc<dyn CredentialStore> = Arc::new(MemoryCredentials::new());
    let [other, tokens] = [(); 2].map(|()| office.tokens().with_store(Arc::clone(&store)));
    assert_eq!((got(&other).await, got(&tokens).await), ("token-1".to_owned(), "token-1".to_owned()));
    let short = Credential::new("short", office.clock.now()).lasting(4 * SECOND);
    store.save(&CredentialName::new("acme", &["1"]), &short).await.expect("saved");
    office.clock.forward(3 * SECOND);
    assert_eq!(ask(&tokens, "short").await.0, ["token-1", "short"]);
}

#[tokio::test]
async fn two_that_are_refused_with_young_tokens_log_in_once_more_each_at_most() {
    let office = Office::new();
    let store: Arc<dyn CredentialStore> = Arc::new(MemoryCredentials::new());
    let [one, other] = [(); 2].map(|()| office.tokens().with_store(Arc::clone(&store)));
    assert_eq!(got(&one).await, "token-1");
    assert!(other.log_in(&*office).await.is_ok());
    assert_eq!(ask(&one, "none").await.0, ["token-1", "token-2"]);
    assert_eq!(ask(&one, "none").await.0, ["token-2"], "it is another's");
    assert_eq!(ask(&other, "none").await.0, ["token-2", "token-3"], "it is its own");
    assert_eq!(ask(&one, "none").await.0, ["token-2", "token-3"], "a newer one is there");
    for tokens in [&one, &other, &one] {
        assert_eq!(ask(tokens, "none").await.0, ["token-3"]);
    }
    assert_eq!(office.logins(), 3);
}

#[tokio::test]
async fn a_given_token_that_is_refused_gives_way_to_what_another_process_was_handed() {
    let store: Arc<dyn CredentialStore> = Arc::new(MemoryCredentials::new());
    let clock = Arc::new(Watch::default());
    let [one, other] = [(); 2].map(|()| {
        let tokens = Tokens::given("acme", CredentialName::new("acme", &["1"]), "given");
        tokens.with_clock(Arc::clone(&clock) as Arc<dyn Clock>).with_store(Arc::clone(&store))
    });
    assert_eq!(got(&other).await, "given");
    let held = one.get().await.expect("a token");
    one.rotate(&held, Credential::new("rotated", clock.now())).await;
    assert_eq!(ask(&other, "rotated").await.0, ["given", "rotated"]);
}

/// Notes who saves a credential without the lock.
#[derive(Debug, Default)]
struct Guarded {
    kept: MemoryCredentials,
    careless: AtomicU64,
}

#[async_trait]
impl CredentialStore for Guarded {
    async fn load(&self, name: &CredentialName) -> io::Result<Option<Credential>> {
        if self.kept.lock(name).now_or_never().is_some() {
            self.careless.fetch_add(1, Ordering::Relaxed);
        }
        self.kept.load(name).await
    }

    async fn save(&self, name: &CredentialName, credential: &Credential) -> io::Result<()> {
        if self.kept.lock(name).now_or_never().is_some() {
            self.careless.fetch_add(1, Ordering::Relaxed);
        }
        self.kept.save(name, credential).await
    }

    async fn lock(&self, name: &CredentialName) -> io::Result<Box<dyn Send>> {
        self.kept.lock(name).await
    }
}

#[tokio::test]
async fn that_a_token_was_accepted_is_read_and_saved_under_one_lock() {
    let office = Office::new();
    let store = Arc::new(Guarded::default());
    let tokens = office.tokens().with_store(Arc::clone(&store) as Arc<dyn CredentialStore>);
    assert_eq!(got(&tokens).await, "token-1");
    let before = store.careless.load(Ordering::Relaxed);
    assert!(ask(&tokens, "token-1").await.1.is_ok());
    assert_eq!(store.careless.load(Ordering::Relaxed), before);
    let kept = store.kept.load(&CredentialName::new("acme", &["1"])).await.expect("read").expect("kept");
    assert!(kept.accepted);
}

#[test]
fn while_another_process_logs_in_nobody_waits_to_say_that_a_token_was_accepted() {
    let (office, folder) = (Office::new(), tempfile::tempdir().expect("a folder"));
    let stores: [Arc<dyn CredentialStore>; 2] =
        [Arc::new(MemoryCredentials::new()), Arc::new(FileCredentials::new(folder.path()))];
    let name = CredentialName::new("acme", &["1"]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    for store in stores {
        let kept = || store.load(&name).now_or_never().expect("at once").expect("read").expect("kept");
        for has_runtime in [true, false] {
            let tokens = office.tokens().with_store(Arc::clone(&store));
            let token = tokens.log_in(&*office).now_or_never().expect("at once").expect("a token");
            let lock = store.lock(&name).now_or_never().expect("at once").expect("free");
            let entered = has_runtime.then(|| runtime.enter());
            let asked = ask(&tokens, token.token().expose()).now_or_never();
            assert!(asked.expect("nobody waits").1.is_ok());
            drop((entered, lock));
            assert!(!kept().accepted);
            // What gave up on the lock does not hold on to it.
            assert!(store.lock(&name).now_or_never().is_some_and(|it| it.is_ok()));
        }
    }
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
    office.clock.forward(300 * SECOND);
    assert_eq!(restarted.get().await.expect_err("it is over").kind(), ErrorKind::Unavailable);
}

#[tokio::test]
async fn a_token_that_was_handed_out_takes_the_place_of_none_that_is_newer() {
    let office = Office::new();
    let store: Arc<dyn CredentialStore> = Arc::new(MemoryCredentials::new());
    let process = || office.tokens().with_store(Arc::clone(&store));
    let (one, other) = (process(), process());
    let old = one.get().await.expect("a token");
    let handed_out = office.clock.now();
    office.clock.forward(SECOND);
    other.log_in(&*office).await.expect("a login");
    one.rotate(&old, Credential::new("rotated", handed_out)).await;
    assert_eq!((got(&one).await.as_str(), got(&process()).await.as_str()), ("rotated", "token-2"));
}

#[tokio::test]
async fn a_token_that_was_handed_out_waits_for_no_login_of_another_process() {
    let office = Office::new();
    let store: Arc<dyn CredentialStore> = Arc::new(MemoryCredentials::new());
    let one = office.tokens().with_store(Arc::clone(&store));
    let old = one.get().await.expect("a token");
    let lock = store.lock(&CredentialName::new("acme", &["1"])).await.expect("locked");
    let rotate = one.rotate(&old, Credential::new("rotated", office.clock.now()));
    assert!(rotate.now_or_never().is_some(), "nobody waits");
    drop(lock);
    assert_eq!(got(&one).await, "rotated");
    assert_eq!(got(&office.tokens().with_store(store)).await, "token-1");
}

#[tokio::test]
async fn a_newer_token_gives_way_to_one_that_is_in_use_by_then() {
    let office = Office::new();
    let store: Arc<dyn CredentialStore> = Arc::new(MemoryCredentials::new());
    let tokens = office.tokens().with_store(Arc::clone(&store));
    let refused = tokens.get().await.expect("a token");
    tokens.log_in(&*office).await.expect("a login");
    let newer = Credential::new("newer", office.clock.now()).lasting(3600 * SECOND);
    store.save(&CredentialName::new("acme", &["1"]), &newer).await.expect("saved");
    let held = tokens.0.take_newer(&refused).await.expect("a token");
    assert_eq!((held.token().expose(), got(&tokens).await.as_str()), ("token-2", "token-2"));
}
