use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    thread,
    time::Duration,
};

use proptest::prelude::*;

use super::*;

#[derive(Clone, Copy, Debug)]
enum Step {
    Wait(u64),
    Calls(u32),
    Ask(u32),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..1_500_u64).prop_map(Step::Wait),
        (0..15_000_u64).prop_map(Step::Wait),
        (1..5_u32).prop_map(Step::Calls),
        (1..150_u32).prop_map(Step::Calls),
        (1..50_u32).prop_map(Step::Ask),
    ]
}

/// Keeps the first attempts and the retries of every second, for ever.
#[derive(Default)]
struct Model {
    seconds: BTreeMap<u64, (u64, u64)>,
    /// The seconds in which a retry was granted though no first attempt was left in the window.
    late: BTreeSet<u64>,
}

impl Model {
    fn first(&mut self, now: u64) {
        self.seconds.entry(now).or_default().0 += 1;
    }

    fn retry(&mut self, now: u64, percent: u64, per_second: u64) -> bool {
        let (firsts, retries) = self.counts(now.saturating_sub(10));
        let vouched = self.vouched(now.saturating_sub(10), percent, per_second);
        let (_, lately) = self.counts(now);
        let granted = 100 * (retries + 1) <= percent * firsts
            || (lately < per_second && 100 * (retries + 1) <= vouched.max(100 * per_second));
        if granted {
            self.seconds.entry(now).or_default().1 += 1;
            if firsts == 0 {
                self.late.insert(now);
            }
        }
        granted
    }

    /// The first attempts and the retries since a second.
    fn counts(&self, since: u64) -> (u64, u64) {
        self.seconds.range(since..).fold((0, 0), |sum, (_, it)| (sum.0 + it.0, sum.1 + it.1))
    }

    /// The retries, in hundredths, that the first attempts since a second vouch for.
    fn vouched(&self, since: u64, percent: u64, per_second: u64) -> u64 {
        let firsts = self.seconds.range(since..).map(|(_, (firsts, _))| *firsts).filter(|it| *it > 0);
        firsts.map(|it| (percent * it).max(100 * per_second)).sum()
    }
}

proptest! {
    #[test]
    fn the_ring_decides_as_one_who_forgets_nothing_does_and_no_run_exceeds_what_was_vouched_for(
        steps in proptest::collection::vec(step(), 1..40), percent in 0..60_u32, per_second in 0..15_u32,
    ) {
        let budget = Budget::new().percent(percent).per_second(per_second);
        let (percent, per_second) = (u64::from(percent), u64::from(per_second));
        let mut model = Model::default();
        let begun = Instant::now();
        let (mut millis, mut epoch) = (0, None);
        for step in steps {
            let now = begun + Duration::from_millis(millis);
            let second = |epoch: Option<u64>| (millis - epoch.unwrap_or(millis)) / 1_000;
            match step {
                Step::Wait(more) => millis += more,
                Step::Calls(count) => {
                    epoch = epoch.or(Some(millis));
                    (0..count).for_each(|_| budget.first(now));
                    (0..count).for_each(|_| model.first(second(epoch)));
                }
                Step::Ask(count) => {
                    epoch = epoch.or(Some(millis));
                    for _ in 0..count {
                        prop_assert_eq!(budget.retry(now), model.retry(second(epoch), percent, per_second));
                    }
                }
            }
            let most = model.vouched(0, percent, per_second) + 100 * per_second * model.late.len() as u64;
            let (_, retries) = model.counts(0);
            prop_assert!(100 * retries <= most, "{retries} retries");
        }
    }

    #[test]
    fn from_fifty_calls_a_second_on_a_dead_upstream_sees_at_most_a_fifth_more(
        seconds in proptest::collection::vec(proptest::array::uniform10((0..20_u32, 0..40_u32)), 1..25),
    ) {
        let budget = Budget::new();
        let begun = Instant::now();
        // The seconds of the budget begin with this call, so that they are the seconds of this test.
        let (mut firsts, mut retries) = (1, round(&budget, begun, 1, 0));
        for (second, tenths) in seconds.into_iter().enumerate() {
            let begun = begun + Duration::from_secs(second as u64);
            let missing = 50_u32.saturating_sub(tenths.iter().map(|(calls, _)| calls).sum());
            for (tenth, (calls, asked)) in (0..).zip(tenths.into_iter().chain([(missing, 20)])) {
                firsts += calls;
                retries += round(&budget, begun + Duration::from_millis(90 * tenth), calls, asked);
            }
            prop_assert!(5 * retries <= firsts, "{retries} retries of {firsts} calls");
        }
    }
}

/// Notes `calls` and asks for `asked` retries; returns how many were granted.
fn round(budget: &Budget, now: Instant, calls: u32, asked: u32) -> u32 {
    (0..calls).for_each(|_| budget.first(now));
    (0..asked).map(|_| u32::from(budget.retry(now))).sum()
}

#[test]
fn calls_at_one_instant_are_retried_ten_times_or_a_fifth_of_them_however_long_it_takes() {
    for calls in [1, 49, 50, 51, 100, 499, 500, 1_000, 10_000] {
        for gap in [50, 250, 950, 2_000, 9_000] {
            let budget = Budget::new();
            let begun = Instant::now();
            round(&budget, begun, calls, 0);
            let moments = (0..=10_000).step_by(gap).map(|it| begun + Duration::from_millis(it));
            let retries: u32 = moments.map(|it| round(&budget, it, 0, 20 + calls / 5)).sum();
            assert_eq!(retries, 10.max(calls / 5), "{calls} calls, every {gap} ms");
        }
    }
}

#[test]
fn a_burst_after_a_trickle_is_no_more_than_ten_a_second() {
    let budget = Budget::new();
    let begun = Instant::now();
    for second in 0..9 {
        round(&budget, begun + Duration::from_secs(second), 1, 0);
    }
    assert_eq!(round(&budget, begun + Duration::from_secs(9), 40, 80), 10);
    assert_eq!(round(&budget, begun + Duration::from_secs(10), 0, 80), 10);
}

#[test]
fn an_upstream_that_dies_after_good_seconds_sees_a_fifth_more_from_then_on_too() {
    let budget = Budget::new();
    let begun = Instant::now();
    for second in 0..20 {
        round(&budget, begun + Duration::from_secs(second), 50, 0);
    }
    let dead: u32 = (20..31).map(|it| round(&budget, begun + Duration::from_secs(it), 50, 100)).sum();
    assert_eq!(dead, 11 * 10);
}

#[test]
fn a_lone_caller_has_all_its_attempts_for_ever_and_however_long_it_waits() {
    let budget = Budget::new();
    let begun = Instant::now();
    for call in 0..100 {
        let called = begun + Duration::from_secs(call * 40);
        assert_eq!(round(&budget, called, 1, 1), 1);
        assert_eq!(round(&budget, called + Duration::from_secs(30), 0, 1), 1);
    }
    for call in 4_100..4_200 {
        assert_eq!(round(&budget, begun + Duration::from_secs(call), 5, 10), 10);
    }
}

#[test]
fn retries_come_back_when_the_last_ones_are_ten_seconds_past() {
    let budget = Budget::new().per_second(0);
    let begun = Instant::now();
    assert_eq!(round(&budget, begun, 100, 30), 20);
    assert_eq!(round(&budget, begun + Duration::from_millis(10_999), 100, 30), 20);
    assert_eq!(round(&budget, begun + Duration::from_secs(11), 100, 30), 20);
    assert_eq!(round(&budget, begun + Duration::from_secs(600), 4, 1), 0);
    assert_eq!(round(&budget, begun + Duration::from_secs(600), 1, 2), 1);
}

#[test]
fn a_clock_that_was_read_too_early_moves_nothing_back() {
    let budget = Budget::new();
    let begun = Instant::now();
    let later = begun + Duration::from_secs(30);
    assert_eq!(round(&budget, begun, 0, 20), 10);
    assert_eq!(round(&budget, later, 50, 20), 10);
    assert_eq!(round(&budget, begun, 0, 20), 0);
    assert_eq!(round(&budget, later, 0, 20), 0);
}

#[test]
fn what_is_set_counts_and_nought_means_none() {
    let now = Instant::now();
    assert_eq!(round(&Budget::default(), now, 100, 100), 20);
    assert_eq!(round(&Budget::new().percent(50), now, 100, 100), 50);
    assert_eq!(round(&Budget::new().percent(0).per_second(3), now, 100, 100), 3);
    assert_eq!(round(&Budget::new().percent(0).per_second(0), now, 100, 100), 0);
}

#[test]
fn threads_that_ask_at_once_share_what_there_is() {
    let budget = Arc::new(Budget::new());
    let now = Instant::now();
    round(&budget, now, 1_000, 0);
    let asking: Vec<_> = (0..8)
        .map(|_| {
            let budget = Arc::clone(&budget);
            thread::spawn(move || round(&budget, now, 0, 100))
        })
        .collect();
    let granted: u32 = asking.into_iter().map(|it| it.join().expect("no panic")).sum();
    assert_eq!(granted, 200);
}
