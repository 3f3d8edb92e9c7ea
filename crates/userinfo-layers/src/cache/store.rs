use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use moka::{Expiry, sync::Cache};

use super::{entry::Entry, front::Front};
use crate::{Key, key::Mixed};

/// Keeps what a [`CacheLayer`](crate::CacheLayer) remembers, in the memory of this process.
///
/// Every call of every user reads it, and on an async thread: no method may wait for I/O. A cache that is
/// reached over a network is therefore no store but a layer of its own, under the `CacheLayer`: on a miss
/// here it is asked before the provider is.
///
/// A store may forget whatever it likes and may not invent: what `get` returns was given to `put`, under
/// the same key, and nothing was put there or removed from there since. It must be bounded.
pub trait Store: fmt::Debug + Send + Sync {
    /// Returns what is kept under a key.
    fn get(&self, key: &Key) -> Option<Arc<Entry>>;

    /// Keeps an entry, in place of the one with the same key, even if this one is too big to keep.
    fn put(&self, key: Key, entry: Arc<Entry>);

    /// Forgets what is kept under a key.
    fn remove(&self, key: &Key);

    /// Forgets every entry that [concerns](Entry::concerns) this id, and returns how many there were.
    ///
    /// An entry that was put before is found; one that is put meanwhile may be.
    fn purge(&self, id: &str) -> usize;

    /// Forgets everything that was put before, and returns how much that was.
    fn clear(&self) -> usize;
}

/// The store that is used unless another is given, bounded by number and by bytes.
///
/// When it is full, what is asked for least gives way, so that a run of strange ids does not push out
/// the users who are asked for all the time.
pub struct MemoryStore {
    front: Front,
    entries: Cache<Key, Arc<Entry>, Mixed>,
    scale: Scale,
    /// How much more can be put before the bound may be passed.
    room: AtomicI64,
}

/// From so many entries on, a sixteenth of them is kept free.
const MANY: usize = 256;

/// Lets go of an entry when it is good for nothing any more, by the clock of the machine.
///
/// What an entry is good for is not judged by this: it only keeps what is over from lying about.
struct Life;

/// How long an entry stays at least; to let go of it sooner is not worth the work.
const LEAST: Duration = Duration::from_secs(60);

/// Folds two bounds into one.
///
/// An entry weighs its bytes, but at least its share of all bytes if there were as many entries as may be.
/// Weights have 32 bits, so where the bound is 4 GiB or more, they count units of several bytes.
#[derive(Clone, Copy, Debug)]
struct Scale {
    unit: u64,
    least: u64,
    capacity: u64,
    /// What is kept free, so that not every entry that is put has to wait for others to be pushed out.
    spare: u64,
}

impl MemoryStore {
    /// Makes an empty store that holds so many entries, and so many bytes in all.
    ///
    /// From 256 entries on, up to a sixteenth of that stays free. An entry that alone is bigger than `max_bytes` is not kept; with a bound of zero none is.
    #[must_use]
    pub fn new(max_entries: usize, max_bytes: usize) -> Self {
        let scale = Scale::new(max_entries, max_bytes);
        let entries = Cache::builder()
            .max_capacity(scale.capacity - scale.spare)
            .expire_after(Life)
            .weigher(move |_, entry: &Arc<Entry>| scale.weight(entry.bytes()))
            .build_with_hasher(Mixed::default());
        Self { front: Front::new(), entries, scale, room: AtomicI64::new(0) }
    }

    fn remove_where(&self, condition: impl Fn(&Entry) -> bool) -> usize {
        let found = self.entries.iter().filter(|(_, entry)| condition(entry));
        let keys: Vec<_> = found.map(|(key, _)| key).collect();
        let count = keys.iter().filter(|key| self.entries.remove(&***key).is_some()).count();
        self.front.forget_where(condition);
        count
    }
}

impl Store for MemoryStore {
    fn get(&self, key: &Key) -> Option<Arc<Entry>> {
        if let Some(entry) = self.front.get(key) {
            return Some(entry);
        }
        let mark = self.front.mark();
        let entry = self.entries.get(key)?;
        self.front.keep(*key, &entry, mark);
        Some(entry)
    }

    fn put(&self, key: Key, entry: Arc<Entry>) {
        let weight = self.scale.weight(entry.bytes());
        if u64::from(weight) > self.scale.capacity {
            self.entries.invalidate(&key);
        } else {
            self.entries.insert(key, entry);
        }
        self.front.forget(&key);
        // Without this, dozens of entries beyond the bound would wait for their eviction.
        if self.room.fetch_sub(i64::from(weight), Ordering::Relaxed) < i64::from(weight) {
            self.entries.run_pending_tasks();
            let room = self.scale.capacity.saturating_sub(self.entries.weighted_size());
            self.room.store(room.try_into().unwrap_or(i64::MAX), Ordering::Relaxed);
        }
    }

    fn remove(&self, key: &Key) {
        self.entries.invalidate(key);
        self.front.forget(key);
    }

    fn purge(&self, id: &str) -> usize {
        self.remove_where(|entry| entry.concerns(id))
    }

    fn clear(&self) -> usize {
        self.remove_where(|_| true)
    }
}

/// Counts; the entries themselves are nobody's business.
impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").field("entries", &self.entries.entry_count()).finish_non_exhaustive()
    }
}

impl Expiry<Key, Arc<Entry>> for Life {
    fn expire_after_create(&self, _: &Key, entry: &Arc<Entry>, _: std::time::Instant) -> Option<Duration> {
        Some(entry.life().max(LEAST))
    }

    fn expire_after_update(
        &self,
        _: &Key,
        entry: &Arc<Entry>,
        _: std::time::Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(entry.life().max(LEAST))
    }
}

impl Scale {
    fn new(max_entries: usize, max_bytes: usize) -> Self {
        let (max_entries, max_bytes) = (count(max_entries), count(max_bytes));
        // Below the greatest weight, which also stands for all that is greater.
        let unit = max_bytes.div_ceil(u64::from(u32::MAX - 1)).max(1);
        let capacity = if max_entries == 0 { 0 } else { max_bytes / unit };
        let spare = if max_entries < count(MANY) { 0 } else { capacity / 16 };
        Self { unit, least: capacity.div_ceil(max_entries.max(1)).max(1), capacity, spare }
    }

    fn weight(self, bytes: usize) -> u32 {
        u32::try_from(count(bytes).div_ceil(self.unit).max(self.least)).unwrap_or(u32::MAX)
    }
}

fn count(it: usize) -> u64 {
    u64::try_from(it).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
