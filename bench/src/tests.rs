use std::time::Duration;

use crate::{
    effort::{Effort, median},
    measure,
};

/// Enough to see that every row works, too little to say how fast.
const TINY: Effort = Effort { batch: 2, batches: 2, callers: 2, turns: 2, round: Duration::from_millis(20) };

#[test]
fn every_row_runs_and_is_told() {
    let report = measure(&TINY).expect("every call is answered");
    let (table, json) = (report.to_string(), report.json());
    assert_eq!(json["calls"].as_array().map(Vec::len), Some(report.calls.len()));
    for (it, json) in report.calls.iter().zip(json["calls"].as_array().into_iter().flatten()) {
        assert_eq!(json["name"], it.name);
        assert!(table.contains(it.name), "{}", it.name);
        assert!(it.ns > 0.0 && it.allocations >= 1.0, "{} costs nothing", it.name);
        assert_eq!(it.target.is_some(), it.is_met().is_some());
    }
    assert!(report.loopback.bare > 0.0 && report.loopback.stacked > 0.0);
    assert_eq!(json["met"], !report.is_missed());
}

#[test]
fn a_median_is_the_value_in_the_middle() {
    let told = [vec![3.0], vec![9.0, 1.0, 2.0], vec![4.0, 1.0, 3.0, 2.0]].map(median);
    assert_eq!(told.map(f64::to_bits), [3.0_f64, 2.0, 3.0].map(f64::to_bits));
}
