mod credential;
mod file;
mod jwt;
mod kept;
mod login;
mod refusal;
mod sign_in;
mod state;
mod store;

use std::{
    fmt,
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use futures_util::future::WeakShared;
use userinfo_core::{Error, ErrorKind, Result, Secret};

pub use self::{
    credential::{Credential, CredentialName, fingerprint},
    file::FileCredentials,
    jwt::unverified_claims,
    refusal::Refusal,
    state::Held,
    store::{CredentialStore, MemoryCredentials, STORE_TARGET, credential_store, log_store_failure},
};
use self::{
    login::Login,
    state::{Next, State},
};
use crate::{Clock, SystemClock};

/// Obtains a token from a vendor: a login, as a provider knows it.
#[async_trait]
pub trait Issuer: fmt::Debug + Send + Sync {
    /// Asks the vendor for a token.
    ///
    /// # Errors
    ///
    /// What the vendor says, or that it cannot be asked. [`LockedOut`](ErrorKind::LockedOut) is final: there is no
    /// other login until [`Tokens::pardon`] or [`Tokens::log_in`].
    async fn issue(&self) -> Result<Credential>;

    /// How long the vendor locks out for what it answered, where its documents say. Other processes wait for so long.
    fn lock_out(&self, error: &Error) -> Option<Duration> {
        let _ = error;
        None
    }

    /// Returns a [`fingerprint`] of the whole key, so that processes tell each other of one that the vendor refused,
    /// and a mended one is tried at once.
    ///
    /// It is kept on disks, where whoever reads it can try keys against it: only keys of high entropy, which a machine
    /// made, have one. A password may be weak, so a login with one has none.
    fn fingerprint(&self) -> Option<String> {
        None
    }
}

/// The token of one account: obtained when it is first needed, kept, and renewed before its end.
///
/// Clones share it. However many calls need a token at once, one login is made. A login that fails is not made again
/// at once, while a token that is still good goes on being used.
#[derive(Clone, Debug)]
pub struct Tokens(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    provider: &'static str,
    name: CredentialName,
    source: Source,
    store: Arc<dyn CredentialStore>,
    clock: Arc<dyn Clock>,
    luck: fn() -> f64,
    margin: Duration,
    state: Mutex<State>,
    flight: Mutex<Option<WeakShared<Login>>>,
}

/// Where tokens come from.
#[derive(Clone, Debug)]
enum Source {
    Login(Arc<dyn Issuer>),
    /// The operator; the vendor may hand out others in its place.
    Given(Secret),
}

/// How long before its end a token is renewed, unless it is short-lived.
const MARGIN: Duration = Duration::from_secs(300);

impl Tokens {
    /// Names the provider and the account that `issuer` logs in.
    pub fn new(provider: &'static str, name: CredentialName, issuer: Arc<dyn Issuer>) -> Self {
        Self::of(provider, name, Source::Login(issuer))
    }

    /// Names the provider and a token that the operator gave, where there is nothing to log in with.
    ///
    /// It is used until the vendor hands out another in its place, and again when that one is over or refused. It goes
    /// into no store.
    pub fn given(provider: &'static str, name: CredentialName, token: impl Into<Secret>) -> Self {
        Self::of(provider, name, Source::Given(token.into()))
    }

    fn of(provider: &'static str, name: CredentialName, source: Source) -> Self {
        Self(Arc::new(Inner {
            provider,
            name,
            source,
            store: Arc::new(MemoryCredentials::new()),
            clock: Arc::new(SystemClock),
            luck: fastrand::f64,
            margin: MARGIN,
            state: Mutex::default(),
            flight: Mutex::default(),
        }))
    }

    /// Keeps tokens in `store`; they begin anew with it.
    #[must_use]
    pub fn with_store(self, store: Arc<dyn CredentialStore>) -> Self {
        self.rebuilt(|inner| Inner { store, ..inner })
    }

    /// Takes the time from `clock`.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        self.rebuilt(|inner| Inner { clock, ..inner })
    }

    /// Takes the dice, numbers from 0 to 1, from `luck`.
    #[must_use]
    pub fn with_luck(self, luck: fn() -> f64) -> Self {
        self.rebuilt(|inner| Inner { luck, ..inner })
    }

    /// Calls with a token, and once more with another if the vendor refuses the first.
    ///
    /// `is_dead` says of an error that a new token may help. If the second is refused too, its error is returned, and
    /// tokens that are refused as soon as they are issued are no reason for another login within a minute: a newer one
    /// that another process has obtained is used, if there is one.
    ///
    /// # Errors
    ///
    /// Those of the call, and those of the login.
    pub async fn call<T, F>(&self, is_dead: fn(&Error) -> bool, call: impl Fn(Arc<Held>) -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let held = self.get().await?;
        let outcome = call(Arc::clone(&held)).await;
        let error = match outcome {
            Err(error) if is_dead(&error) => error,
            outcome => return self.0.settled(&held, outcome).await,
        };
        let held = if self.0.refused(&held) {
            self.get().await?
        } else {
            self.0.take_newer(&held).await.ok_or(error)?
        };
        let outcome = call(Arc::clone(&held)).await;
        if outcome.as_ref().is_err_and(is_dead) {
            self.0.state().mistrust(self.0.clock.now());
        }
        self.0.settled(&held, outcome).await
    }

    /// Returns a token that is good, by the clock of this machine.
    ///
    /// # Errors
    ///
    /// Those of the login; the last one's, if it is too early for another.
    pub async fn get(&self) -> Result<Arc<Held>> {
        let next = self.0.state().next(self.0.clock.now());
        let next = match next {
            Ok(next) => next,
            // Another process may have obtained one meanwhile.
            Err(error) => return self.0.take_stored().await.ok_or(error),
        };
        match next {
            Next::Use(held) => Ok(held),
            Next::Renew(held) => Ok(self.renewed(held).await),
            Next::Obtain => {
                let held = self.login().await?;
                let next = self.0.state().next(self.0.clock.now());
                match next {
                    // What another process kept may be soon over.
                    Ok(Next::Renew(held)) => Ok(self.renewed(held).await),
                    _ => Ok(held),
                }
            }
        }
    }

    /// Logs in with `issuer` now, as a person orders: whatever is held, kept in the store, paused or locked out.
    ///
    /// The vendor is asked once, and no other process that shares the store asks it meanwhile, if the store can be
    /// locked. The new token is taken into use and kept, and what failed before is forgotten. If it fails, that is
    /// remembered like any login that failed, and a token that was held stays in use. Dropping the future changes
    /// nothing.
    ///
    /// # Errors
    ///
    /// Those of the login. [`LockedOut`](ErrorKind::LockedOut) is final, as ever, and stays so if another order fails.
    pub async fn log_in(&self, issuer: &dyn Issuer) -> Result<Arc<Held>> {
        self.0.log_in(issuer).await
    }

    /// Takes a token into use that the vendor gave in place of `old`, unless that is no more in use.
    pub async fn rotate(&self, old: &Held, new: Credential) {
        let held = Arc::new(self.0.held(new, true));
        {
            let mut state = self.0.state();
            if state.held.as_ref().is_none_or(|it| it.token() != old.token()) {
                return;
            }
            state.obtained(Arc::clone(&held));
        }
        self.0.save_in_place_of(old, &held).await;
    }

    /// Allows another login after a lock-out, or after any other failure, of this process or another one.
    pub fn pardon(&self) {
        self.0.state().pardon(self.0.clock.now());
    }

    fn rebuilt(self, change: impl FnOnce(Inner) -> Inner) -> Self {
        let inner = Arc::try_unwrap(self.0).unwrap_or_else(|shared| Inner {
            provider: shared.provider,
            name: shared.name.clone(),
            source: shared.source.clone(),
            store: Arc::clone(&shared.store),
            clock: Arc::clone(&shared.clock),
            luck: shared.luck,
            margin: shared.margin,
            state: Mutex::default(),
            flight: Mutex::default(),
        });
        Self(Arc::new(change(inner)))
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn held(&self, credential: Credential, proven: bool) -> Held {
        match self.source {
            Source::Login(_) => Held::new(credential, self.margin, (self.luck)(), proven),
            // There is nothing to renew it with.
            Source::Given(_) => Held::new(credential, Duration::ZERO, 0.0, proven),
        }
    }

    /// Takes note that the vendor refused a token, and says whether there may be another for it.
    fn refused(&self, token: &Held) -> bool {
        let mut state = self.state();
        match &self.source {
            Source::Login(_) => state.refused(token, self.clock.now()),
            Source::Given(given) if given == token.token() => false,
            // To fall back on what was given costs no login, so how young the other one is does not matter.
            Source::Given(_) => {
                state.forget(token);
                true
            }
        }
    }

    /// Notes that the vendor accepted a token: it told of a user, or that there is none.
    async fn settled<T>(&self, held: &Held, outcome: Result<T>) -> Result<T> {
        let is_accepted = match &outcome {
            Ok(_) => true,
            Err(error) => matches!(error.kind(), ErrorKind::NotFound | ErrorKind::IdMismatch),
        };
        if is_accepted && held.prove() {
            self.save_accepted(held).await;
        }
        outcome
    }
}

#[cfg(test)]
mod tests;
