use std::{fmt, sync::Arc};

use aws_lc_rs::{
    digest::{SHA256, digest},
    encoding::AsDer,
    signature::{KeyPair, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair},
};
use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use zeroize::Zeroizing;

use crate::der::{Form, Shape};

/// The merchant's private key: signs requests. The default [`Signer`](crate::Signer).
///
/// `Debug` shows its size alone. A clone shares the key.
#[derive(Clone)]
pub struct RsaSigner {
    pub(crate) pair: Arc<RsaKeyPair>,
    facts: Facts,
}

/// The wallet's public key: verifies answers.
#[derive(Clone)]
pub struct WalletKey {
    pub(crate) key: Arc<ParsedPublicKey>,
    facts: Facts,
}

/// A text that is no key that can be used here; never repeats it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Nothing but white space, or an armour around nothing.
    #[error("is empty")]
    Empty,
    /// No PEM, no base64, or base64 of something else.
    #[error("holds no key: give PEM, or the base64 within it")]
    NoKey,
    /// A PEM block that does not end.
    #[error("is cut short: its PEM armour has no end")]
    CutShort,
    /// A key under a pass phrase.
    #[error("is encrypted; decrypt it first: openssl pkey -in FILE")]
    Encrypted,
    /// A certificate, or a request for one.
    #[error(
        "is a certificate and no key; a private key is in a file of its own, and the public key in the certificate: \
             openssl x509 -in FILE -noout -pubkey"
    )]
    Certificate,
    /// A key in the format of OpenSSH.
    #[error("is in the format of OpenSSH; convert it: ssh-keygen -p -m PKCS8 -f FILE")]
    OpenSsh,
    /// A key on an elliptic curve.
    #[error("is an EC key; this API signs with RSA")]
    Ec,
    /// A key of yet another kind.
    #[error("is no RSA key; this API signs with RSA")]
    NotRsa,
    /// Smaller than 2048 bits or larger than 8192.
    #[error("is an RSA key of {bits} bits; 2048 to 8192 are allowed")]
    Size {
        /// The size of the modulus.
        bits: usize,
    },
    /// The shape of an RSA key around numbers that do not fit together.
    #[error("is a damaged RSA key")]
    Damaged,
    /// A public key where a private one belongs.
    #[error("is a public key; the merchant's private key belongs here")]
    Public,
    /// A private key where a public one belongs.
    #[error("is a private key; the wallet's public key belongs here")]
    Private,
}

impl RsaSigner {
    /// Reads a private key: PKCS#8 or PKCS#1, in PEM or as the bare base64 within it.
    ///
    /// White space of any kind does not count, and a line feed may be written `\n`.
    ///
    /// # Errors
    ///
    /// [`KeyError`] for anything but an RSA private key of 2048 to 8192 bits.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let (der, shape) = read(text)?;
        let pair = match shape.form {
            Form::Pkcs8 => RsaKeyPair::from_pkcs8(&der),
            Form::Pkcs1Private => RsaKeyPair::from_der(&der),
            Form::Spki | Form::Pkcs1Public => return Err(KeyError::Public),
        };
        let Ok(pair) = pair else { return Err(KeyError::Damaged) };
        let Ok(public) = pair.public_key().as_der() else { return Err(KeyError::Damaged) };
        let facts = Facts::new(shape, public.as_ref());
        Ok(Self { pair: Arc::new(pair), facts })
    }

    /// Returns the SHA-256 of the public half (DER, SPKI) in hex, as `openssl` prints it.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.facts.fingerprint
    }

    pub(crate) fn facts(&self) -> &Facts {
        &self.facts
    }
}

impl WalletKey {
    /// Reads a public key: SPKI or PKCS#1, in PEM or as the bare base64 within it.
    ///
    /// # Errors
    ///
    /// [`KeyError`] for anything but an RSA public key of 2048 to 8192 bits.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let (der, shape) = read(text)?;
        if shape.form.is_private() {
            return Err(KeyError::Private);
        }
        let key = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der.as_slice());
        let Ok(key) = key else { return Err(KeyError::Damaged) };
        let Ok(public) = key.as_der() else { return Err(KeyError::Damaged) };
        let facts = Facts::new(shape, public.as_ref());
        Ok(Self { key: Arc::new(key), facts })
    }

    /// Returns the SHA-256 of the key (DER, SPKI) in hex, as `openssl` prints it.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.facts.fingerprint
    }

    pub(crate) fn facts(&self) -> &Facts {
        &self.facts
    }
}

impl fmt::Debug for RsaSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RsaSigner({} bits)", self.facts.shape.bits)
    }
}

impl fmt::Debug for WalletKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WalletKey({} bits)", self.facts.shape.bits)
    }
}

/// What may be told of a key.
#[derive(Clone)]
pub(crate) struct Facts {
    shape: Shape,
    fingerprint: String,
}

impl Facts {
    fn new(shape: Shape, spki: &[u8]) -> Self {
        let hash = digest(&SHA256, spki);
        let mut fingerprint = String::with_capacity(64);
        for byte in hash.as_ref() {
            fingerprint
                .extend([byte >> 4, byte & 15].map(|it| char::from(b"0123456789abcdef"[usize::from(it)])));
        }
        Self { shape, fingerprint }
    }
}

impl fmt::Display for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Shape { form, bits } = self.shape;
        let (kind, half) = if form.is_private() { ("private", "public half") } else { ("public", "key") };
        let (form, print) = (form.as_str(), &self.fingerprint);
        write!(f, "an RSA {kind} key of {bits} bits ({form}); the SHA-256 of the {half} is {print}")
    }
}

const ANY_PADDING: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const BASE64: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, ANY_PADDING);

/// The DER within a text, and what it is.
fn read(text: &str) -> Result<(Zeroizing<Vec<u8>>, Shape), KeyError> {
    // An environment variable often holds its line feeds escaped.
    let text = Zeroizing::new(text.replace("\\n", "\n").replace("\\r", "\n"));
    let body = text.find("-----BEGIN ").map_or(Ok(text.as_str()), |at| within_armour(&text[at..]))?;
    let mut base64 = Zeroizing::new(String::with_capacity(body.len()));
    base64.extend(body.chars().filter(|it| !it.is_whitespace() && *it != '\u{feff}'));
    if base64.is_empty() {
        return Err(KeyError::Empty);
    }
    let Ok(der) = BASE64.decode(base64.as_bytes()).map(Zeroizing::new) else { return Err(KeyError::NoKey) };
    let shape = Shape::of(&der)?;
    Ok((der, shape))
}

/// The base64 of the first PEM block. What its label claims counts only where it rules a key out.
fn within_armour(pem: &str) -> Result<&str, KeyError> {
    let block = pem.trim_start_matches("-----BEGIN ");
    let (label, rest) = block.split_once("-----").ok_or(KeyError::CutShort)?;
    let (body, _) = rest.split_once("-----END ").ok_or(KeyError::CutShort)?;
    match label {
        _ if body.contains("ENCRYPTED") => Err(KeyError::Encrypted),
        _ if label.contains("OPENSSH") => Err(KeyError::OpenSsh),
        _ if label.starts_with("EC ") => Err(KeyError::Ec),
        _ => Ok(body),
    }
}

#[cfg(test)]
mod tests;
