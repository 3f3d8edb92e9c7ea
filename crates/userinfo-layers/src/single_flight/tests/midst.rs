//! In the midst of it: what happens while a request is made, polled, ended or cancelled.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use async_trait::async_trait;
use userinfo_core::{Descriptor, Layer, Result, User};

use super::{foreign::Acting, *};
use crate::{
    Keys,
    single_flight::{
        flight::{Landing, Seat},
        flights::Flights,
    },
};

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
    let provider = layer.wrap(Arc::new(Acting::new(act)));
    let [mut leader, other] = callers(&provider);
    *follower.lock().expect("no panic") = Some(other);
    assert!(leader.waits() && leader.is_woken());
    drop(leader);
    let mut follower = follower.lock().expect("no panic").take().expect("it was put in");
    assert!(follower.is_woken(), "nobody else will tell it");
    follower.ends().expect("a user");
    assert_eq!(layer.len(), 0);
}

/// Counts the requests that run.
#[derive(Debug)]
struct Counted(Acting, Arc<AtomicUsize>);

struct Leaving(Arc<AtomicUsize>);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl UserInfoProvider for Counted {
    fn descriptor(&self) -> &'static Descriptor {
        self.0.descriptor()
    }

    async fn user(&self, lookup: &Lookup) -> Result<User> {
        self.1.fetch_add(1, Ordering::SeqCst);
        let _leaving = Leaving(Arc::clone(&self.1));
        self.0.user(lookup).await
    }
}

/// Asks for the same user as soon as it is woken, and notes how many requests run then.
struct Asking(Mutex<Caller>, Arc<AtomicUsize>, Mutex<Vec<usize>>);

impl Wake for Asking {
    fn wake(self: Arc<Self>) {
        assert!(self.0.lock().expect("no panic").waits());
        self.2.lock().expect("no panic").push(self.1.load(Ordering::SeqCst));
    }
}

/// Ends a request while a second caller comes by in the midst of the same poll, and a third one behind it.
fn end(end: fn() -> Poll<Result<User>>) -> (Caller, Arc<Asking>) {
    let layer = SingleFlightLayer::new();
    let (running, follower) = (Arc::default(), Arc::<Mutex<Option<(Caller, Waker)>>>::default());
    let (guest, mut first) = (Arc::clone(&follower), true);
    let act = move |_: &mut Context<'_>| {
        if !std::mem::take(&mut first) {
            return Poll::Pending;
        }
        let mut guest = guest.lock().expect("no panic");
        let (caller, waker) = guest.as_mut().expect("it was put in");
        assert!(caller.poll_with(waker).is_pending());
        drop(guest);
        end()
    };
    let provider = layer.wrap(Arc::new(Counted(Acting::new(act), Arc::clone(&running))));
    let [mut leader, other, third] = callers(&provider);
    let asking = Arc::new(Asking(Mutex::new(third), running, Mutex::default()));
    *follower.lock().expect("no panic") = Some((other, Waker::from(Arc::clone(&asking))));
    _ = catch_unwind(AssertUnwindSafe(|| leader.poll()));
    drop(leader);
    let (follower, _) = follower.lock().expect("no panic").take().expect("it was put in");
    (follower, asking)
}

#[test]
fn who_comes_in_the_midst_of_the_last_poll_is_told_when_the_request_is_gone() {
    let (mut follower, asking) = end(|| Poll::Ready(Ok(User::new("acme", "7"))));
    assert_eq!(*asking.2.lock().expect("no panic"), [1], "the second one's, not the first one's");
    assert_eq!(follower.ends().expect("a user").id, "7");

    let (mut follower, asking) = end(|| panic!("as told"));
    assert_eq!(*asking.2.lock().expect("no panic"), [1], "the second one's, not the first one's");
    assert!(follower.waits());
    assert_eq!(asking.1.load(Ordering::SeqCst), 1, "it joined the second one");
}

#[test]
fn nobody_boards_a_flight_that_is_over() {
    let (layer, upstream, provider) = setup();
    let [mut one, mut other] = callers(&provider);
    assert!(one.waits() && other.waits());
    let flight = layer.flights.all().remove(0);
    upstream.answer(0);
    one.ends().expect("a user");
    assert!(flight.board(&layer.flights).is_none());
    other.ends().expect("a user");
    assert!(flight.board(&layer.flights).is_none());
}

#[test]
fn a_panic_while_the_request_is_made_is_one_callers() {
    let (flights, key) = (Flights::default(), Keys::new().key(&Lookup::id("7")));
    let mut second: Option<Seat<'_>> = None;
    let made = catch_unwind(AssertUnwindSafe(|| {
        flights.board(key, None, || {
            second = Some(flights.board(key, None, || unreachable!("it joins")));
            panic!("as told");
        })
    }));
    assert!(made.is_err());
    assert_eq!(flights.len(), 0);
    let mut second = second.expect("it boarded");
    let poll = std::pin::Pin::new(&mut second).poll(&mut Context::from_waker(Waker::noop()));
    assert!(matches!(poll, Poll::Ready(Landing::Lost)));
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
