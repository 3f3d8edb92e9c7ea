use std::{
    future::pending,
    sync::atomic::{AtomicU32, Ordering},
};

use tokio::time::{Instant, sleep};
use userinfo_core::{ProviderExt, Retry};

use super::*;

static ACME: Descriptor = Descriptor::new("acme", "Acme", "https://acme.example", &[LookupKind::Id], &[]);

/// Answers after a while, or never; counts the calls that are under way.
#[derive(Debug, Default)]
struct Slow {
    after: Option<Duration>,
    under_way: Arc<AtomicU32>,
}

struct UnderWay<'a>(&'a AtomicU32);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[async_trait]
impl UserInfoProvider for Slow {
    fn descriptor(&self) -> &'static Descriptor {
        &ACME
    }

    fn supports(&self, kind: LookupKind) -> bool {
        kind == LookupKind::Token
    }

    async fn user(&self, _: &Lookup) -> Result<User> {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        let _under_way = UnderWay(&self.under_way);
        match self.after {
            None => pending().await,
            Some(Duration::ZERO) => {}
            Some(after) => sleep(after).await,
        }
        Ok(User::new("acme", "7"))
    }
}

/// Asks a provider that answers after a while; returns its answer and the time until then.
async fn ask(layer: TimeoutLayer, after: Option<Duration>) -> (Result<User>, Duration) {
    let slow = Slow { after, ..Slow::default() };
    let under_way = Arc::clone(&slow.under_way);
    let begun = Instant::now();
    let answer = slow.layer(&layer).user(&Lookup::id("7")).await;
    assert_eq!(under_way.load(Ordering::Relaxed), 0, "the call was dropped");
    (answer, begun.elapsed())
}

const LIMIT: Duration = Duration::from_secs(2);

#[tokio::test(start_paused = true)]
async fn a_provider_that_never_answers_is_given_up_at_the_deadline() {
    for limit in [Duration::from_millis(500), LIMIT, Duration::from_secs(3_600)] {
        for layer in [TimeoutLayer::operation(limit), TimeoutLayer::attempt(limit)] {
            let (answer, took) = ask(layer, None).await;
            assert_eq!(answer.expect_err("no answer").kind(), ErrorKind::Timeout);
            assert!(took >= limit && took <= limit + Duration::from_millis(1), "{took:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_in_time_is_passed_on_even_at_the_last_moment() {
    let last = LIMIT.saturating_sub(Duration::from_millis(1));
    for after in [Duration::ZERO, Duration::from_millis(1), last] {
        let (answer, took) = ask(TimeoutLayer::attempt(LIMIT), Some(after)).await;
        assert_eq!((answer.expect("in time").id.as_str(), took), ("7", after));
    }
    for after in [LIMIT, LIMIT + Duration::from_millis(2)] {
        let (answer, _) = ask(TimeoutLayer::attempt(LIMIT), Some(after)).await;
        assert_eq!(answer.expect_err("too late").kind(), ErrorKind::Timeout);
    }
    let (answer, _) = ask(TimeoutLayer::operation(Duration::ZERO), Some(Duration::ZERO)).await;
    answer.expect("it answers before any time has passed");
}

#[tokio::test(start_paused = true)]
async fn the_longest_limit_is_none() {
    let (answer, _) = ask(TimeoutLayer::operation(Duration::MAX), Some(LIMIT)).await;
    answer.expect("in time");
}

#[tokio::test(start_paused = true)]
async fn the_error_says_which_limit_it_was_and_that_another_try_can_help() {
    for (layer, message) in [
        (TimeoutLayer::operation(Duration::from_secs(10)), "no answer within the deadline of 10s"),
        (TimeoutLayer::operation(Duration::from_millis(1_500)), "no answer within the deadline of 1.5s"),
        (TimeoutLayer::attempt(Duration::from_millis(500)), "no answer within 500ms in one attempt"),
    ] {
        let (answer, _) = ask(layer, None).await;
        let error = answer.expect_err("no answer");
        assert_eq!(error.to_string(), format!("acme: user: {message}"));
        assert_eq!(error.retry(), Retry::Backoff);
    }
}

#[test]
fn everything_else_is_passed_through() {
    let timed = Slow::default().layer(&TimeoutLayer::attempt(LIMIT));
    assert!(std::ptr::eq(timed.descriptor(), &raw const ACME));
    assert!(timed.supports(LookupKind::Token) && !timed.supports(LookupKind::Id));
}
