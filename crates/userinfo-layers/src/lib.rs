#![doc = include_str!("../README.md")]

mod health;
mod key;
mod random;

pub use health::Health;
pub use key::{Key, Keys};
pub use random::{Random, SystemRandom};
