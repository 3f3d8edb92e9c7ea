#![doc = include_str!("../README.md")]

mod config;
mod error;
mod provider;
mod user;
mod wire;

pub use config::{AnqiCmsConfig, IdCheck};
#[cfg(feature = "reqwest")]
pub use provider::factory;
pub use provider::{AnqiCms, replay};

#[doc(no_inline)]
pub use {userinfo_core, userinfo_http};
