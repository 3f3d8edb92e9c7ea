//! What is measured in this process, and what it may cost.

use std::sync::Arc;

use userinfo_core::{Layer, UserInfoProvider};
use userinfo_layers::{CacheLayer, SingleFlightLayer};

use crate::{
    Failure,
    calls::{Ids, Row, Target},
    full_user::AtOnce,
    stacks,
};

/// What the six may cost together, and so each of them alone.
const SIX: Target = Target::OverBare { ns: 1500.0, allocations: 8.0 };
const HIT: Target = Target::Call { ns: 300.0 };

/// The rows, the bare provider first.
pub(crate) fn rows() -> Result<Vec<Row>, Failure> {
    let bare: Arc<dyn UserInfoProvider> = Arc::new(AtOnce::new()?);
    let row = |name, layer: &dyn Layer, ids, target| Row {
        name,
        provider: layer.wrap(Arc::clone(&bare)),
        ids,
        target,
    };
    let alone = stacks::alone();
    let alone = alone.iter().map(|(name, layer)| row(name, layer.as_ref(), Ids::Same, Some(SIX)));
    let rest = [
        row("the six together", &stacks::six(), Ids::Same, Some(SIX)),
        row("cache, hit", &CacheLayer::new(), Ids::Same, Some(HIT)),
        row("cache, miss", &CacheLayer::new(), Ids::Fresh, None),
        row("single flight, lone caller", &SingleFlightLayer::new(), Ids::Same, None),
        row("full stack, hit", &stacks::full(), Ids::Same, None),
        row("full stack, miss", &stacks::full(), Ids::Fresh, None),
    ];
    let bare = Row { name: "bare provider", provider: Arc::clone(&bare), ids: Ids::Same, target: None };
    Ok([bare].into_iter().chain(alone).chain(rest).collect())
}
