#![doc = include_str!("../README.md")]

mod cas;
mod config;
mod error;
mod organization;
mod provider;
mod user;
mod wire;

pub use config::{Application, TianyinConfig};
#[cfg(feature = "reqwest")]
pub use provider::factory;
pub use provider::{Tianyin, replay};

const KIND: &str = "tianyin";

#[doc(no_inline)]
pub use {userinfo_core, userinfo_http};
