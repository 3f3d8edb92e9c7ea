use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    time::Duration,
};

use async_trait::async_trait;
use futures_util::{FutureExt, StreamExt};
use proptest::{collection::vec, prelude::*};
use tokio::time::{Instant, sleep};
use userinfo_core::{Descriptor, Error, ErrorKind, LookupKind};

use super::*;

static ACME: Descriptor =
    Descriptor::new("acme", "Acme", "https://acme.example/docs", &[LookupKind::Id], &[]);

/// Takes as many milliseconds as the id says; an id that is no number is nobody's.
#[derive(Debug, Default)]
struct Acme {
    running: AtomicUsize,
    most: AtomicUsize,
    asked: AtomicUsize,
}

struct Running<'a>(&'a AtomicUsize);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

#[async_trait]
impl UserInfoProvider for Acme {
    fn descriptor(&self) -> &'static Descriptor {
        &ACME
    }

    async fn user(&self, lookup: &Lookup) -> Result<User> {
        self.asked.fetch_add(1, Relaxed);
        self.most.fetch_max(self.running.fetch_add(1, Relaxed) + 1, Relaxed);
        let _running = Running(&self.running);
        let id = lookup.checked_id("acme", 32)?;
        let Ok(millis) = id.parse() else {
            return Err(Error::new(ErrorKind::NotFound, "acme", "user", "no such user"));
        };
        if millis > 0 {
            sleep(Duration::from_millis(millis)).await;
        }
        Ok(User::new("acme", id))
    }
}

fn at_once(number: usize) -> NonZeroUsize {
    NonZeroUsize::new(number).expect("not zero")
}

/// Each id with how often it was asked for or answered.
fn tally<'a>(ids: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, usize> {
    let mut tally = BTreeMap::new();
    ids.for_each(|id| *tally.entry(id).or_default() += 1);
    tally
}

proptest! {
    #[test]
    fn every_look_up_is_answered_once_and_never_more_than_allowed_run(
        ids in vec("[0-9]{1,3}|nobody", 0..40),
        number in 1_usize..9,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.expect("a runtime").block_on(async {
            let acme = Arc::new(Acme::default());
            let lookups = ids.iter().map(Lookup::id);
            let outcomes: Vec<_> = fetch_many(Arc::clone(&acme) as _, lookups, at_once(number)).collect().await;

            let answered = outcomes.iter().filter_map(|(lookup, _)| lookup.wanted_id());
            prop_assert_eq!(tally(answered), tally(ids.iter().map(String::as_str)));
            prop_assert_eq!(acme.asked.load(Relaxed), ids.len());
            for (lookup, outcome) in &outcomes {
                match outcome {
                    Ok(user) => prop_assert_eq!(lookup.wanted_id(), Some(user.id.as_str())),
                    Err(error) => {
                        prop_assert_eq!(error.kind(), ErrorKind::NotFound);
                        prop_assert_eq!(lookup.wanted_id(), Some("nobody"));
                    }
                }
            }
            prop_assert!(acme.most.load(Relaxed) <= number);
            Ok(())
        })?;
    }
}

#[tokio::test(start_paused = true)]
async fn as_many_run_as_may_and_they_come_in_the_order_in_which_they_finish() {
    let acme = Arc::new(Acme::default());
    let begin = Instant::now();
    let lookups = ["30", "10", "20", "15"].map(Lookup::id);
    let users: Vec<_> = fetch_many(Arc::clone(&acme) as _, lookups, at_once(3)).collect().await;
    let ids: Vec<_> = users.iter().filter_map(|(lookup, _)| lookup.wanted_id()).collect();
    assert_eq!(ids, ["10", "20", "15", "30"]);
    assert_eq!(acme.most.load(Relaxed), 3);
    assert_eq!(begin.elapsed(), Duration::from_millis(30));
}

#[tokio::test(start_paused = true)]
async fn one_bad_id_is_one_error() {
    let lookups = ["1", "", "2", "nobody", "3"].map(Lookup::id);
    let outcomes: Vec<_> = fetch_many(Arc::new(Acme::default()), lookups, at_once(1)).collect().await;
    let kinds: Vec<_> = outcomes.iter().map(|(_, it)| it.as_ref().err().map(Error::kind)).collect();
    assert_eq!(kinds, [None, Some(ErrorKind::InvalidInput), None, Some(ErrorKind::NotFound), None]);
}

#[tokio::test(start_paused = true)]
async fn look_ups_are_taken_only_when_there_is_room() {
    let taken = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&taken);
    let endless = (1..).inspect(move |_| {
        count.fetch_add(1, Relaxed);
    });
    let lookups = endless.map(|it: u32| Lookup::id(it.to_string()));
    let mut users = fetch_many(Arc::new(Acme::default()), lookups, at_once(4));
    assert_eq!(taken.load(Relaxed), 0, "none before the first poll");
    for answered in 1..=20 {
        let (_, outcome) = users.next().await.expect("it is endless");
        outcome.expect("a user");
        let taken = taken.load(Relaxed);
        assert!(taken < answered + 4, "{taken} taken for {answered} answers");
    }
}

#[tokio::test(start_paused = true)]
async fn dropping_the_stream_cancels_what_runs() {
    let acme = Arc::new(Acme::default());
    let lookups = ["5", "1000", "1000", "1000", "1000"].map(Lookup::id);
    let mut users = fetch_many(Arc::clone(&acme) as _, lookups, at_once(3));
    let (first, _) = users.next().await.expect("five were asked for");
    assert_eq!(first.wanted_id(), Some("5"));
    assert!(users.next().now_or_never().is_none());
    assert_eq!((acme.running.load(Relaxed), acme.asked.load(Relaxed)), (3, 4));
    drop(users);
    assert_eq!((acme.running.load(Relaxed), acme.asked.load(Relaxed)), (0, 4));
    assert_eq!(Arc::strong_count(&acme), 1);
}

#[tokio::test]
async fn no_look_ups_are_no_outcomes() {
    let mut users = fetch_many(Arc::new(Acme::default()), [], at_once(3));
    assert!(users.next().await.is_none());
}

#[tokio::test]
async fn the_stream_can_be_spawned_and_held_without_pinning() {
    fn is_send_and_unpin<T: Send + Unpin + 'static>(it: T) -> T {
        it
    }
    let users = fetch_many(Arc::new(Acme::default()), vec![Lookup::id("0")], at_once(1));
    let spawned = tokio::spawn(is_send_and_unpin(users).count());
    assert_eq!(spawned.await.expect("no panic"), 1);
}
