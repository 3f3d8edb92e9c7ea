//! The `Signature` header: `algorithm=RSA256, keyVersion=1, signature=…`.

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

use crate::{Separator, verify::Doubt};

/// A header that could be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SignatureHeader {
    /// `None`: the newest key.
    pub(crate) key_version: Option<String>,
    pub(crate) signature: Vec<u8>,
}

impl SignatureHeader {
    /// Reads a header: items in any order, with any blanks, keys in any case, values quoted or not.
    pub(crate) fn parse(header: &str) -> Result<Self, Doubt> {
        if header.len() > MOST_BYTES || header.split(',').nth(MOST_ITEMS).is_some() {
            return Err(Doubt::Malformed("it is too long"));
        }
        let mut items: Vec<(String, &str)> = Vec::new();
        for item in header.split(',') {
            let (key, value) = item.split_once('=').ok_or(Doubt::Malformed("an item has no value"))?;
            let key = key.trim().to_ascii_lowercase();
            if items.iter().any(|(it, _)| *it == key) {
                return Err(Doubt::Malformed("an item is given twice"));
            }
            items.push((key, unquoted(value.trim())));
        }
        let item = |name| items.iter().find(|(key, _)| key == name).map(|(_, value)| *value);
        if let Some(algorithm) = item("algorithm")
            && !ALGORITHMS.iter().any(|it| it.eq_ignore_ascii_case(algorithm))
        {
            return Err(Doubt::Algorithm(algorithm.to_owned()));
        }
        let value = item("signature").ok_or(Doubt::Malformed("it holds no signature"))?;
        let signature = decode(value).ok_or(Doubt::Malformed("the signature is in none of the encodings"))?;
        Ok(Self { key_version: item("keyversion").map(str::to_owned), signature })
    }

    /// Writes a header around an encoded signature.
    pub(crate) fn write(key_version: u64, separator: Separator, signature: &str) -> String {
        let separator = separator.as_str();
        format!("algorithm=RSA256{separator}keyVersion={key_version}{separator}signature={signature}")
    }
}

/// Twice what 8192 bits take, percent-encoded; a stranger's header costs no more than this.
const MOST_BYTES: usize = 4096;
const MOST_ITEMS: usize = 16;

/// Two names of the one algorithm that is specified.
const ALGORITHMS: [&str; 2] = ["RSA256", "SHA256withRSA"];

const ANY_PADDING: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, ANY_PADDING);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, ANY_PADDING);

fn unquoted(value: &str) -> &str {
    value.strip_prefix('"').and_then(|it| it.strip_suffix('"')).unwrap_or(value)
}

/// Reads base64 or base64url, either of them percent-encoded or not; `+` is never a blank.
fn decode(value: &str) -> Option<Vec<u8>> {
    let text = percent_decoded(value)?;
    let engine = if text.iter().any(|it| matches!(it, b'-' | b'_')) { URL_SAFE } else { STANDARD };
    engine.decode(text).ok().filter(|signature| !signature.is_empty())
}

fn percent_decoded(text: &str) -> Option<Vec<u8>> {
    let mut parts = text.split('%');
    let mut decoded = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let (hex, rest) = part.split_at_checked(2)?;
        // A sign passes here; what it gives is a control character, which no base64 has.
        decoded.push(u8::from_str_radix(hex, 16).ok()?);
        decoded.extend_from_slice(rest.as_bytes());
    }
    Some(decoded)
}
