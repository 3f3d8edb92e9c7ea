use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;
use userinfo_core::{Error, Freshness, Lookup, Result, User};

use super::policy::Kind;

/// One remembered answer: a user, or that there is none.
///
/// It holds personal data, which `Debug` does not show, and no token.
pub struct Entry {
    answer: Result<User>,
    wanted: Option<Box<str>>,
    asked: Instant,
    made: Instant,
    soft: Duration,
    life: Duration,
    bytes: usize,
    refreshing: AtomicBool,
}

/// The right to refresh an entry, of which there is one; whoever drops it gives it back.
pub(super) struct Slot(Arc<Entry>);

impl Entry {
    /// Keeps the answer to a look-up that went out at `asked`.
    pub(super) fn new(
        answer: Result<User>,
        lookup: &Lookup,
        asked: Instant,
        soft: Duration,
        life: Duration,
    ) -> Self {
        let wanted: Option<Box<str>> = lookup.wanted_id().map(Into::into);
        let bytes = match &answer {
            Ok(user) => user.memory(),
            Err(error) => bytes_of_error(error),
        };
        let bytes = OVERHEAD.saturating_add(bytes).saturating_add(wanted.as_ref().map_or(0, |id| id.len()));
        Self {
            answer,
            wanted,
            asked,
            made: Instant::now(),
            soft,
            life,
            bytes,
            refreshing: AtomicBool::new(false),
        }
    }

    /// Says whether this id was asked for, or is that of the user who came back.
    #[must_use]
    pub fn concerns(&self, id: &str) -> bool {
        self.wanted.as_deref() == Some(id) || self.answer.as_ref().is_ok_and(|user| user.id == id)
    }

    /// Returns how long after its making the entry is good for anything.
    #[must_use]
    pub fn life(&self) -> Duration {
        self.life
    }

    /// Says whether it was made since a question was asked, and so knows as much as its answer or more.
    ///
    /// Where both are one answer, which callers shared, the earliest question says how old it is.
    pub(super) fn outdoes(&self, answer: &Result<User>, asked: Instant) -> bool {
        let is_shared = match (&self.answer, answer) {
            (Ok(kept), Ok(user)) => std::ptr::eq(&raw const **kept, &raw const **user),
            _ => false,
        };
        self.made > asked && !(is_shared && asked < self.asked)
    }

    /// Returns how much memory the entry takes: an estimate, and never too low.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Says whether this entry was made for the same id, or for none as well.
    pub(super) fn answers(&self, lookup: &Lookup) -> bool {
        self.wanted.as_deref() == lookup.wanted_id()
    }

    pub(super) fn kind(&self) -> Kind {
        if self.answer.is_ok() { Kind::User } else { Kind::Negative }
    }

    pub(super) fn soft(&self) -> Duration {
        self.soft
    }

    pub(super) fn age(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.asked)
    }

    pub(super) fn answer(&self, freshness: Freshness) -> Result<User> {
        self.answer.clone().map(|user| user.with_freshness(freshness))
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("kind", &self.kind())
            .field("bytes", &self.bytes)
            .finish_non_exhaustive()
    }
}

impl Slot {
    /// Takes the right if nobody has it.
    pub(super) fn take(entry: &Arc<Entry>) -> Option<Self> {
        (!entry.refreshing.swap(true, Ordering::AcqRel)).then(|| Self(Arc::clone(entry)))
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.refreshing.store(false, Ordering::Release);
    }
}

/// What an entry takes whatever it says: itself, an error, and its place in a store.
const OVERHEAD: usize = size_of::<Entry>() + 512;

fn bytes_of_error(error: &Error) -> usize {
    let texts = [Some(error.message()), error.vendor_code(), error.request_id()];
    texts.iter().flatten().map(|text| 2 * text.len()).sum()
}

#[cfg(test)]
mod tests {
    use userinfo_core::{Email, ErrorKind, Extra, Group, Organization, Raw, Role};

    use super::*;

    const LONG: Duration = Duration::from_secs(3600);

    fn bytes(user: User) -> usize {
        Entry::new(Ok(user), &Lookup::id("1"), Instant::now(), LONG, LONG).bytes()
    }

    #[test]
    fn text_of_any_kind_is_counted() {
        let bare = bytes(User::new("acme", "1"));
        let long = "天\"\n".repeat(1000);
        let mut user = User::new("acme", "1");
        user.bio = Some(long.clone());
        assert!(bytes(user) >= bare + long.len());
        let mut user = User::new("acme", "1");
        user.emails.push(Email::new(long.clone()));
        assert!(bytes(user) >= bare + long.len());
        let mut user = User::new("acme", "1");
        user.extra.insert_json("it", &long);
        assert!(bytes(user) >= bare + long.len());
        let mut user = User::new("acme", "1");
        user.raw = Raw::new(long.clone().into(), &[]);
        assert!(bytes(user) >= bare + long.len());
        let entry = Entry::new(
            Err(Error::new(ErrorKind::NotFound, "acme", "user", "so")),
            &Lookup::id(long.clone()),
            Instant::now(),
            LONG,
            LONG,
        );
        assert!(entry.bytes() >= long.len());
    }

    #[test]
    fn what_is_empty_takes_its_place_too() {
        let bare = bytes(User::new("acme", "1"));
        let role = || Role::default();
        let organization =
            || Organization { roles: vec![role(), role(), role(), role()], ..Organization::default() };
        let mut user = User::new("acme", "1");
        user.organizations = (0..100).map(|_| organization()).collect();
        let kept = 100 * (size_of::<Organization>() + 4 * size_of::<Role>());
        assert!(bytes(user) >= bare + kept);

        let mut user = User::new("acme", "1");
        user.groups = (0..100).map(|_| Group::default()).collect();
        user.extra = (0..100).fold(Extra::default(), |mut extra, it| {
            extra.insert_json(it.to_string(), &0);
            extra
        });
        // A name and a value in a tree that is half full, and the least that an allocator gives for each.
        let fact = 2 * (size_of::<String>() + size_of::<Box<str>>()) + 2 * 32;
        assert!(bytes(user) >= bare + 100 * size_of::<Group>() + 100 * fact);
        assert!(bare >= size_of::<userinfo_core::Profile>());
    }

    #[test]
    fn an_entry_concerns_the_id_that_was_asked_for_and_the_one_that_came() {
        let at = Instant::now();
        let entry = |answer, lookup| Entry::new(answer, &lookup, at, LONG, LONG);
        let user = entry(Ok(User::new("acme", "1000")), Lookup::token("1001"));
        assert!(user.concerns("1000") && !user.concerns("1001") && !user.concerns(""));
        let none = entry(Err(Error::new(ErrorKind::NotFound, "acme", "user", "so")), Lookup::id("1001"));
        assert!(none.concerns("1001") && !none.concerns("1000"));
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_to_an_older_question_is_no_news_unless_it_is_the_same_answer() {
        let second = Duration::from_secs(1);
        let start = Instant::now();
        tokio::time::advance(10 * second).await;
        let user: Result<User> = Ok(User::new("acme", "1"));
        let entry = Entry::new(user.clone(), &Lookup::id("1"), start + 5 * second, LONG, LONG);
        let other: Result<User> = Ok(User::new("acme", "1"));
        for (answer, asked, is_outdone) in
            [(&other, 1, true), (&other, 9, true), (&other, 10, false), (&user, 1, false), (&user, 6, true)]
        {
            assert_eq!(entry.outdoes(answer, start + asked * second), is_outdone, "{asked}");
        }
    }

    #[test]
    fn there_is_one_right_to_refresh_an_entry() {
        let entry = Entry::new(Ok(User::new("acme", "1")), &Lookup::id("1"), Instant::now(), LONG, LONG);
        let entry = Arc::new(entry);
        let slot = Slot::take(&entry).expect("free");
        assert!(Slot::take(&entry).is_none());
        drop(slot);
        assert!(Slot::take(&entry).is_some());
    }

    #[test]
    fn debug_shows_nobody() {
        let lookup = Lookup::id("ada@example.com").with_token("hunter2");
        let entry = Entry::new(Ok(User::new("acme", "ada@example.com")), &lookup, Instant::now(), LONG, LONG);
        let shown = format!("{entry:?}");
        assert!(shown.starts_with("Entry { kind: User, bytes: "), "{shown}");
        assert!(!shown.contains("ada") && !shown.contains("hunter2"), "{shown}");
    }
}
