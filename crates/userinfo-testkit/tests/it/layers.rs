//! Layers that show: one tries again, one remembers, one gives an upstream up.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use userinfo_core::{
    Descriptor, Error, ErrorKind, Layer, Lookup, LookupKind, Result, Retry, User, UserInfoProvider,
};

#[derive(Clone, Debug)]
pub(crate) enum Shows {
    Again(Again),
    Memory(Arc<Memory>),
    /// After this many failures of an upstream.
    GivesUp(usize, Arc<AtomicUsize>),
}

/// Tries again, at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Again {
    /// How many requests a look-up may be.
    pub(crate) most: usize,
    pub(crate) is_worth_it: fn(Retry) -> bool,
    /// What the error says when no try is left.
    pub(crate) used_up: Retry,
}

/// Remembers who was found.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    failures_too: bool,
    known: Mutex<Vec<(Lookup, Result<User>)>>,
}

/// As a layer of three tries should be, where nobody waits.
impl Default for Again {
    fn default() -> Self {
        Self { most: 3, is_worth_it, used_up: Retry::Never }
    }
}

fn is_worth_it(retry: Retry) -> bool {
    match retry {
        Retry::Backoff => true,
        Retry::After(pause) => pause.is_zero(),
        _ => false,
    }
}

impl Layer for Shows {
    fn wrap(&self, inner: Arc<dyn UserInfoProvider>) -> Arc<dyn UserInfoProvider> {
        Arc::new(Behind(self.clone(), inner))
    }
}

#[derive(Debug)]
struct Behind(Shows, Arc<dyn UserInfoProvider>);

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl UserInfoProvider for Behind {
    fn descriptor(&self) -> &'static Descriptor {
        self.1.descriptor()
    }

    fn supports(&self, kind: LookupKind) -> bool {
        self.1.supports(kind)
    }

    async fn user(&self, lookup: &Lookup) -> Result<User> {
        let Self(layer, inner) = self;
        match layer {
            Shows::Again(again) => again.user(&**inner, lookup).await,
            Shows::Memory(memory) => memory.user(&**inner, lookup).await,
            Shows::GivesUp(most, failures) => {
                if failures.load(Ordering::SeqCst) >= *most {
                    return Err(given_up(&**inner));
                }
                let outcome = inner.user(lookup).await;
                let down = outcome.as_ref().is_err_and(|it| it.kind().default_retry() != Retry::Never);
                failures.fetch_add(usize::from(down), Ordering::SeqCst);
                outcome
            }
        }
    }
}

impl Again {
    async fn user(self, inner: &dyn UserInfoProvider, lookup: &Lookup) -> Result<User> {
        let mut tried = 1;
        loop {
            match inner.user(lookup).await {
                Err(error) if (self.is_worth_it)(error.retry()) => {
                    if tried == self.most {
                        return Err(error.with_retry(self.used_up));
                    }
                }
                outcome => return outcome,
            }
            tried += 1;
        }
    }
}

impl Memory {
    pub(crate) fn of_failures_too() -> Self {
        Self { failures_too: true, ..Self::default() }
    }

    async fn user(&self, inner: &dyn UserInfoProvider, lookup: &Lookup) -> Result<User> {
        if let Some(known) = self.known(lookup) {
            return known;
        }
        let outcome = inner.user(lookup).await;
        if outcome.is_ok() || self.failures_too {
            let entry = (lookup.clone(), outcome.clone());
            self.known.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
        }
        outcome
    }

    fn known(&self, lookup: &Lookup) -> Option<Result<User>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.iter().find(|(it, _)| it == lookup).map(|(_, outcome)| outcome.clone())
    }
}

fn given_up(inner: &dyn UserInfoProvider) -> Error {
    Error::new(ErrorKind::Unavailable, inner.descriptor().kind, "user", "the upstream is given up")
}
