#![doc = include_str!("../README.md")]

mod base_url;
mod call;
mod clock;
mod config;
mod describe;
mod headers;
mod http;
mod redact;
mod reply;
#[cfg(feature = "reqwest")]
mod reqwest;
mod scrub;
mod token;
mod trace;
mod transport;

pub use crate::{
    base_url::{BaseUrl, BaseUrlError, PlainHttp},
    call::Call,
    clock::{Clock, SystemClock},
    config::{HttpConfig, Proxy},
    headers::{ExtraHeaders, HeaderError, is_header_text},
    http::Http,
    reply::Reply,
    token::{
        Credential, CredentialName, CredentialStore, FileCredentials, Held, Issuer, MemoryCredentials,
        Refusal, STORE_TARGET, Tokens, credential_store, fingerprint, log_store_failure, unverified_claims,
    },
    transport::{Request, Response, Transport, TransportError, TransportErrorKind},
};
#[cfg(feature = "reqwest")]
pub use reqwest::ReqwestTransport;
