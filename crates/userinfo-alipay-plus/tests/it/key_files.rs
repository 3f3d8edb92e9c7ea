//! Keys as an operator gives them: each that cannot be used is one clear line, before any call.

use serde_json::json;
use userinfo_sandbox::credentials::{MERCHANT_PRIVATE_KEY_PEM, MERCHANT_PUBLIC_KEY_PEM};

use crate::configuration::{build, fault_of};

#[test]
fn a_key_that_cannot_be_used_is_one_clear_line() {
    for (key, value, words) in [
        ("private_key", json!(MERCHANT_PUBLIC_KEY_PEM), "is a public key"),
        ("wallet_public_key", json!(MERCHANT_PRIVATE_KEY_PEM), "is a private key"),
        ("private_key", json!("garbage"), "holds no key"),
        ("private_key", json!("  "), "is empty"),
        ("private_key", json!(""), "must not be empty"),
        ("private_key", json!({"file": "nowhere"}), "cannot be read"),
        ("wallet_public_keys", json!({"2": "garbage"}), "wallet_public_keys.2: holds no key"),
        ("wallet_public_keys", json!({"two": {"file": "rotated.pem"}}), "must be named by a key version"),
        ("wallet_public_keys", json!({"1": {"file": "rotated.pem"}}), "is wallet_public_key already"),
    ] {
        let fault = fault_of(key, value);
        assert!(fault.contains(words) && fault.starts_with(key) && !fault.contains("MII"), "{fault}");
    }
}

#[test]
fn a_key_file_that_cannot_be_used_is_one_clear_line_that_says_what_it_is() {
    for (key, file, words) in [
        ("private_key", "public.pem", "is a public key; the merchant's private key belongs here"),
        ("private_key", "public-pkcs1.pem", "is a public key; the merchant's private key belongs here"),
        ("private_key", "encrypted.pem", "is encrypted; decrypt it first"),
        ("private_key", "encrypted-pkcs1.pem", "is encrypted; decrypt it first"),
        ("private_key", "certificate.pem", "is a certificate and no key"),
        ("private_key", "small.pem", "is an RSA key of 1024 bits; 2048 to 8192 are allowed"),
        ("private_key", "openssh.pem", "is in the format of OpenSSH; convert it"),
        ("private_key", "ec.pem", "is an EC key; this API signs with RSA"),
        ("private_key", "ed25519.pem", "is no RSA key; this API signs with RSA"),
        ("private_key", "cut.pem", "is cut short"),
        ("private_key", "blank.pem", "the file blank.pem is empty"),
        ("private_key", "binary.der", "the file binary.der cannot be read"),
        ("private_key", "secret.pem", "the file secret.pem cannot be read: permission denied"),
        ("private_key", "nowhere/at/all.pem", "the file nowhere/at/all.pem cannot be read: entity not found"),
        ("wallet_public_key", "private.pem", "is a private key; the wallet's public key belongs here"),
        ("wallet_public_key", "encrypted.pem", "is encrypted; decrypt it first"),
        ("wallet_public_key", "certificate.pem", "is a certificate and no key"),
        ("wallet_public_key", "small-public.pem", "is an RSA key of 1024 bits; 2048 to 8192 are allowed"),
        ("wallet_public_key", "nowhere.pem", "the file nowhere.pem cannot be read: entity not found"),
    ] {
        let fault = fault_of(key, json!({"file": file}));
        assert!(fault.starts_with(&format!("{key}: {words}")), "{file}: {fault}");
        assert!(!fault.contains('\n') && !fault.contains("MII"), "{fault}");
    }
}

#[test]
fn a_key_file_works_with_the_line_ends_of_any_system_and_without_armour() {
    let told = |file: &str| build(|table| table["private_key"] = json!({"file": file})).expect(file);
    let unix = told("private.pem");
    assert!(unix[0].starts_with("private_key: an RSA private key of 2048 bits"), "{unix:?}");
    for file in ["windows.pem", "classic.pem", "bare.txt"] {
        assert_eq!(told(file), unix, "{file}");
    }
}

#[test]
fn a_bad_wallet_key_is_not_called_a_missing_one() {
    let faults = build(|table| {
        table["wallet_public_key"] = json!("garbage");
        table["verify"] = json!("require");
    });
    assert_eq!(faults.expect_err("one fault").len(), 1);
}
