#![doc = include_str!("../README.md")]

mod config;
mod error;
mod login;
mod provider;
mod token;
mod user;
mod wire;

pub use config::{AccessKey, QuectelConfig, Region};
#[cfg(feature = "reqwest")]
pub use provider::factory;
pub use provider::{Quectel, replay};

const KIND: &str = "quectel";

#[doc(no_inline)]
pub use {userinfo_core, userinfo_http};
