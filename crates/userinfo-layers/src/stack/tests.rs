use std::{
    num::NonZeroU32,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use tokio::time::{Instant, sleep};
use userinfo_core::{
    Descriptor, Error, ErrorKind, Freshness, Lookup, LookupKind, ProviderExt, Result, Retry, User,
};

use super::*;
use crate::tally::Tally;

static ACME: Descriptor = Descriptor::new("acme", "Acme", "https://a.example", &[LookupKind::Id], &[]);

/// Fails with this error if there is one, after this long.
#[derive(Debug, Default)]
struct Acme {
    asked: AtomicUsize,
    error: Mutex<Option<Error>>,
    takes: Duration,
}

impl Acme {
    fn slow(seconds: u64) -> Arc<Self> {
        Arc::new(Self { takes: Duration::from_secs(seconds), ..Self::default() })
    }

    fn set(&self, kind: Option<ErrorKind>) {
        let error = kind.map(|kind| Error::new(kind, "acme", "userInfo", "so").with_http_status(503));
        *self.error.lock().unwrap_or_else(PoisonError::into_inner) = error;
    }

    fn asked(&self) -> usize {
        self.asked.swap(0, Ordering::Relaxed)
    }
}

#[async_trait]
impl UserInfoProvider for Acme {
    fn descriptor(&self) -> &'static Descriptor {
        &ACME
    }

    async fn user(&self, lookup: &Lookup) -> Result<User> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        if !self.takes.is_zero() {
            sleep(self.takes).await;
        }
        let error = self.error.lock().unwrap_or_else(PoisonError::into_inner).clone();
        error.map_or_else(|| Ok(User::new("acme", lookup.wanted_id().unwrap_or_default())), Err)
    }
}

fn many() -> NonZeroU32 {
    NonZeroU32::new(1_000_000).expect("not zero")
}

fn full() -> Stack {
    Stack::new("site")
        .cache(CacheLayer::new().stale_if_error(Duration::from_secs(600)))
        .retry(RetryLayer::new())
        .breaker(BreakerLayer::new())
        .concurrency(ConcurrencyLayer::new(64))
        .rate_limit(RateLimitLayer::new(many(), many()))
        .attempt_timeout(Duration::from_secs(10))
}

const ORDER: [&str; 9] = [
    "trace",
    "cache",
    "single_flight",
    "deadline",
    "retry",
    "breaker",
    "concurrency",
    "rate_limit",
    "attempt_timeout",
];

#[test]
fn the_order_is_the_blessed_one_and_a_layer_left_out_is_not_in_it() {
    assert_eq!(full().order(), ORDER);
    assert_eq!(Stack::new("site").order(), ["trace", "single_flight", "deadline", "attempt"]);
    assert_eq!(Stack::new("site").single_flight(None).deadline(None).order(), ["trace", "attempt"]);
}

#[tokio::test]
async fn what_is_wrapped_is_wrapped_in_that_order() {
    let shown = format!("{:?}", Acme::default().layer(&full()));
    let wrappers = [
        "Traced",
        "Cached",
        "SingleFlight ",
        "Operation",
        "Retrying",
        "Guard",
        "Limited",
        "RateLimited",
        "Attempt }",
        "Acme",
    ];
    let places: Vec<_> =
        wrappers.iter().map(|it| shown.find(it).unwrap_or_else(|| panic!("{it}: {shown}"))).collect();
    assert!(places.is_sorted(), "{places:?} {shown}");
}

#[tokio::test(start_paused = true)]
async fn a_kept_answer_survives_an_outage_and_says_so() {
    let acme = Arc::new(Acme::default());
    let provider = full().wrap(Arc::clone(&acme) as _);
    let lookup = Lookup::id("1");
    assert_eq!(provider.user(&lookup).await.expect("a user").freshness(), Freshness::Fresh);
    assert_eq!(provider.user(&lookup).await.expect("a user").freshness(), Freshness::Fresh);
    assert_eq!(acme.asked(), 1);
    tokio::time::advance(Duration::from_secs(61)).await;
    acme.set(Some(ErrorKind::Unavailable));
    let stale = provider.user(&lookup).await.expect("the kept user");
    assert!(matches!(stale.freshness(), Freshness::Stale { age } if age >= Duration::from_secs(61)));
    assert_eq!(acme.asked(), 3);
}

#[tokio::test(start_paused = true)]
async fn every_attempt_asks_the_breaker_and_a_refusal_is_not_tried_again() {
    let acme = Arc::new(Acme::default());
    acme.set(Some(ErrorKind::Unavailable));
    let provider = full().wrap(Arc::clone(&acme) as _);
    let mut last = None;
    for id in ["1", "2", "3"] {
        last = provider.user(&Lookup::id(id)).await.err();
    }
    assert_eq!(acme.asked(), 5, "three attempts, two more, and then the breaker is open");
    let error = last.expect("a refusal");
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Unavailable, Retry::Never));
    assert!(
        std::error::Error::source(&error).is_some_and(|it| it.to_string().contains("HTTP 503")),
        "{error:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_deadline_holds_whatever_is_tried() {
    let acme = Acme::slow(7);
    acme.set(Some(ErrorKind::Timeout));
    let provider = full().deadline(Duration::from_secs(10)).wrap(Arc::clone(&acme) as _);
    let start = Instant::now();
    let error = provider.user(&Lookup::id("1")).await.expect_err("late");
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(start.elapsed() <= Duration::from_millis(10_050), "{:?}", start.elapsed());
    assert_eq!(acme.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_retry_does_not_wait_past_the_deadline() {
    let acme = Arc::new(Acme::default());
    let error = Error::new(ErrorKind::RateLimited, "acme", "userInfo", "slow down");
    let after = Retry::After(Duration::from_secs(60));
    *acme.error.lock().expect("not poisoned") = Some(error.with_retry(after));
    let provider = full().wrap(Arc::clone(&acme) as _);
    let start = Instant::now();
    let error = provider.user(&Lookup::id("1")).await.expect_err("too fast");
    assert_eq!((error.kind(), error.retry(), acme.asked()), (ErrorKind::RateLimited, after, 1));
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn callers_of_one_key_share_one_operation_and_its_retries() {
    let acme = Acme::slow(1);
    acme.set(Some(ErrorKind::Unavailable));
    let provider = full().wrap(Arc::clone(&acme) as _);
    let callers: Vec<_> = (0..100)
        .map(|_| {
            let provider = Arc::clone(&provider);
            tokio::spawn(async move { provider.user(&Lookup::id("1")).await })
        })
        .collect();
    for caller in callers {
        let error = caller.await.expect("no panic").expect_err("an outage");
        assert_eq!(error.kind(), ErrorKind::Unavailable);
    }
    assert_eq!(acme.asked(), 3);
}

#[tokio::test(start_paused = true)]
async fn purging_an_id_forgets_what_is_kept_and_what_is_under_way() {
    let acme = Acme::slow(1);
    let stack = full();
    let provider = stack.wrap(Arc::clone(&acme) as _);
    let ask = || {
        let provider = Arc::clone(&provider);
        tokio::spawn(async move { provider.user(&Lookup::id("1")).await })
    };
    ask().await.expect("no panic").expect("a user");
    assert_eq!((stack.purge("2"), stack.purge("1"), stack.purge("1")), (0, 1, 0));
    let before = ask();
    sleep(Duration::from_millis(500)).await;
    stack.purge("1");
    let after = ask();
    before.await.expect("no panic").expect("a user");
    after.await.expect("no panic").expect("a user");
    assert_eq!(acme.asked(), 3, "who asks after a purge gets an answer from after it");
    ask().await.expect("no panic").expect("a user");
    assert_eq!(acme.asked(), 0, "the answer from after the purge is kept");
}

#[tokio::test(start_paused = true)]
async fn a_permit_is_not_held_while_a_retry_waits() {
    let acme = Arc::new(Acme::default());
    let error = Error::new(ErrorKind::Unavailable, "acme", "userInfo", "so");
    *acme.error.lock().expect("not poisoned") = Some(error.with_retry(Retry::After(Duration::from_secs(5))));
    let provider = full().breaker(None).concurrency(ConcurrencyLayer::new(1)).wrap(Arc::clone(&acme) as _);
    let waiting = tokio::spawn({
        let provider = Arc::clone(&provider);
        async move { provider.user(&Lookup::id("1")).await }
    });
    sleep(Duration::from_secs(1)).await;
    acme.set(None);
    let start = Instant::now();
    provider.user(&Lookup::id("2")).await.expect("the permit is free");
    assert_eq!(start.elapsed(), Duration::ZERO);
    waiting.await.expect("no panic").expect("a user");
}

#[tokio::test]
async fn every_metric_names_the_instance() {
    let tally = Tally::default();
    let recorded = metrics::set_default_local_recorder(&tally);
    let acme = Arc::new(Acme::default());
    acme.set(Some(ErrorKind::NotFound));
    let provider = full().wrap(Arc::clone(&acme) as _);
    provider.user(&Lookup::id("1")).await.expect_err("nobody");
    drop(recorded);
    let lines = tally.lines();
    assert!(lines.iter().all(|it| it.contains("{provider=acme,instance=site")), "{lines:#?}");
    for name in
        ["calls_total", "attempts_total", "cache_requests_total", "breaker_state", "attempts_in_flight"]
    {
        assert!(lines.iter().any(|it| it.starts_with(&format!("userinfo_{name}{{"))), "{name}: {lines:#?}");
    }
}

async fn all(provider: &Arc<dyn UserInfoProvider>, ids: impl Iterator<Item = u32>) -> Vec<Result<User>> {
    let ask = |id: u32| {
        let provider = Arc::clone(provider);
        tokio::spawn(async move { provider.user(&Lookup::id(id.to_string())).await })
    };
    let callers: Vec<_> = ids.map(ask).collect();
    let mut outcomes = Vec::new();
    for caller in callers {
        outcomes.push(caller.await.expect("no panic"));
    }
    outcomes
}

#[tokio::test(start_paused = true)]
async fn at_the_deadline_nothing_is_begun_that_would_be_cancelled_at_once() {
    let acme = Arc::new(Acme { takes: Duration::from_millis(70), ..Acme::default() });
    let stack = full().breaker(None).retry(RetryLayer::once()).concurrency(ConcurrencyLayer::new(5));
    let provider = stack.deadline(Duration::from_millis(200)).wrap(Arc::clone(&acme) as _);
    let answered = all(&provider, 0..500).await.iter().filter(|it| it.is_ok()).count();
    assert_eq!((answered, acme.asked()), (10, 15));
}

#[tokio::test(start_paused = true)]
async fn a_silent_upstream_is_asked_again_and_opens_the_breaker() {
    let acme = Acme::slow(3600);
    let stack = Stack::new("site").retry(RetryLayer::new()).breaker(BreakerLayer::new());
    let provider = stack.deadline(Duration::from_secs(10)).wrap(Arc::clone(&acme) as _);
    let start = Instant::now();
    let error = provider.user(&Lookup::id("1")).await.expect_err("silence");
    assert_eq!((error.kind(), error.retry(), acme.asked()), (ErrorKind::Timeout, Retry::Never, 3));
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    provider.user(&Lookup::id("2")).await.expect_err("silence");
    let error = provider.user(&Lookup::id("3")).await.expect_err("a refusal");
    assert_eq!((error.kind(), acme.asked()), (ErrorKind::Unavailable, 2));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_many_share_is_as_old_as_its_question() {
    let acme = Acme::slow(20);
    let cache = CacheLayer::new().hard_ttl(Duration::from_secs(60));
    let provider = full().cache(cache).attempt_timeout(None).wrap(Arc::clone(&acme) as _);
    let first = tokio::spawn({
        let provider = Arc::clone(&provider);
        async move { provider.user(&Lookup::id("1")).await }
    });
    sleep(Duration::from_secs(19)).await;
    provider.user(&Lookup::id("1")).await.expect("a user");
    first.await.expect("no panic").expect("a user");
    assert_eq!(acme.asked(), 1);
    sleep(Duration::from_secs(41)).await;
    provider.user(&Lookup::id("1")).await.expect("a user");
    assert_eq!(acme.asked(), 1, "at 61 s the answer of 0 s is no answer");
}
