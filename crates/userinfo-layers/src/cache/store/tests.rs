use proptest::prelude::*;
use tokio::time::{Duration, Instant};
use userinfo_core::{Lookup, User};

use super::*;
use crate::Keys;

const LONG: Duration = Duration::from_secs(3600);

/// An entry of about so many bytes above the least.
fn entry(id: &str, more: usize) -> Arc<Entry> {
    let mut user = User::new("acme", id);
    user.bio = (more > 0).then(|| "x".repeat(more));
    Arc::new(Entry::new(Ok(user), &Lookup::id(id), Instant::now(), LONG, LONG))
}

fn key(keys: &Keys, id: &str) -> Key {
    keys.key(&Lookup::id(id))
}

/// The entries that are kept, and their bytes in all.
fn kept(store: &MemoryStore) -> (usize, usize) {
    let entries: Vec<_> = store.entries.iter().map(|(_, entry)| entry.bytes()).collect();
    (entries.len(), entries.iter().sum())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn neither_bound_is_ever_passed_and_what_is_there_was_put(
        (max_entries, max_bytes) in (0..20_usize, 0..60_000_usize),
        puts in proptest::collection::vec((0..30_u8, 0..5_000_usize), 0..100),
    ) {
        let (store, keys) = (MemoryStore::new(max_entries, max_bytes), Keys::new());
        let mut last = std::collections::BTreeMap::new();
        for (id, more) in puts {
            let id = id.to_string();
            let entry = entry(&id, more);
            store.put(key(&keys, &id), Arc::clone(&entry));
            last.insert(id, entry);
            let (entries, bytes) = kept(&store);
            prop_assert!(entries <= max_entries && bytes <= max_bytes, "{} {}", entries, bytes);
            for (id, entry) in &last {
                let found = store.get(&key(&keys, id));
                prop_assert!(found.is_none_or(|it| Arc::ptr_eq(&it, entry)), "an old one came back");
            }
        }
    }
}

#[test]
fn what_fits_is_kept() {
    let keys = Keys::new();
    let store = MemoryStore::new(100, 1 << 20);
    for it in 0..99 {
        store.put(key(&keys, &it.to_string()), entry(&it.to_string(), 0));
    }
    assert_eq!(kept(&store).0, 99);
    store.entries.run_pending_tasks();
    assert_eq!(format!("{store:?}"), "MemoryStore { entries: 99, .. }");
}

#[test]
fn what_is_too_big_is_not_kept_and_neither_is_what_it_replaces() {
    let (store, keys) = (MemoryStore::new(10, 100_000), Keys::new());
    let key = key(&keys, "1");
    store.put(key, entry("1", 0));
    store.put(key, entry("1", 100_000));
    assert!(store.get(&key).is_none());
    store.put(key, entry("1", 10_000));
    assert!(store.get(&key).is_some());
    store.remove(&key);
    assert!(store.get(&key).is_none());
}

#[test]
fn what_is_too_big_pushes_nobody_out() {
    let (store, keys) = (MemoryStore::new(100, 100_000), Keys::new());
    for id in ["1", "2", "3"] {
        store.put(key(&keys, id), entry(id, 0));
    }
    store.put(key(&keys, "3"), entry("3", 120_000));
    assert_eq!(kept(&store).0, 2);
}

#[test]
fn a_purge_takes_all_of_one_user_and_a_clearing_takes_all() {
    let (store, keys) = (MemoryStore::new(100, 1 << 20), Keys::new());
    for scope in [keys.scope(), keys.scope()] {
        for id in ["1", "2", "3"] {
            store.put(key(&scope, id), entry(id, 0));
        }
    }
    assert_eq!((store.purge("2"), store.purge("2"), store.purge("")), (2, 0, 0));
    assert_eq!(kept(&store).0, 4);
    assert_eq!((store.clear(), store.clear(), kept(&store).0), (4, 0, 0));
}

#[test]
fn the_bounds_hold_beyond_32_bits() {
    const GIB: usize = 1 << 30;
    for (max_entries, max_bytes) in
        [(1, 64 * GIB), (3, u32::MAX as usize), (10, usize::MAX), (usize::MAX, 8 * GIB)]
    {
        let scale = Scale::new(max_entries, max_bytes);
        let most = scale.capacity / u64::from(scale.weight(1));
        assert!(most >= 1 && most <= max_entries as u64, "{scale:?}");
        assert!(u64::from(scale.weight(usize::MAX)) > scale.capacity, "{scale:?}");
        let half = u64::from(scale.weight(max_bytes / 2 + 1));
        assert!(half <= scale.capacity && 2 * half > scale.capacity, "{scale:?}");
    }
}

#[test]
fn what_is_pushed_out_is_pushed_out_of_the_front_too() {
    let (store, keys) = (MemoryStore::new(5, 1 << 20), Keys::new());
    for it in 0..100 {
        let id = it.to_string();
        store.put(key(&keys, &id), entry(&id, 0));
        store.get(&key(&keys, &id));
    }
    let found = (0..100).filter(|it| store.get(&key(&keys, &it.to_string())).is_some()).count();
    assert!(found == kept(&store).0 && (3..=5).contains(&found), "{found} {:?}", kept(&store));
}

#[test]
fn what_is_replaced_removed_or_purged_is_never_read_again() {
    let (store, keys) = (MemoryStore::new(100, 1 << 20), Keys::new());
    let key = key(&keys, "1");
    let put_and_read = || {
        let entry = entry("1", 0);
        store.put(key, Arc::clone(&entry));
        for _ in 0..3 {
            assert!(store.get(&key).is_some_and(|it| Arc::ptr_eq(&it, &entry)));
        }
    };
    put_and_read();
    put_and_read();
    store.remove(&key);
    assert!(store.get(&key).is_none());
    put_and_read();
    assert_eq!(store.purge("1"), 1);
    assert!(store.get(&key).is_none());
    put_and_read();
    store.clear();
    assert!(store.get(&key).is_none());
    put_and_read();
    store.put(key, entry("1", 2 << 20));
    assert!(store.get(&key).is_none());
}
