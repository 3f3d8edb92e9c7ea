use super::*;

/// The longest that dice below one can fall.
const ALMOST_ONE: f64 = 1.0 - f64::EPSILON;

fn slow_down(_: usize) -> Result<User> {
    Err(error(ErrorKind::RateLimited).with_http_status(429))
}

/// Says with a 429 when to come back.
fn come_back_in_7_s(number: usize) -> Result<User> {
    slow_down(number).map_err(|it| it.with_retry(Retry::After(Duration::from_secs(7))))
}

fn loaded(unit: f64) -> RetryLayer {
    RetryLayer::new().random(Arc::new(Loaded(unit)))
}

/// Asks a provider that always answers so; returns the pauses between the requests, in milliseconds.
async fn pauses(layer: RetryLayer, answer: Answer) -> Vec<u128> {
    let (_, requests) = call(&layer, Acme::new(answer)).await;
    requests.windows(2).map(|it| it[1].saturating_sub(it[0]).as_millis()).collect()
}

#[tokio::test(start_paused = true)]
async fn pauses_double_from_50_ms_on_and_from_one_second_on_when_rate_limited() {
    assert_eq!(pauses(loaded(0.0), down).await, [0, 0]);
    assert_eq!(pauses(loaded(0.5), down).await, [25, 50]);
    assert_eq!(pauses(loaded(ALMOST_ONE), down).await, [50, 100]);
    assert_eq!(pauses(loaded(0.0), slow_down).await, [0, 0]);
    assert_eq!(pauses(loaded(0.5), slow_down).await, [500, 1_000]);
    assert_eq!(pauses(loaded(ALMOST_ONE), slow_down).await, [1_000, 2_000]);
    for kind_of_trouble in
        [(|_| Err(error(ErrorKind::Timeout))) as Answer, |_| Err(error(ErrorKind::Transport))]
    {
        assert_eq!(pauses(loaded(0.5), kind_of_trouble).await, [25, 50]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_pause_of_our_own_is_never_longer_than_20_s() {
    let pauses = pauses(loaded(ALMOST_ONE).attempts(40), slow_down).await;
    assert_eq!(pauses[..7], [1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000]);
    assert!(pauses.len() == 39 && pauses[7..].iter().all(|it| *it == 20_000), "{pauses:?}");
}

#[tokio::test(start_paused = true)]
async fn pauses_of_the_machines_own_dice_are_within_bounds_and_differ() {
    let mut seen = Vec::new();
    for _ in 0..50 {
        let pauses = pauses(RetryLayer::new(), slow_down).await;
        assert!(pauses[0] <= 1_001 && pauses[1] <= 2_001, "{pauses:?}");
        seen.push(pauses);
    }
    seen.dedup();
    assert!(seen.len() > 1, "fifty pairs of rolls were the same");
}

#[tokio::test(start_paused = true)]
async fn the_vendor_says_how_long_to_wait_and_a_small_roll_comes_on_top() {
    assert_eq!(pauses(loaded(0.0), come_back_in_7_s).await, [7_000, 7_000]);
    assert_eq!(pauses(loaded(ALMOST_ONE), come_back_in_7_s).await, [7_050, 7_100]);
    let an_hour: Answer = |_| Err(error(ErrorKind::Unavailable).with_retry(Retry::After(CAP * 180)));
    let patient = loaded(0.0).within(CAP * 1_000);
    assert_eq!(pauses(patient, an_hour).await, [3_600_000, 3_600_000]);
    let (answer, requests) = call(&loaded(0.0), Acme::new(an_hour)).await;
    let error = answer.expect_err("nobody waits for an hour without a deadline");
    assert_eq!((requests.len(), error.retry()), (1, Retry::After(CAP * 180)));
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_ends_at_the_deadline_or_later_is_not_begun_and_nothing_is_used_up() {
    let whole = Retry::After(Duration::from_secs(7));
    for (within, expected, retry) in
        [(7_000, 1, whole), (7_001, 2, whole), (14_000, 2, whole), (14_001, 3, Retry::Never), (0, 1, whole)]
    {
        let layer = loaded(0.0).within(Duration::from_millis(within));
        let begun = Instant::now();
        let (answer, requests) = call(&layer, Acme::new(come_back_in_7_s)).await;
        assert_eq!((requests.len(), answer.expect_err("an error").retry()), (expected, retry), "{within}");
        assert_eq!(begun.elapsed(), requests[requests.len() - 1], "it waits for nothing: {within}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_time_of_the_attempts_counts_towards_the_deadline() {
    for (within, expected) in [(200, 1), (225, 1), (226, 2), (475, 2), (476, 3)] {
        let acme = Acme { takes: Duration::from_millis(200), ..Acme::new(down) };
        let (_, requests) = call(&loaded(0.5).within(Duration::from_millis(within)), acme).await;
        assert_eq!(requests.len(), expected, "{within}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_retry_that_the_deadline_forbids_takes_nothing_from_the_budget() {
    let layer = loaded(0.0).within(Duration::from_secs(5)).budget(Budget::new().percent(0).per_second(1));
    for _ in 0..3 {
        let (answer, _) = call(&layer, Acme::new(come_back_in_7_s)).await;
        assert_ne!(answer.expect_err("an error").retry(), Retry::Never);
    }
    let (_, requests) = call(&layer, Acme::new(down)).await;
    assert_eq!(requests.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_longest_times_do_no_harm() {
    let never: Answer = |_| Err(error(ErrorKind::RateLimited).with_retry(Retry::After(Duration::MAX)));
    let (answer, requests) = call(&loaded(0.5).within(Duration::MAX), Acme::new(never)).await;
    assert_eq!(answer.expect_err("an error").retry(), Retry::After(Duration::MAX));
    assert_eq!(requests.len(), 1);
}
