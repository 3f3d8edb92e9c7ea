use super::*;

/// Falls as it is told to.
#[derive(Debug)]
struct Fixed(f64);

impl Random for Fixed {
    fn unit(&self) -> f64 {
        self.0
    }
}

/// A circuit and its time.
struct Rig {
    circuit: Circuit,
    now: Instant,
}

impl Rig {
    fn new(rules: Rules) -> Self {
        Self { circuit: Circuit::new(rules.sane()), now: Instant::now() }
    }

    fn wait(&mut self, seconds: f64) {
        self.now += Duration::from_secs_f64(seconds);
    }

    fn begin(&mut self) -> Ticket {
        self.circuit.begin(self.now).expect("let through").0
    }

    fn end(&mut self, ticket: Ticket, health: Health) -> Effect {
        self.circuit.end(ticket, health, self.now, &Fixed(0.0))
    }

    fn call(&mut self, health: Health) -> Effect {
        let ticket = self.begin();
        self.end(ticket, health)
    }

    fn calls(&mut self, ends: &str) -> Effect {
        let ends = ends.chars().map(|it| match it {
            '+' => Health::Up,
            '-' => Health::Down,
            _ => Health::Unknown,
        });
        ends.map(|it| self.call(it)).last().expect("a call")
    }

    fn refusal(&mut self) -> Refusal {
        self.circuit.begin(self.now).expect_err("refused")
    }

    /// Opens the circuit and waits until it lets a probe through.
    fn half_open(rules: Rules) -> Self {
        let mut rig = Self::new(rules);
        assert!(matches!(rig.calls("-----"), Effect::Opened { .. }));
        rig.wait(5.0);
        rig
    }
}

fn pause(effect: Effect) -> f64 {
    let Effect::Opened { pause, .. } = effect else { panic!("not opened: {effect:?}") };
    pause.as_secs_f64()
}

#[test]
fn five_failures_in_a_row_open_it_and_four_do_not() {
    let mut rig = Rig::new(Rules::default());
    assert_eq!(rig.calls("----"), Effect::Counted);
    assert_eq!(rig.circuit.state(rig.now), BreakerState::Closed);
    let Effect::Opened { pause, why } = rig.calls("-") else { panic!("not opened") };
    assert_eq!((pause, why.to_string().as_str()), (Duration::from_secs(5), "5 failures in a row"));
    rig.wait(1.5);
    assert_eq!(rig.circuit.state(rig.now), BreakerState::Open { left: Duration::from_millis(3500) });
    assert_eq!(rig.refusal(), Refusal { why, left: Some(Duration::from_millis(3500)) });
}

#[test]
fn a_success_ends_a_row_and_what_says_nothing_neither_ends_nor_lengthens_it() {
    let mut rig = Rig::new(Rules::default());
    assert_eq!(rig.calls("----+----"), Effect::Counted);
    assert_eq!(rig.calls("????"), Effect::None);
    assert!(matches!(rig.calls("-"), Effect::Opened { .. }));
}

#[test]
fn fewer_than_eighty_of_a_hundred_open_it_from_the_twentieth_call_on() {
    let mut rig = Rig::new(Rules::default());
    assert_eq!(rig.calls("++++-++++-++++-++++-"), Effect::Counted, "16 of 20 are not too few");
    let Effect::Opened { why, .. } = rig.calls("-") else { panic!("16 of 21 are too few") };
    assert_eq!(why.to_string(), "5 of 21 calls failed within 30s");

    let mut rig = Rig::new(Rules::default());
    assert_eq!(rig.calls("-+-+-+-+-+-+-+-+-+-"), Effect::Counted, "19 are too few to judge by");
    assert!(matches!(rig.calls("+"), Effect::Opened { .. }), "the twentieth, whatever its end");
}

#[test]
fn calls_older_than_the_window_are_forgotten_and_younger_ones_are_not() {
    for (seconds, opens) in [(28.9, true), (30.0, false), (61.0, false)] {
        let mut rig = Rig::new(Rules::default());
        rig.calls("-+-+-+-+-+-+-+-+-+");
        rig.wait(seconds);
        assert_eq!(matches!(rig.calls("--"), Effect::Opened { .. }), opens, "{seconds}");
    }
}

#[test]
fn a_share_of_zero_switches_that_rule_off() {
    let mut rig = Rig::new(Rules { success_percent: 0, ..Rules::default() });
    for _ in 0..100 {
        assert_eq!(rig.calls("----+"), Effect::Counted);
    }
}

#[test]
fn rules_that_cannot_be_met_are_read_as_the_nearest_that_can() {
    let rules = Rules { failures: 0, min_calls: 0, success_percent: 300, ..Rules::default() };
    assert!(matches!(Rig::new(rules).calls("-"), Effect::Opened { .. }));
    assert_eq!(Rig::new(rules).calls("++++"), Effect::Counted);
    let mut rig = Rig::new(Rules { window: Duration::ZERO, ..Rules::default() });
    assert_eq!(rig.calls("-+-+-+-+-+-+-+-+-+-"), Effect::Counted);
}

#[test]
fn one_probe_passes_and_its_success_closes_it_and_forgets_everything() {
    let mut rig = Rig::half_open(Rules::default());
    assert_eq!(rig.circuit.state(rig.now), BreakerState::HalfOpen);
    let probe = rig.begin();
    assert_eq!(rig.refusal().left, None);
    assert_eq!(rig.circuit.state(rig.now), BreakerState::HalfOpen);
    assert_eq!(rig.end(probe, Health::Up), Effect::Closed);
    assert_eq!(rig.calls("----"), Effect::Counted, "a new row");
    assert!((pause(rig.calls("-")) - 5.0).abs() < 1e-9, "the first pause again");
}

#[test]
fn a_probe_that_says_nothing_leaves_its_place_to_the_next_caller() {
    let mut rig = Rig::half_open(Rules::default());
    let probe = rig.begin();
    assert_eq!(rig.end(probe, Health::Unknown), Effect::None);
    assert_eq!(rig.circuit.state(rig.now), BreakerState::HalfOpen);
    let next = rig.begin();
    assert_eq!(rig.end(probe, Health::Up), Effect::None, "a ticket counts once");
    rig.refusal();
    assert_eq!(rig.end(next, Health::Up), Effect::Closed);
}

#[test]
fn a_probe_without_an_end_gives_way_after_300_s_and_has_no_say_any_more() {
    let mut rig = Rig::half_open(Rules::default());
    let lost = rig.begin();
    rig.wait(299.9);
    rig.refusal();
    rig.wait(0.1);
    let next = rig.begin();
    assert_eq!(rig.end(lost, Health::Up), Effect::None);
    assert_eq!(rig.end(lost, Health::Unknown), Effect::None);
    rig.refusal();
    assert_eq!(rig.end(next, Health::Up), Effect::Closed);
}

#[test]
fn each_failed_probe_doubles_the_pause_and_no_pause_is_beyond_300_s() {
    for (dice, expected) in [
        (0.0, [5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 200.0, 200.0]),
        (0.5, [6.25, 12.5, 25.0, 50.0, 100.0, 200.0, 250.0, 250.0]),
        (1.0, [7.5, 15.0, 30.0, 60.0, 120.0, 240.0, 300.0, 300.0]),
    ] {
        let mut rig = Rig::new(Rules { failures: 1, ..Rules::default() });
        for (failed_probes, expected) in (0_u32..).zip(expected) {
            let ticket = rig.begin();
            let effect = rig.circuit.end(ticket, Health::Down, rig.now, &Fixed(dice));
            assert!((pause(effect) - expected).abs() < 1e-6, "{effect:?} is not {expected}");
            let Refusal { why, left } = rig.refusal();
            assert_eq!(why.rule, Rule::InARow(1));
            assert_eq!(
                (why.failed_probes, left.map(|it| it.as_secs_f64())),
                (failed_probes, Some(pause(effect)))
            );
            rig.wait(expected);
        }
    }
    let mut rig = Rig::new(Rules { failures: 1, cooldown: Duration::MAX, ..Rules::default() });
    assert!((pause(rig.calls("-")) - 200.0).abs() < 1e-6);
}

#[test]
fn a_call_from_before_the_circuit_opened_neither_closes_it_nor_prolongs_it() {
    let mut rig = Rig::new(Rules::default());
    let late: Vec<_> = (0..30).map(|_| rig.begin()).collect();
    rig.calls("-----");
    let mut late = late.into_iter();
    let mut tell = |rig: &mut Rig, before: BreakerState| {
        for health in [Health::Up, Health::Down, Health::Unknown] {
            assert_eq!(rig.end(late.next().expect("one more"), health), Effect::None, "{before:?}");
            assert_eq!(rig.circuit.state(rig.now), before);
        }
    };
    tell(&mut rig, BreakerState::Open { left: Duration::from_secs(5) });
    rig.wait(5.0);
    let probe = rig.begin();
    tell(&mut rig, BreakerState::HalfOpen);
    rig.refusal();
    assert_eq!(rig.end(probe, Health::Up), Effect::Closed);
    rig.calls("----");
    tell(&mut rig, BreakerState::Closed);
    assert!(matches!(rig.calls("-"), Effect::Opened { .. }), "a late success ends no row");
}

#[test]
fn why_it_is_open_is_told_in_words() {
    let window = Duration::from_millis(1500);
    for (rule, failed_probes, expected) in [
        (Rule::InARow(1), 0, "1 failure"),
        (Rule::InARow(5), 1, "5 failures in a row and 1 failed probe"),
        (
            Rule::TooFew(Tally { up: 13, down: 7 }, window),
            2,
            "7 of 20 calls failed within 1.5s and 2 failed probes",
        ),
    ] {
        assert_eq!(Why { rule, failed_probes }.to_string(), expected);
    }
}
