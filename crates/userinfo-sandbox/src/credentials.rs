//! The credentials that the simulated vendors accept.
//!
//! Every one is a throw-away value made for tests: none opens anything, and none may be used elsewhere.

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// Quectel: the token, verbatim, as the `Authorization` header carries it.
pub const QUECTEL_TOKEN: &str = "QJWT eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJzYW5kYm94IiwiYWsiOiJ0aHJvdy1hd2F5In0.c2FuZGJveC10aHJvdy1hd2F5LXF1ZWN0ZWw";

/// Tianyin: the value of the `X-App-Id` header.
pub const TIANYIN_APP_ID: &str = "1";

/// Tianyin: the value of the query parameter `accessToken`.
pub const TIANYIN_ACCESS_TOKEN: &str = "AT-4-SandboxThrowAwayTokenForTests0000";

/// Alipay+: the `Client-Id` of the one registered merchant.
pub const ALIPAY_CLIENT_ID: &str = "TEST_5X00000000000000";

/// Alipay+: the one registered `authClientId`.
pub const ALIPAY_AUTH_CLIENT_ID: &str = "202016726873874774774xxxx";

/// Alipay+: the merchant's private key, PKCS#8; signs requests. Key versions 0 and 1.
pub const MERCHANT_PRIVATE_KEY_PEM: &str = include_str!("keys/merchant_private.pem");

/// Alipay+: the merchant's public key, SPKI; the sandbox verifies requests with it.
pub const MERCHANT_PUBLIC_KEY_PEM: &str = include_str!("keys/merchant_public.pem");

/// Alipay+: the wallet's private key, PKCS#8; the sandbox signs answers with it. Key version 1.
pub const WALLET_PRIVATE_KEY_PEM: &str = include_str!("keys/wallet_private.pem");

/// Alipay+: the wallet's public key, SPKI; verifies answers of key version 1.
pub const WALLET_PUBLIC_KEY_PEM: &str = include_str!("keys/wallet_public.pem");

/// Alipay+: the private key that the wallet rotates to. Key version 2.
pub const ROTATED_WALLET_PRIVATE_KEY_PEM: &str = include_str!("keys/rotated_private.pem");

/// Alipay+: verifies answers of key version 2.
pub const ROTATED_WALLET_PUBLIC_KEY_PEM: &str = include_str!("keys/rotated_public.pem");

/// The token of the vendor page's sample request; it is that of the person `everything`.
const PAGE_TOKEN: &str = "281010033AB2F588D14B43238637264FCA5AAF35xxxx";

pub(crate) fn alipay_access_token(key: &str) -> String {
    if key == "everything" { PAGE_TOKEN.to_owned() } else { format!("281010033AB2F588D14B4323-{key}") }
}

/// An HS256 token with the claims of the reference: the id and the expiry, both as strings.
pub(crate) fn anqicms_token(key: &str, id: u32) -> String {
    let claims = format!(r#"{{"t":"4102444800","userId":"{id}"}}"#);
    let signed =
        format!("{}.{}", URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256"}"#), URL_SAFE_NO_PAD.encode(claims));
    let secret = hmac::Key::new(hmac::HMAC_SHA256, format!("throw-away-{key}-user-token").as_bytes());
    let tag = hmac::sign(&secret, signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag))
}
