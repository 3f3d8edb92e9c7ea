use std::time::Duration;

/// Whether a [`User`](crate::User) is as the vendor would tell it now, as far as its keeper knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Freshness {
    /// From the vendor just now, or kept for less than the time that it counts as fresh.
    #[default]
    Fresh,
    /// Kept for longer than that; answered because waiting or failing would be worse.
    Stale {
        /// How long ago the vendor was asked.
        age: Duration,
    },
}
