use std::{
    future::pending,
    sync::{Arc, Weak},
    time::Duration,
};

use async_trait::async_trait;
use tokio::time::{Instant, timeout_at};
use tracing::Instrument;
use userinfo_core::{
    Descriptor, Error, ErrorKind, Layer, Lookup, LookupKind, Result, User, UserInfoProvider,
};

use crate::{
    Key, Keys,
    names::SHARED_CALLS,
    series::{Owner, counter},
};

use flight::{Call, Landing};
use flights::Flights;

mod flight;
mod flights;
#[cfg(test)]
mod tests;

/// Lets concurrent callers of one look-up share one request.
///
/// Look-ups are the same if provider, id and token are. The request belongs to all who wait for it: a caller
/// who is dropped harms nobody, and the last one to be dropped cancels it. Everyone gets the same user, or a
/// clone of the same error. If the request panics, one caller has the panic and the others ask again.
///
/// Counts the callers who got another's answer as `userinfo_shared_calls_total`, by `provider` and `instance`.
///
/// It stands outside the operation deadline, so that an old request is not ended by the deadline of a late
/// caller, and inside the cache.
#[derive(Clone, Debug, Default)]
pub struct SingleFlightLayer {
    deadline: Option<Duration>,
    owner: Owner,
    keys: Keys,
    flights: Arc<Flights>,
}

impl SingleFlightLayer {
    /// Makes a layer in which callers wait as long as the request runs.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets each caller wait this long from its own start; give the operation deadline.
    ///
    /// A caller for whom that is too short gets [`Timeout`](ErrorKind::Timeout). One that joined late is not
    /// failed by the request's own deadline: if that request timed out at this age or later, the caller
    /// spends what is left of its time on a new one.
    #[must_use]
    pub fn deadline(self, deadline: Duration) -> Self {
        Self { deadline: Some(deadline), ..self }
    }

    /// Names the instance in the metrics; a [`Stack`](crate::Stack) does so by itself.
    #[must_use]
    pub fn instance(self, name: impl Into<Arc<str>>) -> Self {
        Self { owner: Owner::new(name), ..self }
    }

    /// Keeps later callers from requests that run now; who waits for one still gets its answer.
    pub fn forget_all(&self) {
        self.flights.clear();
    }

    /// Counts the requests that a caller could join.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.flights.len()
    }
}

/// A hold on the flights of a layer, which keeps nothing alive.
#[derive(Clone, Debug)]
pub(crate) struct WeakFlights(Weak<Flights>);

impl SingleFlightLayer {
    pub(crate) fn downgrade(&self) -> WeakFlights {
        WeakFlights(Arc::downgrade(&self.flights))
    }
}

impl WeakFlights {
    pub(crate) fn forget_all(&self) {
        if let Some(flights) = self.0.upgrade() {
            flights.clear();
        }
    }
}

impl Layer for SingleFlightLayer {
    fn wrap(&self, inner: Arc<dyn UserInfoProvider>) -> Arc<dyn UserInfoProvider> {
        let Self { deadline, owner, keys, flights } = self;
        let shared = owner.series(SHARED_CALLS, inner.descriptor().kind, None);
        let (keys, flights) = (keys.scope(), Arc::clone(flights));
        Arc::new(SingleFlight { inner, deadline: *deadline, keys, flights, shared })
    }
}

#[derive(Debug)]
struct SingleFlight {
    inner: Arc<dyn UserInfoProvider>,
    deadline: Option<Duration>,
    keys: Keys,
    flights: Arc<Flights>,
    /// Made once, so that counting allocates nothing.
    shared: metrics::Key,
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl UserInfoProvider for SingleFlight {
    fn descriptor(&self) -> &'static Descriptor {
        self.inner.descriptor()
    }

    fn supports(&self, kind: LookupKind) -> bool {
        self.inner.supports(kind)
    }

    async fn user(&self, lookup: &Lookup) -> Result<User> {
        if !self.supports(lookup.kind()) {
            return (*self.inner).user(lookup).await;
        }
        let key = self.keys.key(lookup);
        match self.deadline.and_then(|deadline| Some((deadline, end(deadline)?))) {
            None => self.answer(key, lookup, None).await,
            Some((deadline, until)) => match timeout_at(until, self.answer(key, lookup, Some(until))).await {
                Ok(answer) => answer,
                Err(elapsed) => Err(too_late(self.descriptor().kind, deadline).with_source(elapsed)),
            },
        }
    }
}

impl SingleFlight {
    /// Flies until there is an answer, or a timeout with no time left for another request.
    async fn answer(&self, key: Key, lookup: &Lookup, until: Option<Instant>) -> Result<User> {
        let mut expires = until;
        loop {
            let mut seat = self.flights.board(key, expires, || self.call(lookup));
            let landing = (&mut seat).await;
            let no_time = || until.is_some_and(|it| Instant::now() >= it);
            let answer = match landing {
                Landing::Answer(answer) => answer,
                Landing::Late(error) if no_time() => Err(error),
                // The timeout around this has the word.
                Landing::Lost if no_time() => pending().await,
                Landing::Late(_) | Landing::Lost => {
                    expires = self.deadline.and_then(end);
                    continue;
                }
            };
            if !seat.leads() {
                self.count();
            }
            return answer;
        }
    }

    /// Makes a request that belongs to no caller.
    fn call(&self, lookup: &Lookup) -> Call {
        let (inner, lookup) = (Arc::clone(&self.inner), lookup.clone());
        // The `Arc` is a provider too, which boxes the call once more; hence the stars here and above.
        // Whoever waits polls it, each under a span of its own; what it traces belongs to the one who asked.
        Box::pin(async move { (*inner).user(&lookup).await }.in_current_span())
    }

    /// Counts a caller who got another's answer, with the recorder of the moment.
    fn count(&self) {
        counter(&self.shared).increment(1);
    }
}

/// Returns when a wait that starts now ends; one beyond all clocks has no end.
fn end(deadline: Duration) -> Option<Instant> {
    Instant::now().checked_add(deadline)
}

/// Says that the caller's own time is over.
fn too_late(provider: &'static str, deadline: Duration) -> Error {
    Error::new(ErrorKind::Timeout, provider, "user", format!("no answer within the deadline of {deadline:?}"))
}
