//! The provider against a wallet that says whatever a test wants.

mod answers;
mod configuration;
mod policies;
mod requests;
mod wallet;
