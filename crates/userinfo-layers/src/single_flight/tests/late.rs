//! Deadlines: everyone has a time of its own.

use super::*;

const DEADLINE: u64 = 10;

fn setup(upstream: &Upstream) -> (SingleFlightLayer, Arc<dyn UserInfoProvider>) {
    let layer = SingleFlightLayer::new().deadline(Duration::from_secs(DEADLINE));
    let provider = over(&layer, upstream);
    (layer, provider)
}

async fn seconds(count: u64) {
    sleep(Duration::from_secs(count)).await;
}

#[tokio::test(start_paused = true)]
async fn everyone_waits_for_the_deadline_from_its_own_start() {
    let upstream = Upstream::default();
    let (layer, provider) = setup(&upstream);
    let [mut leader, mut late] = callers(&provider);
    assert!(leader.waits());
    seconds(4).await;
    assert!(late.waits() && leader.waits());
    seconds(6).await;
    assert!(leader.is_woken() && late.waits());
    let error = leader.ends().expect_err("too late");
    assert_eq!(error.to_string(), "acme: user: no answer within the deadline of 10s");
    assert_eq!(error.kind(), ErrorKind::Timeout);
    drop(leader);
    assert_eq!(upstream.running(), 1, "it belongs to the other now");
    seconds(4).await;
    assert!(late.is_woken());
    assert_eq!(late.ends().expect_err("too late").kind(), ErrorKind::Timeout);
    assert_eq!((upstream.made(), upstream.running(), layer.len()), (1, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn who_joined_late_is_not_failed_by_the_deadline_of_the_request() {
    let upstream = Upstream::with_deadline(DEADLINE);
    let (layer, provider) = setup(&upstream);
    let [mut leader, mut late, mut third] = callers(&provider);
    assert!(leader.waits());
    seconds(4).await;
    assert!(late.waits());
    seconds(1).await;
    assert!(third.waits());
    seconds(5).await;
    assert!(late.waits() && third.waits());
    assert_eq!(leader.ends().expect_err("too late").kind(), ErrorKind::Timeout);
    assert_eq!((upstream.made(), upstream.running(), layer.len()), (2, 1, 1));
    seconds(2).await;
    upstream.answer(1);
    late.ends().expect("a user");
    third.ends().expect("a user");
    assert_eq!((upstream.made(), layer.len()), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn another_request_gets_no_more_than_what_is_left() {
    let upstream = Upstream::with_deadline(DEADLINE);
    let (layer, provider) = setup(&upstream);
    let [mut leader, mut late] = callers(&provider);
    assert!(leader.waits());
    seconds(4).await;
    assert!(late.waits());
    drop(leader);
    seconds(6).await;
    assert!(late.waits());
    assert_eq!((upstream.made(), upstream.running()), (2, 1));
    seconds(4).await;
    assert!(late.is_woken());
    let error = late.ends().expect_err("14 seconds are over");
    assert_eq!(error.message(), "no answer within the deadline of 10s");
    assert_eq!((upstream.made(), upstream.running(), layer.len()), (2, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_timeout_before_the_deadline_is_an_answer_for_all() {
    let upstream = Upstream::with_deadline(DEADLINE - 1);
    let (layer, provider) = setup(&upstream);
    let [mut leader, mut late] = callers(&provider);
    assert!(leader.waits());
    seconds(4).await;
    assert!(late.waits());
    seconds(5).await;
    for mut caller in [leader, late] {
        assert_eq!(caller.ends().expect_err("too slow").message(), "the request took too long");
    }
    assert_eq!((upstream.made(), layer.len()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn another_request_has_an_age_of_its_own() {
    let upstream = Upstream::with_deadline(DEADLINE);
    let (layer, provider) = setup(&upstream);
    let [mut leader, mut late, mut third] = callers(&provider);
    assert!(leader.waits());
    seconds(4).await;
    assert!(late.waits());
    seconds(6).await;
    assert!(late.waits());
    seconds(1).await;
    assert!(third.waits());
    seconds(4).await;
    upstream.tell(1, Script::Answer(Err(support::timed_out())));
    assert_eq!(third.ends().expect_err("too slow").message(), "the request took too long");
    assert_eq!((upstream.made(), layer.len()), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn an_error_at_the_deadline_that_is_no_timeout_is_an_answer_for_all() {
    let upstream = Upstream::default();
    let (layer, provider) = setup(&upstream);
    let [mut leader, mut late] = callers(&provider);
    assert!(leader.waits());
    seconds(4).await;
    assert!(late.waits());
    seconds(6).await;
    upstream.tell(0, Script::Answer(Err(Error::new(ErrorKind::Unavailable, "acme", "user", "down"))));
    assert_eq!(late.ends().expect_err("down").kind(), ErrorKind::Unavailable);
    assert_eq!(leader.ends().expect_err("down").kind(), ErrorKind::Unavailable);
    assert_eq!((upstream.made(), layer.len()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn who_has_no_time_left_asks_no_more() {
    let upstream = Upstream::default();
    let (layer, provider) = setup(&upstream);
    let [mut leader, mut follower] = callers(&provider);
    assert!(leader.waits() && follower.waits());
    seconds(DEADLINE).await;
    upstream.tell(0, Script::Answer(Err(support::timed_out())));
    assert_eq!(leader.ends().expect_err("too slow").message(), "the request took too long");
    assert_eq!(follower.ends().expect_err("too slow").message(), "the request took too long");
    let [mut leader, mut follower] = callers(&provider);
    assert!(leader.waits() && follower.waits());
    seconds(DEADLINE).await;
    upstream.tell(1, Script::Panic);
    assert!(leader.panics());
    assert_eq!(follower.ends().expect_err("no time").message(), "no answer within the deadline of 10s");
    assert_eq!((upstream.made(), layer.len()), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn without_a_deadline_a_timeout_is_an_answer_for_all() {
    let (_, upstream, provider) = super::setup();
    let [mut leader, mut late] = callers(&provider);
    assert!(leader.waits() && late.waits());
    seconds(1_000_000).await;
    upstream.tell(0, Script::Answer(Err(support::timed_out())));
    assert!(leader.ends().is_err() && late.ends().is_err());
    assert_eq!(upstream.made(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_beyond_all_clocks_never_comes() {
    let upstream = Upstream::default();
    let layer = SingleFlightLayer::new().deadline(Duration::MAX);
    let [mut caller] = callers(&over(&layer, &upstream));
    assert!(caller.waits());
    upstream.answer(0);
    caller.ends().expect("a user");
}
