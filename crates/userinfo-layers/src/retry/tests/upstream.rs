use futures_util::future::join_all;
use tokio::time::timeout;

use super::*;
use crate::TimeoutLayer;

fn slow_down(_: usize) -> Result<User> {
    Err(error(ErrorKind::RateLimited))
}

fn in_a_second(_: usize) -> Result<User> {
    Err(error(ErrorKind::Unavailable).with_retry(Retry::After(Duration::from_secs(1))))
}

/// Lets `callers` ask at one instant; returns how many requests went out.
async fn requests_of(callers: usize, layer: &RetryLayer, acme: Acme) -> usize {
    let requests = Arc::clone(&acme.requests);
    let acme = acme.layer(layer);
    let lookup = Lookup::id("7");
    let answers = join_all((0..callers).map(|_| acme.user(&lookup))).await;
    for answer in answers {
        assert_eq!(answer.expect_err("an error").retry(), Retry::Never);
    }
    requests.lock().unwrap_or_else(PoisonError::into_inner).len()
}

#[tokio::test(start_paused = true)]
async fn an_upstream_that_is_down_sees_a_fifth_more_than_the_calls_however_slowly_it_fails() {
    for callers in [50, 100, 1_000] {
        for answer in [down as Answer, slow_down, in_a_second] {
            for takes in [0, 2_000] {
                let acme = Acme { takes: Duration::from_millis(takes), ..Acme::new(answer) };
                let sent = requests_of(callers, &RetryLayer::new(), acme).await;
                assert_eq!(sent, callers + callers / 5, "{callers} callers");
            }
        }
    }
    assert_eq!(requests_of(10_000, &RetryLayer::new(), Acme::new(down)).await, 12_000);
}

#[tokio::test(start_paused = true)]
async fn few_callers_have_ten_retries_between_them() {
    for (callers, expected) in [(1, 3), (5, 15), (6, 16), (49, 59)] {
        assert_eq!(requests_of(callers, &RetryLayer::new(), Acme::new(down)).await, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn providers_behind_one_layer_share_its_budget_and_another_layer_has_its_own() {
    let (layer, other) = (RetryLayer::new(), RetryLayer::new());
    let requests = Arc::default();
    let acme = |layer: &RetryLayer| Acme { requests: Arc::clone(&requests), ..Acme::new(down) }.layer(layer);
    let lookup = Lookup::id("7");
    let many: Vec<_> = [&layer, &layer.clone()].repeat(50).into_iter().map(acme).collect();
    join_all(many.iter().flat_map(|it| (0..10).map(|_| it.user(&lookup)))).await;
    let count = || requests.lock().unwrap_or_else(PoisonError::into_inner).len();
    assert_eq!(count(), 1_200);
    acme(&layer).user(&lookup).await.expect_err("down, and nothing is left");
    assert_eq!(count(), 1_201);
    acme(&other).user(&lookup).await.expect_err("down");
    assert_eq!(count(), 1_204);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_sends_nothing_more_and_holds_nothing() {
    let acme = Acme { takes: Duration::from_millis(100), ..Acme::new(down) };
    let requests = Arc::clone(&acme.requests);
    let count = || requests.lock().unwrap_or_else(PoisonError::into_inner).len();
    let layer = RetryLayer::new().random(Arc::new(Loaded(0.5)));
    let acme = acme.layer(&layer);
    // In the first attempt, in the pause behind it, in the second attempt.
    for (after, expected) in [(50, 1), (110, 1), (150, 2)] {
        let before = count();
        let limit = Duration::from_millis(after);
        assert!(timeout(limit, acme.user(&Lookup::id("7"))).await.is_err());
        sleep(CAP).await;
        assert_eq!(count() - before, expected);
    }
    drop(acme);
    assert_eq!((Arc::strong_count(&layer.budget), Arc::strong_count(&requests)), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn under_the_deadline_of_the_operation_a_call_ends_in_time() {
    let limit = Duration::from_secs(10);
    for takes in [0, 900, 3_000, 9_999, 60_000] {
        let acme = Acme { takes: Duration::from_millis(takes), ..Acme::new(slow_down) };
        let stack = RetryLayer::new().attempts(100).within(limit).wrap(Arc::new(acme));
        let stack = TimeoutLayer::operation(limit).wrap(stack);
        let begun = Instant::now();
        stack.user(&Lookup::id("7")).await.expect_err("down");
        assert!(begun.elapsed() <= limit + Duration::from_millis(1), "{:?}", begun.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_times_out_is_retried() {
    let acme = Acme { takes: Duration::from_secs(60), ..Acme::new(up) };
    let requests = Arc::clone(&acme.requests);
    let inner = acme.layer(&TimeoutLayer::attempt(Duration::from_secs(2)));
    let begun = Instant::now();
    let layer = RetryLayer::new().random(Arc::new(Loaded(0.0)));
    let error = layer.wrap(inner).user(&Lookup::id("7")).await.expect_err("too slow");
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Timeout, Retry::Never));
    assert_eq!(requests.lock().unwrap_or_else(PoisonError::into_inner).len(), 3);
    assert!(begun.elapsed() < Duration::from_millis(6_010), "{:?}", begun.elapsed());
}
