use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use userinfo_core::{Layer, UserInfoProvider};

use super::{
    policy::Policy,
    provider::Cached,
    shared::{Rules, Shared},
    store::{MemoryStore, Store},
};
use crate::{Random, SystemRandom, series::Owner};

/// Remembers answers for a while, bounded by number and bytes.
///
/// A user is kept, and, if [`negative_ttl`](Self::negative_ttl) is set, that there is no such user; no other
/// error ever is. What is kept belongs to one provider, one id and one token: nobody is answered with what
/// another credential was allowed to see. All ages count from when the vendor was asked.
///
/// | age of an answer | what happens |
/// |---|---|
/// | below `ttl`, less up to a tenth of it by chance | it is the answer |
/// | then, for `stale_while_revalidate` | it is the answer, and one task fetches another |
/// | then, until `stale_if_error` is over too | it is the answer if the vendor is down or limits the rate |
/// | beyond both, or beyond `hard_ttl` | the vendor is asked |
///
/// Both windows begin where `ttl` ends. An answer from there on says so: [`Freshness::Stale`]. When the
/// vendor says that the answer no longer holds, as by [`NotFound`] or [`Unauthenticated`], it is forgotten
/// at once.
///
/// An answer whose time is over answers nobody, but may stay in memory: for a minute from when it was kept, where
/// its time was shorter, and then until the [`MemoryStore`] is next at work. [`purge`](Self::purge) and
/// [`clear`](Self::clear) forget at once: from then on there is nothing left to answer with.
///
/// A clone shares what is kept with its original: keep one to [`purge`](Self::purge). Set it up before
/// cloning.
///
/// Each call counts in `userinfo_cache_requests_total`, by `provider` and by `freshness`: `fresh`, `stale`,
/// `negative`, `miss`, `stale_if_error`.
///
/// [`Freshness::Stale`]: userinfo_core::Freshness::Stale
/// [`NotFound`]: userinfo_core::ErrorKind::NotFound
/// [`Unauthenticated`]: userinfo_core::ErrorKind::Unauthenticated
///
/// ```
/// use std::time::Duration;
///
/// use userinfo_layers::CacheLayer;
///
/// let cache = CacheLayer::new()
///     .ttl(Duration::from_secs(60))
///     .negative_ttl(Duration::from_secs(5))
///     .stale_if_error(Duration::from_secs(600))
///     .max_entries(10_000);
/// assert_eq!(cache.purge("1000"), 0);
/// ```
#[derive(Clone, Debug)]
pub struct CacheLayer {
    rules: Rules,
    max_entries: usize,
    max_bytes: usize,
    owner: Owner,
    shared: Arc<Shared>,
}

impl CacheLayer {
    /// Keeps users for a minute, 10 000 at most and 64 MiB at most, and never answers with an old one.
    #[must_use]
    pub fn new() -> Self {
        let rules = Rules { policy: Policy::default(), random: Arc::new(SystemRandom) };
        let (max_entries, max_bytes) = (10_000, 64 << 20);
        let store = Arc::new(MemoryStore::new(max_entries, max_bytes));
        Self { rules, max_entries, max_bytes, owner: Owner::default(), shared: Arc::new(Shared::new(store)) }
    }

    /// Sets how long a user is fresh; a minute unless set.
    #[must_use]
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.rules.policy.ttl = ttl;
        self
    }

    /// Sets how long it is remembered that there is no such user; zero, the default, is not at all.
    #[must_use]
    pub fn negative_ttl(mut self, ttl: Duration) -> Self {
        self.rules.policy.negative_ttl = ttl;
        self
    }

    /// Sets how long an old answer serves while another is fetched in the background; zero unless set.
    ///
    /// The fetch is a task of the tokio runtime in which the call was made: where there is none, nothing is
    /// fetched until this time is over.
    #[must_use]
    pub fn stale_while_revalidate(mut self, window: Duration) -> Self {
        self.rules.policy.stale_while_revalidate = window;
        self
    }

    /// Sets how long an old answer serves if the vendor has none; zero unless set.
    ///
    /// The error that it stands in for is logged as a warning.
    #[must_use]
    pub fn stale_if_error(mut self, window: Duration) -> Self {
        self.rules.policy.stale_if_error = window;
        self
    }

    /// Sets the age from which no answer is used, whatever else is set.
    ///
    /// Without it, that is when `ttl` and the longer of the two windows are over.
    #[must_use]
    pub fn hard_ttl(mut self, ttl: Duration) -> Self {
        self.rules.policy.hard_ttl = Some(ttl);
        self
    }

    /// Sets how many answers are kept at most; 10 000 unless set.
    ///
    /// Begins a new [`MemoryStore`].
    #[must_use]
    pub fn max_entries(mut self, most: usize) -> Self {
        self.max_entries = most;
        self.with_memory()
    }

    /// Sets how many bytes the answers take at most, by estimate; 64 MiB unless set.
    ///
    /// Begins a new [`MemoryStore`].
    #[must_use]
    pub fn max_bytes(mut self, most: usize) -> Self {
        self.max_bytes = most;
        self.with_memory()
    }

    /// Sets where the dice come from; from the machine unless set.
    #[must_use]
    pub fn random(mut self, random: Arc<dyn Random>) -> Self {
        self.rules.random = random;
        self
    }

    /// Sets where answers are kept; the bounds are the store's own matter then.
    #[must_use]
    pub fn store(self, store: Arc<dyn Store>) -> Self {
        Self { shared: Arc::new(Shared::new(store)), ..self }
    }

    /// Names the instance in the metrics; a [`Stack`](crate::Stack) does so by itself.
    #[must_use]
    pub fn instance(self, name: impl Into<Arc<str>>) -> Self {
        Self { owner: Owner::new(name), ..self }
    }

    /// Forgets a user at every provider, and returns how many answers that were.
    ///
    /// These are the answers to look-ups of this id, also that there is no such user, and to look-ups by
    /// token that found the user with this id. The answer to a call that is under way reaches its caller and
    /// is not kept. Takes time in proportion to all that is kept.
    ///
    /// Where a [`SingleFlightLayer`](crate::SingleFlightLayer) is further in, call its
    /// [`forget_all`](crate::SingleFlightLayer::forget_all) first: else whoever asks next may join a call from
    /// before, and its answer is kept.
    #[expect(clippy::must_use_candidate, reason = "the number is news, not the point")]
    pub fn purge(&self, id: &str) -> usize {
        self.shared.purge(id)
    }

    /// Forgets everything, and returns how many answers that were.
    #[expect(clippy::must_use_candidate, reason = "the number is news, not the point")]
    pub fn clear(&self) -> usize {
        self.shared.clear()
    }

    fn with_memory(self) -> Self {
        let store = Arc::new(MemoryStore::new(self.max_entries, self.max_bytes));
        self.store(store)
    }
}

/// A hold on what a cache keeps, which keeps nothing alive.
#[derive(Clone, Debug)]
pub(crate) struct WeakCache(Weak<Shared>);

impl CacheLayer {
    pub(crate) fn downgrade(&self) -> WeakCache {
        WeakCache(Arc::downgrade(&self.shared))
    }
}

impl WeakCache {
    pub(crate) fn is_alive(&self) -> bool {
        self.0.strong_count() > 0
    }

    pub(crate) fn purge(&self, id: &str) -> usize {
        self.0.upgrade().map_or(0, |shared| shared.purge(id))
    }
}

impl Default for CacheLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl Layer for CacheLayer {
    fn wrap(&self, inner: Arc<dyn UserInfoProvider>) -> Arc<dyn UserInfoProvider> {
        Arc::new(Cached::new(inner, self.rules.clone(), &self.owner, Arc::clone(&self.shared)))
    }
}
