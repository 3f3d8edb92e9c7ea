use std::{
    fmt,
    hash::{BuildHasher, Hash, Hasher},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use siphasher::sip128::{Hasher128, SipHasher13};
use userinfo_core::{Lookup, Secret};

use crate::random::system_u64;

/// Names a look-up at one provider by a keyed fingerprint: neither id nor token can be read out of it.
///
/// Two look-ups share a key if provider, id and token are the same, and only then: 128 bits under a secret
/// key leave nothing to chance.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Key(u128);

/// Makes the keys of one provider.
///
/// Each value made by [`scope`](Self::scope) has keys of its own, so that two providers behind one layer
/// never share an answer, whatever their instances are called.
#[derive(Clone)]
pub struct Keys {
    secret: (u64, u64),
    scope: u64,
    next: Arc<AtomicU64>,
}

impl Keys {
    /// Draws a secret key from the machine.
    #[must_use]
    pub fn new() -> Self {
        Self { secret: (system_u64(), system_u64()), scope: 0, next: Arc::new(AtomicU64::new(1)) }
    }

    /// Returns the keys of another provider.
    #[must_use]
    pub fn scope(&self) -> Self {
        Self { scope: self.next.fetch_add(1, Ordering::Relaxed), ..self.clone() }
    }

    /// Makes the key of a look-up.
    #[must_use]
    pub fn key(&self, lookup: &Lookup) -> Key {
        let mut hasher = SipHasher13::new_with_keys(self.secret.0, self.secret.1);
        hasher.write_u64(self.scope);
        part(&mut hasher, lookup.wanted_id());
        part(&mut hasher, lookup.given_token().map(Secret::expose));
        Key(hasher.finish128().as_u128())
    }
}

impl Key {
    /// Chooses one of so many places, by the half that [`Hash`] leaves out.
    pub(crate) fn place(self, places: usize) -> usize {
        ((self.0 >> 64) as u64 % places as u64) as usize
    }
}

/// Writes a part behind its length, so that no two parts run together.
fn part(hasher: &mut SipHasher13, text: Option<&str>) {
    match text {
        None => hasher.write_u64(u64::MAX),
        Some(text) => {
            hasher.write_u64(text.len() as u64);
            hasher.write(text.as_bytes());
        }
    }
}

impl Default for Keys {
    fn default() -> Self {
        Self::new()
    }
}

/// Hashes a [`Key`] by what it is: well mixed, under a secret that nobody outside can steer by.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Mixed(u64);

impl BuildHasher for Mixed {
    type Hasher = Self;

    fn build_hasher(&self) -> Self {
        Self(0)
    }
}

impl Hasher for Mixed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, half: u64) {
        self.0 = half;
    }
}

/// Is well mixed already, so half of it will do.
impl Hash for Key {
    #[expect(clippy::cast_possible_truncation, reason = "the lower half is meant")]
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0 as u64);
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({:032x})", self.0)
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("scope", &self.scope).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lookup() -> impl Strategy<Value = Lookup> {
        let text = "[ab]{0,3}";
        (proptest::option::of(text), proptest::option::of(text)).prop_map(|(id, token)| match (id, token) {
            (Some(id), Some(token)) => Lookup::id(id).with_token(token),
            (None, Some(token)) => Lookup::token(token),
            (id, None) => Lookup::id(id.unwrap_or_default()),
        })
    }

    proptest! {
        #[test]
        fn look_ups_share_a_key_if_they_are_the_same_and_only_then(one in lookup(), other in lookup()) {
            let keys = Keys::new();
            prop_assert_eq!(keys.key(&one) == keys.key(&other), one == other);
        }

        #[test]
        fn two_providers_share_no_key(one in lookup(), other in lookup()) {
            let keys = Keys::new();
            prop_assert_ne!(keys.scope().key(&one), keys.scope().key(&other));
            prop_assert_ne!(keys.scope().key(&one), keys.key(&other));
        }
    }

    #[test]
    fn another_secret_makes_other_keys_and_nothing_shows_it() {
        let lookup = Lookup::id("1000").with_token("hunter2");
        let keys = Keys::new();
        assert_ne!(keys.key(&lookup), Keys::new().key(&lookup));
        let shown = format!("{keys:?} {:?}", keys.key(&lookup));
        assert!(!shown.contains("hunter2") && !shown.contains(&keys.secret.0.to_string()), "{shown}");
    }
}
