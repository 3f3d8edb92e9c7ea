use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use metrics::Key;
use tokio::time::Instant;
use userinfo_core::{
    Descriptor, Error, ErrorKind, Layer, Lookup, LookupKind, Result, User, UserInfoProvider,
};

use crate::{
    Health, Random, SystemRandom,
    circuit::{BreakerState, Circuit, Effect, Refusal, Rules, Ticket},
    names::{BREAKER_REFUSALS, BREAKER_STATE},
    refusal::refusal,
    series::{Owner, counter, gauge},
};

#[cfg(test)]
mod tests;

const ADVICE: &str = "the upstream is in trouble; calls resume by themselves once a probe is answered";

/// Stops asking an upstream that is in trouble, until a probe says that it is well.
///
/// - *Closed*, every call passes. The circuit opens after 5 failures in a row, or when of the calls of the
///   last 30 s, at least 20, fewer than 80 % succeeded. [`Health`] says what counts: trouble of the upstream
///   is a failure, any answer is a success, and what says nothing of the upstream counts as neither.
/// - *Open*, every call is refused, for 5 s at first and twice as long after each failed probe, each time up
///   to half as long again at random, and never longer than 300 s.
/// - *Half open*, one call is let through as a probe, and all others are refused. A success closes the
///   circuit and forgets what was; a failure opens it again; a probe that is dropped or says nothing of the
///   upstream leaves its place to the next caller, and so does one that is not over after 300 s.
///
/// What began before the last change of state has no say any more. Clones, and all providers wrapped by one
/// value, share one circuit.
///
/// # Errors
///
/// A refusal is [`Unavailable`](ErrorKind::Unavailable) with [`Never`](userinfo_core::Retry::Never), because the pause outlives
/// most deadlines; its source is the last failure that counted.
///
/// # Metrics
///
/// The gauge `userinfo_breaker_state` (0 closed, 1 half open, 2 open) and the counter
/// `userinfo_breaker_refusals_total`, both with the labels `provider` and `instance`.
#[derive(Clone, Debug)]
pub struct BreakerLayer {
    rules: Rules,
    random: Arc<dyn Random>,
    owner: Owner,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    circuit: Mutex<Guarded>,
    /// The gauges of the wrapped providers; whoever holds this lock sets them.
    gauges: Mutex<Vec<Key>>,
}

#[derive(Debug)]
struct Guarded {
    circuit: Circuit,
    /// The last failure that counted, without the words of a vendor, which may be about somebody.
    last: Option<Error>,
}

impl BreakerLayer {
    /// Makes a closed circuit with the defaults above; each method below starts it afresh.
    #[must_use]
    pub fn new() -> Self {
        Self::with(Rules::default(), Arc::new(SystemRandom), Owner::default())
    }

    /// Opens after so many failures in a row; 0 is read as 1.
    #[must_use]
    pub fn failures(self, failures: u32) -> Self {
        Self::with(Rules { failures, ..self.rules }, self.random, self.owner)
    }

    /// Sets the first pause; more than 200 s is read as 200 s.
    #[must_use]
    pub fn cooldown(self, cooldown: Duration) -> Self {
        Self::with(Rules { cooldown, ..self.rules }, self.random, self.owner)
    }

    /// Sets how many calls the window must hold before their share of successes counts.
    #[must_use]
    pub fn min_calls(self, min_calls: u32) -> Self {
        Self::with(Rules { min_calls, ..self.rules }, self.random, self.owner)
    }

    /// Opens when fewer than so many of a hundred calls succeed; 0 switches this rule off.
    #[must_use]
    pub fn success_percent(self, success_percent: u32) -> Self {
        Self::with(Rules { success_percent, ..self.rules }, self.random, self.owner)
    }

    /// Sets how far back calls are counted for the share of successes, to within a thirtieth.
    #[must_use]
    pub fn window(self, window: Duration) -> Self {
        Self::with(Rules { window, ..self.rules }, self.random, self.owner)
    }

    /// Sets the dice that lengthen the pauses.
    #[must_use]
    pub fn random(self, random: Arc<dyn Random>) -> Self {
        Self::with(self.rules, random, self.owner)
    }

    /// Names the instance in the metrics; a [`Stack`](crate::Stack) does so by itself.
    #[must_use]
    pub fn instance(self, name: impl Into<Arc<str>>) -> Self {
        Self { owner: Owner::new(name), ..self }
    }

    /// Returns what the circuit does with the next call.
    #[must_use]
    pub fn state(&self) -> BreakerState {
        self.shared.lock().circuit.state(Instant::now())
    }

    fn with(rules: Rules, random: Arc<dyn Random>, owner: Owner) -> Self {
        let rules = rules.sane();
        let circuit = Mutex::new(Guarded { circuit: Circuit::new(rules), last: None });
        Self { rules, random, owner, shared: Arc::new(Shared { circuit, gauges: Mutex::default() }) }
    }
}

impl Default for BreakerLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl Layer for BreakerLayer {
    fn wrap(&self, inner: Arc<dyn UserInfoProvider>) -> Arc<dyn UserInfoProvider> {
        let kind = inner.descriptor().kind;
        let state = self.owner.series(BREAKER_STATE, kind, None);
        let mut gauges = self.shared.gauges.lock().unwrap_or_else(PoisonError::into_inner);
        if !gauges.contains(&state) {
            gauges.push(state);
        }
        drop(gauges);
        self.shared.tell();
        let refusals = self.owner.series(BREAKER_REFUSALS, kind, None);
        let (random, shared, owner) =
            (Arc::clone(&self.random), Arc::clone(&self.shared), self.owner.clone());
        Arc::new(Guard { random, shared, owner, refusals, inner })
    }
}

#[derive(Debug)]
struct Guard {
    random: Arc<dyn Random>,
    shared: Arc<Shared>,
    owner: Owner,
    refusals: Key,
    inner: Arc<dyn UserInfoProvider>,
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl UserInfoProvider for Guard {
    fn descriptor(&self) -> &'static Descriptor {
        self.inner.descriptor()
    }

    fn supports(&self, kind: LookupKind) -> bool {
        self.inner.supports(kind)
    }

    async fn user(&self, lookup: &Lookup) -> Result<User> {
        let call = self.begin()?;
        // The provider itself: asked through the `Arc`, it would box its future twice.
        let outcome = (*self.inner).user(lookup).await;
        call.end(&outcome);
        outcome
    }
}

impl Guard {
    fn begin(&self) -> Result<Call<'_>> {
        let mut guarded = self.shared.lock();
        let begun = match guarded.circuit.pass() {
            Some(ticket) => Ok((ticket, false)),
            None => guarded.circuit.begin(Instant::now()),
        };
        match begun {
            Ok((ticket, is_probe)) => {
                drop(guarded);
                let call = Call { guard: self, ticket: Some(ticket) };
                if is_probe {
                    self.shared.tell();
                }
                Ok(call)
            }
            Err(refusal) => {
                let last = guarded.last.clone();
                drop(guarded);
                Err(self.refuse(refusal, last))
            }
        }
    }

    fn end(&self, ticket: Ticket, health: Health, failure: Option<Error>) {
        let now = Instant::now();
        let mut guarded = self.shared.lock();
        let effect = guarded.circuit.end(ticket, health, now, &*self.random);
        match effect {
            Effect::None => {}
            Effect::Closed => guarded.last = None,
            Effect::Counted | Effect::Opened { .. } => guarded.last = failure.or(guarded.last.take()),
        }
        drop(guarded);
        let provider = self.descriptor().kind;
        match effect {
            Effect::None | Effect::Counted => return,
            Effect::Opened { pause, why } => {
                tracing::warn!(provider, instance = self.instance(), rule = %why, ?pause, "circuit opened");
            }
            Effect::Closed => tracing::info!(provider, instance = self.instance(), "circuit closed"),
        }
        self.shared.tell();
    }

    fn instance(&self) -> Option<&str> {
        self.owner.instance()
    }

    #[cold]
    fn refuse(&self, Refusal { why, left }: Refusal, last: Option<Error>) -> Error {
        let provider = self.descriptor().kind;
        counter(&self.refusals).increment(1);
        let why = match left {
            Some(left) => {
                let left = Duration::from_secs(left.as_secs() + u64::from(left.subsec_nanos() > 0));
                format!("the circuit breaker is open after {why}; it lets a probe through in {left:?}")
            }
            None => {
                format!("the circuit breaker is half open after {why}; a probe is on its way")
            }
        };
        let error = refusal(ErrorKind::Unavailable, provider, &why).with_advice(ADVICE);
        match last {
            Some(last) => error.with_source(last),
            None => error,
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Guarded> {
        self.circuit.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the gauge of each provider.
    ///
    /// One at a time, and each reads the state anew: so the last to set it sets what is.
    fn tell(&self) {
        let gauges = self.gauges.lock().unwrap_or_else(PoisonError::into_inner);
        let state = match self.lock().circuit.state(Instant::now()) {
            BreakerState::Closed => 0.0,
            BreakerState::HalfOpen => 1.0,
            BreakerState::Open { .. } => 2.0,
        };
        for series in &*gauges {
            gauge(series).set(state);
        }
    }
}

/// Keeps of somebody's error what others may see when they are refused for it.
fn without_words(error: &Error) -> Error {
    let kept = Error::new(error.kind(), error.provider(), error.operation(), "the last failure");
    let kept = error.vendor_code().into_iter().fold(kept, Error::with_vendor_code);
    error.http_status().into_iter().fold(kept, Error::with_http_status)
}

/// A call on its way; dropped before its end, it gives back its ticket.
struct Call<'a> {
    guard: &'a Guard,
    ticket: Option<Ticket>,
}

impl Call<'_> {
    fn end(mut self, outcome: &Result<User>) {
        if let Some(ticket) = self.ticket.take() {
            let health = Health::of(outcome);
            let failure = outcome.as_ref().err().filter(|_| health == Health::Down);
            self.guard.end(ticket, health, failure.map(without_words));
        }
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            self.guard.end(ticket, Health::Unknown, None);
        }
    }
}
