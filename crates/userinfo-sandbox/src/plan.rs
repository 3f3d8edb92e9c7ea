//! Which fault hits the next call: the queue first, then the script.

use std::collections::VecDeque;

use crate::{
    Fault, Operation, Script,
    call::Call,
    dialect::Dialect,
    script::{Playing, Target},
};

/// The faults that are to come.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    queue: VecDeque<(Vec<Operation>, Fault)>,
    rules: Vec<Playing>,
}

impl Plan {
    /// Lets a fault hit the next call of one of these operations.
    pub(crate) fn push(&mut self, operations: Vec<Operation>, fault: Fault) {
        self.queue.push_back((operations, fault));
    }

    pub(crate) fn play(&mut self, script: Script) {
        self.rules = script.rules.into_iter().map(Playing::new).collect();
    }

    pub(crate) fn clear(&mut self) {
        self.queue.clear();
        self.rules.clear();
    }

    /// The fault of this call.
    pub(crate) fn next(&mut self, call: &Call<'_>) -> Option<Fault> {
        let queued = self.queue.iter().position(|(operations, _)| operations.contains(&call.operation));
        if let Some((_, fault)) = queued.and_then(|it| self.queue.remove(it)) {
            return Some(fault);
        }
        if self.rules.is_empty() {
            return None;
        }
        let meant = call.person_meant();
        let id = meant.map(|it| Dialect::id_text(call.vendor, it));
        let target = Target {
            vendor: call.vendor,
            operation: call.operation,
            asked: call.asked(),
            key: meant.map(|it| it.key.as_str()),
            id: id.as_deref(),
        };
        self.rules.iter_mut().find_map(|it| it.next(target))
    }
}
