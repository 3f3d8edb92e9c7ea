use super::*;

const SECOND: Duration = Duration::from_secs(1);
const NOON: SystemTime = SystemTime::UNIX_EPOCH;

fn held(token: &str, lifetime: Duration, proven: bool) -> Arc<Held> {
    Arc::new(Held::new(Credential::new(token, NOON).lasting(lifetime), 300 * SECOND, 0.0, proven))
}

fn error(kind: ErrorKind) -> Error {
    Error::new(kind, "acme", "login", "so")
}

fn holding(held: Arc<Held>) -> State {
    let mut state = State::default();
    state.obtained(held);
    state
}

fn used(state: &State, now: SystemTime) -> (&'static str, String) {
    match state.next(now) {
        Ok(Next::Use(held)) => ("use", held.token().expose().to_owned()),
        Ok(Next::Renew(held)) => ("renew", held.token().expose().to_owned()),
        Ok(Next::Obtain) => ("obtain", String::new()),
        Err(error) => ("refuse", error.kind().as_str().to_owned()),
    }
}

#[test]
fn a_token_is_renewed_a_margin_before_its_end_and_never_used_beyond_it() {
    let state = holding(held("a", 3600 * SECOND, true));
    assert_eq!(used(&state, NOON + 3299 * SECOND).0, "use");
    assert_eq!(used(&state, NOON + 3300 * SECOND).0, "renew");
    assert_eq!(used(&state, NOON + 3599 * SECOND).0, "renew");
    assert_eq!(used(&state, NOON + 3600 * SECOND).0, "obtain");
    let endless = holding(held("a", Duration::ZERO, true));
    assert_eq!(used(&endless, NOON + 1_000_000 * SECOND).0, "use");
}

#[test]
fn the_margin_takes_no_more_than_a_part_of_a_short_life_and_luck_makes_it_longer() {
    let state = holding(held("a", 60 * SECOND, true));
    assert_eq!(used(&state, NOON + 44 * SECOND).0, "use");
    assert_eq!(used(&state, NOON + 45 * SECOND).0, "renew");
    let lucky = Held::new(Credential::new("a", NOON).lasting(3600 * SECOND), 300 * SECOND, 1.0, true);
    assert!(lucky.is_due(NOON + 3150 * SECOND) && !lucky.is_due(NOON + 3149 * SECOND));
}

#[test]
fn a_clock_that_jumps_ahead_costs_a_login_and_one_set_back_costs_none() {
    let state = holding(held("a", 3600 * SECOND, true));
    assert_eq!(used(&state, NOON + 1_000_000 * SECOND).0, "obtain");
    let later = NOON + 7200 * SECOND;
    let state = holding(Arc::new(Held::new(
        Credential::new("a", later).lasting(3600 * SECOND),
        300 * SECOND,
        0.0,
        true,
    )));
    assert_eq!(used(&state, NOON).0, "use");
}

#[test]
fn a_late_refusal_of_an_old_token_leaves_the_new_one_alone() {
    let (old, new) = (held("a", 3600 * SECOND, true), held("b", 3600 * SECOND, false));
    let mut state = holding(new);
    assert!(state.refused(&old, NOON + SECOND));
    assert_eq!(used(&state, NOON + SECOND), ("use", "b".to_owned()));
    assert_eq!(state.dead, None);
}

#[test]
fn a_token_that_is_refused_is_forgotten_unless_one_after_the_other_was_refused_from_the_first() {
    let now = NOON + 10 * SECOND;
    let proven = held("a", 3600 * SECOND, true);
    let mut state = holding(Arc::clone(&proven));
    assert!(state.refused(&proven, now));
    assert_eq!(used(&state, now).0, "obtain");
    assert_eq!(state.dead.as_ref().map(Secret::expose), Some("a"));

    let never_accepted = held("a", 3600 * SECOND, false);
    assert!(holding(Arc::clone(&never_accepted)).refused(&never_accepted, now));
    let mut state = holding(Arc::clone(&never_accepted));
    state.mistrust(NOON);
    assert!(!state.refused(&never_accepted, NOON + 59 * SECOND));
    assert_eq!(used(&state, now).0, "use");
    assert!(state.refused(&never_accepted, NOON + 60 * SECOND));
    let mut state = holding(Arc::clone(&never_accepted));
    state.mistrust(NOON - 50 * SECOND);
    assert!(state.refused(&never_accepted, now), "a minute has passed");
    let mut state = holding(Arc::clone(&never_accepted));
    state.mistrust(now);
    state.pardon(now);
    assert!(state.refused(&never_accepted, now));

    let anothers = Arc::new(Held::new(Credential::new("a", NOON), SECOND, 0.0, false).of_another());
    let mut state = holding(Arc::clone(&anothers));
    assert!(!state.refused(&anothers, NOON + 59 * SECOND));
    assert!(state.refused(&anothers, NOON + 60 * SECOND));

    let of_the_future = held("a", 3600 * SECOND, false);
    assert!(holding(Arc::clone(&of_the_future)).refused(&of_the_future, NOON - SECOND));

    let accepted = held("a", 3600 * SECOND, false);
    accepted.prove();
    assert!(holding(Arc::clone(&accepted)).refused(&accepted, now));
}

#[test]
fn a_failed_login_is_not_tried_again_for_a_while_that_doubles() {
    let mut state = State::default();
    let (mut now, mut pauses) = (NOON, Vec::new());
    for _ in 0..11 {
        state.failed(error(ErrorKind::Unavailable), now, 0.0);
        let pause =
            (0..=400).map(|it| it * SECOND).find(|it| used(&state, now + *it).0 == "obtain").expect("an end");
        pauses.push(pause.as_secs());
        now += pause;
    }
    assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
    let refusal = |state: &State, after| state.next(now + after).expect_err("too early");
    state.failed(error(ErrorKind::Unavailable), now, 0.0);
    assert_eq!(refusal(&state, 100 * SECOND).retry(), Retry::After(200 * SECOND));
    state.failed(error(ErrorKind::Unavailable), now, 1.0);
    assert_eq!(refusal(&state, 100 * SECOND).retry(), Retry::After(50 * SECOND));
    state.pardon(now);
    assert_eq!(used(&state, now).0, "obtain");
}

#[test]
fn a_vendor_that_says_when_is_believed_and_a_refusal_waits_longer() {
    let mut state = State::default();
    state.failed(error(ErrorKind::RateLimited).with_retry(Retry::After(90 * SECOND)), NOON, 0.0);
    assert_eq!(
        (used(&state, NOON + 89 * SECOND).0, used(&state, NOON + 90 * SECOND).0),
        ("refuse", "obtain")
    );
    let mut state = State::default();
    state.failed(error(ErrorKind::Unauthenticated), NOON, 0.0);
    let told = state.next(NOON + 29 * SECOND).expect_err("too early");
    assert_eq!((told.kind(), told.retry()), (ErrorKind::Unauthenticated, Retry::Never));
    assert_eq!(used(&state, NOON + 30 * SECOND).0, "obtain");
}

#[test]
fn a_lock_out_is_final_until_the_process_is_told_otherwise() {
    let mut state = State::default();
    state.failed(error(ErrorKind::LockedOut), NOON, 0.0);
    assert_eq!(used(&state, NOON + 10_000_000 * SECOND), ("refuse", "locked_out".to_owned()));
    state.pardon(NOON);
    assert_eq!(used(&state, NOON).0, "obtain");
}

#[test]
fn a_lock_out_stays_final_whatever_fails_after_it() {
    let mut state = State::default();
    state.failed(error(ErrorKind::LockedOut), NOON, 0.0);
    state.failed(error(ErrorKind::Timeout), NOON, 0.0);
    assert_eq!(used(&state, NOON + 10_000_000 * SECOND), ("refuse", "locked_out".to_owned()));
}

#[test]
fn a_clock_that_is_set_back_makes_no_pause_longer() {
    let mut state = State::default();
    state.failed(error(ErrorKind::Unavailable), NOON + 1_000_000 * SECOND, 0.0);
    assert_eq!(used(&state, NOON).0, "obtain");
}

#[test]
fn a_token_that_is_still_good_is_used_while_logins_fail_and_a_login_that_works_ends_the_pause() {
    let mut state = holding(held("a", 3600 * SECOND, true));
    let due = NOON + 3400 * SECOND;
    state.failed(error(ErrorKind::LockedOut), due, 0.0);
    assert_eq!(used(&state, due), ("use", "a".to_owned()));
    state.obtained(held("b", 3600 * SECOND, false));
    assert_eq!(used(&state, due), ("renew", "b".to_owned()));
}

#[test]
fn what_another_process_was_told_is_heeded_to_its_end_or_until_a_person_pardons_it() {
    let refusal = |since| Refusal::new(ErrorKind::LockedOut, "so", since, since + 1200 * SECOND);
    let told = refusal(NOON);
    let mut state = State::default();
    let left = state.must_heed(&told, NOON + 200 * SECOND);
    assert_eq!(left, Some(1000 * SECOND));
    state.heed(error(ErrorKind::LockedOut), NOON + 200 * SECOND, left.expect("some"));
    assert_eq!(used(&state, NOON + 1199 * SECOND), ("refuse", "locked_out".to_owned()));
    assert_eq!(used(&state, NOON + 1200 * SECOND).0, "obtain");
    assert_eq!(state.must_heed(&told, NOON + 1200 * SECOND), None);
    state.pardon(NOON + 300 * SECOND);
    assert_eq!(used(&state, NOON + 300 * SECOND).0, "obtain");
    assert_eq!(state.must_heed(&told, NOON + 300 * SECOND), None);
    // What is told after that is news.
    assert!(state.must_heed(&refusal(NOON + 301 * SECOND), NOON + 301 * SECOND).is_some());
}

#[test]
fn what_another_process_was_told_makes_no_pause_of_this_one_longer() {
    let mut state = State::default();
    state.heed(error(ErrorKind::RateLimited), NOON, SECOND);
    state.failed(error(ErrorKind::Unavailable), NOON, 0.0);
    assert_eq!(used(&state, NOON + SECOND).0, "obtain");
}

#[test]
fn what_another_process_was_told_of_a_key_is_heeded_unless_a_login_of_this_one_failed_since() {
    let refusal = |since: SystemTime| {
        let until = since + 300 * SECOND;
        let refusal = Refusal::new(ErrorKind::Unauthenticated, "so", since, until);
        Refusal { fingerprint: Some("f".to_owned()), ..refusal }
    };
    let now = NOON + 100 * SECOND;
    let mut state = State::default();
    state.heed(error(ErrorKind::Unauthenticated), now, 200 * SECOND);
    assert_eq!(state.must_heed(&refusal(NOON), now), Some(200 * SECOND));
    state.failed(error(ErrorKind::Unauthenticated), NOON + 50 * SECOND, 0.0);
    assert_eq!(state.must_heed(&refusal(NOON), now), None);
    assert_eq!(state.must_heed(&refusal(NOON + 50 * SECOND), now), None);
    assert_eq!(state.must_heed(&refusal(NOON + 51 * SECOND), now), Some(251 * SECOND));
    // To heed something is no failure of one's own.
    state.heed(error(ErrorKind::Unauthenticated), now, SECOND);
    assert_eq!(state.must_heed(&refusal(NOON + 51 * SECOND), now), Some(251 * SECOND));
}

#[test]
fn what_another_process_was_told_ends_no_lock_out_of_this_one() {
    let mut state = State::default();
    state.failed(error(ErrorKind::LockedOut), NOON, 0.0);
    state.heed(error(ErrorKind::RateLimited), NOON, SECOND);
    assert_eq!(used(&state, NOON + 10_000_000 * SECOND), ("refuse", "locked_out".to_owned()));
}

#[test]
fn a_token_of_another_process_is_taken_if_it_is_good_for_a_while_or_there_is_nothing_else() {
    let now = NOON + 3400 * SECOND;
    let soon_over = held("a", 3600 * SECOND, true);
    let mut state = State::default();
    state.failed(error(ErrorKind::LockedOut), now, 0.0);
    assert!(state.found(&soon_over, now));
    assert_eq!(used(&state, now), ("use", "a".to_owned()));
    assert!(!state.found(&held("b", 3600 * SECOND, true), now));
    assert_eq!(used(&state, now + 200 * SECOND).0, "refuse");
    assert!(state.found(&held("c", 7200 * SECOND, true), now));
    assert_eq!(used(&state, now + 200 * SECOND), ("use", "c".to_owned()));
}
