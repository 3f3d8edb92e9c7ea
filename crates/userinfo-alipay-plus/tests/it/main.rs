//! The provider against a wallet that says whatever a test wants.

mod answers;
mod configuration;
mod kept;
mod key_files;
mod login;
mod office;
mod policies;
mod refresh;
mod requests;
mod wallet;
mod wallets;
