use std::time::Duration;

use userinfo_core::Settings;

use crate::{
    BreakerLayer, CacheLayer, ConcurrencyLayer, RateLimitLayer, RetryLayer, SingleFlightLayer, Stack,
};

/// The longest first pause that a breaker takes.
const LONGEST_COOLDOWN: Duration = Duration::from_secs(200);
/// The deadline of an operation in which something can wait, unless the settings say otherwise.
const DEADLINE: Duration = Duration::from_secs(30);

impl Stack {
    /// Reads the table `layers` of an instance, which falls back on the one for all.
    ///
    /// A layer that is left out, or that is `"off"`, is not there, but for tracing and single flight. The
    /// deadline is 30 s where a layer can wait or try again; else the provider's own deadline is enough.
    pub fn from_settings(settings: &mut Settings<'_>) -> Self {
        let instance = settings.instance().to_owned();
        settings.within("layers", |layers| {
            let retry = layers.within_or_off("retry", retry);
            let cache = layers.within_or_off("cache", cache);
            let single_flight = layers.boolean_or_off("single_flight") != Some(false);
            let rate_limit = layers.within_or_off("rate_limit", rate_limit).flatten();
            let concurrency = layers.count_or_off("concurrency");
            let breaker = layers.within_or_off("breaker", breaker);
            let can_wait = retry.is_some() || rate_limit.is_some() || concurrency.is_some();
            let deadline = layers.duration_or_off("deadline").unwrap_or(can_wait.then_some(DEADLINE));
            let attempt_timeout = layers.duration_or_off("attempt_timeout");
            if let (Some(deadline), Some(Some(attempt))) = (deadline, attempt_timeout)
                && attempt > deadline
            {
                layers.fault("attempt_timeout", "must not be longer than `deadline`");
            }
            let stack = Self::new(instance)
                .cache(cache)
                .single_flight(single_flight.then(SingleFlightLayer::new))
                .deadline(deadline)
                .retry(retry.unwrap_or_else(RetryLayer::once))
                .breaker(breaker)
                .concurrency(concurrency.map(|it| ConcurrencyLayer::new(it.get() as usize)))
                .rate_limit(rate_limit);
            match attempt_timeout {
                Some(timeout) => stack.attempt_timeout(timeout),
                None => stack,
            }
        })
    }
}

fn retry(settings: &mut Settings<'_>) -> RetryLayer {
    let retry = RetryLayer::new();
    match settings.count("attempts") {
        Some(attempts) => retry.attempts(attempts.get()),
        None => retry,
    }
}

fn cache(settings: &mut Settings<'_>) -> CacheLayer {
    let mut cache = CacheLayer::new();
    let ttl = settings.duration("ttl");
    if let Some(ttl) = ttl {
        cache = cache.ttl(ttl);
    }
    if let Some(ttl) = settings.duration_or_off("negative_ttl").flatten() {
        cache = cache.negative_ttl(ttl);
    }
    if let Some(window) = settings.duration_or_off("stale_while_revalidate").flatten() {
        cache = cache.stale_while_revalidate(window);
    }
    if let Some(window) = settings.duration_or_off("stale_if_error").flatten() {
        cache = cache.stale_if_error(window);
    }
    if let Some(hard_ttl) = settings.duration("hard_ttl") {
        if ttl.is_some_and(|ttl| hard_ttl < ttl) {
            settings.fault("hard_ttl", "must not be shorter than `ttl`");
        }
        cache = cache.hard_ttl(hard_ttl);
    }
    if let Some(most) = settings.count("max_entries") {
        cache = cache.max_entries(most.get() as usize);
    }
    if let Some(most) = settings.size("max_bytes") {
        cache = cache.max_bytes(most);
    }
    cache
}

/// `None` if there is no rate, which is a fault.
fn rate_limit(settings: &mut Settings<'_>) -> Option<RateLimitLayer> {
    let per_second = settings.required_count("per_second");
    let burst = settings.count("burst");
    Some(RateLimitLayer::new(per_second?, burst.or(per_second)?))
}

fn breaker(settings: &mut Settings<'_>) -> BreakerLayer {
    let mut breaker = BreakerLayer::new();
    if let Some(failures) = settings.count("failures") {
        breaker = breaker.failures(failures.get());
    }
    if let Some(cooldown) = settings.duration("cooldown") {
        if cooldown > LONGEST_COOLDOWN {
            settings.fault("cooldown", "must not be longer than \"200s\"; with jitter that is 300 s");
        }
        breaker = breaker.cooldown(cooldown);
    }
    breaker
}

#[cfg(test)]
mod tests;
