#![doc = include_str!("../README.md")]

mod fallback;
mod fetch_many;
mod health;
mod key;
mod random;

pub use fallback::Fallback;
pub use fetch_many::fetch_many;
pub use health::Health;
pub use key::{Key, Keys};
pub use random::{Random, SystemRandom};
