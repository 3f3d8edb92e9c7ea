//! What processes tell each other of logins that the vendor refused.

use super::*;

fn stores(folder: &tempfile::TempDir) -> [Arc<dyn CredentialStore>; 2] {
    [Arc::new(MemoryCredentials::new()), Arc::new(FileCredentials::new(folder.path()))]
}

async fn refused(tokens: &Tokens) -> Error {
    tokens.get().await.expect_err("no login")
}

#[tokio::test]
async fn a_lock_out_holds_for_other_processes_for_a_while_and_for_its_own_for_good() {
    let (office, folder) = (Office::new(), tempfile::tempdir().expect("a folder"));
    for store in stores(&folder) {
        let before = office.logins();
        let process = || office.tokens().with_store(Arc::clone(&store));
        let (own, other) = (process(), process());
        office.refuse(Some(ErrorKind::LockedOut));
        let told = refused(&own).await;
        office.refuse(None);
        for again in [refused(&other).await, refused(&process()).await] {
            assert_eq!((again.kind(), again.vendor_code()), (told.kind(), told.vendor_code()));
            assert!(again.message().starts_with(&format!("{} (no login before ", told.message())), "{again}");
            assert!(again.advice().contains("userinfo login INSTANCE"));
        }
        office.clock.forward(1199 * SECOND);
        for tokens in [&other, &process()] {
            assert_eq!(refused(tokens).await.kind(), ErrorKind::LockedOut);
        }
        assert_eq!(office.logins(), before + 1);
        office.clock.forward(SECOND);
        office.refuse(Some(ErrorKind::Unavailable));
        assert_eq!(refused(&other).await.kind(), ErrorKind::Unavailable);
        assert_eq!(refused(&own).await.kind(), ErrorKind::LockedOut);
        assert_eq!(office.logins(), before + 2);
    }
}

#[tokio::test]
async fn what_says_when_it_ends_holds_for_all_until_then() {
    let office = Office::new();
    let store: Arc<dyn CredentialStore> = Arc::new(MemoryCredentials::new());
    let process = || office.tokens().with_store(Arc::clone(&store));
    office.refuse(Some(ErrorKind::RateLimited));
    *office.retry.lock().expect("not poisoned") = Some(Retry::After(3600 * SECOND));
    assert_eq!(refused(&process()).await.kind(), ErrorKind::RateLimited);
    office.refuse(None);
    office.clock.forward(3000 * SECOND);
    assert_eq!(refused(&process()).await.retry(), Retry::After(600 * SECOND));
    office.clock.forward(600 * SECOND);
    assert_eq!((got(&process()).await.as_str(), office.logins()), ("token-2", 2));
}

#[tokio::test]
async fn a_wrong_secret_and_an_outage_are_nobody_elses_business() {
    let office = Office::new();
    let store: Arc<dyn CredentialStore> = Arc::new(MemoryCredentials::new());
    for kind in [ErrorKind::Unauthenticated, ErrorKind::Unavailable, ErrorKind::Rejected] {
        office.refuse(Some(kind));
        assert_eq!(refused(&office.tokens().with_store(Arc::clone(&store))).await.kind(), kind);
    }
    office.refuse(None);
    assert_eq!(got(&office.tokens().with_store(store)).await, "token-4");
}

#[tokio::test]
async fn a_wrong_key_is_tried_once_by_all_who_have_it_and_a_mended_one_at_once() {
    use ErrorKind::{Config, InvalidInput, Signature, Unauthenticated};

    let (office, folder) = (Office::new(), tempfile::tempdir().expect("a folder"));
    for store in stores(&folder) {
        let process = || office.tokens().with_store(Arc::clone(&store));
        for kind in [Unauthenticated, Signature, Config, InvalidInput] {
            let before = office.logins();
            office.has_key("wrong");
            office.refuse(Some(kind));
            let told = refused(&process()).await;
            office.clock.forward(299 * SECOND);
            for _ in 0..5 {
                let again = refused(&process()).await;
                assert_eq!((again.kind(), again.retry()), (kind, told.retry()));
                assert!(
                    again.message().starts_with(&format!("{} (no login before ", told.message())),
                    "{again}"
                );
                assert!(again.advice().contains("userinfo login INSTANCE"));
            }
            assert_eq!(office.logins(), before + 1);
            office.clock.forward(SECOND);
            assert!(process().get().await.is_err());
            office.has_key("mended");
            assert!(process().get().await.is_err());
            assert_eq!(office.logins(), before + 3);
            office.refuse(None);
            office.has_key("right");
            assert_eq!(got(&process()).await, format!("token-{}", before + 4));
            office.clock.forward(3600 * SECOND);
        }
    }
}

#[tokio::test]
async fn who_has_no_fingerprint_heeds_no_wrong_key_and_a_lock_out_holds_for_any_key() {
    let office = Office::new();
    let store: Arc<dyn CredentialStore> = Arc::new(MemoryCredentials::new());
    let process = || office.tokens().with_store(Arc::clone(&store));
    office.has_key("wrong");
    office.refuse(Some(ErrorKind::Unauthenticated));
    assert!(process().get().await.is_err());
    *office.fingerprint.lock().expect("not poisoned") = None;
    office.refuse(Some(ErrorKind::LockedOut));
    assert_eq!(refused(&process()).await.kind(), ErrorKind::LockedOut);
    for key in ["wrong", "right"] {
        office.has_key(key);
        assert_eq!(refused(&process()).await.kind(), ErrorKind::LockedOut);
    }
    assert_eq!(office.logins(), 2);
}

#[tokio::test]
async fn a_wrong_key_takes_the_place_of_no_lock_out() {
    let office = Office::new();
    let store: Arc<dyn CredentialStore> = Arc::new(MemoryCredentials::new());
    let process = || office.tokens().with_store(Arc::clone(&store));
    office.has_key("wrong");
    office.refuse(Some(ErrorKind::LockedOut));
    assert!(process().get().await.is_err());
    office.refuse(Some(ErrorKind::Unauthenticated));
    let by_order = process().log_in(&*office).await;
    assert_eq!(by_order.expect_err("a wrong key").kind(), ErrorKind::Unauthenticated);
    office.has_key("right");
    assert_eq!(refused(&process()).await.kind(), ErrorKind::LockedOut);
    // What is over gives way.
    office.clock.forward(1200 * SECOND);
    for _ in 0..2 {
        assert_eq!(refused(&process()).await.kind(), ErrorKind::Unauthenticated);
    }
    assert_eq!(office.logins(), 3);
}

#[tokio::test]
async fn a_person_may_try_a_key_again_that_was_refused() {
    let office = Office::new();
    office.has_key("wrong");
    for is_ordered in [true, false] {
        let store: Arc<dyn CredentialStore> = Arc::new(MemoryCredentials::new());
        let process = || office.tokens().with_store(Arc::clone(&store));
        office.refuse(Some(ErrorKind::Unauthenticated));
        assert!(process().get().await.is_err());
        office.refuse(None);
        let (person, other) = (process(), process());
        assert!(person.get().await.is_err());
        if is_ordered {
            assert!(person.log_in(&*office).await.is_ok());
        } else {
            person.pardon();
        }
        assert_eq!(got(&person).await, got(&other).await);
    }
    assert_eq!(office.logins(), 4);
}

#[tokio::test]
async fn a_process_that_runs_on_tries_its_key_again_in_its_own_time() {
    let office = Office::new();
    let store: Arc<dyn CredentialStore> = Arc::new(MemoryCredentials::new());
    let process = || office.tokens().with_store(Arc::clone(&store));
    let (running, other) = (process(), process());
    office.has_key("wrong");
    office.refuse(Some(ErrorKind::Unauthenticated));
    for tokens in [&running, &running, &other, &running] {
        assert_eq!(refused(tokens).await.kind(), ErrorKind::Unauthenticated);
    }
    assert_eq!(office.logins(), 1);
    office.clock.forward(30 * SECOND);
    assert!(!refused(&running).await.advice().contains("another process"));
    assert_eq!(office.logins(), 2);
    office.clock.forward(270 * SECOND);
    // The other one heeds what was said last.
    assert!(refused(&other).await.advice().contains("another process"));
    assert_eq!(office.logins(), 2);
}

#[tokio::test]
async fn who_sets_a_clock_right_that_was_off_by_more_than_vendors_allow_may_log_in_at_once() {
    let office = Office::new();
    office.clock.forward(86_400 * SECOND);
    office.has_key("right");
    for set in [Watch::forward, Watch::back] {
        let store: Arc<dyn CredentialStore> = Arc::new(MemoryCredentials::new());
        let process = || office.tokens().with_store(Arc::clone(&store));
        let running = process();
        office.refuse(Some(ErrorKind::Unauthenticated));
        assert!(running.get().await.is_err() && process().get().await.is_err());
        office.refuse(None);
        set(&office.clock, 600 * SECOND);
        let obtained = got(&process()).await;
        assert_eq!(got(&running).await, obtained);
    }
    assert_eq!(office.logins(), 4);
}

#[tokio::test]
async fn a_person_may_log_in_all_the_same_and_a_login_that_succeeds_ends_it_for_all() {
    let (office, folder) = (Office::new(), tempfile::tempdir().expect("a folder"));
    let name = CredentialName::new("acme", &["1"]);
    for store in stores(&folder) {
        let process = || office.tokens().with_store(Arc::clone(&store));
        for is_ordered in [true, false] {
            office.clock.forward(7200 * SECOND);
            let waiting = process();
            office.refuse(Some(ErrorKind::LockedOut));
            assert!(process().get().await.is_err());
            assert!(store.load_refusal(&name).await.expect("read").is_some());
            office.refuse(None);
            let person = process();
            assert!(waiting.get().await.is_err() && person.get().await.is_err());
            if is_ordered {
                person.log_in(&*office).await.expect("a token");
            } else {
                person.pardon();
            }
            let obtained = got(&person).await;
            assert_eq!(got(&waiting).await, obtained);
            assert_eq!(store.load_refusal(&name).await.expect("read"), None);
        }
    }
}

#[tokio::test]
async fn an_order_that_fails_for_another_reason_leaves_it() {
    let office = Office::new();
    let store: Arc<dyn CredentialStore> = Arc::new(MemoryCredentials::new());
    let process = || office.tokens().with_store(Arc::clone(&store));
    office.refuse(Some(ErrorKind::LockedOut));
    assert!(process().get().await.is_err());
    office.refuse(Some(ErrorKind::Unavailable));
    let person = process();
    assert_eq!(person.log_in(&*office).await.expect_err("an outage").kind(), ErrorKind::Unavailable);
    office.clock.forward(SECOND);
    assert_eq!(refused(&person).await.kind(), ErrorKind::LockedOut);
    assert_eq!(office.logins(), 2);
}

#[tokio::test]
async fn a_token_that_is_good_is_used_while_others_are_refused() {
    let office = Office::new();
    let store: Arc<dyn CredentialStore> = Arc::new(MemoryCredentials::new());
    let process = || office.tokens().with_store(Arc::clone(&store));
    let running = process();
    assert_eq!(got(&running).await, "token-1");
    office.clock.forward(3300 * SECOND);
    office.refuse(Some(ErrorKind::LockedOut));
    assert_eq!(got(&process()).await, "token-1");
    for tokens in [&running, &running, &process()] {
        assert_eq!((got(tokens).await.as_str(), office.logins()), ("token-1", 2));
    }
}

#[tokio::test]
async fn a_refusal_from_a_clock_that_was_ahead_is_gone_for_good() {
    let (office, folder) = (Office::new(), tempfile::tempdir().expect("a folder"));
    let name = CredentialName::new("acme", &["1"]);
    for store in stores(&folder) {
        let process = || office.tokens().with_store(Arc::clone(&store));
        let ahead = office.clock.now() + 3600 * SECOND;
        let refusal = Refusal::new(ErrorKind::LockedOut, "so", ahead, ahead + 1200 * SECOND);
        store.save_refusal(&name, &refusal).await.expect("saved");
        office.refuse(Some(ErrorKind::Unavailable));
        assert_eq!(refused(&process()).await.kind(), ErrorKind::Unavailable);
        assert_eq!(store.load_refusal(&name).await.expect("read"), None);
        office.clock.forward(3600 * SECOND);
        office.refuse(None);
        assert!(process().get().await.is_ok());
        office.clock.forward(7200 * SECOND);
    }
}

#[tokio::test]
async fn a_refusal_without_end_holds_for_nobody() {
    let office = Office::new();
    let store: Arc<dyn CredentialStore> = Arc::new(MemoryCredentials::new());
    let now = office.clock.now();
    let endless = Refusal::new(ErrorKind::LockedOut, "so", now, now + 3_000_000_000 * SECOND);
    store.save_refusal(&CredentialName::new("acme", &["1"]), &endless).await.expect("saved");
    assert_eq!(got(&office.tokens().with_store(store)).await, "token-1");
}

#[tokio::test]
async fn a_refusal_that_cannot_be_read_is_none() {
    let (office, folder) = (Office::new(), tempfile::tempdir().expect("a folder"));
    let store = || Arc::new(FileCredentials::new(folder.path()));
    office.refuse(Some(ErrorKind::LockedOut));
    assert!(office.tokens().with_store(store()).get().await.is_err());
    let mut files = std::fs::read_dir(folder.path()).expect("a folder").map(|it| it.expect("a file").path());
    let kept = files.find(|it| it.to_string_lossy().ends_with(".refusal.json")).expect("a refusal");
    std::fs::write(kept, "{").expect("written");
    office.refuse(None);
    assert_eq!(got(&office.tokens().with_store(store())).await, "token-2");
}
