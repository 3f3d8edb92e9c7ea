use std::time::Duration;

use crate::{
    calls::{Cost, Target},
    effort::{Effort, median},
    loopback::Rate,
    measure,
    report::Report,
};

/// Enough to see that every row works, too little to say how fast.
const TINY: Effort = Effort { batch: 2, batches: 2, callers: 2, turns: 2, round: Duration::from_millis(10) };

#[test]
fn every_row_runs_and_is_told() {
    let report = measure(&TINY).expect("every call is answered");
    let (table, json) = (report.to_string(), report.json());
    let names: Vec<_> =
        report.calls.iter().map(|it| it.name).chain(report.rates.iter().map(|it| it.name)).collect();
    let told = [&json["calls"], &json["loopback_http"]["rates"]];
    let told: Vec<_> = told.iter().filter_map(|it| it.as_array()).flatten().map(|it| &it["name"]).collect();
    assert_eq!(told, names);
    assert!(names.iter().all(|name| table.contains(name)), "{table}");
    assert!(report.calls.iter().all(|it| it.ns > 0.0 && it.allocations >= 1.0), "{table}");
    assert!(report.rates.iter().all(|it| it.per_second > 0.0), "{table}");
    assert_eq!(json["met"], !report.is_missed());
}

#[test]
fn a_layer_adds_allocations_and_the_bare_provider_none() {
    let report = measure(&TINY).expect("every call is answered");
    let over = |name| report.calls.iter().find(|it| it.name == name).map(|it| it.allocations_over.round());
    assert_eq!(over("bare provider").map(f64::to_bits), Some(0.0_f64.to_bits()));
    assert!(over("the six together") >= Some(7.0), "a box each: {report}");
}

#[test]
fn a_target_is_met_up_to_its_very_value() {
    let cost = |ns, ns_over, allocations_over, target| {
        let it = Cost { name: "it", ns, allocations: 9.0, ns_over, allocations_over, ratio: 1.0, target };
        it.is_met()
    };
    let over = Some(Target::OverBare { ns: 1500.0, allocations: 8.0 });
    assert_eq!(cost(9e9, 1500.0, 8.0, over), Some(true));
    assert_eq!(cost(0.0, 1500.1, 8.0, over), Some(false));
    assert_eq!(cost(0.0, 1500.0, 8.1, over), Some(false));
    let call = Some(Target::Call { ns: 300.0 });
    assert_eq!([300.0, 300.1].map(|ns| cost(ns, 9e9, 9e9, call)), [Some(true), Some(false)]);
    assert_eq!(cost(9e9, 9e9, 9e9, None), None);

    let rate = |kept, target| Rate { name: "it", per_second: 1.0, kept, target };
    let report = |rates| Report { calls: Vec::new(), callers: 1, rates };
    assert!(!report(vec![rate(0.90, Some(0.90)), rate(0.10, None)]).is_missed());
    let missed = report(vec![rate(1.0, Some(0.90)), rate(0.89, Some(0.90))]);
    assert!(missed.is_missed());
    assert!(missed.to_string().contains("MISSED") && missed.json()["met"] == false);
}

#[test]
fn a_median_is_the_value_in_the_middle() {
    let told = [vec![3.0], vec![9.0, 1.0, 2.0], vec![4.0, 1.0, 3.0, 2.0]].map(median);
    assert_eq!(told.map(f64::to_bits), [3.0_f64, 2.0, 3.0].map(f64::to_bits));
}
