//! What is measured in this process, and what it may cost.

use std::sync::Arc;

use userinfo_core::UserInfoProvider;

use crate::{
    Failure,
    calls::{Ids, Row, Target},
    full_user::AtOnce,
    stacks::{self, Layers},
};

/// What the six layers of every day may cost together: trace, operation deadline, retry, breaker, limits of
/// rate and concurrency, attempt timeout.
const SIX: Target = Target::OverBare { ns: 1500.0, allocations: 8.0 };
const HIT: Target = Target::Call { ns: 300.0 };

/// The rows, the bare provider first.
pub(crate) fn rows() -> Result<Vec<Row>, Failure> {
    let bare: Arc<dyn UserInfoProvider> = Arc::new(AtOnce::new()?);
    let row = |name, layers: Layers, ids, target| Row {
        name,
        provider: stacks::around(&bare, layers),
        ids,
        target,
    };
    let mut rows = vec![row("bare provider", Vec::new(), Ids::Same, None)];
    for (name, layer) in stacks::guards() {
        rows.push(row(name, vec![layer], Ids::Same, Some(SIX)));
    }
    let six = stacks::guards().into_iter().map(|(_, layer)| layer).collect();
    rows.push(row("the six together", six, Ids::Same, Some(SIX)));
    rows.push(row("cache: hit", stacks::cache(), Ids::Same, Some(HIT)));
    rows.push(row("cache: miss", stacks::cache(), Ids::Fresh, None));
    rows.push(row("single flight: lone caller", stacks::single_flight(), Ids::Same, None));
    rows.push(row("full stack: hit", stacks::full(), Ids::Same, None));
    rows.push(row("full stack: miss", stacks::full(), Ids::Fresh, None));
    Ok(rows)
}
