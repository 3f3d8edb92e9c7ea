#![doc = include_str!("../README.md")]

mod debug;
mod error;
mod explain;
mod extra;
mod factory;
mod fault;
mod field;
mod freshness;
mod json;
mod kind;
mod layer;
mod lookup;
mod mask;
mod memory;
mod oidc;
mod parts;
mod profile;
mod provider;
mod raw;
mod registry;
mod rows;
mod scim;
mod secret;
mod settings;
mod sign_in;
mod sources;
mod text;
mod time;
#[cfg(feature = "toml")]
mod toml_text;
mod units;
mod user;

pub use error::{Error, Result};
pub use explain::{Explained, Presence};
pub use extra::Extra;
pub use factory::Factory;
pub use fault::{ConfigError, ConfigFault, Note};
pub use field::{Field, Source};
pub use freshness::Freshness;
pub use json::{JsonError, Object, Reading};
pub use kind::{ErrorKind, Retry};
pub use layer::{Layer, ProviderExt};
pub use lookup::{Lookup, LookupKind};
pub use parts::{
    Address, Email, Gender, Group, LinkedIdentity, Login, Name, Organization, Phone, Role, Status,
};
pub use profile::Profile;
pub use provider::{Descriptor, UserInfoProvider};
pub use raw::Raw;
pub use registry::{Instance, Registry};
pub use secret::Secret;
pub use settings::Settings;
pub use sign_in::{Brought, Captcha, Demand, SignIn, SignedIn};
pub use sources::SecretSources;
pub use text::{has_hidden, is_absolute_url, one_line};
pub use time::{Date, TimeError, Timestamp};
#[cfg(feature = "toml")]
pub use toml_text::parse_toml;
pub use units::{parse_duration, parse_size};
pub use user::User;

#[doc(no_inline)]
pub use serde_json::value::RawValue;
