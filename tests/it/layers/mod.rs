//! The conformance suite behind each layer alone, and behind all of them over each provider.

#[path = "../../../crates/userinfo-alipay-plus/tests/subject/mod.rs"]
mod alipay_plus;
#[path = "../../../crates/userinfo-anqicms/tests/subject/mod.rs"]
mod anqicms;
#[path = "../../../crates/userinfo-quectel/tests/subject/mod.rs"]
mod quectel;
#[path = "../../../crates/userinfo-tianyin/tests/subject/mod.rs"]
mod tianyin;

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use userinfo_layers::{
    BreakerLayer, CacheLayer, ConcurrencyLayer, Random, RateLimitLayer, RetryLayer, SingleFlightLayer, Stack,
    TimeoutLayer, TraceLayer,
};
use userinfo_testkit::{Layered, Subject, Tries, conformance};

use self::{
    alipay_plus::AlipayPlusSubject, anqicms::AnqiCmsSubject, quectel::QuectelSubject, tianyin::TianyinSubject,
};

conformance!(trace, Layered::each(AnqiCmsSubject, shown));
conformance!(cache, Layered::each(AnqiCmsSubject, kept).remembering());
conformance!(single_flight, Layered::each(AnqiCmsSubject, SingleFlightLayer::new));
conformance!(deadline_of_the_operation, Layered::each(AnqiCmsSubject, operation));
conformance!(retry, Layered::each(AnqiCmsSubject, three_attempts).trying(|it| Tries::up_to(3, it)));
conformance!(retry_without_retries, Layered::each(AnqiCmsSubject, RetryLayer::once));
conformance!(breaker, Layered::each(AnqiCmsSubject, BreakerLayer::new));
conformance!(rate_limit, Layered::each(AnqiCmsSubject, rate));
conformance!(concurrency, Layered::each(AnqiCmsSubject, two_at_once));
conformance!(deadline_of_the_attempt, Layered::each(AnqiCmsSubject, attempt));

// By token alone, and with signed answers.
conformance!(cache_over_alipay_plus, Layered::each(AlipayPlusSubject, kept).remembering());
conformance!(single_flight_over_alipay_plus, Layered::each(AlipayPlusSubject, SingleFlightLayer::new));

conformance!(all_over_alipay_plus, behind_all(AlipayPlusSubject));
conformance!(all_over_anqicms, behind_all(AnqiCmsSubject));
conformance!(all_over_quectel, behind_all(QuectelSubject));
conformance!(all_over_tianyin, behind_all(TianyinSubject));

fn behind_all(subject: impl Subject) -> impl Subject {
    Layered::each(subject, whole).trying(|retry| Tries::up_to(3, retry)).remembering()
}

/// The whole stack, with what makes no case wait and no case find an old answer.
fn whole() -> Stack {
    let stack = Stack::new("an-instance")
        .cache(kept())
        .deadline(BRIEF)
        .retry(three_attempts())
        .breaker(BreakerLayer::new())
        .concurrency(ConcurrencyLayer::new(2))
        .rate_limit(rate())
        .attempt_timeout(Duration::from_secs(5));
    assert_eq!(stack.order().len(), 9, "{stack:?}");
    stack
}

/// Fresh for as long as a case takes; a refusal is forgotten at once.
fn kept() -> CacheLayer {
    CacheLayer::new()
}

fn shown() -> TraceLayer {
    TraceLayer::new("an-instance")
}

/// The longest that a case takes for a look-up is half a second for each of three attempts; a busy machine may
/// need much longer for anything.
fn operation() -> TimeoutLayer {
    TimeoutLayer::operation(Duration::from_secs(50))
}

fn attempt() -> TimeoutLayer {
    TimeoutLayer::attempt(Duration::from_secs(20))
}

/// Shorter than any pause that a vendor of the cases asks for, and longer than an answer takes on a busy machine.
const BRIEF: Duration = Duration::from_millis(6900);

/// Waits for nothing: not at random, and not for the seven seconds that a vendor asks for.
fn three_attempts() -> RetryLayer {
    RetryLayer::new().attempts(3).within(BRIEF).random(Arc::new(Lowest))
}

/// More than any case asks for.
fn rate() -> RateLimitLayer {
    let many = NonZeroU32::new(1000).expect("a thousand is not zero");
    RateLimitLayer::new(many, many)
}

fn two_at_once() -> ConcurrencyLayer {
    ConcurrencyLayer::new(2)
}

/// Dice that always fall the same way.
#[derive(Debug)]
struct Lowest;

impl Random for Lowest {
    fn unit(&self) -> f64 {
        0.0
    }
}
