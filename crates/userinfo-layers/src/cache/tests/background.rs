use futures_util::{FutureExt, future::join_all};

use super::*;

fn layer() -> CacheLayer {
    super::layer().stale_while_revalidate(20 * SECOND)
}

#[tokio::test(start_paused = true)]
async fn many_callers_of_a_stale_answer_cause_one_refresh() {
    let upstream = Upstream::new("acme");
    let provider = wrap(&layer(), &upstream);
    let lookup = Lookup::id("1");
    assert!(provider.user(&lookup).await.is_ok());
    pass(12 * SECOND).await;
    upstream.takes(3 * SECOND);
    for _ in 0..2 {
        let all = join_all((0..50).map(|_| provider.user(&lookup))).await;
        assert!(all.iter().all(|it| told(it) == "1 acme-1 of 12s ago"));
        settle().await;
    }
    assert_eq!(upstream.asked(), 2);
    pass(3 * SECOND).await;
    assert_eq!(told(&provider.user(&lookup).await), "1 acme-2");
}

#[tokio::test(start_paused = true)]
async fn a_refresh_outlives_the_call_that_caused_it() {
    let upstream = Upstream::new("acme");
    let provider = wrap(&layer(), &upstream);
    let lookup = Lookup::id("1");
    assert!(provider.user(&lookup).await.is_ok());
    pass(12 * SECOND).await;
    let stale = provider.user(&lookup).now_or_never().expect("a stale answer waits for nobody");
    assert_eq!(told(&stale), "1 acme-1 of 12s ago");
    settle().await;
    assert_eq!(told(&provider.user(&lookup).await), "1 acme-2");
}

#[tokio::test(start_paused = true)]
async fn a_refresh_that_fails_or_panics_makes_room_for_the_next() {
    for state in [State::Fails(ErrorKind::Timeout), State::Fails(ErrorKind::RateLimited), State::Panics] {
        let upstream = Upstream::new("acme");
        let provider = wrap(&layer(), &upstream);
        assert!(provider.user(&Lookup::id("1")).await.is_ok());
        pass(12 * SECOND).await;
        upstream.is(state);
        for asked in [2, 3] {
            assert_eq!(told(&provider.user(&Lookup::id("1")).await), "1 acme-1 of 12s ago", "{state:?}");
            settle().await;
            assert_eq!(upstream.asked(), asked, "{state:?}");
        }
        upstream.is(State::Answers);
        assert!(provider.user(&Lookup::id("1")).await.is_ok());
        settle().await;
        assert_eq!(told(&provider.user(&Lookup::id("1")).await), "1 acme-4", "{state:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refresh_that_says_no_forgets_the_answer() {
    let upstream = Upstream::new("acme");
    let provider = wrap(&layer(), &upstream);
    assert!(provider.user(&Lookup::id("1")).await.is_ok());
    pass(12 * SECOND).await;
    upstream.is(State::Fails(ErrorKind::Unauthenticated));
    assert!(provider.user(&Lookup::id("1")).await.is_ok());
    settle().await;
    assert_eq!(told(&provider.user(&Lookup::id("1")).await), "unauthenticated");
}

#[tokio::test(start_paused = true)]
async fn refreshes_end_with_the_last_of_the_layer_and_what_it_wrapped() {
    let upstream = Upstream::new("acme");
    let layer = layer();
    let (one, other) = (wrap(&layer, &upstream), wrap(&layer, &upstream));
    assert!(one.user(&Lookup::id("1")).await.is_ok());
    pass(12 * SECOND).await;
    upstream.is(State::Hangs);
    assert!(one.user(&Lookup::id("1")).await.is_ok());
    let calls = || Arc::strong_count(&upstream.alive) - 1;
    settle().await;
    drop(one);
    drop(layer);
    settle().await;
    assert_eq!(calls(), 1);
    drop(other);
    settle().await;
    assert_eq!(calls(), 0);
}

#[test]
fn without_a_runtime_a_stale_answer_is_an_answer_still() {
    let upstream = Upstream::new("acme");
    let layer = CacheLayer::new().ttl(Duration::ZERO).stale_while_revalidate(1000 * SECOND);
    let provider = wrap(&layer, &upstream);
    let lookup = Lookup::id("1");
    let ask = || provider.user(&lookup).now_or_never().expect("no waiting");
    assert_eq!(told(&ask()), "1 acme-1");
    for _ in 0..2 {
        assert!(told(&ask()).starts_with("1 acme-1 of "));
    }
    assert_eq!(upstream.asked(), 1);
}
