//! The code of others: what it does in a poll, a wake-up or a drop.

use std::{
    fmt,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake},
};

use async_trait::async_trait;
use futures_util::future::poll_fn;
use userinfo_core::{Descriptor, Layer, Result, User};

use super::*;
use crate::single_flight::flight::Flight;

type Poller = dyn FnMut(&mut Context<'_>) -> Poll<Result<User>> + Send;

/// Does in each poll what it was told, and looks at the locks when it is dropped.
#[derive(Clone)]
pub(super) struct Acting(Arc<Mutex<Poller>>, Arc<Spy>);

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

/// Looks at the locks, and counts: how often it looked, and how often one was held.
#[derive(Default)]
pub(super) struct Spy {
    layer: SingleFlightLayer,
    flights: Mutex<Vec<Arc<Flight>>>,
    looked: AtomicUsize,
    held: AtomicUsize,
}

impl Spy {
    fn look(&self) {
        self.looked.fetch_add(1, Ordering::SeqCst);
        let flights = self.flights.lock().expect("no panic");
        let free = self.layer.flights.is_free() && flights.iter().all(|it| it.is_free());
        self.held.fetch_add(usize::from(!free), Ordering::SeqCst);
    }

    /// Returns how often it looked since it was last asked.
    #[track_caller]
    fn looked(&self) -> usize {
        assert_eq!(self.held.load(Ordering::SeqCst), 0, "a lock was held");
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

/// What a request does in its next polls.
#[derive(Clone, Copy)]
enum Act {
    Waits,
    Ends,
    /// Wakes itself, lets a guest come by, and waits.
    WakesAndWaits,
    /// Lets a guest come by, and ends.
    LetsInAndEnds,
}

/// A provider under the eyes of a spy.
struct Scene {
    spy: Arc<Spy>,
    act: Arc<Mutex<Act>>,
    guest: Arc<Mutex<Option<Caller>>>,
    left: Arc<Mutex<Waker>>,
    provider: Arc<dyn UserInfoProvider>,
}

impl Scene {
    fn new() -> Self {
        let (spy, act) = (Arc::new(Spy::default()), Arc::new(Mutex::new(Act::Waits)));
        let (guest, left) =
            (Arc::<Mutex<Option<Caller>>>::default(), Arc::new(Mutex::new(Waker::noop().clone())));
        let (eye, told, door, kept) =
            (Arc::clone(&spy), Arc::clone(&act), Arc::clone(&guest), Arc::clone(&left));
        let poll = move |cx: &mut Context<'_>| {
            eye.look();
            kept.lock().expect("no panic").clone_from(cx.waker());
            let act = *told.lock().expect("no panic");
            if matches!(act, Act::WakesAndWaits) {
                cx.waker().wake_by_ref();
            }
            if let Some(guest) = door.lock().expect("no panic").as_mut() {
                assert!(guest.poll_with(&Waker::from(Arc::new(Spying(Arc::clone(&eye))))).is_pending());
            }
            match act {
                Act::Waits | Act::WakesAndWaits => Poll::Pending,
                Act::Ends | Act::LetsInAndEnds => Poll::Ready(Ok(User::new("acme", "7"))),
            }
        };
        let provider = spy.layer.wrap(Arc::new(Acting(Arc::new(Mutex::new(poll)), Arc::clone(&spy))));
        Self { spy, act, guest, left, provider }
    }

    /// Begins a flight of two, and watches it.
    fn begin(&self) -> [Caller; 2] {
        let mut two = callers(&self.provider);
        self.act(Act::Waits);
        assert!(two.iter_mut().all(|it| self.waits(it)));
        *self.spy.flights.lock().expect("no panic") = self.spy.layer.flights.all();
        assert_eq!(self.spy.looked(), 1, "a poll");
        two
    }

    fn act(&self, act: Act) {
        *self.act.lock().expect("no panic") = act;
    }

    fn wake(&self) {
        self.left.lock().expect("no panic").wake_by_ref();
        assert_eq!(self.spy.looked(), 4, "two are woken, and their wakers dropped");
    }

    fn waits(&self, caller: &mut Caller) -> bool {
        caller.poll_with(&Waker::from(Arc::new(Spying(Arc::clone(&self.spy))))).is_pending()
    }
}

#[test]
fn the_code_of_others_never_runs_under_a_lock() {
    let scene = Scene::new();
    let [mut one, mut other] = scene.begin();
    assert!(scene.waits(&mut one));
    assert_eq!(scene.spy.looked(), 1, "a waker is replaced, and there is no poll without need");
    scene.wake();
    assert!(scene.waits(&mut one) && scene.waits(&mut other));
    assert_eq!(scene.spy.looked(), 1, "one polls, for both");
    scene.wake();
    scene.act(Act::Ends);
    assert!(!scene.waits(&mut one) && !scene.waits(&mut other));
    assert_eq!(scene.spy.looked(), 4, "a poll, the drop of the request, and two wakers that were not needed");
}

#[test]
fn the_code_of_others_never_runs_under_a_lock_when_callers_leave() {
    let scene = Scene::new();
    let [one, other] = scene.begin();
    drop(one);
    assert_eq!(scene.spy.looked(), 1, "a waker");
    drop(other);
    assert_eq!(scene.spy.looked(), 2, "a waker, and the request that is cancelled");
}

#[test]
fn the_code_of_others_never_runs_under_a_lock_in_the_midst_of_a_poll() {
    let scene = Scene::new();
    let [mut one, _other] = scene.begin();
    let [guest] = callers(&scene.provider);
    *scene.guest.lock().expect("no panic") = Some(guest);
    scene.wake();
    scene.act(Act::WakesAndWaits);
    assert!(one.poll_with(Waker::noop()).is_pending());
    assert_eq!(scene.spy.looked(), 3, "a poll, and the guest is woken and its waker dropped");
    scene.act(Act::LetsInAndEnds);
    assert!(one.poll_with(Waker::noop()).is_ready());
    assert_eq!(scene.spy.looked(), 4, "a poll, the request, and the guest is woken and its waker dropped");
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
