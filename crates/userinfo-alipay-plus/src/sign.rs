use std::{fmt, sync::Arc};

use async_trait::async_trait;
use aws_lc_rs::{
    rand::SystemRandom,
    signature::{RSA_PKCS1_SHA256, RsaKeyPair},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use tokio::runtime::Handle;
use userinfo_core::{Error, ErrorKind, Result};

use crate::{RsaSigner, provider::KIND};

/// Signs requests with the merchant's key, wherever that is kept.
///
/// [`RsaSigner`] holds the key itself; a hardware module or a signing service implements this trait. It must
/// end by itself: the deadline of the call begins after it.
#[async_trait]
pub trait Signer: fmt::Debug + Send + Sync {
    /// Returns the RSASSA-PKCS1-v1_5 signature with SHA-256 of `content`, which holds the user's token.
    ///
    /// # Errors
    ///
    /// Whatever the look-up should fail with; its kind says whether another try can help.
    async fn sign(&self, content: &[u8]) -> Result<Vec<u8>>;
}

/// How the signature is written in the request's header. Answers are read in all three.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignatureEncoding {
    /// Base64 with `%2B`, `%2F` and `%3D`, as the vendor's own SDKs do it.
    #[default]
    UrlEncoded,
    /// Base64.
    Base64,
    /// Base64url without padding.
    Base64Url,
}

/// What stands between the items of the request's `Signature` header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Separator {
    /// `, `
    #[default]
    CommaBlank,
    /// `,`
    Comma,
}

impl SignatureEncoding {
    pub(crate) fn encode(self, signature: &[u8]) -> String {
        match self {
            Self::UrlEncoded => {
                let base64 = STANDARD.encode(signature);
                base64.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D")
            }
            Self::Base64 => STANDARD.encode(signature),
            Self::Base64Url => URL_SAFE_NO_PAD.encode(signature),
        }
    }
}

impl Separator {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::CommaBlank => ", ",
            Self::Comma => ",",
        }
    }
}

/// Signs on a thread for blocking work where there is a tokio runtime, else at once.
///
/// A signature takes around a millisecond, in which a worker of the runtime would serve nobody else.
#[async_trait]
impl Signer for RsaSigner {
    async fn sign(&self, content: &[u8]) -> Result<Vec<u8>> {
        let Ok(runtime) = Handle::try_current() else { return signature(&self.pair, content) };
        let (pair, content) = (Arc::clone(&self.pair), content.to_vec());
        match runtime.spawn_blocking(move || signature(&pair, &content)).await {
            Ok(result) => result,
            Err(stopped) => Err(failed().with_source(stopped)),
        }
    }
}

fn signature(pair: &RsaKeyPair, content: &[u8]) -> Result<Vec<u8>> {
    let mut signature = vec![0; pair.public_modulus_len()];
    match pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), content, &mut signature) {
        Ok(()) => Ok(signature),
        Err(error) => Err(failed().with_source(error)),
    }
}

fn failed() -> Error {
    Error::new(ErrorKind::Signature, KIND, "sign", "the request could not be signed")
}

/// `<METHOD> SP <URI> LF <Client-Id> "." <time> "." <BODY>`, for requests and answers alike.
pub(crate) fn content(uri: &str, client_id: &str, time: &str, body: &[u8]) -> Vec<u8> {
    let head = ["POST ", uri, "\n", client_id, ".", time, "."].concat();
    [head.as_bytes(), body].concat()
}
