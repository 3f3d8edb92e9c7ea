use std::{
    collections::HashMap,
    fmt, mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::time::Instant;

use super::flight::{Call, Flight, Seat};
use crate::{Key, key::Mixed};

/// Room that is kept however few flights there are.
const ROOM: usize = 64;

/// The flights that can be boarded, one per key.
///
/// Nothing but the map changes under the lock, and one flight's lock may be taken under it; never the other
/// way round.
#[derive(Default)]
pub(super) struct Flights(Mutex<ByKey>);

type ByKey = HashMap<Key, Arc<Flight>, Mixed>;

impl Flights {
    /// Takes a seat in the flight of this key, or in a new one with this call.
    pub(super) fn board(&self, key: Key, expires: Option<Instant>, call: impl FnOnce() -> Call) -> Seat<'_> {
        let mut map = self.map();
        if let Some(seat) = map.get(&key).and_then(|it| it.board(self)) {
            return seat;
        }
        let flight = Arc::new(Flight::new(key, expires));
        let over = map.insert(key, Arc::clone(&flight));
        drop(map);
        drop(over);
        // Making a call runs the code of others, so the lock is free by now.
        Seat::first(self, flight, call)
    }

    /// Takes this flight out, and no later one of its key.
    pub(super) fn remove(&self, flight: &Arc<Flight>) {
        let mut map = self.map();
        if map.get(&flight.key).is_some_and(|it| Arc::ptr_eq(it, flight)) {
            map.remove(&flight.key);
            // A crowd that has gone leaves no room behind; by halves, so that it costs next to nothing.
            if map.capacity() > 4 * map.len().max(ROOM) {
                let room = 2 * map.len().max(ROOM);
                map.shrink_to(room);
            }
        }
    }

    /// Lets nobody board the flights that there are.
    pub(super) fn clear(&self) {
        let flights = mem::take(&mut *self.map());
        drop(flights);
    }

    pub(super) fn len(&self) -> usize {
        self.map().len()
    }

    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.map().capacity()
    }

    #[cfg(test)]
    pub(super) fn all(&self) -> Vec<Arc<Flight>> {
        self.map().values().cloned().collect()
    }

    /// Says whether nobody holds the lock.
    #[cfg(test)]
    pub(super) fn is_free(&self) -> bool {
        self.0.try_lock().is_ok()
    }

    /// Locks the map. A panic under the lock could only be one of the allocator.
    fn map(&self) -> MutexGuard<'_, ByKey> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Flights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flights").field("len", &self.len()).finish()
    }
}
