//! The login that is under way: one, however many wait for it.

use std::sync::{Arc, PoisonError};

use futures_util::{
    FutureExt as _,
    future::{BoxFuture, WeakShared},
};
use userinfo_core::{Error, ErrorKind, Result};

use super::{Credential, Held, Inner, Source, Tokens, state::Next};

pub(super) type Login = BoxFuture<'static, Result<Arc<Held>>>;

impl Tokens {
    pub(super) fn is_underway(&self) -> bool {
        let flight = self.0.flight.lock().unwrap_or_else(PoisonError::into_inner);
        flight.as_ref().and_then(WeakShared::upgrade).is_some_and(|it| it.peek().is_none())
    }

    /// Joins the login that is under way, or begins one.
    pub(super) async fn login(&self) -> Result<Arc<Held>> {
        let login = {
            let mut flight = self.0.flight.lock().unwrap_or_else(PoisonError::into_inner);
            let underway = flight.as_ref().and_then(WeakShared::upgrade).filter(|it| it.peek().is_none());
            if let Some(login) = underway {
                login
            } else {
                // Whoever was first may have come back between the question and here.
                if let Next::Use(held) = self.0.state().next(self.0.clock.now())? {
                    return Ok(held);
                }
                let login = obtain(Arc::clone(&self.0)).boxed().shared();
                *flight = login.downgrade();
                login
            }
        };
        login.await
    }
}

impl Inner {
    /// Goes on with a token that should have been renewed, if there is one that is not over.
    async fn make_do(&self, error: Error) -> Result<Arc<Held>> {
        tracing::warn!(provider = self.provider, error.type = error.kind().as_str(), "login failed");
        let left = self.stored().await.map(Arc::new);
        let mut state = self.state();
        if let (None, Some(left)) = (&state.held, &left) {
            state.obtained(Arc::clone(left));
        }
        state.failed(error.clone(), self.clock.now(), (self.luck)());
        left.ok_or(error)
    }
}

/// Takes what another process obtained, else asks the vendor.
async fn obtain(inner: Arc<Inner>) -> Result<Arc<Held>> {
    if let Some(held) = inner.take_stored().await {
        return Ok(held);
    }
    let issuer = match &inner.source {
        Source::Login(issuer) => issuer,
        Source::Given(given) => {
            let held = Arc::new(inner.held(Credential::new(given.clone(), inner.clock.now()), true));
            inner.state().obtained(Arc::clone(&held));
            return Ok(held);
        }
    };
    let lock = inner.told("locked", inner.store.lock(&inner.name).await);
    if let Some(held) = inner.take_stored().await {
        return Ok(held);
    }
    let mut underway = Underway { inner: &inner, is_done: false };
    let outcome = issuer.issue().await;
    underway.is_done = true;
    let credential = match outcome {
        Ok(credential) => credential,
        Err(error) => return inner.make_do(error).await,
    };
    let held = Arc::new(inner.held(credential, false));
    inner.state().obtained(Arc::clone(&held));
    inner.save(held.credential()).await;
    drop(lock);
    Ok(held)
}

/// A login that everyone stopped waiting for failed, or all who come after would begin it again and again.
struct Underway<'a> {
    inner: &'a Inner,
    is_done: bool,
}

impl Drop for Underway<'_> {
    fn drop(&mut self) {
        if !self.is_done {
            let message = "the login took longer than anyone waited for it";
            let error = Error::new(ErrorKind::Timeout, self.inner.provider, "login", message);
            self.inner.state().failed(error, self.inner.clock.now(), (self.inner.luck)());
        }
    }
}
