use std::{
    future::{Future, poll_fn},
    pin::pin,
    sync::Arc,
    task::Poll,
    time::Duration,
};

use async_trait::async_trait;
use tokio::time::{Instant, sleep_until};
use userinfo_core::{
    Descriptor, Error, ErrorKind, Layer, Lookup, LookupKind, Result, User, UserInfoProvider,
};

/// Ends a call that takes too long, with [`Timeout`](ErrorKind::Timeout).
///
/// The call is dropped when its time is up, whatever the peer does, and is not polled again: it begins nothing
/// that would be cancelled at once.
///
/// Both kinds of limit leave [`retry`](Error::retry) as it is for a timeout: another try can help. Within
/// an attempt the retry layer takes it up. Past the deadline of the operation nobody in the stack does,
/// but the caller may: that its time was too short says nothing against a later call.
#[derive(Clone, Copy, Debug)]
pub struct TimeoutLayer {
    limit: Duration,
    scope: Scope,
}

#[derive(Clone, Copy, Debug)]
enum Scope {
    Operation,
    Attempt,
}

#[derive(Debug)]
struct Timed {
    layer: TimeoutLayer,
    inner: Arc<dyn UserInfoProvider>,
}

impl TimeoutLayer {
    /// Limits a call as a whole, with all its attempts and pauses; belongs outside the retry layer.
    #[must_use]
    pub fn operation(limit: Duration) -> Self {
        Self { limit, scope: Scope::Operation }
    }

    /// Limits a single attempt; belongs inside the retry layer.
    #[must_use]
    pub fn attempt(limit: Duration) -> Self {
        Self { limit, scope: Scope::Attempt }
    }

    fn message(self) -> String {
        let limit = self.limit;
        match self.scope {
            Scope::Operation => format!("no answer within the deadline of {limit:?}"),
            Scope::Attempt => format!("no answer within {limit:?} in one attempt"),
        }
    }
}

impl Timed {
    #[cold]
    fn late(&self) -> Error {
        Error::new(ErrorKind::Timeout, self.inner.descriptor().kind, "user", self.layer.message())
    }
}

impl Layer for TimeoutLayer {
    fn wrap(&self, inner: Arc<dyn UserInfoProvider>) -> Arc<dyn UserInfoProvider> {
        Arc::new(Timed { layer: *self, inner })
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl UserInfoProvider for Timed {
    fn descriptor(&self) -> &'static Descriptor {
        self.inner.descriptor()
    }

    fn supports(&self, kind: LookupKind) -> bool {
        self.inner.supports(kind)
    }

    async fn user(&self, lookup: &Lookup) -> Result<User> {
        // A time beyond all clocks has no end.
        let until = Instant::now().checked_add(self.layer.limit);
        let mut call = (*self.inner).user(lookup);
        let mut alarm = pin!(until.map(sleep_until));
        let mut is_first = true;
        poll_fn(|context| {
            // Asked before the call is: what wakes it at the deadline must not let it begin something that
            // is cancelled in the same breath, such as a request for which a permit has just become free.
            if !is_first && until.is_some_and(|it| Instant::now() >= it) {
                return Poll::Ready(Err(self.late()));
            }
            is_first = false;
            if let Poll::Ready(outcome) = call.as_mut().poll(context) {
                return Poll::Ready(outcome);
            }
            match alarm.as_mut().as_pin_mut().map(|alarm| alarm.poll(context)) {
                Some(Poll::Ready(())) => Poll::Ready(Err(self.late())),
                _ => Poll::Pending,
            }
        })
        .await
    }
}

#[cfg(test)]
mod tests;
