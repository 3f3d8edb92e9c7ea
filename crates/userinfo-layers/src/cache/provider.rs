use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use async_trait::async_trait;
use tokio::time::Instant;
use userinfo_core::{Descriptor, Error, Freshness, Lookup, LookupKind, Result, User, UserInfoProvider};

use super::{
    entry::{Entry, Slot},
    meter::{Meter, Served},
    policy::{Kind, Use},
    shared::{Rules, Shared, is_silence},
};
use crate::{Key, Keys, series::Owner};

/// A provider behind the cache.
#[derive(Debug)]
pub(super) struct Cached {
    inner: Arc<dyn UserInfoProvider>,
    rules: Rules,
    shared: Arc<Shared>,
    keys: Keys,
    meter: Meter,
}

impl Cached {
    pub(super) fn new(
        inner: Arc<dyn UserInfoProvider>,
        rules: Rules,
        owner: &Owner,
        shared: Arc<Shared>,
    ) -> Self {
        let (keys, meter) = (shared.keys.scope(), Meter::new(owner, inner.descriptor().kind));
        Self { inner, rules, shared, keys, meter }
    }

    /// Returns what is kept for a look-up, with its age and what it is good for at that age.
    fn find(&self, lookup: &Lookup, key: &Key) -> Option<(Arc<Entry>, Duration, Use)> {
        // The key says as much already; that one user never gets another's answer is worth saying twice.
        let entry = self.shared.store.get(key).filter(|entry| entry.answers(lookup))?;
        let age = entry.age(Instant::now());
        let good_for = self.rules.policy.judge(entry.kind(), entry.soft(), age);
        Some((entry, age, good_for))
    }

    /// Answers from memory, where that can be done at once.
    fn recall(&self, lookup: &Lookup, key: Key) -> Option<Result<User>> {
        let (entry, age, good_for) = self.find(lookup, &key)?;
        let (served, freshness) = match (good_for, entry.kind()) {
            (Use::Fresh, Kind::User) => (Served::Fresh, Freshness::Fresh),
            (Use::Fresh, Kind::Negative) => (Served::Negative, Freshness::Fresh),
            (Use::Stale, _) => {
                self.refresh(lookup, key, &entry);
                (Served::Stale, Freshness::Stale { age })
            }
            (Use::LastResort | Use::Gone, _) => return None,
        };
        self.meter.count(served);
        Some(entry.answer(freshness))
    }

    /// Asks the upstream, and memory once more if the upstream is silent.
    async fn ask(&self, lookup: &Lookup, key: Key) -> Result<User> {
        let asked = self.shared.ask(key);
        let outcome = (*self.inner).user(lookup).await;
        self.shared.note(&self.rules, lookup, asked, &outcome);
        if let Err(error) = &outcome
            && is_silence(&outcome)
            && let Some(user) = self.make_do(lookup, key, error)
        {
            return Ok(user);
        }
        self.meter.count(Served::Miss);
        outcome
    }

    /// Looks for an old answer; afresh, as time has passed and others may have purged or fetched it.
    fn make_do(&self, lookup: &Lookup, key: Key, error: &Error) -> Option<User> {
        let (entry, age, good_for) = self.find(lookup, &key)?;
        let (served, freshness) = match good_for {
            Use::Fresh => (Served::Fresh, Freshness::Fresh),
            Use::Stale | Use::LastResort => {
                warn(error, "stale answer");
                (Served::StaleIfError, Freshness::Stale { age })
            }
            Use::Gone => return None,
        };
        let user = entry.answer(freshness).ok()?;
        self.meter.count(served);
        Some(user)
    }

    /// Fetches another answer in the background, unless that is under way.
    fn refresh(&self, lookup: &Lookup, key: Key, entry: &Arc<Entry>) {
        let Some(slot) = Slot::take(entry) else { return };
        let asked = self.shared.ask(key);
        let (inner, rules, lookup) = (Arc::clone(&self.inner), self.rules.clone(), lookup.clone());
        let shared = Arc::downgrade(&self.shared);
        self.shared.spawn(async move {
            let outcome = (*inner).user(&lookup).await;
            if let Err(error) = &outcome
                && is_silence(&outcome)
            {
                warn(error, "refresh failed");
            }
            if let Some(shared) = Weak::upgrade(&shared) {
                shared.note(&rules, &lookup, asked, &outcome);
            }
            drop(slot);
        });
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl UserInfoProvider for Cached {
    fn descriptor(&self) -> &'static Descriptor {
        self.inner.descriptor()
    }

    fn supports(&self, kind: LookupKind) -> bool {
        self.inner.supports(kind)
    }

    async fn user(&self, lookup: &Lookup) -> Result<User> {
        let key = self.keys.key(lookup);
        match self.recall(lookup, key) {
            Some(answer) => answer,
            // What is not supported was never kept, so an answer from memory need not ask.
            None if !self.supports(lookup.kind()) => (*self.inner).user(lookup).await,
            // Boxed, so that an answer from memory does not pay for the room that a question takes.
            None => Box::pin(self.ask(lookup, key)).await,
        }
    }
}

/// Tells operators of an error that no caller sees.
fn warn(error: &Error, what: &'static str) {
    tracing::warn!(error.type = error.kind().as_str(), provider = error.provider(), "{what}");
}
