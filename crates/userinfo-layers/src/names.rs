use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};

pub(crate) const CALLS: &str = "userinfo_calls_total";
pub(crate) const CALL_DURATION: &str = "userinfo_call_duration_seconds";
pub(crate) const CALLS_IN_FLIGHT: &str = "userinfo_calls_in_flight";
pub(crate) const ATTEMPTS: &str = "userinfo_attempts_total";
pub(crate) const ATTEMPTS_IN_FLIGHT: &str = "userinfo_attempts_in_flight";
pub(crate) const CACHE_REQUESTS: &str = "userinfo_cache_requests_total";
pub(crate) const SHARED_CALLS: &str = "userinfo_shared_calls_total";
pub(crate) const BREAKER_STATE: &str = "userinfo_breaker_state";
pub(crate) const BREAKER_REFUSALS: &str = "userinfo_breaker_refusals_total";

/// Tells the installed recorder what the metrics of all layers mean.
///
/// Call it once, after the recorder is installed; the metrics themselves need no call of anything.
///
/// | metric | kind | labels | counts |
/// |---|---|---|---|
/// | `userinfo_calls_total` | counter | `provider`, `instance`, `outcome` | calls that ended |
/// | `userinfo_call_duration_seconds` | histogram | `provider`, `instance`, `outcome` | how long a call took |
/// | `userinfo_calls_in_flight` | gauge | `provider`, `instance` | calls under way |
/// | `userinfo_attempts_total` | counter | `provider`, `instance`, `outcome` | attempts that ended |
/// | `userinfo_attempts_in_flight` | gauge | `provider`, `instance` | attempts under way |
/// | `userinfo_cache_requests_total` | counter | `provider`, `instance`, `freshness` | look-ups asked of the cache |
/// | `userinfo_shared_calls_total` | counter | `provider`, `instance` | calls answered by the flight of another |
/// | `userinfo_breaker_state` | gauge | `provider`, `instance` | 0 closed, 1 half-open, 2 open |
/// | `userinfo_breaker_refusals_total` | counter | `provider`, `instance` | calls that the breaker refused |
///
/// What a breaker or a rate limit refuses counts as an attempt too, of kind `unavailable` or `rate_limited`; attempts
/// in flight are counted where there is a concurrency limit, and include those that wait for their rate.
///
/// `outcome` is `ok`, an [`ErrorKind`](userinfo_core::ErrorKind) in snake case, or `cancelled` for what was
/// dropped before it ended. `freshness` is `fresh`, `stale`, `negative`, `miss` or `stale_if_error`.
/// `provider` is the kind of the provider, `instance` the operator's name for it, which only a layer that was
/// told it has. No label holds personal data.
pub fn describe_metrics() {
    describe_counter!(CALLS, Unit::Count, "Calls that ended.");
    describe_histogram!(CALL_DURATION, Unit::Seconds, "How long a call took.");
    describe_gauge!(CALLS_IN_FLIGHT, Unit::Count, "Calls under way.");
    describe_counter!(ATTEMPTS, Unit::Count, "Attempts that ended; a call has one or more.");
    describe_gauge!(ATTEMPTS_IN_FLIGHT, Unit::Count, "Attempts under way.");
    describe_counter!(CACHE_REQUESTS, Unit::Count, "Look-ups asked of the cache.");
    describe_counter!(SHARED_CALLS, Unit::Count, "Calls answered by the flight of another.");
    describe_gauge!(BREAKER_STATE, Unit::Count, "State of the breaker: 0 closed, 1 half-open, 2 open.");
    describe_counter!(BREAKER_REFUSALS, Unit::Count, "Calls that the breaker refused.");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tally::Tally;

    #[test]
    fn every_metric_is_described_with_its_unit_and_stands_in_the_table() {
        let source = include_str!("names.rs");
        let constants: Vec<_> =
            source.lines().filter_map(|it| it.strip_prefix("pub(crate) const ")?.split('"').nth(1)).collect();
        let tally = Tally::default();
        metrics::with_local_recorder(&tally, describe_metrics);
        let described = tally.lines();
        assert_eq!((described.len(), constants.len()), (9, 9));
        for name in constants {
            let unit = if name.ends_with("_seconds") { "seconds" } else { "count" };
            let line = described.iter().find(|it| it.contains(&format!(" {name} in {unit}"))).expect(name);
            let (kind, _) = line.split_once(' ').expect("a kind");
            assert!(source.contains(&format!("/// | `{name}` | {kind} | ")), "{line}");
            assert_eq!(name.ends_with("_total"), kind == "counter", "{line}");
        }
    }
}
