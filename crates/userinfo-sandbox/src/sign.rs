//! The signature of Alipay+: what is signed, and how it stands in the header.

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

const LENIENT_PADDING: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const EITHER_PADDING: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT_PADDING);
/// A `Signature` header beyond this is not read.
const MOST_BYTES: usize = 4096;
const MOST_ITEMS: usize = 16;
/// What `urlEncode` leaves alone.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// `<METHOD> SP <URI> LF <Client-Id> "." <time> "." <BODY>`.
pub(crate) fn content(method: &str, target: &str, client_id: &str, time: &str, body: &[u8]) -> Vec<u8> {
    let mut content = format!("{method} {target}\n{client_id}.{time}.").into_bytes();
    content.extend_from_slice(body);
    content
}

/// A `Signature` header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SignatureHeader {
    pub(crate) algorithm: Option<String>,
    pub(crate) key_version: Option<String>,
    pub(crate) signature: Vec<u8>,
}

impl SignatureHeader {
    /// Reads `algorithm=RSA256, keyVersion=1, signature=…`; `None` when it cannot be used.
    pub(crate) fn parse(header: &str) -> Option<Self> {
        if header.len() > MOST_BYTES || header.split(',').nth(MOST_ITEMS).is_some() {
            return None;
        }
        let (mut algorithm, mut key_version, mut signature) = (None, None, None);
        let mut seen = Vec::new();
        for item in header.split(',') {
            let (name, value) = item.split_once('=')?;
            let name = name.trim().to_ascii_lowercase();
            let value = value.trim();
            let value = value.strip_prefix('"').and_then(|it| it.strip_suffix('"')).unwrap_or(value);
            match name.as_str() {
                "algorithm" => algorithm = Some(value.to_owned()),
                "keyversion" => key_version = Some(value.to_owned()),
                "signature" => signature = Some(decode(value)?),
                _ => {}
            }
            if seen.contains(&name) {
                return None;
            }
            seen.push(name);
        }
        let known = ["RSA256", "SHA256withRSA"];
        let refused =
            algorithm.as_deref().is_some_and(|it| !known.iter().any(|name| name.eq_ignore_ascii_case(it)));
        signature.filter(|_| !refused).map(|signature| Self { algorithm, key_version, signature })
    }

    /// Writes the header as the documents do, the value URL-encoded.
    pub(crate) fn write(key_version: &str, signature: &[u8]) -> String {
        let value = STANDARD.encode(signature);
        let value = utf8_percent_encode(&value, ESCAPED);
        format!("algorithm=RSA256, keyVersion={key_version}, signature={value}")
    }
}

/// Standard base64, percent-encoded base64 or base64url; `+` stays `+`.
fn decode(text: &str) -> Option<Vec<u8>> {
    let whole = text.match_indices('%').all(|(at, _)| {
        text.as_bytes().get(at + 1..at + 3).is_some_and(|it| it.iter().all(u8::is_ascii_hexdigit))
    });
    let text = percent_decode_str(text).decode_utf8().ok().filter(|it| whole && !it.is_empty())?;
    if text.contains(['+', '/']) && text.contains(['-', '_']) {
        return None;
    }
    EITHER_PADDING.decode(text.replace('-', "+").replace('_', "/")).ok().filter(|it| !it.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::{credentials::MERCHANT_PUBLIC_KEY_PEM, keys::verifies};

    fn vectors() -> Value {
        serde_json::from_str(include_str!("../fixtures/alipay-plus-vectors.json")).unwrap()
    }

    fn wallet_pem(vectors: &Value) -> String {
        vectors["keys"]["wallet"]["public_spki_base64"].as_str().unwrap().to_owned()
    }

    fn text<'a>(vector: &'a Value, name: &str) -> &'a str {
        vector[name].as_str().unwrap()
    }

    #[test]
    fn every_vector_verifies_in_every_encoding() {
        let vectors = vectors();
        let mut count = 0;
        for (list, time) in [("requests", "request_time"), ("responses", "response_time")] {
            for vector in vectors[list].as_array().unwrap() {
                let body = text(vector, "body").as_bytes();
                let content = content(
                    text(vector, "method"),
                    text(vector, "uri"),
                    text(vector, "client_id"),
                    text(vector, time),
                    body,
                );
                assert_eq!(content, text(vector, "content_to_sign").as_bytes());
                let wallet = wallet_pem(&vectors);
                let key =
                    if text(vector, "signed_by") == "merchant" { MERCHANT_PUBLIC_KEY_PEM } else { &wallet };
                for header in vector["signature_header"].as_object().unwrap().values() {
                    let header = SignatureHeader::parse(header.as_str().unwrap()).unwrap();
                    assert!(verifies(key, &content, &header.signature), "{}", text(vector, "name"));
                    assert_eq!(header.key_version, Some(vector["key_version"].to_string()));
                    count += 1;
                }
            }
        }
        assert_eq!(count, 51);
    }

    #[test]
    fn no_vector_that_must_fail_verifies() {
        let vectors = vectors();
        let wallet = wallet_pem(&vectors);
        for vector in vectors["must_fail"].as_array().unwrap() {
            let body = text(vector, "body").as_bytes();
            let content = content(
                text(vector, "method"),
                text(vector, "uri"),
                text(vector, "client_id"),
                text(vector, "time"),
                body,
            );
            let key =
                if text(vector, "verify_with") == "merchant" { MERCHANT_PUBLIC_KEY_PEM } else { &wallet };
            let header = format!("algorithm=RSA256, keyVersion=1, signature={}", text(vector, "signature"));
            let accepted =
                SignatureHeader::parse(&header).is_some_and(|it| verifies(key, &content, &it.signature));
            assert!(!accepted, "{}: {}", text(vector, "name"), text(vector, "why"));
        }
    }

    #[test]
    fn headers_are_accepted_and_rejected_as_the_vectors_say() {
        let vectors = vectors();
        for case in vectors["signature_header"]["accept"].as_array().unwrap() {
            let header = SignatureHeader::parse(text(case, "header"))
                .unwrap_or_else(|| panic!("{}", text(case, "name")));
            assert_eq!(STANDARD.encode(&header.signature), text(case, "signature_base64"));
            assert_eq!(header.key_version.as_deref(), case["key_version"].as_str());
            let algorithm = header.algorithm.map(|it| it.to_ascii_lowercase());
            assert_eq!(algorithm, case["algorithm"].as_str().map(str::to_ascii_lowercase));
        }
        for case in vectors["signature_header"]["reject"].as_array().unwrap() {
            assert_eq!(SignatureHeader::parse(text(case, "header")), None, "{}", text(case, "name"));
        }
    }

    #[test]
    fn a_header_that_is_too_long_is_not_read() {
        let items = |count: usize| {
            let others = (1..count).map(|it| format!("i{it}="));
            others.chain(["signature=QUFB".to_owned()]).collect::<Vec<_>>().join(",")
        };
        let padded = |length: usize| format!("{:>length$}", "signature=QUFB");
        for header in [items(16), padded(4096)] {
            assert!(SignatureHeader::parse(&header).is_some());
        }
        for header in [items(17), padded(4097)] {
            assert_eq!(SignatureHeader::parse(&header), None);
        }
    }

    #[test]
    fn a_header_that_is_written_can_be_read() {
        let header = SignatureHeader::write("2", &[251, 239, 190, 255]);
        assert_eq!(header, "algorithm=RSA256, keyVersion=2, signature=%2B%2B%2B%2B%2Fw%3D%3D");
        assert_eq!(SignatureHeader::parse(&header).unwrap().signature, [251, 239, 190, 255]);
    }
}
