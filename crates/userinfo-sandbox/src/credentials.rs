//! The credentials that the simulated vendors accept.
//!
//! Every one is a throw-away value made for tests: none opens anything, and none may be used elsewhere.

use crate::mint;

/// Quectel: the token, verbatim, as the `Authorization` header carries it.
pub const QUECTEL_TOKEN: &str = "QJWT eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJzYW5kYm94IiwiYWsiOiJ0aHJvdy1hd2F5In0.c2FuZGJveC10aHJvdy1hd2F5LXF1ZWN0ZWw";

/// Quectel: the access key of the login.
pub const QUECTEL_ACCESS_KEY: &str = "AKTESTAKTESTAKTESTAKTEST";

/// Quectel: the secret that goes with the access key.
pub const QUECTEL_ACCESS_SECRET: &str = "SKTESTSKTESTSKTESTSKTESTSKTESTSKTESTSKTE";

/// Tianyin: the value of the `X-App-Id` header.
pub const TIANYIN_APP_ID: &str = "1";

/// Tianyin: the value of the query parameter `accessToken`.
pub const TIANYIN_ACCESS_TOKEN: &str = "AT-4-SandboxThrowAwayTokenForTests0000";

/// Tianyin: the `client_id` at the CAS server.
pub const TIANYIN_CLIENT_ID: &str = "sandbox-throw-away-client";

/// Tianyin: the `client_secret` at the CAS server.
pub const TIANYIN_CLIENT_SECRET: &str = "sandbox-throw-away-client-secret";

/// AnqiCMS: what the picture of every captcha says; its id comes from `GET /api/captcha`.
pub const ANQICMS_CAPTCHA: &str = "x7k2mq";

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

pub(crate) fn anqicms_password(key: &str) -> String {
    format!("throw-away-password-of-{key}")
}

/// An HS256 token with the claims of the reference: the id and the expiry, both as strings.
pub(crate) fn anqicms_token(key: &str, id: u32) -> String {
    mint::hs256(&format!(r#"{{"t":"4102444800","userId":"{id}"}}"#), &format!("throw-away-{key}-user-token"))
}
