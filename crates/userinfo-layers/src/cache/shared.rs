use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use tokio::{runtime::Handle, task::JoinSet, time::Instant};
use userinfo_core::{ErrorKind, Freshness, Lookup, Result, User};

use super::{
    entry::Entry,
    policy::{Kind, Policy},
    purges::Purges,
    store::Store,
};
use crate::{Health, Key, Keys, Random};

/// What every clone of a layer, and every provider that it wrapped, have in common.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) store: Arc<dyn Store>,
    pub(super) keys: Keys,
    purges: RwLock<Purges>,
    /// Aborted when this is dropped, so a task must hold no more than a weak reference to this.
    tasks: Mutex<JoinSet<()>>,
}

/// What one look-up's answer is kept by.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    pub(super) policy: Policy,
    pub(super) random: Arc<dyn Random>,
}

/// A question to the upstream that is under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    key: Key,
    at: Instant,
    mark: u64,
}

impl Shared {
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        Self { store, keys: Keys::new(), purges: RwLock::default(), tasks: Mutex::default() }
    }

    /// Notes that the upstream is about to be asked.
    pub(super) fn ask(&self, key: Key) -> Asked {
        let mark = self.purges.read().unwrap_or_else(PoisonError::into_inner).mark();
        Asked { key, at: Instant::now(), mark }
    }

    /// Draws from an outcome what there is to remember or to forget.
    pub(super) fn note(&self, rules: &Rules, lookup: &Lookup, asked: Asked, outcome: &Result<User>) {
        let kind = match outcome {
            Ok(user) if user.freshness() == Freshness::Fresh => Kind::User,
            // A cache further in is at its wits' end too: its answer is older than it would look from here.
            Ok(_) => return,
            Err(_) if is_silence(outcome) => return,
            Err(error) if error.kind() == ErrorKind::NotFound && !rules.policy.negative_ttl.is_zero() => {
                Kind::Negative
            }
            Err(error) if !is_news(error.kind()) => return,
            Err(_) => return self.store.remove(&asked.key),
        };
        if self.store.get(&asked.key).is_some_and(|it| it.outdoes(outcome, asked.at)) {
            return;
        }
        let soft = rules.policy.soft(kind, rules.random.unit());
        let life = rules.policy.life(kind, soft);
        let entry = Entry::new(outcome.clone(), lookup, asked.at, soft, life);
        let ids = || {
            let key = |id: &str| self.keys.key(&Lookup::id(id));
            [lookup.wanted_id().map(key), outcome.as_ref().ok().map(|user| key(&user.id))]
        };
        // Held until the entry is in place: a purge comes wholly before, and is seen here, or wholly after,
        // and finds the entry.
        let purges = self.purges.read().unwrap_or_else(PoisonError::into_inner);
        if !purges.hit(asked.mark, ids) {
            self.store.put(asked.key, Arc::new(entry));
        }
    }

    pub(super) fn purge(&self, id: &str) -> usize {
        let key = self.keys.key(&Lookup::id(id));
        self.purges.write().unwrap_or_else(PoisonError::into_inner).one(key);
        self.store.purge(id)
    }

    pub(super) fn clear(&self) -> usize {
        self.purges.write().unwrap_or_else(PoisonError::into_inner).all();
        self.store.clear()
    }

    /// Runs a task for as long as this lives; not at all where there is no runtime.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let Ok(runtime) = Handle::try_current() else { return };
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        tasks.spawn_on(task, &runtime);
    }
}

/// Says whether an error tells that the answer before it no longer holds.
///
/// A page in place of JSON, or a locked account of ours, says nothing about a user.
fn is_news(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::NotFound
            | ErrorKind::Unauthenticated
            | ErrorKind::PermissionDenied
            | ErrorKind::Rejected
            | ErrorKind::IdMismatch
    )
}

/// Says whether the upstream had no answer, which says nothing against what it answered before.
pub(super) fn is_silence(outcome: &Result<User>) -> bool {
    let limited = outcome.as_ref().is_err_and(|error| error.kind() == ErrorKind::RateLimited);
    limited || Health::of(outcome) == Health::Down
}

#[cfg(test)]
mod tests {
    use std::sync::{OnceLock, Weak};

    use super::*;
    use crate::{SystemRandom, cache::MemoryStore};

    /// Says of each entry that is put whether a purge could come between.
    #[derive(Debug, Default)]
    struct Interrupted {
        shared: OnceLock<Weak<Shared>>,
        told: Mutex<Vec<bool>>,
    }

    impl Store for Interrupted {
        fn get(&self, _: &Key) -> Option<Arc<Entry>> {
            None
        }

        fn put(&self, _: Key, _: Arc<Entry>) {
            let shared = self.shared.get().and_then(Weak::upgrade).expect("set");
            self.told.lock().expect("not poisoned").push(shared.purges.try_write().is_ok());
        }

        fn remove(&self, _: &Key) {}

        fn purge(&self, _: &str) -> usize {
            0
        }

        fn clear(&self) -> usize {
            0
        }
    }

    #[test]
    fn no_purge_comes_between_the_question_whether_to_keep_and_the_keeping() {
        let store = Arc::new(Interrupted::default());
        let shared = Arc::new(Shared::new(Arc::clone(&store) as Arc<dyn Store>));
        store.shared.set(Arc::downgrade(&shared)).expect("the first time");
        let rules = Rules { policy: Policy::default(), random: Arc::new(SystemRandom) };
        let lookup = Lookup::id("1");
        let asked = shared.ask(shared.keys.key(&lookup));
        shared.note(&rules, &lookup, asked, &Ok(User::new("acme", "1")));
        assert_eq!(*store.told.lock().expect("not poisoned"), [false]);
    }

    #[tokio::test]
    async fn tasks_that_are_done_do_not_pile_up() {
        let shared = Shared::new(Arc::new(MemoryStore::new(1, 1)));
        for _ in 0..10 {
            shared.spawn(async {});
            tokio::task::yield_now().await;
        }
        assert_eq!(shared.tasks.lock().expect("not poisoned").len(), 1);
    }
}
