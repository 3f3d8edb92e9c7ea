use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::time::{Instant, sleep};
use userinfo_core::{
    Descriptor, Error, ErrorKind, Layer, Lookup, LookupKind, Result, Retry, User, UserInfoProvider,
};

use self::attempt::Attempts;
use crate::{Budget, Random, SystemRandom, random::roll, series::Owner};

mod attempt;

/// Asks again where the error says that this can help.
///
/// It obeys [`Error::retry`] alone:
///
/// - [`Never`](Retry::Never): the error is the answer, after one request.
/// - [`Backoff`](Retry::Backoff): a random pause of up to 50 ms, then of up to twice that, and so on up to
///   20 s; from up to 1 s on for [`RateLimited`](ErrorKind::RateLimited).
/// - [`After`](Retry::After): that long, however long it is, and a random pause on top, so that those who
///   were told the same moment do not all come back at it.
///
/// A pause that would not end before the deadline, or without one is longer than 20 s, is not begun: the
/// error comes back at once and keeps its [`retry`](Error::retry), for a caller who has more time. When the
/// attempts or the [`Budget`] are used up, the error comes back with [`Never`](Retry::Never), so that retries
/// further out do not multiply these.
///
/// The budget belongs to the layer: everything that one value wraps, and its clones, draw on the same.
///
/// Each attempt ends with one line at level `INFO`, and counts in the metric `userinfo_attempts_total`.
#[derive(Clone, Debug)]
pub struct RetryLayer {
    attempts: u32,
    within: Option<Duration>,
    budget: Arc<Budget>,
    random: Arc<dyn Random>,
    owner: Owner,
}

/// The first pause, at most.
const BASE: Duration = Duration::from_millis(50);
/// The first pause, at most, where the vendor asks for fewer requests and does not say for how long.
const RATE_LIMITED_BASE: Duration = Duration::from_secs(1);
/// The longest pause that the vendor did not ask for.
const CAP: Duration = Duration::from_secs(20);

#[derive(Debug)]
struct Retrying {
    layer: RetryLayer,
    attempts: Attempts,
    inner: Arc<dyn UserInfoProvider>,
}

/// What follows an attempt that failed.
#[derive(Clone, Copy)]
enum Next {
    /// Another one, after this long.
    Attempt(Duration),
    /// Nothing, and the error is as it is.
    Nothing,
    /// Nothing, because there were enough.
    UsedUp,
}

impl RetryLayer {
    /// Tries three times in all, within the default [`Budget`] and without a deadline.
    #[must_use]
    pub fn new() -> Self {
        let (budget, random, owner) = (Arc::default(), Arc::new(SystemRandom), Owner::default());
        Self { attempts: 3, within: None, budget, random, owner }
    }

    /// Tries once, and leaves every error as it is; what a stack without retries has in this place.
    #[must_use]
    pub fn once() -> Self {
        Self::new().attempts(1)
    }

    /// Sets the number of attempts in all, the first one included; 0 counts as 1.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// Sets the deadline of the operation: no pause is begun that would not end before it.
    ///
    /// It ends no attempt: that is for a [`TimeoutLayer`](crate::TimeoutLayer) further out, of the same time.
    #[must_use]
    pub fn within(mut self, limit: Duration) -> Self {
        self.within = Some(limit);
        self
    }

    /// Sets the budget.
    #[must_use]
    pub fn budget(mut self, budget: Budget) -> Self {
        self.budget = Arc::new(budget);
        self
    }

    /// Sets the dice that the pauses are rolled with.
    #[must_use]
    pub fn random(mut self, random: Arc<dyn Random>) -> Self {
        self.random = random;
        self
    }

    /// Names the instance in the metrics; a [`Stack`](crate::Stack) does so by itself.
    #[must_use]
    pub fn instance(self, name: impl Into<Arc<str>>) -> Self {
        Self { owner: Owner::new(name), ..self }
    }

    /// Returns the number of attempts in all.
    pub(crate) fn most(&self) -> u32 {
        self.attempts
    }

    /// Notes that a call begins; reads the clock only if a retry may follow.
    fn begin(&self) -> Option<Instant> {
        (self.attempts > 1).then(|| {
            let now = Instant::now();
            self.budget.first(now);
            now
        })
    }

    fn next(&self, begun: Option<Instant>, resends: u32, error: &Error) -> Next {
        let (least, base) = match error.retry() {
            Retry::Backoff if error.kind() == ErrorKind::RateLimited => (Duration::ZERO, RATE_LIMITED_BASE),
            Retry::Backoff => (Duration::ZERO, BASE),
            Retry::After(least) => (least, BASE),
            _ => return Next::Nothing,
        };
        let Some(begun) = begun else { return Next::Nothing };
        if resends + 1 >= self.attempts {
            return Next::UsedUp;
        }
        if self.within.is_none() && least > CAP {
            return Next::Nothing;
        }
        let most = base.saturating_mul(2_u32.saturating_pow(resends)).min(CAP);
        let pause = least.saturating_add(most.mul_f64(roll(&*self.random)));
        let now = Instant::now();
        let until = now.saturating_duration_since(begun).saturating_add(pause);
        if self.within.is_some_and(|limit| until >= limit) {
            Next::Nothing
        } else if self.budget.retry(now) {
            Next::Attempt(pause)
        } else {
            Next::UsedUp
        }
    }
}

impl Default for RetryLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl Layer for RetryLayer {
    fn wrap(&self, inner: Arc<dyn UserInfoProvider>) -> Arc<dyn UserInfoProvider> {
        let attempts = Attempts::new(self.owner.clone(), inner.descriptor().kind);
        Arc::new(Retrying { layer: self.clone(), attempts, inner })
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl UserInfoProvider for Retrying {
    fn descriptor(&self) -> &'static Descriptor {
        self.inner.descriptor()
    }

    fn supports(&self, kind: LookupKind) -> bool {
        self.inner.supports(kind)
    }

    async fn user(&self, lookup: &Lookup) -> Result<User> {
        let begun = self.layer.begin();
        let mut resends = 0;
        loop {
            let attempt = self.attempts.begin(resends);
            // The `Arc` is a provider too, which boxes the call once more.
            let error = match (*self.inner).user(lookup).await {
                Ok(user) => {
                    attempt.succeeded();
                    return Ok(user);
                }
                Err(error) => error,
            };
            let next = self.layer.next(begun, resends, &error);
            attempt.failed(&error, next.pause());
            let pause = match next {
                Next::Attempt(pause) => pause,
                Next::Nothing => return Err(error),
                Next::UsedUp => return Err(error.with_retry(Retry::Never)),
            };
            drop(error);
            sleep(pause).await;
            resends += 1;
        }
    }
}

impl Next {
    fn pause(self) -> Option<Duration> {
        match self {
            Self::Attempt(pause) => Some(pause),
            Self::Nothing | Self::UsedUp => None,
        }
    }
}

#[cfg(test)]
mod tests;
