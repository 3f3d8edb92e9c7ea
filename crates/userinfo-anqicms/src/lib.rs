#![doc = include_str!("../README.md")]

mod account;
#[cfg(test)]
mod canned;
mod captcha;
mod config;
mod error;
mod login;
mod provider;
mod user;
mod wire;

pub use account::{Login, LoginBy};
pub use config::{AnqiCmsConfig, IdCheck};
#[cfg(feature = "reqwest")]
pub use provider::factory;
pub use provider::{AnqiCms, replay};

const KIND: &str = "anqicms";

#[doc(no_inline)]
pub use {userinfo_core, userinfo_http};
