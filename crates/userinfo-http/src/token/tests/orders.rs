//! Logins that a person orders.

use super::*;

async fn ordered(office: &Office, tokens: &Tokens) -> String {
    tokens.log_in(office).await.expect("a token").token().expose().to_owned()
}

#[tokio::test]
async fn an_order_asks_the_vendor_whatever_is_held_and_what_it_obtains_is_used_and_kept() {
    let office = Office::new();
    let store: Arc<dyn CredentialStore> = Arc::new(MemoryCredentials::new());
    let tokens = office.tokens().with_store(Arc::clone(&store));
    assert_eq!(got(&tokens).await, "token-1");
    assert_eq!(ordered(&office, &tokens).await, "token-2");
    assert_eq!(got(&tokens).await, "token-2");
    assert_eq!(got(&office.tokens().with_store(store)).await, "token-2");
    assert_eq!(office.logins(), 2);
}

#[tokio::test]
async fn an_order_ends_a_pause_and_a_lock_out() {
    let office = Office::new();
    for kind in [ErrorKind::Unavailable, ErrorKind::LockedOut] {
        let tokens = office.tokens();
        let before = office.logins();
        office.refuse(Some(kind));
        assert_eq!(tokens.get().await.expect_err("no login").kind(), kind);
        office.refuse(None);
        let obtained = ordered(&office, &tokens).await;
        assert_eq!((got(&tokens).await, office.logins()), (obtained, before + 2));
    }
}

#[tokio::test]
async fn an_order_that_fails_is_remembered_and_costs_no_token() {
    let office = Office::new();
    let (holding, empty) = (office.tokens(), office.tokens());
    assert_eq!(got(&holding).await, "token-1");
    office.refuse(Some(ErrorKind::LockedOut));
    for tokens in [&holding, &empty] {
        assert_eq!(tokens.log_in(&*office).await.expect_err("no login").kind(), ErrorKind::LockedOut);
    }
    office.refuse(None);
    office.clock.forward(3300 * SECOND);
    assert_eq!(got(&holding).await, "token-1");
    for tokens in [&holding, &empty] {
        office.clock.forward(300 * SECOND);
        assert_eq!(tokens.get().await.expect_err("locked").kind(), ErrorKind::LockedOut);
    }
    assert_eq!(office.logins(), 3);
}

#[tokio::test]
async fn orders_and_other_logins_take_turns() {
    let office = Office::new();
    let store: Arc<dyn CredentialStore> = Arc::new(MemoryCredentials::new());
    let [one, other] = [(); 2].map(|()| office.tokens().with_store(Arc::clone(&store)));
    office.open.forget_permits(1000);
    let opens = async {
        for turn in 1..=2 {
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
            assert_eq!(office.logins(), turn);
            office.open.add_permits(1);
        }
    };
    let (first, second, third, ()) =
        tokio::join!(ordered(&office, &one), ordered(&office, &other), got(&one), opens);
    assert_eq!((first.as_str(), second.as_str(), office.logins()), ("token-1", "token-2", 2));
    assert_eq!(third, "token-2");
}

#[tokio::test]
async fn who_waited_for_an_order_that_failed_asks_no_more() {
    for (kind, pause) in [(ErrorKind::LockedOut, 1_000_000), (ErrorKind::Unauthenticated, 29)] {
        let office = Office::new();
        let tokens = office.tokens();
        office.open.forget_permits(1000);
        office.refuse(Some(kind));
        let (told, again, ()) = tokio::join!(tokens.log_in(&*office), tokens.get(), opens(&office));
        for outcome in [told, again] {
            assert_eq!(outcome.expect_err("no login").kind(), kind);
        }
        office.refuse(None);
        office.clock.forward(pause * SECOND);
        assert_eq!(tokens.get().await.expect_err("early").kind(), kind);
        assert_eq!(office.logins(), 1);
    }
}

/// Forgets what it is told to keep.
#[derive(Debug, Default)]
struct Forgetful(MemoryCredentials);

#[async_trait]
impl CredentialStore for Forgetful {
    async fn load(&self, _: &CredentialName) -> io::Result<Option<Credential>> {
        Ok(None)
    }

    async fn save(&self, _: &CredentialName, _: &Credential) -> io::Result<()> {
        Ok(())
    }

    async fn lock(&self, name: &CredentialName) -> io::Result<Box<dyn Send>> {
        self.0.lock(name).await
    }
}

#[tokio::test]
async fn who_waited_for_an_order_uses_what_it_obtained_though_no_store_has_it() {
    let office = Office::new();
    let tokens = office.tokens().with_store(Arc::new(Forgetful::default()));
    office.open.forget_permits(1000);
    let (first, second, ()) = tokio::join!(ordered(&office, &tokens), got(&tokens), opens(&office));
    assert_eq!((first.as_str(), second.as_str(), office.logins()), ("token-1", "token-1", 1));
}

/// Lets logins go on when all who want one wait.
async fn opens(office: &Office) {
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    office.open.add_permits(1000);
}

#[tokio::test]
async fn an_order_that_nobody_waits_for_changes_nothing() {
    let office = Office::new();
    let tokens = office.tokens();
    office.refuse(Some(ErrorKind::LockedOut));
    assert!(tokens.get().await.is_err());
    office.open.forget_permits(1000);
    assert!(tokens.log_in(&*office).now_or_never().is_none());
    office.clock.forward(300 * SECOND);
    assert_eq!(tokens.get().await.expect_err("locked").kind(), ErrorKind::LockedOut);
}

#[tokio::test]
async fn an_order_obtains_a_token_in_place_of_a_given_one_and_its_failure_harms_none() {
    let office = Office::new();
    let tokens = Tokens::given("acme", CredentialName::new("acme", &["1"]), "given")
        .with_clock(Arc::clone(&office.clock) as Arc<dyn Clock>);
    office.refuse(Some(ErrorKind::LockedOut));
    assert_eq!(tokens.log_in(&*office).await.expect_err("no login").kind(), ErrorKind::LockedOut);
    assert_eq!(got(&tokens).await, "given");
    office.refuse(None);
    assert_eq!(ordered(&office, &tokens).await, "token-2");
    assert_eq!(ask(&tokens, "given").await.0, ["token-2", "given"]);
}
