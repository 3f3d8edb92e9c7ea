#![doc = include_str!("../README.md")]

mod config;
mod error;
mod organization;
mod provider;
mod user;
mod wire;

pub use config::TianyinConfig;
#[cfg(feature = "reqwest")]
pub use provider::factory;
pub use provider::{Tianyin, replay};

#[doc(no_inline)]
pub use {userinfo_core, userinfo_http};
