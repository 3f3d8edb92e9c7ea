//! The login that is under way: one, however many wait for it.

use std::{
    sync::{Arc, PoisonError},
    time::Duration,
};

use futures_util::{
    FutureExt as _,
    future::{BoxFuture, Shared, WeakShared, ready},
};
use tokio::{runtime::Handle, time::timeout};
use tracing::Instrument as _;
use userinfo_core::{Error, ErrorKind, Result};

use super::{Credential, Held, Inner, Issuer, MARGIN, Source, Tokens, state::Next};

pub(super) type Login = BoxFuture<'static, Result<Arc<Held>>>;

/// How long a caller who has a good token waits for the next one.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);

impl Tokens {
    /// Returns a token in place of one that is soon over, or that one if the renewal fails or takes its time.
    pub(super) async fn renewed(&self, held: Arc<Held>) -> Arc<Held> {
        // Who comes while another one renews need not wait.
        if self.is_underway() {
            return held;
        }
        match self.flight() {
            Ok(login) => renew(login).await.unwrap_or(held),
            Err(_) => held,
        }
    }

    pub(super) async fn login(&self) -> Result<Arc<Held>> {
        self.flight()?.await
    }

    fn is_underway(&self) -> bool {
        let flight = self.0.flight.lock().unwrap_or_else(PoisonError::into_inner);
        flight.as_ref().and_then(WeakShared::upgrade).is_some_and(|it| it.peek().is_none())
    }

    /// Joins the login that is under way, or begins one.
    fn flight(&self) -> Result<Shared<Login>> {
        let mut flight = self.0.flight.lock().unwrap_or_else(PoisonError::into_inner);
        let underway = flight.as_ref().and_then(WeakShared::upgrade).filter(|it| it.peek().is_none());
        if let Some(login) = underway {
            return Ok(login);
        }
        // Whoever was first may have come back between the question and here.
        if let Next::Use(held) = self.0.state().next(self.0.clock.now())? {
            return Ok(ready(Ok(held)).boxed().shared());
        }
        // Whoever waits polls it; what it traces belongs to the one who asked first.
        let login = obtain(Arc::clone(&self.0)).in_current_span().boxed().shared();
        *flight = login.downgrade();
        Ok(login)
    }
}

impl Inner {
    /// Logs in now, whatever is held, kept or refused.
    ///
    /// Who gives up on it leaves everything as it was: a lock-out stays one.
    pub(super) async fn log_in(&self, issuer: &dyn Issuer) -> Result<Arc<Held>> {
        let lock = self.lock().await;
        let outcome = issuer.issue().await;
        let outcome = match outcome {
            Ok(credential) => Ok(self.took(credential).await),
            Err(error) => {
                self.failed(&error, issuer).await;
                Err(error)
            }
        };
        drop(lock);
        outcome
    }

    /// Takes what the vendor issued into use.
    async fn took(&self, credential: Credential) -> Arc<Held> {
        tracing::info!(provider = self.provider, lifetime = ?credential.lifetime(), "logged in");
        let held = Arc::new(self.held(credential, false));
        self.state().obtained(Arc::clone(&held));
        self.save(held.credential()).await;
        self.forget_refusal().await;
        held
    }

    async fn failed(&self, error: &Error, issuer: &dyn Issuer) {
        tracing::warn!(provider = self.provider, error.type = error.kind().as_str(), "login failed");
        // What was given needs no login, so there is none to hold back.
        if let Source::Login(_) = self.source {
            let now = self.clock.now();
            self.state().failed(error.clone(), now, (self.luck)());
            self.share(error, issuer, now).await;
        }
    }
}

/// Waits for a renewal, which goes on as a task of its own: no caller's deadline ends it. Who needs a token after
/// the end of the old one would join one that hangs, so a margin is the longest that it may take.
///
/// Without a runtime there are no tasks: the caller makes it and waits for its end.
async fn renew(login: Shared<Login>) -> Option<Arc<Held>> {
    let Ok(runtime) = Handle::try_current() else { return login.await.ok() };
    let task = runtime.spawn(async { timeout(MARGIN, login).await.ok()?.ok() });
    timeout(PATIENCE, task).await.ok()?.ok()?
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
    let lock = inner.lock().await;
    if let Some(held) = inner.take_stored().await {
        return Ok(held);
    }
    // It may have been an order of this process that had the lock.
    let next = inner.state().next(inner.clock.now());
    if let Next::Use(held) = next? {
        return Ok(held);
    }
    if let Some(error) = inner.heeded(&**issuer).await {
        return Err(error);
    }
    let mut underway = Underway { inner: &inner, is_done: false };
    let outcome = issuer.issue().await;
    underway.is_done = true;
    let outcome = match outcome {
        Ok(credential) => Ok(inner.took(credential).await),
        Err(error) => {
            inner.failed(&error, &**issuer).await;
            inner.take_stored().await.ok_or(error)
        }
    };
    drop(lock);
    outcome
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
