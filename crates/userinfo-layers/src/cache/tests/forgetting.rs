use super::*;

#[tokio::test(start_paused = true)]
async fn a_purge_takes_every_answer_about_one_user() {
    let layer = layer().negative_ttl(5 * SECOND);
    let (acme, other) = (Upstream::new("acme"), Upstream::new("other"));
    let providers = [wrap(&layer, &acme), wrap(&layer.clone(), &other)];
    let about_1 = [Lookup::id("1"), Lookup::token("t-1"), Lookup::id("1").with_token("t-1")];
    for provider in &providers {
        for lookup in about_1.iter().chain([&Lookup::id("2")]) {
            assert!(provider.user(lookup).await.is_ok());
        }
    }
    acme.is(State::Fails(ErrorKind::NotFound));
    assert!(providers[0].user(&Lookup::id("1").with_token("t-2")).await.is_err());

    assert_eq!((layer.purge("1"), layer.purge("1")), (7, 0));
    acme.is(State::Answers);
    let before = acme.asked();
    for lookup in &about_1 {
        assert!(providers[0].user(lookup).await.is_ok());
    }
    assert!(providers[0].user(&Lookup::id("1").with_token("t-2")).await.is_ok());
    assert!(providers[0].user(&Lookup::id("2")).await.is_ok());
    assert_eq!(acme.asked(), before + 4);
    assert_eq!((layer.clear(), layer.clear()), (6, 0));
}

#[tokio::test(start_paused = true)]
async fn a_call_under_way_does_not_put_back_what_is_purged() {
    let one: fn(&CacheLayer) -> usize = |layer| layer.purge("1");
    let other: fn(&CacheLayer) -> usize = |layer| layer.purge("2");
    let all: fn(&CacheLayer) -> usize = CacheLayer::clear;
    let none = State::Fails(ErrorKind::NotFound);
    for (case, (lookup, state, forget, kept)) in [
        (Lookup::id("1"), State::Answers, one, false),
        (Lookup::id("1"), none, one, false),
        (Lookup::token("t-1"), State::Answers, one, false),
        // That a token is nobody's says nothing about the user with this id.
        (Lookup::token("t-1"), none, one, true),
        (Lookup::id("1"), State::Answers, other, true),
        (Lookup::id("1"), none, other, true),
        (Lookup::id("1"), State::Answers, all, false),
        (Lookup::token("t-1"), none, all, false),
    ]
    .into_iter()
    .enumerate()
    {
        let upstream = Upstream::new("acme");
        let layer = layer().negative_ttl(5 * SECOND);
        let provider = wrap(&layer, &upstream);
        upstream.is(state);
        upstream.takes(2 * SECOND);
        let call = tokio::spawn({
            let (provider, lookup) = (Arc::clone(&provider), lookup.clone());
            async move { told(&provider.user(&lookup).await) }
        });
        pass(SECOND).await;
        assert_eq!(forget(&layer), 0);
        let first = call.await.expect("no panic");
        assert!(["1 acme-1", "not_found"].contains(&first.as_str()), "{first}");
        let _ = provider.user(&lookup).await;
        assert_eq!(upstream.asked() == 1, kept, "case {case}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refresh_under_way_does_not_put_back_what_is_purged() {
    let upstream = Upstream::new("acme");
    let layer = layer().stale_while_revalidate(20 * SECOND);
    let provider = wrap(&layer, &upstream);
    assert!(provider.user(&Lookup::id("1")).await.is_ok());
    pass(12 * SECOND).await;
    upstream.takes(2 * SECOND);
    assert!(provider.user(&Lookup::id("1")).await.is_ok());
    settle().await;
    assert_eq!(layer.purge("1"), 1);
    pass(2 * SECOND).await;
    assert_eq!(upstream.asked(), 2);
    assert_eq!(told(&provider.user(&Lookup::id("1")).await), "1 acme-3");
}

#[tokio::test(start_paused = true)]
async fn an_old_answer_stands_in_for_silence_only_and_an_error_that_is_news_ends_it() {
    use ErrorKind::{
        IdMismatch, NotFound, PermissionDenied, RateLimited, Rejected, Timeout, Transport, Unauthenticated,
        Unavailable,
    };

    for kind in ErrorKind::ALL {
        let upstream = Upstream::new("acme");
        let provider = wrap(&layer().stale_if_error(20 * SECOND), &upstream);
        let ask = async || told(&provider.user(&Lookup::id("1")).await);
        ask().await;
        pass(12 * SECOND).await;
        upstream.is(State::Fails(kind));
        let told = ask().await;
        upstream.is(State::Fails(Unavailable));
        let later = ask().await;
        if matches!(kind, RateLimited | Unavailable | Timeout | Transport) {
            assert_eq!(
                (told.as_str(), later.as_str()),
                ("1 acme-1 of 12s ago", "1 acme-1 of 12s ago"),
                "{kind}"
            );
        } else {
            let is_news =
                matches!(kind, NotFound | Unauthenticated | PermissionDenied | Rejected | IdMismatch);
            let then = if is_news { "unavailable" } else { "1 acme-1 of 12s ago" };
            assert_eq!((told.as_str(), later.as_str()), (kind.as_str(), then));
        }
        assert_eq!(upstream.asked(), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn no_such_user_takes_the_place_of_the_user() {
    let upstream = Upstream::new("acme");
    let provider = wrap(&layer().stale_if_error(20 * SECOND).negative_ttl(5 * SECOND), &upstream);
    let ask = async || told(&provider.user(&Lookup::id("1")).await);
    ask().await;
    pass(10 * SECOND).await;
    upstream.is(State::Fails(ErrorKind::NotFound));
    assert_eq!(
        (ask().await, ask().await, upstream.asked()),
        ("not_found".to_owned(), "not_found".to_owned(), 2)
    );
    upstream.is(State::Fails(ErrorKind::Timeout));
    pass(5 * SECOND).await;
    assert_eq!(ask().await, "timeout");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_grows_too_old_while_the_upstream_is_asked_is_not_used() {
    for (takes, expected) in [(7, "1 acme-1 of 19s ago"), (8, "timeout")] {
        let upstream = Upstream::new("acme");
        let provider = wrap(&layer().stale_if_error(100 * SECOND).hard_ttl(20 * SECOND), &upstream);
        assert!(provider.user(&Lookup::id("1")).await.is_ok());
        pass(12 * SECOND).await;
        upstream.is(State::Fails(ErrorKind::Timeout));
        upstream.takes(takes * SECOND);
        assert_eq!(told(&provider.user(&Lookup::id("1")).await), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_purged_while_the_upstream_is_asked_is_not_used() {
    let upstream = Upstream::new("acme");
    let layer = layer().stale_if_error(100 * SECOND);
    let provider = wrap(&layer, &upstream);
    assert!(provider.user(&Lookup::id("1")).await.is_ok());
    pass(12 * SECOND).await;
    upstream.is(State::Fails(ErrorKind::Timeout));
    upstream.takes(2 * SECOND);
    let call = tokio::spawn(async move { told(&provider.user(&Lookup::id("1")).await) });
    pass(SECOND).await;
    assert_eq!(layer.purge("1"), 1);
    assert_eq!(call.await.expect("no panic"), "timeout");
}
