use super::*;

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("../../fixtures/keys/", $name, ".pem"))
    };
}

const PKCS8: &str = fixture!("merchant_private_key");
const PKCS1: &str = fixture!("merchant_private_key_pkcs1");
const SPKI: &str = fixture!("merchant_public_key");
const PUBLIC_PKCS1: &str = fixture!("merchant_public_key_pkcs1");

/// The base64 within a PEM armour, in one line.
fn bare(pem: &str) -> String {
    pem.lines().filter(|it| !it.starts_with("-----")).collect()
}

/// The same key in the forms that people paste.
fn forms(pem: &str) -> Vec<String> {
    vec![
        pem.to_owned(),
        pem.replace('\n', "\r\n"),
        pem.trim_end().replace('\n', "\\n"),
        format!("\u{feff}Bag Attributes\n    friendlyName: x\n{pem}"),
        format!("  \n{}", pem.replace('\n', "\n  ")),
        bare(pem),
        format!("\u{feff}{}", bare(pem)),
        format!(
            " {}\r\n",
            bare(pem).as_bytes().chunks(7).map(String::from_utf8_lossy).collect::<Vec<_>>().join(" \t")
        ),
        bare(pem).trim_end_matches('=').to_owned(),
    ]
}

fn vector_keys() -> serde_json::Value {
    let vectors: serde_json::Value =
        serde_json::from_str(include_str!("../../fixtures/signing-vectors.json")).expect("JSON");
    vectors["keys"].clone()
}

#[test]
fn every_form_of_a_private_key_is_the_same_key() {
    let print = vector_keys()["merchant"]["public_spki_sha256"].as_str().expect("text").to_owned();
    for text in forms(PKCS8).into_iter().chain(forms(PKCS1)) {
        assert_eq!(RsaSigner::parse(&text).expect(&text).fingerprint(), print);
    }
}

#[test]
fn every_form_of_a_public_key_is_the_same_key() {
    let print = vector_keys()["merchant"]["public_spki_sha256"].as_str().expect("text").to_owned();
    for text in forms(SPKI).into_iter().chain(forms(PUBLIC_PKCS1)) {
        assert_eq!(WalletKey::parse(&text).expect(&text).fingerprint(), print);
    }
}

#[test]
fn the_bare_base64_of_the_vectors_is_read() {
    let keys = vector_keys();
    for (owner, name) in [("merchant", "private_pkcs8_base64"), ("merchant", "private_pkcs1_base64")] {
        RsaSigner::parse(keys[owner][name].as_str().expect(name)).expect(name);
    }
    for owner in ["merchant", "wallet"] {
        let key = WalletKey::parse(keys[owner]["public_spki_base64"].as_str().expect(owner)).expect(owner);
        assert_eq!(key.fingerprint(), keys[owner]["public_spki_sha256"].as_str().expect(owner));
    }
}

#[test]
fn what_is_no_rsa_key_is_refused_for_what_it_is() {
    let cut = PKCS8.split_at(800).0;
    let header_only = "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n";
    let damaged = damage(PKCS8);
    let (_, sec1) = fixture!("ec_private_key_sec1").split_once("-----END EC PARAMETERS").expect("two blocks");
    let longer = BASE64.encode([BASE64.decode(bare(PKCS8)).expect("base64"), vec![0]].concat());
    for (text, error) in [
        ("", KeyError::Empty),
        (" \r\n\t", KeyError::Empty),
        (header_only, KeyError::Empty),
        ("garbage", KeyError::NoKey),
        ("not a key!", KeyError::NoKey),
        ("AAAA", KeyError::NoKey),
        (&longer, KeyError::NoKey),
        (cut, KeyError::CutShort),
        ("-----BEGIN PRIVATE KEY", KeyError::CutShort),
        (fixture!("encrypted_private_key"), KeyError::Encrypted),
        (fixture!("encrypted_private_key_pkcs1"), KeyError::Encrypted),
        (&bare(fixture!("encrypted_private_key")), KeyError::Encrypted),
        (fixture!("certificate"), KeyError::Certificate),
        (&bare(fixture!("certificate")), KeyError::Certificate),
        (fixture!("openssh_private_key"), KeyError::OpenSsh),
        (fixture!("ec_private_key"), KeyError::Ec),
        (fixture!("ec_private_key_sec1"), KeyError::Ec),
        (&bare(sec1), KeyError::Ec),
        (fixture!("ec_public_key"), KeyError::Ec),
        (fixture!("ed25519_private_key"), KeyError::NotRsa),
        (fixture!("small_private_key"), KeyError::Size { bits: 1024 }),
        (fixture!("small_public_key"), KeyError::Size { bits: 1024 }),
        (&damaged, KeyError::Damaged),
    ] {
        assert_eq!(RsaSigner::parse(text).expect_err(text), error, "{text}");
        if error != KeyError::Damaged {
            assert_eq!(WalletKey::parse(text).expect_err(text), error, "{text}");
        }
    }
}

/// Changes a number within a key, so that its numbers no longer fit together.
fn damage(pem: &str) -> String {
    let mut der = BASE64.decode(bare(pem)).expect("base64");
    der[600] ^= 1;
    BASE64.encode(der)
}

#[test]
fn a_key_of_the_other_half_is_refused() {
    for text in [SPKI, PUBLIC_PKCS1] {
        assert_eq!(RsaSigner::parse(text).expect_err("public"), KeyError::Public);
    }
    for text in [PKCS8, PKCS1] {
        assert_eq!(WalletKey::parse(text).expect_err("private"), KeyError::Private);
    }
}

#[test]
fn no_text_panics() {
    for text in forms(PKCS8).iter().chain(&forms(SPKI)) {
        for end in (0..text.len()).step_by(13).filter(|end| text.is_char_boundary(*end)) {
            let _ = (RsaSigner::parse(&text[..end]), WalletKey::parse(&text[..end]));
        }
    }
}

#[test]
fn debug_and_the_facts_show_no_key() {
    let (signer, key) = (RsaSigner::parse(PKCS8).expect("a key"), WalletKey::parse(SPKI).expect("a key"));
    assert_eq!(format!("{signer:?} {key:?}"), "RsaSigner(2048 bits) WalletKey(2048 bits)");
    let print = signer.fingerprint();
    assert_eq!(
        signer.facts().to_string(),
        format!("an RSA private key of 2048 bits (PKCS#8); the SHA-256 of the public half is {print}")
    );
    assert_eq!(
        key.facts().to_string(),
        format!("an RSA public key of 2048 bits (SPKI); the SHA-256 of the key is {print}")
    );
}
