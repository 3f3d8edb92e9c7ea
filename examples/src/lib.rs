//! What the programs in `src/bin` are made of, where tests want to get hold of it.

pub mod login_callback;
