use std::collections::VecDeque;

use crate::Key;

/// How many purges are remembered one by one.
const MOST: usize = 256;

/// Remembers what was purged lately, so that a call that was under way does not put it back.
///
/// Ids are kept as keys, so that the memory of a purge is not itself a list of users.
#[derive(Debug, Default)]
pub(super) struct Purges {
    /// How many there were.
    count: u64,
    /// The last of them, the newest at the end; empty after all was cleared.
    recent: VecDeque<Key>,
}

impl Purges {
    /// Returns the mark to keep while a call is under way.
    pub(super) fn mark(&self) -> u64 {
        self.count
    }

    pub(super) fn one(&mut self, id: Key) {
        self.count += 1;
        if self.recent.len() == MOST {
            self.recent.pop_front();
        }
        self.recent.push_back(id);
    }

    pub(super) fn all(&mut self) {
        self.count += 1;
        self.recent.clear();
    }

    /// Says whether any of these ids was purged since the mark, or may have been.
    pub(super) fn hit(&self, mark: u64, ids: impl FnOnce() -> [Option<Key>; 2]) -> bool {
        let since = usize::try_from(self.count - mark).unwrap_or(usize::MAX);
        if since == 0 {
            return false;
        }
        since > self.recent.len() || {
            let ids = ids();
            self.recent.iter().rev().take(since).any(|it| ids.contains(&Some(*it)))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use userinfo_core::Lookup;

    use super::*;
    use crate::Keys;

    proptest! {
        /// `None` clears; a mark is an index into the history.
        #[test]
        fn what_was_purged_since_the_mark_is_hit(
            history in proptest::collection::vec(proptest::option::weighted(0.9, 0..6_u8), 0..12),
            mark in 0..12_usize,
            ids in (0..6_u8, proptest::option::of(0..6_u8)),
        ) {
            let keys = Keys::new();
            let key = |id: u8| keys.key(&Lookup::id(id.to_string()));
            let mark = mark.min(history.len());
            let mut purges = Purges::default();
            let mut at = purges.mark();
            for (index, step) in history.iter().enumerate() {
                if index == mark {
                    at = purges.mark();
                }
                match step {
                    Some(id) => purges.one(key(*id)),
                    None => purges.all(),
                }
            }
            if mark == history.len() {
                at = purges.mark();
            }
            let hit = |id| id == ids.0 || Some(id) == ids.1;
            let expected = history[mark..].iter().any(|it| it.is_none_or(hit));
            prop_assert_eq!(purges.hit(at, || [Some(key(ids.0)), ids.1.map(key)]), expected);
        }
    }

    #[test]
    fn more_than_can_be_remembered_counts_as_all() {
        let keys = Keys::new();
        let key = |id: usize| keys.key(&Lookup::id(id.to_string()));
        let mut purges = Purges::default();
        let mark = purges.mark();
        (0..MOST).for_each(|id| purges.one(key(id)));
        assert!(!purges.hit(mark, || [Some(key(MOST)), None]));
        assert!(purges.hit(mark, || [Some(key(0)), None]));
        purges.one(key(0));
        assert!(purges.hit(mark, || [Some(key(MOST)), None]));
        assert!(purges.recent.len() <= MOST);
    }
}
