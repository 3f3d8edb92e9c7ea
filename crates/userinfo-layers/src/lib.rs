#![doc = include_str!("../README.md")]

mod health;
mod key;
mod random;
mod single_flight;

pub use health::Health;
pub use key::{Key, Keys};
pub use random::{Random, SystemRandom};
pub use single_flight::SingleFlightLayer;
