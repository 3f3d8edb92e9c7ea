//! The layers as they are measured: limits so wide that nothing ever waits or is refused.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use userinfo_core::{Layer, UserInfoProvider};
use userinfo_layers::{
    BreakerLayer, CacheLayer, ConcurrencyLayer, RateLimitLayer, RetryLayer, SingleFlightLayer, TimeoutLayer,
    TraceLayer,
};

const LONG: Duration = Duration::from_secs(60);
/// A call each nanosecond.
const OFTEN: NonZeroU32 = NonZeroU32::new(1_000_000_000).expect("it is not zero");
const MANY: usize = 10_000;

/// Layers, the outermost first.
pub(crate) type Layers = Vec<Box<dyn Layer>>;

/// What stands between the caller and the provider when nothing is shared or kept, each with its name.
pub(crate) fn guards() -> Vec<(&'static str, Box<dyn Layer>)> {
    vec![
        ("trace", Box::new(TraceLayer::new("bench"))),
        ("operation deadline", Box::new(TimeoutLayer::operation(LONG))),
        ("retry", Box::new(RetryLayer::new())),
        ("breaker", Box::new(BreakerLayer::new())),
        ("rate limit", Box::new(RateLimitLayer::new(OFTEN, OFTEN))),
        ("concurrency", Box::new(ConcurrencyLayer::new(MANY))),
        ("attempt timeout", Box::new(TimeoutLayer::attempt(LONG))),
    ]
}

pub(crate) fn cache() -> Layers {
    vec![Box::new(CacheLayer::new())]
}

pub(crate) fn single_flight() -> Layers {
    vec![Box::new(SingleFlightLayer::new().deadline(LONG))]
}

/// Every layer: the trace, cache and single flight, then the other guards.
pub(crate) fn full() -> Layers {
    let mut layers: Layers = guards().into_iter().map(|(_, layer)| layer).collect();
    layers.splice(1..1, cache().into_iter().chain(single_flight()));
    layers
}

/// Puts the layers around the provider.
pub(crate) fn around(
    provider: &Arc<dyn UserInfoProvider>,
    layers: impl IntoIterator<Item = Box<dyn Layer>, IntoIter: DoubleEndedIterator>,
) -> Arc<dyn UserInfoProvider> {
    layers.into_iter().rev().fold(Arc::clone(provider), |inner, layer| layer.wrap(inner))
}
