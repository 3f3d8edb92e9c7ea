use std::sync::Arc;

use async_trait::async_trait;
use metrics::{Gauge, Key};
use tokio::sync::Semaphore;
use userinfo_core::{Descriptor, Layer, Lookup, LookupKind, Result, User, UserInfoProvider};

use crate::{
    names::ATTEMPTS_IN_FLIGHT,
    series::{Owner, gauge},
};

#[cfg(test)]
mod tests;

/// Lets so many calls run at once; the others wait their turn, first come, first served.
///
/// A permit is held for the inner call only. Who is dropped, waiting or running, gives back what they hold.
/// Nothing is refused: the deadline outside ends the wait.
///
/// Clones, and all providers wrapped by one value, share the permits.
///
/// # Metrics
///
/// The gauge `userinfo_attempts_in_flight` with the labels `provider` and `instance`: the inner calls that run.
#[derive(Clone, Debug)]
pub struct ConcurrencyLayer {
    permits: Arc<Semaphore>,
    owner: Owner,
}

impl ConcurrencyLayer {
    /// Lets so many calls run at once; 0 is read as 1.
    #[must_use]
    pub fn new(permits: usize) -> Self {
        let permits = Semaphore::new(permits.clamp(1, Semaphore::MAX_PERMITS));
        Self { permits: Arc::new(permits), owner: Owner::default() }
    }

    /// Names the instance in the metrics; a [`Stack`](crate::Stack) does so by itself.
    #[must_use]
    pub fn instance(self, name: impl Into<Arc<str>>) -> Self {
        Self { owner: Owner::new(name), ..self }
    }
}

impl Layer for ConcurrencyLayer {
    fn wrap(&self, inner: Arc<dyn UserInfoProvider>) -> Arc<dyn UserInfoProvider> {
        let in_flight = self.owner.series(ATTEMPTS_IN_FLIGHT, inner.descriptor().kind, None);
        Arc::new(Limited { permits: Arc::clone(&self.permits), in_flight, inner })
    }
}

#[derive(Debug)]
struct Limited {
    permits: Arc<Semaphore>,
    in_flight: Key,
    inner: Arc<dyn UserInfoProvider>,
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl UserInfoProvider for Limited {
    fn descriptor(&self) -> &'static Descriptor {
        self.inner.descriptor()
    }

    fn supports(&self, kind: LookupKind) -> bool {
        self.inner.supports(kind)
    }

    async fn user(&self, lookup: &Lookup) -> Result<User> {
        let _permit = self.permits.acquire().await.expect("the semaphore is never closed");
        let _counted = InFlight::count(&self.in_flight);
        // The provider itself: asked through the `Arc`, it would box its future twice.
        (*self.inner).user(lookup).await
    }
}

/// One running call in the gauge, for as long as it lives.
struct InFlight(Gauge);

impl InFlight {
    fn count(key: &Key) -> Self {
        let gauge = gauge(key);
        gauge.increment(1);
        Self(gauge)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.decrement(1);
    }
}
