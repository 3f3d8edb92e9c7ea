use std::{fmt, pin::Pin, time::Duration};

use crate::{Road, Subject, Wire};

/// What a case does; it panics where the subject breaks the contract.
pub type CaseFuture<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// One line of the contract, and the test of it.
#[derive(Clone, Copy)]
pub struct Case {
    /// The sentence, in snake case.
    pub name: &'static str,
    /// The test; it wants a wire of its own.
    pub test: for<'a> fn(&'a dyn Subject, &'a Wire) -> CaseFuture<'a>,
}

/// Longer than any case takes on a busy machine: a case that waits for ever fails.
const DEADLINE: Duration = Duration::from_secs(120);

/// Runs one case over one road, on a runtime of its own.
///
/// # Panics
///
/// If the subject breaks the contract.
pub fn run(subject: &dyn Subject, road: Road, test: for<'a> fn(&'a dyn Subject, &'a Wire) -> CaseFuture<'a>) {
    run_on(road, subject.mount(), async |wire| test(subject, wire).await);
}

/// Runs a test with a wire of its own.
pub(crate) fn run_on(road: Road, mount: &'static str, test: impl AsyncFnOnce(&Wire)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime of one thread needs nothing special");
    runtime.block_on(async {
        let wire = Wire::new(road, mount);
        let done = tokio::time::timeout(DEADLINE, test(&wire)).await;
        assert!(done.is_ok(), "the case did not end within {DEADLINE:?}");
    });
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Case({})", self.name)
    }
}
