use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime},
};

use userinfo_core::{Error, ErrorKind, Result, Retry, Secret};

use super::{Credential, Refusal};

/// What a provider holds, and what it knows of the last login: decides, and does nothing.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) held: Option<Arc<Held>>,
    /// The last token that the vendor refused.
    pub(super) dead: Option<Secret>,
    failed: Option<Failed>,
    /// When a person last allowed another login.
    pardoned: Option<SystemTime>,
    /// When the vendor last refused a token that was obtained in place of a refused one.
    mistrusted: Option<SystemTime>,
}

/// A token that is in use.
#[derive(Debug)]
pub struct Held {
    credential: Credential,
    renew_at: Option<SystemTime>,
    /// Whether the vendor accepted it, as far as we know.
    proven: AtomicBool,
    /// Whether another process obtained it.
    is_anothers: bool,
}

/// What to do for whoever needs a token.
#[derive(Debug)]
pub(super) enum Next {
    /// Use this one.
    Use(Arc<Held>),
    /// Use this one if another cannot be obtained.
    Renew(Arc<Held>),
    /// Obtain one.
    Obtain,
}

#[derive(Debug)]
struct Failed {
    error: Error,
    in_a_row: u32,
    at: SystemTime,
    /// When a login of this process failed last.
    own: Option<SystemTime>,
    /// `None`: until the process is told otherwise.
    pause: Option<Duration>,
}

/// After the first failure that may pass, and after one that will not by itself.
const FIRST: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(30)];
/// However often it failed.
const LONGEST: Duration = Duration::from_secs(300);
/// A token that is refused though it is younger than this, and was never accepted, is a reason for another only once
/// in this time, and only if it is this process's own.
const YOUNG: Duration = Duration::from_secs(60);

impl Held {
    /// Uses a credential; `margin` before its end, or somewhat earlier by `luck`, it is renewed.
    pub(super) fn new(credential: Credential, margin: Duration, luck: f64, proven: bool) -> Self {
        let renew_at = credential.expires_at.zip(credential.lifetime()).map(|(end, lifetime)| {
            let margin = margin.min(lifetime / 4);
            end.checked_sub(margin + margin.mul_f64(luck.clamp(0.0, 1.0) / 2.0)).unwrap_or(end)
        });
        Self { credential, renew_at, proven: AtomicBool::new(proven), is_anothers: false }
    }

    /// Says that another process obtained it.
    pub(super) fn of_another(self) -> Self {
        Self { is_anothers: true, ..self }
    }

    /// Returns the token as issued.
    #[must_use]
    pub fn token(&self) -> &Secret {
        &self.credential.token
    }

    /// Returns what the vendor issued.
    #[must_use]
    pub fn credential(&self) -> &Credential {
        &self.credential
    }

    /// Notes that the vendor accepted it; says whether that is news.
    pub(super) fn prove(&self) -> bool {
        !self.proven.load(Ordering::Relaxed) && !self.proven.swap(true, Ordering::Relaxed)
    }

    pub(super) fn is_due(&self, now: SystemTime) -> bool {
        self.renew_at.is_some_and(|at| now >= at)
    }
}

impl State {
    /// Decides for whoever needs a token now.
    pub(super) fn next(&self, now: SystemTime) -> Result<Next> {
        let usable = self.held.as_ref().filter(|held| !held.credential.is_over(now));
        let paused = self.failed.as_ref().and_then(|it| it.refusal(now));
        match (usable, paused) {
            (Some(held), None) if held.is_due(now) => Ok(Next::Renew(Arc::clone(held))),
            (Some(held), _) => Ok(Next::Use(Arc::clone(held))),
            (None, Some(error)) => Err(error),
            (None, None) => Ok(Next::Obtain),
        }
    }

    /// Takes note that the vendor refused a token, and says whether another may be obtained for it.
    pub(super) fn refused(&mut self, token: &Held, now: SystemTime) -> bool {
        let is_untried = |it: &Held| !it.proven.load(Ordering::Relaxed) && !is_old(&it.credential, now);
        let is_enough = |it: &Held| it.is_anothers || self.mistrusts(now);
        if self.in_use(token).is_some_and(|it| is_untried(it) && is_enough(it)) {
            return false;
        }
        self.forget(token);
        true
    }

    /// Takes note that the vendor refused the token that was obtained in place of a refused one, too.
    pub(super) fn mistrust(&mut self, now: SystemTime) {
        self.mistrusted = Some(now);
    }

    fn mistrusts(&self, now: SystemTime) -> bool {
        self.mistrusted.is_some_and(|at| now.duration_since(at).is_ok_and(|since| since < YOUNG))
    }

    /// Forgets a token that the vendor refused, however young it is.
    pub(super) fn forget(&mut self, token: &Held) {
        if self.in_use(token).is_some() {
            self.dead = self.held.take().map(|it| it.token().clone());
        }
    }

    /// An answer to an old token says nothing of the one in use.
    fn in_use(&self, token: &Held) -> Option<&Held> {
        self.held.as_deref().filter(|it| it.token() == token.token())
    }

    /// Takes a token into use.
    pub(super) fn obtained(&mut self, held: Arc<Held>) {
        self.held = Some(held);
        self.failed = None;
    }

    /// Takes a token of another process into use, if it is better than what there is.
    pub(super) fn found(&mut self, held: &Arc<Held>, now: SystemTime) -> bool {
        let is_good = !held.is_due(now);
        let is_needed = self.held.as_ref().is_none_or(|it| it.credential.is_over(now));
        if is_good {
            self.obtained(Arc::clone(held));
        } else if is_needed {
            // It is soon over, so it is no reason to forget that logins failed.
            self.held = Some(Arc::clone(held));
        }
        is_good || is_needed
    }

    /// Takes note of a login that failed; `luck` shortens the pause by up to a half.
    pub(super) fn failed(&mut self, error: Error, now: SystemTime, luck: f64) {
        if error.kind() != ErrorKind::LockedOut && self.is_final() {
            return;
        }
        let in_a_row = self.failed.as_ref().map_or(0, |it| it.in_a_row).saturating_add(1);
        let pause = (error.kind() != ErrorKind::LockedOut).then(|| {
            let first = FIRST[usize::from(error.retry() == Retry::Never)];
            let pause = first.saturating_mul(1 << (in_a_row - 1).min(16)).min(LONGEST);
            let pause = pause.mul_f64(1.0 - luck.clamp(0.0, 1.0) / 2.0);
            if let Retry::After(least) = error.retry() { pause.max(least) } else { pause }
        });
        self.failed = Some(Failed { error, in_a_row, at: now, own: Some(now), pause });
    }

    /// Says whether there is no other login, whatever fails or is told after it.
    fn is_final(&self) -> bool {
        self.failed.as_ref().is_some_and(|it| it.pause.is_none())
    }

    /// Says for how long what another process was told holds for this one too.
    pub(super) fn must_heed(&self, refusal: &Refusal, now: SystemTime) -> Option<Duration> {
        let is_pardoned = self.pardoned.is_some_and(|at| refusal.since <= at);
        refusal.left(now).filter(|_| !is_pardoned && !self.knows_as_much(refusal))
    }

    /// Says whether a login of this process itself failed since, so that its own pause holds for its key.
    fn knows_as_much(&self, refusal: &Refusal) -> bool {
        let failed = self.failed.as_ref().and_then(|it| it.own);
        refusal.fingerprint.is_some() && failed.is_some_and(|at| at >= refusal.since)
    }

    /// Takes note of what another process was told: this one made no login, so none of its own failed. What is final
    /// stays so.
    pub(super) fn heed(&mut self, error: Error, now: SystemTime, left: Duration) {
        if self.is_final() {
            return;
        }
        let (in_a_row, own) = self.failed.as_ref().map_or((0, None), |it| (it.in_a_row, it.own));
        self.failed = Some(Failed { error, in_a_row, at: now, own, pause: Some(left) });
    }

    /// Forgets that logins failed, here and until now elsewhere.
    pub(super) fn pardon(&mut self, now: SystemTime) {
        self.failed = None;
        self.mistrusted = None;
        self.pardoned = Some(now);
    }
}

/// Says whether a token lived long enough to be worth another; so is one from the future of a clock that was set back.
pub(super) fn is_old(credential: &Credential, now: SystemTime) -> bool {
    now.duration_since(credential.issued_at).map_or(true, |age| age >= YOUNG)
}

impl Failed {
    /// The error again, while it is not time to try another login.
    fn refusal(&self, now: SystemTime) -> Option<Error> {
        let Some(pause) = self.pause else { return Some(self.error.clone()) };
        // A clock that was set back must not make the pause longer.
        let left = now.duration_since(self.at).ok().and_then(|since| pause.checked_sub(since));
        let left = left.filter(|it| !it.is_zero())?;
        let error = self.error.clone();
        Some(if error.retry() == Retry::Never { error } else { error.with_retry(Retry::After(left)) })
    }
}

#[cfg(test)]
mod tests;
