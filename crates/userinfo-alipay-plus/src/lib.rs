#![doc = include_str!("../README.md")]

mod config;
mod der;
mod error;
mod header;
mod keys;
mod merchant;
mod provider;
mod settings;
mod sign;
mod time;
mod uri;
mod user;
#[cfg(test)]
mod vectors;
mod verify;
mod wire;

pub use config::AlipayPlusConfig;
pub use keys::{KeyError, RsaSigner, WalletKey};
#[cfg(feature = "reqwest")]
pub use provider::factory;
pub use provider::{AlipayPlus, replay};
pub use sign::{Separator, SignatureEncoding, Signer};
pub use time::TimeFormat;
pub use verify::{Verify, WalletKeys};

#[doc(no_inline)]
pub use {userinfo_core, userinfo_http};
