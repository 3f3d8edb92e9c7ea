use std::sync::{Mutex, PoisonError};

use tokio::time::Instant;

/// Bounds the retries against one upstream by the calls that it gets.
///
/// A retry is granted while the retries of the last ten seconds are at most 20 % of the first attempts of
/// those seconds, so that an upstream that is down sees at most 1.2 times the calls.
///
/// Where calls are few, 20 % of them is next to nothing. So every second that saw a first attempt vouches
/// for at least ten retries, and ten may go out in any one second: a lone caller has all its attempts. From
/// fifty calls in every second on, ten is no more than 20 %, and `n` calls at one instant that fail within ten
/// seconds lead to no more than ten retries or 20 % of `n`, whichever is more. What fails later than that is judged
/// by what is called by then.
#[derive(Debug)]
pub struct Budget {
    rule: Rule,
    window: Mutex<Window>,
}

#[derive(Clone, Copy, Debug)]
struct Rule {
    percent: u32,
    per_second: u32,
}

/// What was counted of late, a second at a time; the first second begins with the first call.
#[derive(Debug, Default)]
struct Window {
    epoch: Option<Instant>,
    /// The number of the running second since the epoch.
    running: u64,
    /// The place of the running second in the ring.
    place: usize,
    seconds: [Second; SECONDS],
}

/// The running second and the ten before it, so that all of the last ten seconds is in the ring.
const SECONDS: usize = 11;

#[derive(Clone, Copy, Debug, Default)]
struct Second {
    firsts: u32,
    retries: u32,
}

impl Budget {
    /// Allows 20 % of the calls to be retried, and ten a second where calls are few.
    #[must_use]
    pub fn new() -> Self {
        Self { rule: Rule { percent: 20, per_second: 10 }, window: Mutex::default() }
    }

    /// Sets how many retries a hundred first attempts allow; 20 unless told.
    #[must_use]
    pub fn percent(mut self, percent: u32) -> Self {
        self.rule.percent = percent;
        self
    }

    /// Sets how many retries a second are allowed where calls are few; 10 unless told.
    #[must_use]
    pub fn per_second(mut self, per_second: u32) -> Self {
        self.rule.per_second = per_second;
        self
    }

    /// Notes a first attempt.
    pub(crate) fn first(&self, now: Instant) {
        self.window.lock().unwrap_or_else(PoisonError::into_inner).first(now);
    }

    /// Grants a retry and notes it, or refuses it.
    pub(crate) fn retry(&self, now: Instant) -> bool {
        self.window.lock().unwrap_or_else(PoisonError::into_inner).retry(now, self.rule)
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self::new()
    }
}

impl Window {
    fn first(&mut self, now: Instant) {
        let running = self.running(now);
        running.firsts = running.firsts.saturating_add(1);
    }

    fn retry(&mut self, now: Instant, rule: Rule) -> bool {
        let running = *self.running(now);
        let granted = rule.allows(running, &self.seconds);
        if granted {
            self.seconds[self.place].retries = running.retries.saturating_add(1);
        }
        granted
    }

    /// Moves on to the second of `now`; a clock read before another caller moved on counts as the present.
    fn running(&mut self, now: Instant) -> &mut Second {
        let epoch = *self.epoch.get_or_insert(now);
        let number = now.saturating_duration_since(epoch).as_secs();
        for _ in 0..number.saturating_sub(self.running).min(SECONDS as u64) {
            self.place = (self.place + 1) % SECONDS;
            self.seconds[self.place] = Second::default();
        }
        self.running = self.running.max(number);
        &mut self.seconds[self.place]
    }
}

impl Rule {
    /// Says whether one more retry is allowed; counts in hundredths of a retry, which are exact.
    fn allows(self, running: Second, seconds: &[Second; SECONDS]) -> bool {
        let floor = 100 * u64::from(self.per_second);
        let share = |second: &Second| u64::from(self.percent) * u64::from(second.firsts);
        let vouched = |second: &Second| if second.firsts == 0 { 0 } else { share(second).max(floor) };

        let wanted = 100 * (1 + seconds.iter().map(|it| u64::from(it.retries)).sum::<u64>());
        let by_share = seconds.iter().map(share).sum::<u64>();
        // A retry may come so late that no first attempt is left in the ring: hence the floor.
        let by_second = seconds.iter().map(vouched).sum::<u64>().max(floor);
        wanted <= by_share || (running.retries < self.per_second && wanted <= by_second)
    }
}

#[cfg(test)]
mod tests;
