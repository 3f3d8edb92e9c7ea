use std::{sync::Arc, time::Duration};

use userinfo_core::{Layer, UserInfoProvider};

use crate::{
    BreakerLayer, CacheLayer, ConcurrencyLayer, RateLimitLayer, RetryLayer, SingleFlightLayer, TimeoutLayer,
    TraceLayer,
};

/// The layers around one instance, in the one order that works.
///
/// Outermost first: trace, cache, single flight, operation deadline, retry, breaker, concurrency, rate limit,
/// attempt timeout. So a kept answer costs no permit, callers of one key share one operation, the deadline
/// holds whatever is tried, every try asks the breaker anew, and a permit is not held while a retry waits.
/// Layers put around a provider by hand, in another order, work too; what that means is theirs to know.
///
/// Wraps one instance: its state (kept answers, budget, circuit, permits) is shared by all that it wraps.
///
/// ```
/// use std::time::Duration;
/// use userinfo_layers::{BreakerLayer, CacheLayer, RetryLayer, Stack};
///
/// let stack = Stack::new("site")
///     .cache(CacheLayer::new().ttl(Duration::from_secs(60)))
///     .deadline(Duration::from_secs(10))
///     .retry(RetryLayer::new())
///     .breaker(BreakerLayer::new());
/// assert_eq!(stack.order(), ["trace", "cache", "single_flight", "deadline", "retry", "breaker", "attempt_timeout"]);
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Stack {
    instance: Arc<str>,
    cache: Option<CacheLayer>,
    single_flight: Option<SingleFlightLayer>,
    deadline: Option<Duration>,
    retry: RetryLayer,
    breaker: Option<BreakerLayer>,
    concurrency: Option<ConcurrencyLayer>,
    rate_limit: Option<RateLimitLayer>,
    attempt_timeout: AttemptTimeout,
}

/// How long one attempt may take.
#[derive(Clone, Copy, Debug)]
enum AttemptTimeout {
    /// Its share of the deadline, so that all attempts fit into it.
    Share,
    /// As long as the provider lets it.
    Off,
    After(Duration),
}

impl Stack {
    /// Starts with tracing, single flight, a deadline of 30 s and one attempt.
    pub fn new(instance: impl Into<Arc<str>>) -> Self {
        Self {
            instance: instance.into(),
            cache: None,
            single_flight: Some(SingleFlightLayer::new()),
            deadline: Some(Duration::from_secs(30)),
            retry: RetryLayer::once(),
            breaker: None,
            concurrency: None,
            rate_limit: None,
            attempt_timeout: AttemptTimeout::Share,
        }
    }

    /// Keeps answers.
    pub fn cache(self, cache: impl Into<Option<CacheLayer>>) -> Self {
        Self { cache: cache.into(), ..self }
    }

    /// Lets concurrent callers of one key share one operation; on unless `None`.
    pub fn single_flight(self, single_flight: impl Into<Option<SingleFlightLayer>>) -> Self {
        Self { single_flight: single_flight.into(), ..self }
    }

    /// Ends an operation, all its attempts and pauses, after this long; `None` leaves that to the provider.
    pub fn deadline(self, deadline: impl Into<Option<Duration>>) -> Self {
        Self { deadline: deadline.into(), ..self }
    }

    /// Tries again.
    pub fn retry(self, retry: RetryLayer) -> Self {
        Self { retry, ..self }
    }

    /// Stops asking an upstream that is down.
    pub fn breaker(self, breaker: impl Into<Option<BreakerLayer>>) -> Self {
        Self { breaker: breaker.into(), ..self }
    }

    /// Bounds how many attempts run at once.
    pub fn concurrency(self, concurrency: impl Into<Option<ConcurrencyLayer>>) -> Self {
        Self { concurrency: concurrency.into(), ..self }
    }

    /// Bounds how many attempts begin in a second.
    pub fn rate_limit(self, rate_limit: impl Into<Option<RateLimitLayer>>) -> Self {
        Self { rate_limit: rate_limit.into(), ..self }
    }

    /// Ends one attempt after this long, besides the provider's own deadline; `None` leaves it to that.
    ///
    /// Unless told, an attempt has its share of the deadline where there is a retry or a breaker: nine tenths of
    /// it, by the number of attempts. So a vendor that is silent is asked again, and is seen to be down, before
    /// the deadline ends it all: 9 s of 30 s with three attempts.
    pub fn attempt_timeout(self, timeout: impl Into<Option<Duration>>) -> Self {
        let attempt_timeout = timeout.into().map_or(AttemptTimeout::Off, AttemptTimeout::After);
        Self { attempt_timeout, ..self }
    }

    /// Names the layers, outermost first; what would be `retry` is `attempt` where there is only one.
    #[must_use]
    pub fn order(&self) -> Vec<&'static str> {
        self.layers().into_iter().map(|(name, _)| name).collect()
    }

    /// Forgets all that is kept of a user, whatever the look-up was; returns how many answers that were.
    ///
    /// Answers that are under way are not kept.
    #[expect(clippy::must_use_candidate, reason = "forgetting is what it is called for")]
    pub fn purge(&self, id: &str) -> usize {
        // First, so that nobody who comes later joins an operation that began before.
        if let Some(single_flight) = &self.single_flight {
            single_flight.forget_all();
        }
        self.cache.as_ref().map_or(0, |cache| cache.purge(id))
    }

    pub(crate) fn time_of_an_attempt(&self) -> Option<Duration> {
        match self.attempt_timeout {
            AttemptTimeout::After(timeout) => Some(timeout),
            AttemptTimeout::Off => None,
            AttemptTimeout::Share => {
                let attempts = self.retry.most();
                let is_needed = attempts > 1 || self.breaker.is_some();
                self.deadline.filter(|_| is_needed).map(|deadline| deadline / 10 * 9 / attempts)
            }
        }
    }

    /// The layers, outermost first: the only place that knows the order.
    fn layers(&self) -> Vec<(&'static str, Arc<dyn Layer>)> {
        let name = || Arc::clone(&self.instance);
        let attempts = if self.retry.most() == 1 { "attempt" } else { "retry" };
        let mut retry = self.retry.clone().instance(name());
        let mut single_flight = self.single_flight.clone().map(|it| it.instance(name()));
        let mut rate_limit = self.rate_limit.clone();
        if let Some(deadline) = self.deadline {
            retry = retry.within(deadline);
            single_flight = single_flight.map(|it| it.deadline(deadline));
            rate_limit = rate_limit.map(|it| it.max_wait(deadline));
        }
        let all: [(_, Option<Arc<dyn Layer>>); 9] = [
            ("trace", part(Some(TraceLayer::new(name())))),
            ("cache", part(self.cache.clone().map(|it| it.instance(name())))),
            ("single_flight", part(single_flight)),
            ("deadline", part(self.deadline.map(TimeoutLayer::operation))),
            (attempts, part(Some(retry))),
            ("breaker", part(self.breaker.clone().map(|it| it.instance(name())))),
            ("concurrency", part(self.concurrency.clone().map(|it| it.instance(name())))),
            ("rate_limit", part(rate_limit)),
            ("attempt_timeout", part(self.time_of_an_attempt().map(TimeoutLayer::attempt))),
        ];
        all.into_iter().filter_map(|(name, layer)| Some((name, layer?))).collect()
    }
}

fn part(layer: Option<impl Layer + 'static>) -> Option<Arc<dyn Layer>> {
    layer.map(|it| Arc::new(it) as _)
}

impl Layer for Stack {
    fn wrap(&self, inner: Arc<dyn UserInfoProvider>) -> Arc<dyn UserInfoProvider> {
        self.layers().into_iter().rev().fold(inner, |inner, (_, layer)| layer.wrap(inner))
    }
}

#[cfg(test)]
mod tests;
