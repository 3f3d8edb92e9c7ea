use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

use userinfo_core::{Error, ErrorKind};
use userinfo_http::Reply;

use crate::{WalletKey, header::SignatureHeader, sign, time};

/// What becomes of an answer's signature.
#[derive(Clone, Debug)]
pub enum Verify {
    /// Every answer must be signed; nothing of one that is not is believed.
    Require(WalletKeys),
    /// An answer may come unsigned; if it is signed, it must be right.
    WhenPresent(WalletKeys),
    /// Signatures are not looked at.
    Off,
}

/// The wallet's public keys by key version; never empty.
#[derive(Clone, Debug)]
pub struct WalletKeys(BTreeMap<u64, WalletKey>);

impl WalletKeys {
    /// Takes the wallet's first key, which wallets number 1 or 0.
    #[must_use]
    pub fn new(key: WalletKey) -> Self {
        Self::versioned(0, key.clone()).with(1, key)
    }

    /// Takes a key of one version alone.
    #[must_use]
    pub fn versioned(version: u64, key: WalletKey) -> Self {
        Self(BTreeMap::from([(version, key)]))
    }

    /// Adds the key of another version, such as the next one before a rotation.
    #[must_use]
    pub fn with(mut self, version: u64, key: WalletKey) -> Self {
        self.0.insert(version, key);
        self
    }

    /// The key that a header names; one that names none means the newest.
    pub(crate) fn find(&self, version: Option<&str>) -> Option<&WalletKey> {
        match version {
            Some(version) => self.0.get(&version.parse().ok()?),
            None => self.0.last_key_value().map(|(_, key)| key),
        }
    }
}

impl From<WalletKey> for WalletKeys {
    fn from(key: WalletKey) -> Self {
        Self::new(key)
    }
}

/// What the request said that the answer's signature depends on.
#[derive(Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) uri: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) max_clock_skew: Option<Duration>,
}

/// Why the signature of an answer does not count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Doubt {
    #[error("the Signature header is malformed: {0}")]
    Malformed(&'static str),
    #[error("the answer is signed with {0}, which is not specified")]
    Algorithm(String),
    #[error("the answer is signed with key version {0}, which is not configured")]
    KeyVersion(String),
    #[error("the answer is signed for another Client-Id")]
    ClientId,
    #[error("the answer is signed without a Response-Time")]
    NoTime,
    #[error("the signature is wrong: not the wallet's key, or not the bytes that it signed")]
    Wrong,
    #[error("the answer's Response-Time is no time")]
    BadTime,
    #[error("the answer's Response-Time is {seconds} s away from our clock, and {most} s are allowed")]
    Stale { seconds: u64, most: u64 },
}

impl Doubt {
    pub(crate) fn error(&self, reply: &Reply) -> Error {
        let error = reply.refuse(ErrorKind::Signature, self.to_string());
        match self {
            Self::KeyVersion(_) => error.with_advice(
                "do not use this answer; if the wallet changed its key, add the new one to wallet_public_keys",
            ),
            Self::Wrong => error.with_advice(
                "do not use this answer; check wallet_public_key and that no proxy changes answers",
            ),
            Self::Stale { .. } => error.with_advice(
                "do not use this answer; check the clock, and max_clock_skew if the wallet's clock is off",
            ),
            _ => error,
        }
    }
}

/// Checks a signature that is there: over the bytes as received, by the wallet, for us, and now.
pub(crate) fn check(keys: &WalletKeys, reply: &Reply, asked: &Asked<'_>) -> Result<(), Doubt> {
    if ["signature", "client-id", "response-time"].into_iter().any(|name| reply.is_repeated(name)) {
        return Err(Doubt::Malformed("a header that it depends on is there twice"));
    }
    let header = reply.header("signature").ok_or(Doubt::Malformed("it is not ASCII"))?;
    let SignatureHeader { key_version, signature } = SignatureHeader::parse(header)?;
    let client_id = match reply.header("client-id") {
        Some(client_id) => client_id,
        None if reply.has_header("client-id") => return Err(Doubt::ClientId),
        None => asked.client_id,
    };
    if client_id != asked.client_id {
        return Err(Doubt::ClientId);
    }
    let time = reply.header("response-time").ok_or(Doubt::NoTime)?;
    let key = keys
        .find(key_version.as_deref())
        .ok_or_else(|| Doubt::KeyVersion(key_version.unwrap_or_default()))?;
    let content = sign::content(asked.uri, client_id, time, reply.received());
    if key.key.verify_sig(&content, &signature).is_err() {
        return Err(Doubt::Wrong);
    }
    asked.max_clock_skew.map_or(Ok(()), |most| check_freshness(time, reply.at(), most))
}

/// A signature binds no request: an old answer would verify again, for whoever replays it.
fn check_freshness(time: &str, now: SystemTime, most: Duration) -> Result<(), Doubt> {
    let then = time::read(time).and_then(time::from_millis).ok_or(Doubt::BadTime)?;
    let away = now.duration_since(then).unwrap_or_else(|ahead| ahead.duration());
    if away > most {
        return Err(Doubt::Stale { seconds: away.as_secs(), most: most.as_secs() });
    }
    Ok(())
}
