use std::time::Duration;

/// How much is measured.
pub(crate) struct Effort {
    /// Calls that are timed together.
    pub(crate) batch: u32,
    /// Batches of each row; the rows take turns.
    pub(crate) batches: u32,
    /// Callers at a time over HTTP.
    pub(crate) callers: usize,
    /// Turns over HTTP; in each, every provider has one round.
    pub(crate) turns: usize,
    /// How long a round takes: short, so that what else the machine does hits all providers of a turn alike.
    pub(crate) round: Duration,
}

impl Effort {
    /// About three quarters of a minute.
    pub(crate) const FULL: Self =
        Self { batch: 500, batches: 501, callers: 64, turns: 101, round: Duration::from_millis(100) };
}

/// The value in the middle; of an even number, the upper of the two.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    let middle = values.len() / 2;
    *values.select_nth_unstable_by(middle, f64::total_cmp).1
}
