use std::{
    fmt,
    num::NonZeroU32,
    ops::Add,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use governor::{
    Quota, RateLimiter, clock,
    middleware::NoOpMiddleware,
    nanos::Nanos,
    state::{InMemoryState, NotKeyed},
};
use tokio::{
    sync::Semaphore,
    time::{Instant, sleep_until},
};
use userinfo_core::{
    Descriptor, Error, ErrorKind, Layer, Lookup, LookupKind, Result, User, UserInfoProvider,
};

use crate::refusal::refusal;

#[cfg(test)]
mod tests;

/// No rate is slower than one call in this time, and no burst takes longer to save up.
const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// Lets calls through at a rate; what is too fast waits its turn, first come, first served.
///
/// Within any time `t`, at most `burst + rate * t` calls begin. Nobody is woken before it is their turn, and
/// who is dropped while waiting takes nothing from the others. The timer is exact to 1 ms: a rate above
/// 1000/s is kept up only by a burst of what falls within 1 ms, or more.
///
/// Clones, and all providers wrapped by one value, share one rate.
///
/// # Errors
///
/// None of its own without [`max_wait`](Self::max_wait): then the deadline outside ends the wait.
#[derive(Clone, Debug)]
pub struct RateLimitLayer {
    rate: Rate,
    max_wait: Option<Duration>,
    shared: Arc<Shared>,
}

#[derive(Clone, Copy, Debug)]
struct Rate {
    count: NonZeroU32,
    period: Duration,
}

#[derive(Debug)]
struct Shared {
    /// The time from one call to the next.
    interval: Duration,
    limiter: RateLimiter<NotKeyed, InMemoryState, Clock, NoOpMiddleware<Moment>>,
    /// Held by the one who waits for the limiter; the semaphore queues the others.
    turn: Semaphore,
    line: Mutex<Line>,
}

/// Those who wait, the one whose turn it is among them.
#[derive(Debug, Default)]
struct Line {
    waiting: u32,
    /// When the one whose turn it is may go, as far as is known.
    next: Option<Instant>,
}

impl RateLimitLayer {
    /// Lets so many calls through a second, and so many at once after a quiet time.
    #[must_use]
    pub fn new(per_second: NonZeroU32, burst: NonZeroU32) -> Self {
        Self::with(Rate { count: per_second, period: Duration::from_secs(1) }, burst, None)
    }

    /// Lets so many calls through in each `period`, evenly spread: one at a time.
    #[must_use]
    pub fn per(count: NonZeroU32, period: Duration) -> Self {
        Self::with(Rate { count, period }, NonZeroU32::MIN, None)
    }

    /// Lets so many calls through at once after a quiet time; starts afresh.
    #[must_use]
    pub fn burst(self, burst: NonZeroU32) -> Self {
        Self::with(self.rate, burst, self.max_wait)
    }

    /// Refuses at once who would have to wait longer: for a deadline outside, say.
    ///
    /// The refusal is [`RateLimited`](ErrorKind::RateLimited) with [`Never`](userinfo_core::Retry::Never): whoever asks again
    /// within the same deadline stands at the end of the same line.
    #[must_use]
    pub fn max_wait(self, max_wait: Duration) -> Self {
        Self { max_wait: Some(max_wait), ..self }
    }

    fn with(rate: Rate, burst: NonZeroU32, max_wait: Option<Duration>) -> Self {
        // Rounded up: the sum of many intervals must not come to less than the periods they stand for.
        let interval = rate.period.min(LONGEST).as_nanos().div_ceil(rate.count.get().into()).max(1);
        let interval = Duration::from_nanos(u64::try_from(interval).expect("at most ten years fit"));
        let most = LONGEST.as_nanos() / interval.as_nanos();
        let burst = u32::try_from(most).ok().and_then(NonZeroU32::new).map_or(burst, |most| burst.min(most));
        let quota = Quota::with_period(interval).expect("the interval is at least 1 ns").allow_burst(burst);
        let shared = Shared {
            interval,
            limiter: RateLimiter::direct_with_clock(quota, Clock),
            turn: Semaphore::new(1),
            line: Mutex::default(),
        };
        Self { rate, max_wait, shared: Arc::new(shared) }
    }
}

impl Layer for RateLimitLayer {
    fn wrap(&self, inner: Arc<dyn UserInfoProvider>) -> Arc<dyn UserInfoProvider> {
        Arc::new(RateLimited { layer: self.clone(), inner })
    }
}

#[derive(Debug)]
struct RateLimited {
    layer: RateLimitLayer,
    inner: Arc<dyn UserInfoProvider>,
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl UserInfoProvider for RateLimited {
    fn descriptor(&self) -> &'static Descriptor {
        self.inner.descriptor()
    }

    fn supports(&self, kind: LookupKind) -> bool {
        self.inner.supports(kind)
    }

    async fn user(&self, lookup: &Lookup) -> Result<User> {
        let Shared { turn, limiter, .. } = &*self.layer.shared;
        // While the turn is free nobody waits, so nobody is overtaken.
        let free = turn.available_permits() > 0 && limiter.check().is_ok();
        if !free {
            self.wait().await?;
        }
        // The provider itself: asked through the `Arc`, it would box its future twice.
        (*self.inner).user(lookup).await
    }
}

impl RateLimited {
    async fn wait(&self) -> Result<()> {
        let Shared { turn, limiter, interval, .. } = &*self.layer.shared;
        // A wait too long for the clock is one without an end.
        let latest = self.layer.max_wait.and_then(|most| Instant::now().checked_add(most));
        let place = Place::take(&self.layer.shared, latest).ok_or_else(|| self.refuse())?;
        let _turn = turn.acquire().await.expect("the semaphore is never closed");
        while let Err(not_until) = limiter.check() {
            let Moment(next) = not_until.earliest_possible();
            place.0.line().next = Some(next);
            if latest.is_some_and(|latest| latest < next) {
                return Err(self.refuse());
            }
            sleep_until(next).await;
        }
        // To ask the limiter is to take a call from it; the next in line will not be told an earlier time.
        let mut line = place.0.line();
        line.next = line.next.and_then(|next| next.checked_add(*interval));
        drop(line);
        Ok(())
    }

    #[cold]
    fn refuse(&self) -> Error {
        let (rate, most) = (self.layer.rate, self.layer.max_wait.unwrap_or_default());
        let why = format!("the configured rate limit of {rate} leaves no room within {most:?}");
        refusal(ErrorKind::RateLimited, self.descriptor().kind, &why)
            .with_advice("ask more slowly, or configure a higher rate if the vendor allows one")
    }
}

impl Shared {
    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place in the line; dropped, it is free.
struct Place<'a>(&'a Shared);

impl<'a> Place<'a> {
    /// Stands in line, unless it is too long for its last place to be reached in time.
    fn take(shared: &'a Shared, latest: Option<Instant>) -> Option<Self> {
        let mut line = shared.line();
        if let (Some(latest), Some(next)) = (latest, line.next) {
            next.checked_add(shared.interval.saturating_mul(line.waiting)).filter(|mine| *mine <= latest)?;
        }
        line.waiting += 1;
        Some(Self(shared))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.line().waiting -= 1;
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.period == Duration::from_secs(1) {
            write!(f, "{}/s", self.count)
        } else {
            write!(f, "{} per {:?}", self.count, self.period)
        }
    }
}

/// The clock of tokio, which a test can stop.
#[derive(Clone, Copy, Debug)]
struct Clock;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Moment(Instant);

impl clock::Clock for Clock {
    type Instant = Moment;

    fn now(&self) -> Moment {
        Moment(Instant::now())
    }
}

impl clock::Reference for Moment {
    fn duration_since(&self, earlier: Self) -> Nanos {
        self.0.saturating_duration_since(earlier.0).into()
    }

    fn saturating_sub(&self, duration: Nanos) -> Self {
        Self(self.0.checked_sub(duration.into()).unwrap_or(self.0))
    }
}

impl Add<Nanos> for Moment {
    type Output = Self;

    fn add(self, duration: Nanos) -> Self {
        Self(self.0 + Duration::from(duration))
    }
}
