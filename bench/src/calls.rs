//! Times and counts calls in this process.

use std::{
    hint::black_box,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::runtime::{Builder, Runtime};
use userinfo_core::{Lookup, UserInfoProvider};

use crate::{
    Failure,
    effort::{Effort, median},
};

/// One provider to measure.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) provider: Arc<dyn UserInfoProvider>,
    pub(crate) ids: Ids,
    pub(crate) target: Option<Target>,
}

/// Whom the calls of a row ask for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ids {
    /// The same user each time.
    Same,
    /// Another user each time.
    Fresh,
}

/// What a call may cost at most.
#[derive(Clone, Copy)]
pub(crate) enum Target {
    /// Nanoseconds and allocations more than the bare provider.
    OverBare { ns: f64, allocations: f64 },
    /// Nanoseconds in all.
    Call { ns: f64 },
}

/// What a call of a row costs.
pub(crate) struct Cost {
    pub(crate) name: &'static str,
    pub(crate) ns: f64,
    pub(crate) allocations: f64,
    /// Nanoseconds more than the bare provider.
    pub(crate) ns_over: f64,
    /// Allocations more than the bare provider.
    pub(crate) allocations_over: f64,
    /// The time as a multiple of the bare provider's.
    pub(crate) ratio: f64,
    pub(crate) target: Option<Target>,
}

impl Cost {
    pub(crate) fn is_met(&self) -> Option<bool> {
        self.target.map(|target| match target {
            Target::OverBare { ns, allocations } => {
                self.ns_over <= ns && self.allocations_over <= allocations
            }
            Target::Call { ns } => self.ns <= ns,
        })
    }
}

/// Measures the rows, the first of which is the bare provider.
///
/// The rows take turns in short batches, so that whatever else the machine does hits all alike, and the
/// difference to the bare provider is taken within each turn.
pub(crate) fn measure(rows: &[Row], effort: &Effort) -> Result<Vec<Cost>, Failure> {
    let runtime = Builder::new_current_thread().enable_time().build()?;
    let mut next = 0;
    let mut lookups = |row: &Row| -> Vec<Lookup> {
        let mut id = || {
            next += u64::from(row.ids == Ids::Fresh);
            Lookup::id(next.to_string())
        };
        (0..effort.batch).map(|_| id()).collect()
    };
    let mut counts = Vec::new();
    for row in rows {
        // The first batch makes tables grow and caches fill; the second is what every one after is like.
        batch(&runtime, row, &lookups(row))?;
        counts.push(count(&runtime, row, &lookups(row))?);
    }
    let mut times = vec![Vec::new(); rows.len()];
    for _ in 0..effort.batches {
        for (row, times) in rows.iter().zip(&mut times) {
            times.push(time(&runtime, row, &lookups(row))?);
        }
    }
    let bare_ns = median(times[0].clone());
    let cost = |((row, ns), allocations): ((&Row, &Vec<f64>), &f64)| {
        let over = ns.iter().zip(&times[0]).map(|(ns, bare)| ns - bare).collect();
        let ns = median(ns.clone());
        Cost {
            name: row.name,
            ns,
            allocations: *allocations,
            ns_over: median(over),
            allocations_over: allocations - counts[0],
            ratio: ns / bare_ns,
            target: row.target,
        }
    };
    Ok(rows.iter().zip(&times).zip(&counts).map(cost).collect())
}

/// Nanoseconds per call; counting is off, for it would be timed too.
fn time(runtime: &Runtime, row: &Row, lookups: &[Lookup]) -> Result<f64, Failure> {
    let mut took = Ok(Duration::ZERO);
    allocation_counter::opt_out(|| took = batch(runtime, row, lookups));
    Ok(per_call(took?.as_secs_f64() * 1e9, lookups))
}

/// Allocations per call.
fn count(runtime: &Runtime, row: &Row, lookups: &[Lookup]) -> Result<f64, Failure> {
    let mut done = Ok(Duration::ZERO);
    let info = allocation_counter::measure(|| done = batch(runtime, row, lookups));
    done?;
    Ok(per_call(f64::from(u32::try_from(info.count_total)?), lookups))
}

fn per_call(total: f64, lookups: &[Lookup]) -> f64 {
    let calls = u32::try_from(lookups.len()).expect("a batch is small");
    total / f64::from(calls)
}

fn batch(runtime: &Runtime, row: &Row, lookups: &[Lookup]) -> Result<Duration, Failure> {
    runtime.block_on(async {
        let begin = Instant::now();
        for lookup in lookups {
            if let Err(error) = black_box(row.provider.user(black_box(lookup)).await) {
                // A refusal is quick, and would pass for a fast call.
                return Err(format!("{}: {error}", row.name).into());
            }
        }
        Ok(begin.elapsed())
    })
}
