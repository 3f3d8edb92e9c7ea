use metrics::{Key, Label, Level, Metadata, with_recorder};

use crate::names::CACHE_REQUESTS;

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

static METADATA: Metadata<'static> = Metadata::new(module_path!(), Level::INFO, Some(module_path!()));

impl Meter {
    pub(super) fn new(provider: &'static str) -> Self {
        let key = |freshness| {
            let labels = [("provider", provider), ("freshness", freshness)];
            Key::from_parts(
                CACHE_REQUESTS,
                labels.map(|(key, value)| Label::from_static_parts(key, value)).to_vec(),
            )
        };
        Self { keys: ["fresh", "stale", "negative", "miss", "stale_if_error"].map(key) }
    }

    pub(super) fn count(&self, served: Served) {
        with_recorder(|it| it.register_counter(&self.keys[served as usize], &METADATA).increment(1));
    }
}
