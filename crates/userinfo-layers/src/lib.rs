#![doc = include_str!("../README.md")]

mod budget;
mod health;
mod key;
mod random;
mod retry;
mod timeout;

pub use budget::Budget;
pub use health::Health;
pub use key::{Key, Keys};
pub use random::{Random, SystemRandom};
pub use retry::RetryLayer;
pub use timeout::TimeoutLayer;
