//! Compares the circuit with a naive one, which keeps every outcome, over random schedules.

use std::sync::Mutex;

use proptest::prelude::*;

use super::*;

/// Falls as the schedule says.
#[derive(Debug, Default)]
struct Dice(Mutex<f64>);

impl Random for Dice {
    fn unit(&self) -> f64 {
        *self.0.lock().expect("not poisoned")
    }
}

#[derive(Clone, Debug)]
enum Step {
    Wait(u64),
    Begin,
    /// Ends one of the running calls, with dice for the case that it opens the circuit.
    End(prop::sample::Index, Health, f64),
}

fn step() -> impl Strategy<Value = Step> {
    let health = prop_oneof![3 => Just(Health::Up), 4 => Just(Health::Down), 1 => Just(Health::Unknown)];
    let end = (any::<prop::sample::Index>(), health, 0.0..1.0);
    prop_oneof![
        3 => (0_u64..100).prop_map(Step::Wait),
        2 => (0_u64..2_000).prop_map(Step::Wait),
        2 => (4_000_u64..9_000).prop_map(Step::Wait),
        1 => (0_u64..400_000).prop_map(Step::Wait),
        9 => Just(Step::Begin),
        9 => end.prop_map(|(which, health, unit)| Step::End(which, health, unit)),
    ]
}

fn rules() -> impl Strategy<Value = Rules> {
    (1_u32..20, 1_u32..12, 0_u32..=100, 1_u64..50).prop_map(
        |(failures, min_calls, success_percent, window)| {
            let window = Duration::from_millis(window * 30);
            Rules { failures, min_calls, success_percent, window, ..Rules::default() }
        },
    )
}

/// The same machine, told as a list of what happened; times are milliseconds.
struct Model {
    rules: Rules,
    state: State,
    /// Counts the changes of state: a call has a say in its own era only.
    era: u32,
    outcomes: Vec<(u64, bool)>,
    failed_probes: u32,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Closed,
    Open(u64),
    HalfOpen(Option<u64>),
}

struct Running {
    ticket: Ticket,
    era: u32,
}

impl Model {
    fn enter(&mut self, state: State) {
        self.state = state;
        self.era += 1;
        self.outcomes.clear();
    }

    /// Opens until the first whole millisecond in which the pause is over.
    fn open(&mut self, now: u64, pause: Duration) {
        let pause = pause.as_nanos().div_ceil(1_000_000);
        self.enter(State::Open(now + u64::try_from(pause).expect("at most 300 s")));
    }

    fn check(&self, told: BreakerState, now: u64) -> Result<(), TestCaseError> {
        match (self.state, told) {
            (State::Closed, BreakerState::Closed) | (State::HalfOpen(_), BreakerState::HalfOpen) => {}
            (State::Open(until), BreakerState::HalfOpen) => prop_assert!(until <= now),
            (State::Open(until), BreakerState::Open { left }) => {
                prop_assert_eq!(u128::from(until - now), left.as_nanos().div_ceil(1_000_000));
            }
            (state, told) => prop_assert!(false, "{:?} is told as {:?}", state, told),
        }
        Ok(())
    }

    /// Says whether a call may begin, and begins it.
    fn begin(&mut self, now: u64) -> bool {
        match self.state {
            State::Closed => return true,
            State::Open(until) if now < until => return false,
            State::HalfOpen(Some(since)) if now < since + 300_000 => return false,
            _ => self.enter(State::HalfOpen(Some(now))),
        }
        true
    }

    /// Ends a call and says whether the circuit has to open.
    fn end(&mut self, era: u32, health: Health, now: u64) -> bool {
        match (self.state, health) {
            _ if era != self.era => false,
            (State::HalfOpen(_), Health::Up) => {
                self.failed_probes = 0;
                self.enter(State::Closed);
                false
            }
            (State::HalfOpen(_), Health::Down) => {
                self.failed_probes += 1;
                true
            }
            (State::HalfOpen(_), Health::Unknown) => {
                self.state = State::HalfOpen(None);
                false
            }
            (_, Health::Unknown) => false,
            _ => {
                self.outcomes.push((now, health == Health::Up));
                self.has_long_row() || self.has_too_few()
            }
        }
    }

    fn has_long_row(&self) -> bool {
        self.outcomes.iter().rev().take_while(|it| !it.1).count() >= self.rules.failures as usize
    }

    fn has_too_few(&self) -> bool {
        let slice = u64::try_from(self.rules.window.as_millis() / 30).expect("short");
        let (mut seen, mut first) = (Vec::<(u64, bool)>::new(), 0);
        for (time, up) in &self.outcomes {
            if seen.last().is_none_or(|last| (time - first) / slice >= last.0 + 30) {
                seen.clear();
                first = *time;
            }
            seen.push(((time - first) / slice, *up));
        }
        let newest = seen.last().map_or(0, |it| it.0);
        seen.retain(|it| it.0 + 30 > newest);
        let ups = seen.iter().filter(|it| it.1).count();
        seen.len() >= self.rules.min_calls as usize
            && ups * 100 < self.rules.success_percent as usize * seen.len()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn it_does_what_the_naive_one_does(rules in rules(), steps in prop::collection::vec(step(), 1..200)) {
        let start = Instant::now();
        let at = |now| start + Duration::from_millis(now);
        let (mut circuit, dice, mut now) = (Circuit::new(rules.sane()), Dice::default(), 0);
        let mut model =
            Model { rules, state: State::Closed, era: 0, outcomes: Vec::new(), failed_probes: 0 };
        let mut running = Vec::new();
        for step in steps {
            match step {
                Step::Wait(time) => now += time,
                Step::Begin => {
                    let passed = circuit.pass();
                    prop_assert_eq!(passed.is_some(), model.state == State::Closed);
                    let begun = circuit.begin(at(now));
                    prop_assert!(passed.is_none_or(|ticket| begun == Ok((ticket, false))));
                    prop_assert_eq!(begun.is_ok(), model.begin(now), "{:?} at {}", model.state, now);
                    if let Ok((ticket, is_probe)) = begun {
                        prop_assert_eq!(is_probe, model.state != State::Closed);
                        running.push(Running { ticket, era: model.era });
                    }
                }
                Step::End(which, health, unit) if !running.is_empty() => {
                    let Running { ticket, era } = running.swap_remove(which.index(running.len()));
                    *dice.0.lock().expect("not poisoned") = unit;
                    let effect = circuit.end(ticket, health, at(now), &dice);
                    let opens = model.end(era, health, now);
                    prop_assert_eq!(matches!(effect, Effect::Opened { .. }), opens, "{:?} at {}", model.state, now);
                    if let Effect::Opened { pause, why } = effect {
                        prop_assert_ne!(health, Health::Unknown);
                        prop_assert_eq!(why.failed_probes, model.failed_probes);
                        let shortest = 200.0_f64.min(5.0 * 2_f64.powi(model.failed_probes.cast_signed()));
                        model.open(now, pause);
                        let pause = pause.as_secs_f64();
                        prop_assert!((5.0..=300.0).contains(&pause));
                        prop_assert!((pause / shortest - 1.0 - unit / 2.0).abs() < 1e-6, "{pause} of {shortest}");
                    }
                }
                Step::End(..) => {}
            }
            let probes = running.iter().filter(|it| it.era == model.era && model.state != State::Closed);
            prop_assert!(probes.count() <= 1, "two probes with a say");
            model.check(circuit.state(at(now)), now)?;
        }
    }

    #[test]
    fn nothing_but_failures_opens_it(ends in prop::collection::vec(any::<bool>(), 1..300)) {
        let rules = Rules { failures: 1, min_calls: 1, success_percent: 100, ..Rules::default() };
        let (mut circuit, now) = (Circuit::new(rules), Instant::now());
        for up in ends {
            let (ticket, _) = circuit.begin(now).expect("closed");
            circuit.end(ticket, if up { Health::Up } else { Health::Unknown }, now, &Dice::default());
            prop_assert_eq!(circuit.state(now), BreakerState::Closed);
        }
    }
}
