//! The last minutes of a token: it is replaced, and nobody waits long for that.

use tokio::time::{Instant, sleep, timeout};

use super::{super::login::PATIENCE, *};

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

#[tokio::test(start_paused = true)]
async fn a_renewal_that_hangs_costs_one_caller_a_bounded_time_and_goes_on() {
    let office = Office::new();
    let tokens = office.tokens();
    assert_eq!(got(&tokens).await, "token-1");
    office.clock.forward(3300 * SECOND);
    office.open.forget_permits(1000);
    let begin = Instant::now();
    assert_eq!((got(&tokens).await.as_str(), begin.elapsed()), ("token-1", PATIENCE));
    assert_eq!((got(&tokens).await.as_str(), begin.elapsed()), ("token-1", PATIENCE));
    assert_eq!(office.logins(), 2);
    office.open.add_permits(1);
    sleep(SECOND).await;
    assert_eq!((got(&tokens).await.as_str(), office.logins()), ("token-2", 2));
}

#[tokio::test(start_paused = true)]
async fn a_caller_whose_deadline_is_over_does_not_end_a_renewal() {
    let office = Office::new();
    let tokens = office.tokens();
    assert_eq!(got(&tokens).await, "token-1");
    office.clock.forward(3300 * SECOND);
    office.open.forget_permits(1000);
    assert!(timeout(SECOND, tokens.get()).await.is_err());
    office.open.add_permits(1);
    sleep(SECOND).await;
    assert_eq!((got(&tokens).await.as_str(), office.logins()), ("token-2", 2));
}

#[tokio::test(start_paused = true)]
async fn a_process_that_begins_in_the_last_minutes_waits_no_longer() {
    let office = Office::new();
    let store: Arc<dyn CredentialStore> = Arc::new(MemoryCredentials::new());
    assert_eq!(got(&office.tokens().with_store(Arc::clone(&store))).await, "token-1");
    office.clock.forward(3300 * SECOND);
    office.open.forget_permits(1000);
    let restarted = office.tokens().with_store(store);
    let begin = Instant::now();
    assert_eq!((got(&restarted).await.as_str(), begin.elapsed()), ("token-1", PATIENCE));
    assert_eq!((got(&restarted).await.as_str(), begin.elapsed()), ("token-1", PATIENCE));
    assert_eq!(office.logins(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_hangs_for_ever_is_given_up_before_anyone_is_stuck_with_it() {
    let office = Office::new();
    let tokens = office.tokens();
    assert_eq!(got(&tokens).await, "token-1");
    office.clock.forward(3300 * SECOND);
    let open = office.open.forget_permits(1000);
    assert_eq!(got(&tokens).await, "token-1");
    office.clock.forward(300 * SECOND);
    assert!(timeout(SECOND, tokens.get()).await.is_err());
    sleep(MARGIN).await;
    let error = timeout(SECOND, tokens.get()).await.expect("nobody hangs").expect_err("given up");
    assert_eq!(error.kind(), ErrorKind::Timeout);
    office.open.add_permits(open);
    office.clock.forward(SECOND);
    assert_eq!((got(&tokens).await.as_str(), office.logins()), ("token-3", 3));
}

#[tokio::test(start_paused = true)]
async fn who_has_no_token_waits_for_the_renewal_that_is_under_way() {
    let office = Office::new();
    let tokens = office.tokens();
    assert_eq!(got(&tokens).await, "token-1");
    office.clock.forward(3300 * SECOND);
    office.open.forget_permits(1000);
    assert_eq!(got(&tokens).await, "token-1");
    office.clock.forward(300 * SECOND);
    let opens = async {
        sleep(10 * SECOND).await;
        office.open.add_permits(1);
    };
    assert_eq!(tokio::join!(got(&tokens), opens).0, "token-2");
    assert_eq!(office.logins(), 2);
}

#[test]
fn without_a_runtime_the_caller_makes_the_renewal() {
    let office = Office::new();
    let tokens = office.tokens();
    let got = || tokens.get().now_or_never().map(|it| it.expect("a token").token().expose().to_owned());
    assert_eq!(got().as_deref(), Some("token-1"));
    office.clock.forward(3300 * SECOND);
    assert_eq!(got().as_deref(), Some("token-2"));
    office.clock.forward(3300 * SECOND);
    office.open.forget_permits(1000);
    assert_eq!(got(), None);
    assert_eq!((got().as_deref(), office.logins()), (Some("token-2"), 3));
}
