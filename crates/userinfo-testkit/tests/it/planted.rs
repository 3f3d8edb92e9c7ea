//! Every planted flaw is caught by the case that the README names, and every case catches one.

use std::{collections::BTreeSet, panic};

use userinfo_testkit::{CASES, Case, run};

use crate::{acme::Acme, flaws};

const README: &str = include_str!("../../README.md");

pub(crate) fn case(name: &str) -> &'static Case {
    CASES.iter().find(|it| it.name == name).unwrap_or_else(|| panic!("there is no case {name}"))
}

#[test]
fn every_planted_flaw_is_caught() {
    let mut missed = Vec::new();
    for flaw in flaws::all() {
        let subject = Acme { plant: Some(flaw.plant) };
        let test = case(flaw.case).test;
        if panic::catch_unwind(|| run(&subject, flaw.road, test)).is_ok() {
            missed.push((flaw.says, flaw.case));
        }
    }
    assert!(missed.is_empty(), "not caught: {missed:#?}");
}

#[test]
fn every_case_catches_a_flaw() {
    let caught: BTreeSet<_> = flaws::all().iter().map(|it| it.case).collect();
    let idle: Vec<_> = CASES.iter().map(|it| it.name).filter(|it| !caught.contains(it)).collect();
    assert!(idle.is_empty(), "no flaw proves that these cases can fail: {idle:#?}");
}

#[test]
fn the_readme_lists_the_planted_flaws() {
    let rows: Vec<_> =
        flaws::all().iter().map(|it| format!("| a provider that {} | `{}` |", it.says, it.case)).collect();
    let listed: Vec<_> = README.lines().filter(|it| it.starts_with("| a provider that ")).collect();
    assert_eq!(listed, rows, "the table should be:\n{}", rows.join("\n"));
}
