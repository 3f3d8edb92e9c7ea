//! Remembers answers. `layer` is the face, `provider` the way of a call, `policy` the rules of time.

mod entry;
mod front;
mod layer;
mod meter;
mod policy;
mod provider;
mod purges;
mod shared;
mod store;
#[cfg(test)]
mod tests;

pub use entry::Entry;
pub use layer::CacheLayer;
pub use store::{MemoryStore, Store};
