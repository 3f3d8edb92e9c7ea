//! RSA-SHA256 with the throw-away keys.

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey},
};
use base64::{Engine, engine::general_purpose::STANDARD};

/// The bytes within a PEM armour.
fn unarmour(pem: &str) -> Vec<u8> {
    let text: String = pem.lines().filter(|it| !it.starts_with("-----")).map(str::trim).collect();
    STANDARD.decode(text).unwrap_or_default()
}

/// A private key of the wallet.
#[derive(Debug)]
pub(crate) struct Signer(RsaKeyPair);

impl Signer {
    /// # Panics
    ///
    /// If the PEM is no RSA key: all of them are constants of this crate, which the tests load.
    pub(crate) fn new(pem: &str) -> Self {
        Self(RsaKeyPair::from_pkcs8(&unarmour(pem)).expect("the crate's keys are PKCS#8"))
    }

    pub(crate) fn sign(&self, content: &[u8]) -> Vec<u8> {
        let mut signature = vec![0; self.0.public_modulus_len()];
        // Signing PKCS#1 v1.5 into a buffer of the modulus' length has nothing that can fail.
        let _ = self.0.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), content, &mut signature);
        signature
    }
}

/// Whether a signature is that of the key's owner over these bytes.
pub(crate) fn verifies(public_pem: &str, content: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, unarmour(public_pem))
        .verify(content, signature)
        .is_ok()
}
