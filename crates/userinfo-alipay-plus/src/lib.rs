#![doc = include_str!("../README.md")]

mod config;
mod der;
mod error;
mod grant;
mod header;
mod kept;
mod keys;
mod login;
mod merchant;
mod provider;
mod renewals;
mod settings;
mod sign;
mod time;
mod tokens;
mod uri;
mod user;
#[cfg(test)]
mod vectors;
mod verify;
mod wallet;
mod wire;

pub use config::AlipayPlusConfig;
pub use keys::{KeyError, RsaSigner, WalletKey};
#[cfg(feature = "reqwest")]
pub use provider::factory;
pub use provider::{AlipayPlus, replay};
pub use sign::{Separator, SignatureEncoding, Signer};
pub use time::TimeFormat;
pub use tokens::UserTokens;
pub use verify::{Verify, WalletKeys};
pub use wallet::Wallet;

#[doc(no_inline)]
pub use {userinfo_core, userinfo_http};
