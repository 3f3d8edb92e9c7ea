mod background;
mod forgetting;
mod model;
mod upstream;
mod watching;

use std::{sync::Arc, time::Duration};

use userinfo_core::{ErrorKind, Freshness, Layer, Lookup, LookupKind, Result, User, UserInfoProvider};

use self::upstream::{State, Upstream};
use super::{CacheLayer, Entry, Store};
use crate::{Key, Random};

const SECOND: Duration = Duration::from_secs(1);

/// Falls as it was told to.
#[derive(Debug)]
struct Loaded(f64);

impl Random for Loaded {
    fn unit(&self) -> f64 {
        self.0
    }
}

/// Keeps answers for exactly ten seconds.
fn layer() -> CacheLayer {
    CacheLayer::new().ttl(10 * SECOND).random(Arc::new(Loaded(0.0)))
}

fn wrap(layer: &CacheLayer, upstream: &Arc<Upstream>) -> Arc<dyn UserInfoProvider> {
    layer.wrap(Arc::clone(upstream) as Arc<dyn UserInfoProvider>)
}

/// Lets other tasks go as far as they can without time passing.
async fn settle() {
    for _ in 0..8 {
        tokio::task::yield_now().await;
    }
}

async fn pass(time: Duration) {
    tokio::time::advance(time).await;
    settle().await;
}

/// Tells an outcome in a few words: which answer of the upstream, and how old, or which error.
fn told(outcome: &Result<User>) -> String {
    match outcome {
        Err(error) => error.kind().to_string(),
        Ok(user) => {
            let answer = user.nickname.as_deref().expect("the upstream names its answers");
            match user.freshness() {
                Freshness::Stale { age } => format!("{} {answer} of {age:?} ago", user.id),
                _ => format!("{} {answer}", user.id),
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_good_until_its_time_is_over() {
    let upstream = Upstream::new("acme");
    let provider = wrap(&layer(), &upstream);
    let ask = async || told(&provider.user(&Lookup::id("1")).await);
    assert_eq!((ask().await, ask().await), ("1 acme-1".to_owned(), "1 acme-1".to_owned()));
    pass(Duration::from_millis(9_999)).await;
    assert_eq!(ask().await, "1 acme-1");
    pass(Duration::from_millis(1)).await;
    assert_eq!((ask().await, upstream.asked()), ("1 acme-2".to_owned(), 2));
}

#[tokio::test(start_paused = true)]
async fn an_age_counts_from_the_question_not_the_answer() {
    let upstream = Upstream::new("acme");
    upstream.takes(4 * SECOND);
    let provider = wrap(&layer(), &upstream);
    for (wait, expected) in [(0, "1 acme-1"), (5, "1 acme-1"), (1, "1 acme-2")] {
        pass(wait * SECOND).await;
        assert_eq!(told(&provider.user(&Lookup::id("1")).await), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn no_error_is_kept_but_that_there_is_no_such_user_if_so_wished() {
    for kind in ErrorKind::ALL {
        for (negative_ttl, kept) in [(Duration::ZERO, false), (5 * SECOND, kind == ErrorKind::NotFound)] {
            let upstream = Upstream::new("acme");
            let provider = wrap(&layer().negative_ttl(negative_ttl), &upstream);
            upstream.is(State::Fails(kind));
            for _ in 0..2 {
                assert_eq!(told(&provider.user(&Lookup::id("1")).await), kind.as_str());
            }
            assert_eq!(upstream.asked(), if kept { 1 } else { 2 }, "{kind}");
            upstream.is(State::Answers);
            pass(5 * SECOND).await;
            assert!(provider.user(&Lookup::id("1")).await.is_ok(), "{kind}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_look_up_that_is_not_supported_passes_by() {
    let upstream = Upstream::new("acme");
    upstream.supports_only(LookupKind::Token);
    let provider = wrap(&layer(), &upstream);
    assert!(provider.supports(LookupKind::Token) && !provider.supports(LookupKind::Id));
    assert!(std::ptr::eq(provider.descriptor(), upstream.descriptor()));
    for expected in ["1 acme-1", "1 acme-2"] {
        assert_eq!(told(&provider.user(&Lookup::id("1")).await), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_goes_away_leaves_nothing_behind() {
    let upstream = Upstream::new("acme");
    upstream.takes(SECOND);
    let provider = wrap(&layer(), &upstream);
    let lookup = Lookup::id("1");
    let given_up = tokio::time::timeout(SECOND / 2, provider.user(&lookup)).await;
    assert!(given_up.is_err());
    for expected in ["1 acme-2", "1 acme-2"] {
        assert_eq!(told(&provider.user(&lookup).await), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_stale_already_is_passed_on_and_not_kept() {
    let upstream = Upstream::new("acme");
    let provider = wrap(&layer(), &upstream);
    upstream.is(State::IsStale(7 * SECOND));
    for expected in ["1 acme-1 of 7s ago", "1 acme-2 of 7s ago"] {
        assert_eq!(told(&provider.user(&Lookup::id("1")).await), expected);
    }
}

/// Returns the same entry whatever is asked for.
#[derive(Debug, Default)]
struct Confused(std::sync::Mutex<Option<Arc<Entry>>>);

impl Store for Confused {
    fn get(&self, _: &Key) -> Option<Arc<Entry>> {
        self.0.lock().expect("not poisoned").clone()
    }

    fn put(&self, _: Key, entry: Arc<Entry>) {
        self.0.lock().expect("not poisoned").get_or_insert(entry);
    }

    fn remove(&self, _: &Key) {}

    fn purge(&self, _: &str) -> usize {
        0
    }

    fn clear(&self) -> usize {
        0
    }
}

#[tokio::test(start_paused = true)]
async fn an_entry_for_another_id_is_no_answer() {
    let upstream = Upstream::new("acme");
    let provider = wrap(&layer().store(Arc::new(Confused::default())), &upstream);
    let lookups = [Lookup::id("1"), Lookup::id("2"), Lookup::token("t-1"), Lookup::id("1")];
    let mut told_all = Vec::new();
    for lookup in lookups {
        told_all.push(told(&provider.user(&lookup).await));
    }
    assert_eq!(told_all, ["1 acme-1", "2 acme-2", "1 acme-3", "1 acme-1"]);
}

#[tokio::test(start_paused = true)]
async fn an_error_that_is_an_answer_is_told_even_if_the_store_forgets_late() {
    let upstream = Upstream::new("acme");
    let layer = layer().stale_if_error(20 * SECOND).store(Arc::new(Confused::default()));
    let provider = wrap(&layer, &upstream);
    assert!(provider.user(&Lookup::id("1")).await.is_ok());
    pass(12 * SECOND).await;
    upstream.is(State::Fails(ErrorKind::PermissionDenied));
    assert_eq!(told(&provider.user(&Lookup::id("1")).await), "permission_denied");
}

#[tokio::test(start_paused = true)]
async fn the_bounds_are_those_of_the_layer() {
    for (layer, kept) in [(layer(), true), (layer().max_entries(0), false), (layer().max_bytes(100), false)] {
        let upstream = Upstream::new("acme");
        let provider = wrap(&layer, &upstream);
        for _ in 0..2 {
            assert!(provider.user(&Lookup::id("1")).await.is_ok());
        }
        assert_eq!(upstream.asked(), if kept { 1 } else { 2 }, "{layer:?}");
    }
}
