#![doc = include_str!("../README.md")]

mod cache;
mod health;
mod key;
mod random;

pub use cache::{CacheLayer, Entry, MemoryStore, Store};
pub use health::Health;
pub use key::{Key, Keys};
pub use random::{Random, SystemRandom};
