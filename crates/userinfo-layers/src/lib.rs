#![doc = include_str!("../README.md")]

mod breaker;
mod circuit;
mod concurrency;
mod budget;
mod fallback;
mod fetch_many;
mod health;
mod key;
mod names;
mod random;
#[cfg(test)]
mod tally;
mod trace;
mod rate_limit;
#[cfg(test)]
mod recorded;

pub use breaker::BreakerLayer;
pub use circuit::BreakerState;
pub use concurrency::ConcurrencyLayer;
mod retry;
mod timeout;

pub use budget::Budget;
pub use fallback::Fallback;
pub use fetch_many::fetch_many;
pub use health::Health;
pub use key::{Key, Keys};
pub use names::describe_metrics;
pub use random::{Random, SystemRandom};
pub use trace::TraceLayer;
pub use rate_limit::RateLimitLayer;
pub use retry::RetryLayer;
pub use timeout::TimeoutLayer;
