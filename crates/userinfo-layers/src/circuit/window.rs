use std::time::Duration;

use tokio::time::Instant;

/// So many slices make a window; what is counted is forgotten slice by slice.
const SLICES: u32 = 30;

/// The calls of the last while, counted by slices of time, so that it takes the same room at any rate.
///
/// A call is forgotten when it is as old as the window, or younger by a slice at most.
#[derive(Debug)]
pub(super) struct Window {
    slice: Duration,
    slices: [Tally; SLICES as usize],
    sum: Tally,
    newest: usize,
    /// When the newest slice began; none before the first call.
    since: Option<Instant>,
}

/// How many calls went well and how many failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) up: u32,
    pub(super) down: u32,
}

impl Window {
    pub(super) fn new(length: Duration) -> Self {
        // A slice that takes no time would never be over.
        let slice = (length / SLICES).max(Duration::from_nanos(1));
        Self { slice, slices: Default::default(), sum: Tally::default(), newest: 0, since: None }
    }

    /// Counts a call that ends now and returns what the window holds with it.
    pub(super) fn record(&mut self, up: bool, now: Instant) -> Tally {
        self.turn(now);
        for tally in [&mut self.slices[self.newest], &mut self.sum] {
            *if up { &mut tally.up } else { &mut tally.down } += 1;
        }
        self.sum
    }

    /// Makes room for a call that ends now.
    fn turn(&mut self, now: Instant) {
        let Some(mut since) = self.since else {
            self.since = Some(now);
            return;
        };
        if now.duration_since(since) >= self.slice * SLICES {
            *self = Self { since: Some(now), ..Self::new(self.slice * SLICES) };
            return;
        }
        while now.duration_since(since) >= self.slice {
            since += self.slice;
            self.newest = (self.newest + 1) % self.slices.len();
            let oldest = std::mem::take(&mut self.slices[self.newest]);
            self.sum.up -= oldest.up;
            self.sum.down -= oldest.down;
        }
        self.since = Some(since);
    }
}

impl Tally {
    pub(super) fn calls(self) -> u32 {
        self.up.saturating_add(self.down)
    }

    /// Says whether fewer than so many of a hundred calls went well.
    pub(super) fn is_below(self, percent: u32) -> bool {
        u64::from(self.up) * 100 < u64::from(percent) * (u64::from(self.up) + u64::from(self.down))
    }
}
