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
        Self {
            slice: length / SLICES,
            slices: Default::default(),
            sum: Tally::default(),
            newest: 0,
            since: None,
        }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Counts what is in the same slice as the last call or in the 29 before it; a slice takes 10 ms.
    ///
    /// Slices are counted from the first call of all, or from the first after 30 slices without one.
    fn naive(calls: &[(u64, bool)]) -> Tally {
        let (mut first, mut seen) = (0, Vec::<(u64, bool)>::new());
        for (time, up) in calls {
            if seen.last().is_none_or(|last| (time - first) / 10 >= last.0 + 30) {
                (first, seen) = (*time, Vec::new());
            }
            seen.push(((time - first) / 10, *up));
        }
        let newest = seen.last().expect("a call").0;
        let counted = seen.iter().filter(|it| it.0 + 30 > newest);
        counted.fold(Tally::default(), |sum, it| {
            let up = u32::from(it.1);
            Tally { up: sum.up + up, down: sum.down + 1 - up }
        })
    }

    fn pause() -> impl Strategy<Value = u64> {
        prop_oneof![3 => 0_u64..30, 3 => (0_u64..4).prop_map(|it| it * 10), 1 => 270_u64..320, 1 => 0_u64..1000]
    }

    proptest! {
        #[test]
        fn it_holds_the_calls_of_the_last_thirty_slices(
            calls in prop::collection::vec((pause(), any::<bool>()), 1..60),
        ) {
            let (mut window, start) = (Window::new(Duration::from_millis(300)), Instant::now());
            let (mut seen, mut now) = (Vec::new(), 0);
            for (pause, up) in calls {
                now += pause;
                seen.push((now, up));
                let tally = window.record(up, start + Duration::from_millis(now));
                prop_assert_eq!(tally, naive(&seen));
                let older = seen.iter().filter(|it| it.0 + 300 <= now).count();
                let younger = seen.iter().filter(|it| it.0 + 290 > now).count();
                let held = tally.calls() as usize;
                prop_assert!(younger <= held && held <= seen.len() - older, "{held} of {seen:?}");
            }
        }
    }
}
