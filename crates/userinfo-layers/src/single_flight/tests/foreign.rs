//! The code of others: what it does in a poll, a wake-up or a drop.

use std::{
    fmt,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use async_trait::async_trait;
use futures_util::future::poll_fn;
use userinfo_core::{Descriptor, Layer, Result, User};

use super::*;
use crate::single_flight::flight::Flight;

type Act = dyn FnMut(&mut Context<'_>) -> Poll<Result<User>> + Send;

/// Does in each poll what it was told, and rings when it is dropped.
#[derive(Clone)]
struct Acting(Arc<Mutex<Act>>, Arc<Spy>);

impl fmt::Debug for Acting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Acting")
    }
}

#[async_trait]
impl UserInfoProvider for Acting {
    fn descriptor(&self) -> &'static Descriptor {
        static ACME: Descriptor =
            Descriptor::new("acme", "Acme", "https://acme.example", &[LookupKind::Id], &[]);
        &ACME
    }

    async fn user(&self, _: &Lookup) -> Result<User> {
        let _spying = Spying(Arc::clone(&self.1));
        poll_fn(|cx| (self.0.lock().expect("one poll at a time"))(cx)).await
    }
}

/// Looks at the locks.
#[derive(Default)]
struct Spy {
    layer: SingleFlightLayer,
    flights: Mutex<Vec<Arc<Flight>>>,
    looked: AtomicUsize,
}

impl Spy {
    fn look(&self) {
        self.looked.fetch_add(1, Ordering::SeqCst);
        assert!(self.layer.flights.is_free(), "the map is locked");
        assert!(self.flights.lock().expect("no panic").iter().all(|it| it.is_free()), "a flight is locked");
    }

    fn looked(&self) -> usize {
        self.looked.swap(0, Ordering::SeqCst)
    }
}

/// Looks at the locks when it is woken and when it is dropped.
struct Spying(Arc<Spy>);

impl Wake for Spying {
    fn wake(self: Arc<Self>) {
        self.0.look();
    }
}

impl Drop for Spying {
    fn drop(&mut self) {
        self.0.look();
    }
}

#[test]
fn a_wake_up_in_the_midst_of_a_poll_outlives_the_one_who_polls() {
    let layer = SingleFlightLayer::new();
    let follower: Arc<Mutex<Option<Caller>>> = Arc::default();
    let guest = Arc::clone(&follower);
    let mut polls = 0;
    let act = move |cx: &mut Context<'_>| {
        polls += 1;
        if polls == 2 {
            return Poll::Ready(Ok(User::new("acme", "7")));
        }
        // Another thread wakes the request, and then another caller comes by, while this one still polls.
        cx.waker().wake_by_ref();
        assert!(guest.lock().expect("no panic").as_mut().is_some_and(Caller::waits));
        Poll::Pending
    };
    let provider = layer.wrap(Arc::new(Acting(Arc::new(Mutex::new(act)), Arc::default())));
    let [mut leader, other] = callers(&provider);
    *follower.lock().expect("no panic") = Some(other);
    assert!(leader.waits() && leader.is_woken());
    drop(leader);
    let mut follower = follower.lock().expect("no panic").take().expect("it was put in");
    assert!(follower.is_woken(), "nobody else will tell it");
    follower.ends().expect("a user");
    assert_eq!(layer.len(), 0);
}

#[test]
fn the_code_of_others_never_runs_under_a_lock() {
    let spy = Arc::new(Spy::default());
    let ready = Arc::new(AtomicUsize::new(0));
    let (told, looker) = (Arc::clone(&ready), Arc::clone(&spy));
    let left = Arc::new(Mutex::new(Waker::noop().clone()));
    let kept = Arc::clone(&left);
    let act = move |cx: &mut Context<'_>| {
        looker.look();
        kept.lock().expect("no panic").clone_from(cx.waker());
        if told.load(Ordering::SeqCst) == 0 { Poll::Pending } else { Poll::Ready(Ok(User::new("acme", "7"))) }
    };
    let provider = spy.layer.wrap(Arc::new(Acting(Arc::new(Mutex::new(act)), Arc::clone(&spy))));
    let waker = || Waker::from(Arc::new(Spying(Arc::clone(&spy))));

    let [mut one, mut other, mut third] = callers(&provider);
    assert!(one.poll_with(&waker()).is_pending());
    assert_eq!(spy.looked(), 1, "a poll");
    *spy.flights.lock().expect("no panic") = spy.layer.flights.all();
    assert!(one.poll_with(&waker()).is_pending());
    assert_eq!(spy.looked(), 1, "a waker is replaced");
    assert!(other.poll_with(&waker()).is_pending() && third.poll_with(&waker()).is_pending());
    drop(third);
    assert_eq!(spy.looked(), 1, "a waker is dropped");
    left.lock().expect("no panic").wake_by_ref();
    assert_eq!(spy.looked(), 4, "two are woken, their wakers dropped");
    assert!(one.poll_with(&waker()).is_pending() && other.poll_with(&waker()).is_pending());
    ready.store(1, Ordering::SeqCst);
    left.lock().expect("no panic").wake_by_ref();
    spy.looked();
    assert!(one.poll_with(Waker::noop()).is_ready() && other.poll_with(Waker::noop()).is_ready());
    assert_eq!(spy.looked(), 2, "a poll, and the drop of the request");

    ready.store(0, Ordering::SeqCst);
    let [mut one, mut other] = callers(&provider);
    assert!(one.poll_with(&waker()).is_pending() && other.poll_with(&waker()).is_pending());
    *spy.flights.lock().expect("no panic") = spy.layer.flights.all();
    ready.store(1, Ordering::SeqCst);
    left.lock().expect("no panic").wake_by_ref();
    assert!(one.poll_with(&waker()).is_ready());
    drop((one, other));
    let [mut last] = callers(&provider);
    ready.store(0, Ordering::SeqCst);
    assert!(last.poll_with(&waker()).is_pending());
    *spy.flights.lock().expect("no panic") = spy.layer.flights.all();
    spy.looked();
    drop(last);
    assert_eq!(spy.looked(), 2, "the request is cancelled, and a waker dropped");
}

#[test]
fn who_comes_while_a_request_is_being_cancelled_makes_no_second_one_beside_it() {
    /// Asks again when the request is dropped.
    struct Again(Arc<Mutex<Option<Caller>>>, Upstream);

    impl Drop for Again {
        fn drop(&mut self) {
            if let Some(caller) = self.0.lock().expect("no panic").as_mut() {
                assert!(caller.waits());
                assert_eq!(self.1.made(), 1);
            }
        }
    }

    #[derive(Clone, Debug)]
    struct Slow(Upstream, Arc<Mutex<Option<Caller>>>);

    #[async_trait]
    impl UserInfoProvider for Slow {
        fn descriptor(&self) -> &'static Descriptor {
            self.0.descriptor()
        }

        async fn user(&self, lookup: &Lookup) -> Result<User> {
            let again = Again(Arc::clone(&self.1), self.0.clone());
            let answer = self.0.user(lookup).await;
            drop(again);
            answer
        }
    }

    let (layer, upstream, newcomer) = (SingleFlightLayer::new(), Upstream::default(), Arc::default());
    let provider = layer.wrap(Arc::new(Slow(upstream.clone(), Arc::clone(&newcomer))));
    let [mut one, other] = callers(&provider);
    assert!(one.waits());
    *newcomer.lock().expect("no panic") = Some(other);
    drop(one);
    let mut newcomer = newcomer.lock().expect("no panic").take().expect("it was put in");
    assert!(newcomer.is_woken());
    assert!(newcomer.waits());
    assert_eq!((upstream.made(), upstream.running(), layer.len()), (2, 1, 1));
    upstream.answer(1);
    newcomer.ends().expect("a user");
    assert_eq!(layer.len(), 0);
}

#[test]
fn a_waker_that_is_kept_keeps_nobodys_data() {
    let (_, upstream, provider) = setup();
    let [mut leader, mut follower] = callers(&provider);
    assert!(leader.waits() && follower.waits());
    let secret = Arc::new(Error::new(ErrorKind::Rejected, "acme", "user", "no"));
    let kept = Arc::downgrade(&secret);
    let error = Error::new(ErrorKind::Rejected, "acme", "user", "no").with_source(Held(secret));
    upstream.tell(0, Script::Answer(Err(error)));
    let waker = upstream.waker(0);
    leader.ends().expect_err("no user");
    drop((leader, follower));
    upstream.tell(0, Script::Panic);
    assert!(kept.upgrade().is_none());
    waker.wake();
}

#[derive(Debug)]
struct Held(Arc<Error>);

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Held {}
