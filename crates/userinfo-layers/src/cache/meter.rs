use metrics::Key;

use crate::{
    names::CACHE_REQUESTS,
    series::{Owner, counter},
};

/// How a call was answered.
#[derive(Clone, Copy, Debug)]
pub(super) enum Served {
    Fresh,
    Stale,
    Negative,
    Miss,
    StaleIfError,
}

/// Counts the calls of one provider, by how they were answered.
#[derive(Debug)]
pub(super) struct Meter {
    /// Made once, as making one allocates.
    keys: [Key; 5],
}

impl Meter {
    pub(super) fn new(owner: &Owner, provider: &'static str) -> Self {
        let key = |freshness| owner.series(CACHE_REQUESTS, provider, Some(("freshness", freshness)));
        Self { keys: ["fresh", "stale", "negative", "miss", "stale_if_error"].map(key) }
    }

    pub(super) fn count(&self, served: Served) {
        counter(&self.keys[served as usize]).increment(1);
    }
}
