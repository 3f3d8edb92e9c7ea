#![doc = include_str!("../README.md")]

mod breaker;
mod budget;
mod cache;
mod circuit;
mod concurrency;
mod fallback;
mod fetch_many;
mod health;
mod key;
mod layers;
mod names;
mod random;
mod rate_limit;
mod refusal;
mod retry;
mod series;
mod settings;
mod single_flight;
mod stack;
#[cfg(test)]
mod tally;
mod timeout;
mod trace;

pub use breaker::BreakerLayer;
pub use budget::Budget;
pub use cache::{CacheLayer, Entry, MemoryStore, Store};
pub use circuit::BreakerState;
pub use concurrency::ConcurrencyLayer;
pub use fallback::Fallback;
pub use fetch_many::fetch_many;
pub use health::Health;
pub use key::{Key, Keys};
pub use layers::Layers;
pub use names::describe_metrics;
pub use random::{Random, SystemRandom};
pub use rate_limit::RateLimitLayer;
pub use retry::RetryLayer;
pub use single_flight::SingleFlightLayer;
pub use stack::Stack;
pub use timeout::TimeoutLayer;
pub use trace::TraceLayer;
