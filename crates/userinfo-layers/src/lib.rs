#![doc = include_str!("../README.md")]

mod health;
mod key;
mod names;
mod random;
#[cfg(test)]
mod tally;
mod trace;

pub use health::Health;
pub use key::{Key, Keys};
pub use names::describe_metrics;
pub use random::{Random, SystemRandom};
pub use trace::TraceLayer;
