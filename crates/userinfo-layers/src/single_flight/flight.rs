use std::{
    collections::BTreeMap,
    fmt, mem,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use futures_util::task::{ArcWake, waker_ref};
use tokio::time::Instant;
use userinfo_core::{Error, ErrorKind, Result, User};

use super::flights::Flights;
use crate::Key;

/// The one request of a flight. It owns all it needs, so it outlives the caller who made it.
pub(super) type Call = Pin<Box<dyn Future<Output = Result<User>> + Send>>;

/// How a flight ended.
#[derive(Clone)]
pub(super) enum Landing {
    /// The answer, for all.
    Answer(Result<User>),
    /// The request ran out of its own time; who still has some may ask again.
    Late(Error),
    /// The request is gone: it panicked in the hands of another caller, or all others had left.
    Lost,
}

/// One request and those who wait for it.
///
/// Whoever waits polls the request on, so there is no task and no leader to lose. This is not
/// [`futures_util::future::Shared`], in which a caller can sleep for ever: if the one who polls is dropped
/// after a wake-up in the midst of that poll, or panics, nobody else is told.
pub(super) struct Flight {
    pub(super) key: Key,
    /// From when on a timeout is the request's own.
    expires: Option<Instant>,
    state: Mutex<State>,
}

/// Wakers and calls are another's code: they leave the state under the lock and are run or dropped after it.
struct State {
    /// Absent before the first poll is over, while somebody polls it, and after the end.
    call: Option<Call>,
    /// It was woken since it was last polled.
    due: bool,
    /// Set at the end, if anybody but the caller who polled waits for it.
    landing: Option<Landing>,
    /// Callers who are to be woken, by seat. Every seat is here, or was woken, or was never polled.
    wakers: Wakers,
    /// How many seats are taken.
    callers: u64,
    /// How many seats were ever taken.
    boarded: u64,
    /// It landed.
    over: bool,
}

type Wakers = BTreeMap<u64, Waker>;

impl Flight {
    /// Makes a flight with one seat taken, whose call is made and first polled by the one who has it.
    pub(super) fn new(key: Key, expires: Option<Instant>) -> Self {
        let state = State {
            call: None,
            due: false,
            landing: None,
            wakers: Wakers::new(),
            callers: 1,
            boarded: 1,
            over: false,
        };
        Self { key, expires, state: Mutex::new(state) }
    }

    /// Takes a seat, unless the flight is over.
    pub(super) fn board<'a>(self: &Arc<Self>, flights: &'a Flights) -> Option<Seat<'a>> {
        let mut state = self.state();
        if state.over {
            return None;
        }
        let number = state.boarded;
        state.boarded += 1;
        state.callers += 1;
        Some(Seat { flights, flight: Arc::clone(self), number, call: None })
    }

    /// Judges the end; a timeout before the flight was old enough is an answer like any other.
    fn judge(&self, answer: Result<User>) -> Landing {
        match answer {
            Err(error)
                if error.kind() == ErrorKind::Timeout
                    && self.expires.is_some_and(|it| Instant::now() >= it) =>
            {
                Landing::Late(error)
            }
            answer => Landing::Answer(answer),
        }
    }

    /// Says whether nobody holds the lock.
    #[cfg(test)]
    pub(super) fn is_free(&self) -> bool {
        self.state.try_lock().is_ok()
    }

    /// Locks the state. A panic under the lock could only be one of the allocator.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Wakes all who wait: one of them alone might be alive without being polled, and would hold up the others.
/// So nobody is woken more often than by a request of its own.
impl ArcWake for Flight {
    fn wake_by_ref(flight: &Arc<Self>) {
        let mut state = flight.state();
        state.due = true;
        // Whoever polls it just now will see that it is due, and tell the others.
        if state.call.is_some() {
            let wakers = mem::take(&mut state.wakers);
            drop(state);
            wake(wakers);
        }
    }
}

impl fmt::Debug for Flight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flight").field("key", &self.key).finish_non_exhaustive()
    }
}

/// A caller's place in a flight. The last one to leave cancels the request, if it still runs.
pub(super) struct Seat<'a> {
    flights: &'a Flights,
    flight: Arc<Flight>,
    number: u64,
    /// The leader's, until its first poll.
    call: Option<Call>,
}

impl<'a> Seat<'a> {
    /// Takes the first seat of a new flight.
    pub(super) fn first(flights: &'a Flights, flight: Arc<Flight>, call: impl FnOnce() -> Call) -> Self {
        let mut seat = Self { flights, flight, number: 0, call: None };
        let crash = Crash(Some(&seat));
        let call = call();
        crash.averted();
        seat.call = Some(call);
        seat
    }

    /// Says whether this caller's own request became the flight's.
    pub(super) fn leads(&self) -> bool {
        self.number == 0
    }

    /// Polls the call, which nobody else does in the meantime.
    fn fly(&self, call: Call, cx: &mut Context<'_>) -> Poll<Landing> {
        let crash = Crash(Some(self));
        // Bound after the crash, so that a panic drops it first.
        let mut call = call;
        let waker = waker_ref(&self.flight);
        if let Poll::Ready(answer) = call.as_mut().poll(&mut Context::from_waker(&waker)) {
            // Before anybody can start the next one, so that what this one holds is free again.
            drop(call);
            crash.averted();
            let landing = self.flight.judge(answer);
            self.land(&landing);
            return Poll::Ready(landing);
        }
        crash.averted();
        let mut state = self.flight.state();
        state.call = Some(call);
        if state.due {
            // It was woken while it was polled, and this caller may be dropped before its next turn.
            let wakers = mem::take(&mut state.wakers);
            drop(state);
            wake(wakers);
            cx.waker().wake_by_ref();
        } else {
            self.wait(state, cx);
        }
        Poll::Pending
    }

    /// Asks to be woken.
    fn wait(&self, mut state: MutexGuard<'_, State>, cx: &mut Context<'_>) {
        if !state.wakers.get(&self.number).is_some_and(|it| it.will_wake(cx.waker())) {
            let replaced = state.wakers.insert(self.number, cx.waker().clone());
            drop(state);
            drop(replaced);
        }
    }

    /// Ends the flight: nobody boards any more, and who waits learns how it ended.
    fn land(&self, landing: &Landing) {
        let mut state = self.flight.state();
        state.over = true;
        if state.callers > 1 {
            state.landing = Some(landing.clone());
        }
        let wakers = mem::take(&mut state.wakers);
        drop(state);
        self.flights.remove(&self.flight);
        wake(wakers);
    }
}

impl Future for Seat<'_> {
    type Output = Landing;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Landing> {
        if let Some(call) = self.call.take() {
            return self.fly(call, cx);
        }
        let mut state = self.flight.state();
        if let Some(landing) = &state.landing {
            return Poll::Ready(landing.clone());
        }
        // Polling it when it is not due would be of no use: it would say that it is not ready.
        if state.due
            && let Some(call) = state.call.take()
        {
            state.due = false;
            drop(state);
            return self.fly(call, cx);
        }
        self.wait(state, cx);
        Poll::Pending
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        let mut state = self.flight.state();
        let waker = state.wakers.remove(&self.number);
        let unused = self.call.take();
        let cancelled = if state.callers == 1 { unused.or_else(|| state.call.take()) } else { unused };
        if cancelled.is_some() {
            drop(state);
            // Who boards meanwhile makes no second request beside it, but waits for this end and asks again.
            let crash = Crash(Some(self));
            drop(cancelled);
            drop(crash);
            state = self.flight.state();
        }
        state.callers -= 1;
        // A waker that is kept somewhere keeps the flight, but nobody's data with it.
        let landing = if state.callers == 0 { state.landing.take() } else { None };
        drop(state);
        drop((landing, waker));
    }
}

/// Lands the flight when the call is gone without an answer, so that nobody waits for one.
struct Crash<'a>(Option<&'a Seat<'a>>);

impl Crash<'_> {
    fn averted(mut self) {
        self.0 = None;
    }
}

impl Drop for Crash<'_> {
    fn drop(&mut self) {
        if let Some(seat) = self.0 {
            seat.land(&Landing::Lost);
        }
    }
}

fn wake(wakers: Wakers) {
    wakers.into_values().for_each(Waker::wake);
}
