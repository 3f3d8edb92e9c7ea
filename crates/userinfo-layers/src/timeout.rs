use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::time::timeout;
use userinfo_core::{
    Descriptor, Error, ErrorKind, Layer, Lookup, LookupKind, Result, User, UserInfoProvider,
};

/// Ends a call that takes too long, with [`Timeout`](ErrorKind::Timeout).
///
/// The call is dropped when its time is up, whatever the peer does; an answer that is there by then wins.
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
        // The `Arc` is a provider too, which boxes the call once more.
        timeout(self.layer.limit, (*self.inner).user(lookup)).await.unwrap_or_else(|late| {
            let provider = self.inner.descriptor().kind;
            Err(Error::new(ErrorKind::Timeout, provider, "user", self.layer.message()).with_source(late))
        })
    }
}

#[cfg(test)]
mod tests;
