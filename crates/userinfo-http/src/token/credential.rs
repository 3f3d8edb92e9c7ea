use std::{
    fmt,
    time::{Duration, SystemTime},
};

use sha2::{Digest, Sha256};
use userinfo_core::Secret;

/// What a vendor issued: a token, and until when it is good.
///
/// `Debug` shows times only.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Credential {
    /// The token as issued.
    pub token: Secret,
    /// When it was asked for, by the clock of this machine.
    pub issued_at: SystemTime,
    /// When it ends, by the clock of this machine; `None` where nobody says.
    pub expires_at: Option<SystemTime>,
    /// Whether the vendor was seen to accept it.
    pub accepted: bool,
    /// What another one is obtained with, where the vendor issued that too.
    pub refresh_token: Option<Secret>,
    /// When that ends, by the clock of this machine; `None` where nobody says.
    pub refresh_expires_at: Option<SystemTime>,
}

/// Names a credential in a store: which vendor issued it, where, and to whom.
///
/// It is a digest, so that a list of files shows neither addresses nor accounts; who guesses an account can try
/// it. It holds nothing of a password or of the secret half of a key.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CredentialName(String);

impl Credential {
    /// Describes a token whose end nobody knows.
    #[must_use]
    pub fn new(token: impl Into<Secret>, issued_at: SystemTime) -> Self {
        Self {
            token: token.into(),
            issued_at,
            expires_at: None,
            accepted: false,
            refresh_token: None,
            refresh_expires_at: None,
        }
    }

    /// Says how long after its issue it ends; zero says nothing.
    #[must_use]
    pub fn lasting(mut self, lifetime: Duration) -> Self {
        let end = self.issued_at.checked_add(lifetime).filter(|_| !lifetime.is_zero());
        self.expires_at = match (self.expires_at, end) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        self
    }

    /// Returns how long it was made for; `None` where nobody says.
    #[must_use]
    pub fn lifetime(&self) -> Option<Duration> {
        self.expires_at.map(|end| end.duration_since(self.issued_at).unwrap_or_default())
    }

    /// Says whether it is over.
    #[must_use]
    pub fn is_over(&self, now: SystemTime) -> bool {
        self.expires_at.is_some_and(|end| now >= end)
    }
}

impl CredentialName {
    /// Digests the parts, such as a provider's kind, its base URL and an account.
    #[must_use]
    pub fn new(kind: &str, parts: &[&str]) -> Self {
        Self(format!("{kind}-{}", digest(parts)))
    }

    /// Returns the name, which is good for a file: lower-case letters, digits and hyphens, if the kind is.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for CredentialName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Digests a whole key, its secret half too, for [`Issuer::fingerprint`](super::Issuer::fingerprint).
///
/// Only for keys that nobody can guess: whoever has the digest can try others against it.
#[must_use]
pub fn fingerprint(key: &[&Secret]) -> String {
    let parts: Vec<_> = key.iter().map(|it| it.expose()).collect();
    digest(&parts)
}

/// Half of a SHA-256, which tells parts apart.
fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    let digest = format!("{:x}", hash.finalize());
    digest[..32].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_end_counts_and_zero_is_none() {
        let second = Duration::from_secs(1);
        let at = SystemTime::UNIX_EPOCH;
        let credential = Credential::new("t", at).lasting(Duration::ZERO);
        assert_eq!((credential.expires_at, credential.is_over(at + second)), (None, false));
        let credential = credential.lasting(9 * second).lasting(7 * second).lasting(8 * second);
        assert_eq!(credential.lifetime(), Some(7 * second));
        assert!(!credential.is_over(at + 6 * second) && credential.is_over(at + 7 * second));
        assert_eq!(Credential::new("t", at).lasting(Duration::MAX).expires_at, None);
    }

    #[test]
    fn names_tell_parts_apart_and_show_none() {
        let name = |parts: &[&str]| CredentialName::new("acme", parts);
        assert_ne!(name(&["ab", "c"]), name(&["a", "bc"]));
        assert_ne!(name(&["a"]), name(&["a", ""]));
        assert_eq!(name(&["a", "b"]), name(&["a", "b"]));
        let shown = name(&["https://a.example", "ada@example.com"]);
        let is_plain = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '-';
        assert!(shown.as_str().starts_with("acme-") && shown.as_str().len() == 37);
        assert!(shown.as_str().chars().all(is_plain), "{shown:?}");
    }

    #[test]
    fn fingerprints_tell_keys_apart_and_show_none() {
        let of = |key: &str, secret: &str| fingerprint(&[&key.into(), &secret.into()]);
        assert_eq!(of("key", "hunter2"), of("key", "hunter2"));
        assert_ne!(of("key", "hunter2"), of("key", "hunter3"));
        assert_ne!(of("key", "hunter2"), of("keyh", "unter2"));
        assert!(!of("key", "hunter2").contains("hunter2"));
    }

    #[test]
    fn debug_shows_no_token() {
        assert!(!format!("{:?}", Credential::new("hunter2", SystemTime::UNIX_EPOCH)).contains("hunter2"));
    }
}
