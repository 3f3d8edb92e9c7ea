//! Behind a layer every case holds, and a layer that is not what its author states is caught.

use std::{
    panic,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use userinfo_core::Retry;
use userinfo_testkit::{CASES, Layered, Neutral, Road, Subject, Tries, Wire, conformance, run};

use crate::{
    acme::Acme,
    flaws,
    layers::{Again, Memory, Shows},
    plant::{Plant, Slip},
    planted::case,
};

const README: &str = include_str!("../../README.md");

conformance!(behind_three_tries, three_tries(Acme::default()));

fn three_tries(subject: impl Subject) -> impl Subject {
    Layered::each(subject, || Shows::Again(Again::default())).trying(of_three)
}

fn of_three(retry: Retry) -> Tries {
    Tries::up_to(3, retry)
}

fn memory() -> Shows {
    Shows::Memory(Arc::new(Memory::default()))
}

/// A breaker, or something like it.
fn gives_up() -> Shows {
    Shows::GivesUp(3, Arc::default())
}

/// The subject with a layer that is not as stated.
struct Lie {
    says: &'static str,
    subject: fn() -> Box<dyn Subject>,
    cases: &'static [&'static str],
}

const LIES: &[Lie] = &[
    Lie {
        says: "tries again without saying so",
        subject: || Box::new(Layered::each(Acme::default(), || Shows::Again(Again::default()))),
        cases: &["a_failed_lookup_is_one_request", "http_5xx_is_unavailable"],
    },
    Lie {
        says: "says that it tries again, and does not",
        subject: || Box::new(Layered::each(Acme::default(), || Neutral).trying(of_three)),
        cases: &["a_failed_lookup_is_one_request", "http_5xx_is_unavailable"],
    },
    Lie {
        says: "gives up one try too early",
        subject: || lying(Again { most: 2, ..Again::default() }),
        cases: &[
            "a_failed_lookup_is_one_request",
            "a_failure_leaves_the_provider_usable",
            "a_connection_refused_by_the_system_is_transport",
            "no_connection_is_transport",
        ],
    },
    Lie {
        says: "tries once too often",
        subject: || lying(Again { most: 4, ..Again::default() }),
        cases: &[
            "a_failed_lookup_is_one_request",
            "a_failure_leaves_the_provider_usable",
            "a_connection_refused_by_the_system_is_transport",
            "no_answer_is_timeout",
        ],
    },
    Lie {
        says: "tries again what is final",
        subject: || lying(Again { is_worth_it: |_| true, ..Again::default() }),
        cases: &[
            "a_failed_lookup_is_one_request",
            "locked_is_locked_out",
            "another_user_is_an_id_mismatch",
            "a_redirect_is_not_followed",
        ],
    },
    Lie {
        says: "does not wait as long as the vendor says",
        subject: || lying(Again { is_worth_it: |it| it != Retry::Never, ..Again::default() }),
        cases: &[
            "http_429_says_how_many_seconds_to_wait",
            "http_503_says_how_long_to_wait",
            "too_fast_says_how_long_to_wait",
        ],
    },
    Lie {
        says: "takes \"again at once\" for final",
        subject: || lying(Again { is_worth_it: |it| it == Retry::Backoff, ..Again::default() }),
        cases: &["http_429_says_how_many_seconds_to_wait", "http_429_says_until_when_to_wait"],
    },
    Lie {
        says: "leaves an error that it gave up on open to another layer",
        subject: || lying(Again { used_up: Retry::Backoff, ..Again::default() }),
        cases: &["http_5xx_is_unavailable", "a_connection_refused_by_the_system_is_transport"],
    },
    Lie {
        says: "remembers without saying so",
        subject: || Box::new(Layered::each(Acme::default(), memory)),
        cases: &["one_lookup_is_one_request"],
    },
    Lie {
        says: "says that it remembers, and does not",
        subject: || Box::new(Layered::each(Acme::default(), || Neutral).remembering()),
        cases: &["one_lookup_is_one_request"],
    },
    Lie {
        says: "remembers what failed",
        subject: || {
            let memory = || Shows::Memory(Arc::new(Memory::of_failures_too()));
            Box::new(Layered::each(Acme::default(), memory).remembering())
        },
        cases: &["a_failure_leaves_the_provider_usable"],
    },
    Lie {
        says: "gives every upstream up where one is down",
        subject: || Box::new(Layered::new(Acme::default(), gives_up())),
        cases: &["http_5xx_is_unavailable", "a_failed_lookup_is_one_request"],
    },
];

fn lying(again: Again) -> Box<dyn Subject> {
    Box::new(Layered::each(Acme::default(), move || Shows::Again(again)).trying(of_three))
}

fn passes(subject: &dyn Subject, case_name: &str) -> bool {
    let test = case(case_name).test;
    panic::catch_unwind(panic::AssertUnwindSafe(|| run(subject, Road::InProcess, test))).is_ok()
}

#[test]
fn a_layer_that_is_not_as_stated_is_caught() {
    for Lie { says, subject, cases } in LIES {
        let missed: Vec<_> = cases.iter().filter(|it| passes(&*subject(), it)).collect();
        assert!(missed.is_empty(), "a layer that {says} passes {missed:?}");
    }
}

#[test]
fn the_readme_lists_the_layers_that_are_not_as_stated() {
    let named = |cases: &[&str]| cases.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ");
    let rows: Vec<_> =
        LIES.iter().map(|it| format!("| a layer that {} | {} |", it.says, named(it.cases))).collect();
    let listed: Vec<_> = README.lines().filter(|it| it.starts_with("| a layer that ")).collect();
    assert_eq!(listed, rows, "the table should be:\n{}", rows.join("\n"));
}

#[test]
fn every_planted_flaw_is_caught_behind_three_tries_too() {
    let mut missed = Vec::new();
    for flaw in flaws::all() {
        let subject = three_tries(Acme { plant: Some(flaw.plant) });
        let test = case(flaw.case).test;
        if panic::catch_unwind(panic::AssertUnwindSafe(|| run(&subject, flaw.road, test))).is_ok() {
            missed.push((flaw.says, flaw.case));
        }
    }
    assert!(missed.is_empty(), "not caught: {missed:#?}");
}

#[test]
fn every_case_holds_behind_a_memory_and_behind_what_gives_up() {
    let around = |layer: fn() -> Shows| Layered::each(Acme::default(), layer);
    let all: [&dyn Subject; 3] = [
        &around(memory).remembering(),
        &around(gives_up),
        // The memory stands outside, and what gives up sees every try.
        &Layered::each(three_tries(around(|| Shows::GivesUp(4, Arc::default()))), memory).remembering(),
    ];
    for (at, subject) in all.into_iter().enumerate() {
        for case in CASES {
            assert!(passes(subject, case.name), "{} behind layer {at}", case.name);
        }
    }
}

#[test]
fn each_provider_gets_a_layer_of_its_own() {
    let made = Arc::new(AtomicUsize::new(0));
    let counting = Arc::clone(&made);
    let each = Layered::each(Acme::default(), move || {
        counting.fetch_add(1, Ordering::SeqCst);
        gives_up()
    });
    let wire = Wire::new(Road::InProcess, each.mount());
    drop((each.provider(&wire), each.provider(&wire), each.with_secret(&wire, "x".into())));
    assert_eq!(made.load(Ordering::SeqCst), 3);
}

#[test]
fn two_layers_that_try_again_do_not_multiply_the_tries_of_one_that_gave_up() {
    let soon = Retry::After(Duration::ZERO);
    let later = Retry::After(Duration::from_secs(7));
    let twice = three_tries(three_tries(Acme::default()));
    assert_eq!(twice.tries(Retry::Backoff), Tries { requests: 3, retry: Retry::Never });
    assert_eq!(twice.tries(soon), Tries { requests: 3, retry: Retry::Never });
    assert_eq!(twice.tries(later), Tries::once(later));
    assert!(passes(&twice, "a_failed_lookup_is_one_request"));
    let open = |_| Tries { requests: 2, retry: Retry::Backoff };
    let none_left = Layered::new(three_tries(Acme::default()), Neutral).trying(open);
    assert_eq!(none_left.tries(Retry::Backoff), Tries { requests: 3, retry: Retry::Never });
    let multiplied = three_tries(Layered::new(Acme::default(), Neutral).trying(open));
    assert_eq!(multiplied.tries(Retry::Backoff), Tries { requests: 6, retry: Retry::Never });
}

#[test]
fn what_lies_below_a_layer_remembers_for_it() {
    let below = Layered::each(Acme::default(), memory).remembering();
    assert!(passes(&Layered::new(below, Neutral), "one_lookup_is_one_request"));
}

#[test]
fn nobody_can_state_tries_for_what_is_final() {
    let subject = Acme { plant: Some(Plant::Slip(Slip::BoastsOfTries)) };
    assert!(passes(&subject, "locked_is_locked_out"));
    assert!(!passes(&subject, "no_connection_is_transport"));
}
