//! Tables for people, JSON for scripts.

use std::fmt;

use serde_json::{Value, json};

use crate::{
    calls::{Cost, Target},
    loopback::Rate,
};

/// Everything that was measured.
pub(crate) struct Report {
    pub(crate) calls: Vec<Cost>,
    /// The callers that ask at a time over HTTP.
    pub(crate) callers: usize,
    pub(crate) rates: Vec<Rate>,
}

impl Report {
    pub(crate) fn is_missed(&self) -> bool {
        let mut verdicts = self.calls.iter().map(Cost::is_met).chain(self.rates.iter().map(Rate::is_met));
        verdicts.any(|it| it == Some(false))
    }

    pub(crate) fn json(&self) -> Value {
        json!({
            "calls": self.calls.iter().map(call).collect::<Vec<_>>(),
            "loopback_http": {
                "callers": self.callers,
                "rates": self.rates.iter().map(rate).collect::<Vec<_>>(),
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

fn rate(it: &Rate) -> Value {
    json!({
        "name": it.name,
        "per_second": it.per_second,
        "kept": it.kept,
        "target": it.target,
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
        let title = format!("loopback HTTP, {} callers", self.callers);
        writeln!(f, "\n{title:<32} {:>8} {:>10}  {:<8} verdict", "per s", "kept", "target")?;
        for it in &self.rates {
            let target = it.target.map(|share| format!(">= {share:.2}")).unwrap_or_default();
            let Rate { name, per_second, kept, .. } = it;
            let verdict = verdict(it.is_met());
            writeln!(f, "{name:<32} {per_second:>8.0} {kept:>10.2}  {target:<8} {verdict}")?;
        }
        Ok(())
    }
}

fn verdict(met: Option<bool>) -> &'static str {
    match met {
        Some(true) => "met",
        Some(false) => "MISSED",
        None => "",
    }
}
