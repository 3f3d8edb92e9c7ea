//! What is kept between processes, and what of it is believed.

use std::{io, sync::Arc, time::SystemTime};

use futures_util::FutureExt as _;
use userinfo_core::Error;

use super::{Credential, Held, Inner, Issuer, Refusal, log_store_failure, state};

impl Inner {
    /// Returns what the store has, if it is not over and was not refused.
    async fn stored(&self) -> Option<Held> {
        let credential =
            self.told("a credential cannot be read", self.store.load(&self.name).await).flatten()?;
        let now = self.clock.now();
        let is_dead = self.state().dead.as_ref() == Some(&credential.token);
        let proven = credential.accepted || state::is_old(&credential, now);
        (!is_dead && !credential.is_over(now)).then(|| self.held(credential, proven).of_another())
    }

    /// Takes what another process obtained into use: if it is good for a while, or if there is nothing else.
    pub(super) async fn take_stored(&self) -> Option<Arc<Held>> {
        let held = Arc::new(self.stored().await?);
        self.state().found(&held, self.clock.now()).then_some(held)
    }

    /// Takes what another process obtained after a token that the vendor refused into use.
    pub(super) async fn take_newer(&self, refused: &Held) -> Option<Arc<Held>> {
        let held = Arc::new(self.stored().await?);
        let is_older = held.credential().issued_at < refused.credential().issued_at;
        if is_older || held.token() == refused.token() {
            return None;
        }
        let mut state = self.state();
        if let Some(other) = state.held.as_ref().filter(|it| it.token() != refused.token()) {
            return Some(Arc::clone(other));
        }
        state.forget(refused);
        state.found(&held, self.clock.now()).then_some(held)
    }

    /// Keeps other processes from logging in until the value is dropped.
    pub(super) async fn lock(&self) -> Option<Box<dyn Send>> {
        self.told("a credential cannot be locked", self.store.lock(&self.name).await)
    }

    /// Lets other processes know, once for each token, unless another is kept by now.
    ///
    /// Where it is skipped, at worst another process returns an error where it could have logged in again.
    pub(super) async fn save_accepted(&self, held: &Held) {
        let accepted = |kept: Credential| Credential { accepted: true, ..kept };
        self.save_unless_locked(|kept| kept.filter(|it| it.token == *held.token()).map(accepted)).await;
    }

    /// Keeps what the vendor gave in place of `old`, unless somebody kept a newer one.
    pub(super) async fn save_in_place_of(&self, old: &Held, new: &Held) {
        let new = new.credential();
        let gives_way = |kept: &Credential| kept.token == *old.token() || kept.issued_at <= new.issued_at;
        self.save_unless_locked(|kept| kept.as_ref().is_none_or(gives_way).then(|| new.clone())).await;
    }

    /// Saves what `choose` makes of what is kept.
    ///
    /// Who has the lock may be about to keep another one, and a look-up does not wait for a login: then nothing is saved.
    async fn save_unless_locked(&self, choose: impl FnOnce(Option<Credential>) -> Option<Credential>) {
        let Some(lock) = self.lock().now_or_never().flatten() else { return };
        let kept = self.told("a credential cannot be read", self.store.load(&self.name).await).flatten();
        if let Some(credential) = choose(kept) {
            self.save(&credential).await;
        }
        drop(lock);
    }

    pub(super) async fn save(&self, credential: &Credential) {
        self.told("a credential cannot be saved", self.store.save(&self.name, credential).await);
    }

    /// Returns what the vendor told another process, if it holds for this one too.
    pub(super) async fn heeded(&self, issuer: &dyn Issuer) -> Option<Error> {
        let kept = self.store.load_refusal(&self.name).await;
        let refusal = self.told("a refusal cannot be read", kept).flatten()?;
        let now = self.clock.now();
        if refusal.is_of_the_future(now) {
            // Its time must not come once the clock is right.
            self.forget_refusal().await;
            return None;
        }
        if refusal.fingerprint.is_some() && refusal.fingerprint != issuer.fingerprint() {
            return None;
        }
        let mut state = self.state();
        let left = state.must_heed(&refusal, now)?;
        let error = refusal.error(self.provider, left);
        state.heed(error.clone(), now, left);
        tracing::warn!(provider = self.provider, error.type = error.kind().as_str(), "no login is allowed");
        Some(error)
    }

    /// Tells other processes of a login that failed, where that is their business.
    pub(super) async fn share(&self, error: &Error, issuer: &dyn Issuer, now: SystemTime) {
        let Some(refusal) = Refusal::of(error, issuer, now) else { return };
        let kept = self.store.load_refusal(&self.name).await;
        let kept = self.told("a refusal cannot be read", kept).flatten();
        if kept.is_some_and(|kept| kept.outlasts(&refusal, now)) {
            return;
        }
        let saved = self.store.save_refusal(&self.name, &refusal).await;
        self.told("a refusal cannot be saved", saved);
    }

    pub(super) async fn forget_refusal(&self) {
        self.told("a refusal cannot be removed", self.store.remove_refusal(&self.name).await);
    }

    /// Tells operators of a store that fails: it costs a login, no more.
    fn told<T>(&self, what: &'static str, outcome: io::Result<T>) -> Option<T> {
        log_store_failure(self.provider, what, outcome)
    }
}
