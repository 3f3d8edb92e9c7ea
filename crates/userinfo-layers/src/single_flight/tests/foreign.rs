//! The code of others: what it does in a poll, a wake-up or a drop.

use std::{
    fmt,
    sync::{
        Mutex, PoisonError,
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

/// Does in each poll what it was told, and looks at the locks when it is dropped.
#[derive(Clone)]
pub(super) struct Acting(Arc<Mutex<Act>>, Arc<Spy>);

impl Acting {
    pub(super) fn new(act: impl FnMut(&mut Context<'_>) -> Poll<Result<User>> + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(act)), Arc::default())
    }
}

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
        poll_fn(|cx| (self.0.lock().unwrap_or_else(PoisonError::into_inner))(cx)).await
    }
}

/// Looks at the locks.
#[derive(Default)]
pub(super) struct Spy {
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
