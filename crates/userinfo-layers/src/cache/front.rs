use std::sync::{
    Arc, PoisonError, RwLock, Weak,
    atomic::{AtomicU32, AtomicU64, Ordering},
};

use super::entry::Entry;
use crate::Key;

/// The entries that were asked for last, so that asking again costs next to nothing.
///
/// A store that knows what is in demand writes every read down, which costs more than the read. Here a read
/// is a look into one place, and only one read in so many goes on to the store, which so still learns who is
/// in demand. The entries are the store's: what it lets go is gone from here too. Whoever puts or removes one says
/// so here, after the change.
#[derive(Debug)]
pub(super) struct Front {
    places: Box<[RwLock<Option<Seen>>]>,
    changes: AtomicU64,
}

#[derive(Debug)]
struct Seen {
    key: Key,
    entry: Weak<Entry>,
    reads: AtomicU32,
}

/// Says that nothing was changed since, if nothing was.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark(u64);

/// How many entries there is a place for.
const PLACES: usize = 256;
/// Of so many reads of one entry, one goes on to the store.
const EVERY: u32 = 32;

impl Front {
    pub(super) fn new() -> Self {
        Self { places: (0..PLACES).map(|_| RwLock::default()).collect(), changes: AtomicU64::new(0) }
    }

    /// Returns the entry of a key, unless it is not here or the store is to be asked.
    pub(super) fn get(&self, key: &Key) -> Option<Arc<Entry>> {
        let place = self.place(key).read().unwrap_or_else(PoisonError::into_inner);
        let seen = place.as_ref().filter(|seen| seen.key == *key)?;
        let reads = seen.reads.fetch_add(1, Ordering::Relaxed);
        if reads % EVERY == EVERY - 1 { None } else { seen.entry.upgrade() }
    }

    /// Marks the moment before the store is asked.
    pub(super) fn mark(&self) -> Mark {
        Mark(self.changes.load(Ordering::Acquire))
    }

    /// Keeps what the store had at the mark, unless the store was changed since.
    pub(super) fn keep(&self, key: Key, entry: &Arc<Entry>, mark: Mark) {
        let mut place = self.place(&key).write().unwrap_or_else(PoisonError::into_inner);
        if self.changes.load(Ordering::Acquire) == mark.0 {
            let seen = Seen { key, entry: Arc::downgrade(entry), reads: AtomicU32::new(0) };
            let before = place.replace(seen);
            drop(place);
            drop(before);
        }
    }

    /// Forgets the entry of a key, which the store has no more, or another one in place of it.
    pub(super) fn forget(&self, key: &Key) {
        self.changes.fetch_add(1, Ordering::AcqRel);
        let mut place = self.place(key).write().unwrap_or_else(PoisonError::into_inner);
        let before = place.take_if(|seen| seen.key == *key);
        drop(place);
        drop(before);
    }

    /// Forgets the entries of which this holds.
    pub(super) fn forget_where(&self, condition: impl Fn(&Entry) -> bool) {
        self.changes.fetch_add(1, Ordering::AcqRel);
        for place in &self.places {
            let mut place = place.write().unwrap_or_else(PoisonError::into_inner);
            let before = place.take_if(|seen| seen.entry.upgrade().is_none_or(|it| condition(&it)));
            drop(place);
            drop(before);
        }
    }

    /// The place of a key: keys are well mixed, so any bits of one will do.
    fn place(&self, key: &Key) -> &RwLock<Option<Seen>> {
        &self.places[key.place(PLACES)]
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;
    use userinfo_core::{Lookup, User};

    use super::*;
    use crate::Keys;

    const LONG: Duration = Duration::from_secs(3600);

    fn entry(id: &str) -> Arc<Entry> {
        Arc::new(Entry::new(Ok(User::new("acme", id)), &Lookup::id(id), Instant::now(), LONG, LONG))
    }

    #[test]
    fn what_was_kept_is_found_and_every_so_often_the_store_is_to_be_asked() {
        let (front, key, kept) = (Front::new(), Keys::new().key(&Lookup::id("1")), entry("1"));
        assert!(front.get(&key).is_none());
        front.keep(key, &kept, front.mark());
        let found: Vec<_> = (0..2 * EVERY).map(|_| front.get(&key)).collect();
        assert!(found.iter().flatten().all(|it| Arc::ptr_eq(it, &kept)));
        assert_eq!(found.iter().filter(|it| it.is_none()).count(), 2);
        assert!(found[0].is_some() && found[EVERY as usize - 1].is_none());
    }

    #[test]
    fn what_the_store_lets_go_is_gone() {
        let (front, key, kept) = (Front::new(), Keys::new().key(&Lookup::id("1")), entry("1"));
        front.keep(key, &kept, front.mark());
        assert!(front.get(&key).is_some());
        drop(kept);
        assert!(front.get(&key).is_none());
    }

    #[test]
    fn another_key_in_the_same_place_is_another() {
        let (front, keys) = (Front::new(), Keys::new());
        let all: Vec<_> =
            (0..=PLACES).map(|it| (keys.key(&Lookup::id(it.to_string())), entry("1"))).collect();
        for (key, entry) in &all {
            front.keep(*key, entry, front.mark());
        }
        let found =
            all.iter().filter(|(key, entry)| front.get(key).is_some_and(|it| Arc::ptr_eq(&it, entry)));
        let found = found.count();
        assert!(found <= PLACES && found > PLACES / 3, "{found}");
        assert!(all.iter().all(|(key, entry)| front.get(key).is_none_or(|it| Arc::ptr_eq(&it, entry))));
    }

    #[test]
    fn what_the_store_had_before_a_change_is_not_kept_after_it() {
        let (front, keys) = (Front::new(), Keys::new());
        let (key, other) = (keys.key(&Lookup::id("1")), keys.key(&Lookup::id("2")));
        let changes: [fn(&Front, &Key); 2] =
            [|front, key| front.forget(key), |front, _| front.forget_where(|_| false)];
        for change in changes {
            let mark = front.mark();
            change(&front, &other);
            let kept = entry("1");
            front.keep(key, &kept, mark);
            assert!(front.get(&key).is_none());
        }
        let kept = entry("1");
        front.keep(key, &kept, front.mark());
        front.forget(&other);
        assert!(front.get(&key).is_some());
        front.forget(&key);
        assert!(front.get(&key).is_none());
    }

    #[test]
    fn what_is_to_be_forgotten_is_and_the_rest_is_not() {
        let (front, keys) = (Front::new(), Keys::new());
        let (one, two) = (keys.key(&Lookup::id("1")), keys.key(&Lookup::id("two")));
        let kept = [entry("1"), entry("two")];
        front.keep(one, &kept[0], front.mark());
        front.keep(two, &kept[1], front.mark());
        front.forget_where(|it| it.concerns("1"));
        assert!(front.get(&one).is_none());
        assert!(front.get(&two).is_some());
    }
}
