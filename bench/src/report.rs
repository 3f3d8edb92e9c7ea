//! Tables for people, JSON for scripts.

use std::fmt;

use serde_json::{Value, json};

use crate::{
    calls::{Cost, Target},
    loopback::Loopback,
};

/// Everything that was measured.
pub(crate) struct Report {
    pub(crate) calls: Vec<Cost>,
    pub(crate) loopback: Loopback,
}

impl Report {
    pub(crate) fn is_missed(&self) -> bool {
        self.calls.iter().any(|it| it.is_met() == Some(false)) || !self.loopback.is_met()
    }

    pub(crate) fn json(&self) -> Value {
        let Loopback { callers, bare, stacked, kept } = self.loopback;
        json!({
            "calls": self.calls.iter().map(call).collect::<Vec<_>>(),
            "loopback_http": {
                "callers": callers,
                "bare_per_second": bare,
                "full_stack_per_second": stacked,
                "kept": kept,
                "target": Loopback::TARGET,
                "met": self.loopback.is_met(),
            },
            "met": !self.is_missed(),
        })
    }
}

fn call(it: &Cost) -> Value {
    let target = it.target.map(|target| match target {
        Target::OverBare { ns, allocations } => {
            json!({ "ns_over_bare": ns, "allocations_over_bare": allocations })
        }
        Target::Call { ns } => json!({ "ns": ns }),
    });
    json!({
        "name": it.name,
        "ns": it.ns,
        "allocations": it.allocations,
        "ns_over_bare": it.ns_over,
        "allocations_over_bare": it.allocations_over,
        "ratio_to_bare": it.ratio,
        "target": target,
        "met": it.is_met(),
    })
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = ["a call, in this process", "ns", "over bare", "allocs", "over bare", "x bare"];
        let [name, ns, ns_over, allocations, allocations_over, ratio] = head;
        writeln!(
            f,
            "{name:<32} {ns:>8} {ns_over:>10} {allocations:>7} {allocations_over:>10} {ratio:>7}  {:<28} verdict",
            "target"
        )?;
        for it in &self.calls {
            let target = it.target.map(|target| match target {
                Target::OverBare { ns, allocations } => format!("<= {ns:.0} ns, {allocations:.0} over bare"),
                Target::Call { ns } => format!("<= {ns:.0} ns"),
            });
            let Cost { name, ns, ns_over, allocations, allocations_over, ratio, .. } = it;
            writeln!(
                f,
                "{name:<32} {ns:>8.0} {ns_over:>10.0} {allocations:>7.1} {allocations_over:>10.1} {ratio:>7.1}  {:<28} {}",
                target.unwrap_or_default(),
                verdict(it.is_met())
            )?;
        }
        let Loopback { callers, bare, stacked, kept } = self.loopback;
        let title = format!("loopback HTTP, {callers} callers");
        writeln!(f, "\n{title:<32} {:>8} {:>10}  {:<10} verdict", "per s", "kept", "target")?;
        writeln!(f, "{:<32} {bare:>8.0}", "bare provider")?;
        let (target, verdict) =
            (format!(">= {:.2}", Loopback::TARGET), verdict(Some(self.loopback.is_met())));
        writeln!(f, "{:<32} {stacked:>8.0} {kept:>10.2}  {target:<10} {verdict}", "full stack")
    }
}

fn verdict(met: Option<bool>) -> &'static str {
    match met {
        Some(true) => "met",
        Some(false) => "MISSED",
        None => "",
    }
}
