use std::{fmt, time::Duration};

use tokio::time::Instant;

use crate::{Health, Random, random::roll};

use self::window::{Tally, Window};

mod window;

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;

/// The longest pause without its jitter.
const LONGEST: Duration = Duration::from_secs(200);
/// How much of itself a pause may grow by; the longest comes to 300 s with it.
const JITTER: f64 = 0.5;
/// How long a probe keeps everybody else out, if it neither ends nor is dropped.
const PATIENCE: Duration = Duration::from_secs(300);

/// What a circuit breaker does with the next call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakerState {
    /// It lets every call through.
    Closed,
    /// It lets one call through at a time, to see whether the upstream is well again.
    HalfOpen,
    /// It refuses every call.
    Open {
        /// How long from now.
        left: Duration,
    },
}

/// When a circuit opens, and for how long at first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    pub(crate) failures: u32,
    pub(crate) min_calls: u32,
    pub(crate) success_percent: u32,
    pub(crate) window: Duration,
    pub(crate) cooldown: Duration,
}

/// The state of a circuit breaker: time and dice are given, so that it does the same twice.
#[derive(Debug)]
pub(crate) struct Circuit {
    rules: Rules,
    phase: Phase,
    /// Grows with each probe and makes all earlier tickets void: those of the time before, and of lost probes.
    generation: u64,
    in_a_row: u32,
    window: Window,
    /// The next pause, without its jitter.
    pause: Duration,
}

#[derive(Clone, Copy, Debug)]
enum Phase {
    Closed,
    Open { until: Instant, why: Why },
    HalfOpen { probe_since: Option<Instant>, why: Why },
}

/// Lets one call through; goes back to the circuit when the call is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ticket(u64);

/// Says that a call is not let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) why: Why,
    /// The time until a probe is let through; none while one is on its way.
    pub(crate) left: Option<Duration>,
}

/// Why a circuit is not closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Why {
    rule: Rule,
    failed_probes: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    InARow(u32),
    TooFew(Tally, Duration),
}

/// What the end of a call did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Nothing: it says nothing of the upstream, or comes too late to.
    None,
    /// It was counted.
    Counted,
    Opened {
        pause: Duration,
        why: Why,
    },
    Closed,
}

impl Circuit {
    pub(crate) fn new(rules: Rules) -> Self {
        Self {
            rules,
            phase: Phase::Closed,
            generation: 0,
            in_a_row: 0,
            window: Window::new(rules.window),
            pause: rules.cooldown,
        }
    }

    /// Lets a call through if the circuit is closed; to know that takes no clock.
    pub(crate) fn pass(&self) -> Option<Ticket> {
        matches!(self.phase, Phase::Closed).then_some(Ticket(self.generation))
    }

    /// Lets a call through, or says why not; the flag tells the start of a probe.
    pub(crate) fn begin(&mut self, now: Instant) -> Result<(Ticket, bool), Refusal> {
        let why = match self.phase {
            Phase::Closed => return Ok((Ticket(self.generation), false)),
            Phase::Open { until, why } if now < until => {
                return Err(Refusal { why, left: Some(until - now) });
            }
            Phase::HalfOpen { probe_since: Some(since), why } if now < since + PATIENCE => {
                return Err(Refusal { why, left: None });
            }
            Phase::Open { why, .. } | Phase::HalfOpen { why, .. } => why,
        };
        self.generation += 1;
        self.phase = Phase::HalfOpen { probe_since: Some(now), why };
        Ok((Ticket(self.generation), true))
    }

    /// Takes back the ticket of a call that is over; a dropped one is [`Health::Unknown`].
    pub(crate) fn end(&mut self, ticket: Ticket, health: Health, now: Instant, dice: &dyn Random) -> Effect {
        if ticket.0 != self.generation {
            return Effect::None;
        }
        match (&mut self.phase, health) {
            (Phase::Open { .. }, _) | (Phase::Closed, Health::Unknown) => Effect::None,
            (Phase::Closed, _) => self.count(health == Health::Up, now, dice),
            (Phase::HalfOpen { probe_since, .. }, Health::Unknown) => {
                *probe_since = None;
                Effect::None
            }
            (Phase::HalfOpen { .. }, Health::Up) => {
                *self = Self { generation: self.generation, ..Self::new(self.rules) };
                Effect::Closed
            }
            (Phase::HalfOpen { why, .. }, Health::Down) => {
                let why = Why { failed_probes: why.failed_probes.saturating_add(1), ..*why };
                self.open(why, now, dice)
            }
        }
    }

    pub(crate) fn state(&self, now: Instant) -> BreakerState {
        match self.phase {
            Phase::Closed => BreakerState::Closed,
            Phase::Open { until, .. } if now < until => BreakerState::Open { left: until - now },
            Phase::Open { .. } | Phase::HalfOpen { .. } => BreakerState::HalfOpen,
        }
    }

    fn count(&mut self, up: bool, now: Instant, dice: &dyn Random) -> Effect {
        let Rules { failures, min_calls, success_percent, window, .. } = self.rules;
        self.in_a_row = if up { 0 } else { self.in_a_row.saturating_add(1) };
        let tally = self.window.record(up, now);
        let rule = if self.in_a_row >= failures {
            Rule::InARow(self.in_a_row)
        } else if tally.calls() >= min_calls && tally.is_below(success_percent) {
            Rule::TooFew(tally, window)
        } else {
            return Effect::Counted;
        };
        self.open(Why { rule, failed_probes: 0 }, now, dice)
    }

    /// Pauses for what is due up to half as long again, at random, so that callers do not come back as one.
    fn open(&mut self, why: Why, now: Instant, dice: &dyn Random) -> Effect {
        let pause = self.pause.mul_f64(1.0 + JITTER * roll(dice));
        self.pause = (self.pause * 2).min(LONGEST);
        self.phase = Phase::Open { until: now + pause, why };
        Effect::Opened { pause, why }
    }
}

impl Rules {
    /// Makes every rule one that can be met, and no pause longer than 300 s.
    pub(crate) fn sane(self) -> Self {
        Self {
            failures: self.failures.max(1),
            success_percent: self.success_percent.min(100),
            cooldown: self.cooldown.min(LONGEST),
            ..self
        }
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            failures: 5,
            min_calls: 20,
            success_percent: 80,
            window: Duration::from_secs(30),
            cooldown: Duration::from_secs(5),
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.rule {
            Rule::InARow(1) => f.write_str("1 failure")?,
            Rule::InARow(failures) => write!(f, "{failures} failures in a row")?,
            Rule::TooFew(tally, window) => {
                write!(f, "{} of {} calls failed within {window:?}", tally.down, tally.calls())?;
            }
        }
        match self.failed_probes {
            0 => Ok(()),
            1 => f.write_str(" and 1 failed probe"),
            more => write!(f, " and {more} failed probes"),
        }
    }
}
