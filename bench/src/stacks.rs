//! The layers as they are measured: limits so wide that nothing ever waits or is refused.

use std::{num::NonZeroU32, time::Duration};

use userinfo_core::Layer;
use userinfo_layers::{
    BreakerLayer, CacheLayer, ConcurrencyLayer, RateLimitLayer, RetryLayer, SingleFlightLayer, Stack,
    TimeoutLayer, TraceLayer,
};

const LONG: Duration = Duration::from_secs(60);
/// A call each nanosecond.
const OFTEN: NonZeroU32 = NonZeroU32::new(1_000_000_000).expect("it is not zero");
const MANY: usize = 10_000;

/// The layers of [`six`], one by one.
pub(crate) fn alone() -> [(&'static str, Box<dyn Layer>); 7] {
    [
        ("trace", Box::new(TraceLayer::new("bench"))),
        ("operation deadline", Box::new(TimeoutLayer::operation(LONG))),
        ("retry", Box::new(RetryLayer::new())),
        ("breaker", Box::new(BreakerLayer::new())),
        ("concurrency limit", Box::new(ConcurrencyLayer::new(MANY))),
        ("rate limit", Box::new(rate_limit())),
        ("attempt timeout", Box::new(TimeoutLayer::attempt(LONG))),
    ]
}

/// What guards each call that goes out: the two limits are counted as one.
pub(crate) fn six() -> Stack {
    Stack::new("bench")
        .single_flight(None)
        .deadline(LONG)
        .retry(RetryLayer::new())
        .breaker(BreakerLayer::new())
        .concurrency(ConcurrencyLayer::new(MANY))
        .rate_limit(rate_limit())
        .attempt_timeout(LONG)
}

/// All but the cache.
pub(crate) fn uncached() -> Stack {
    six().single_flight(SingleFlightLayer::new())
}

/// Every layer.
pub(crate) fn full() -> Stack {
    uncached().cache(CacheLayer::new())
}

fn rate_limit() -> RateLimitLayer {
    RateLimitLayer::new(OFTEN, OFTEN)
}
