//! The values of issued tokens: each as the vendor's look, none of them worth anything elsewhere.
//!
//! They derive from a serial number and from no randomness, so that a run can be repeated.

use std::fmt::Write as _;

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::moment::Moment;

/// `QJWT ` and an HS256 token whose `iat` and `exp` are true.
pub(crate) fn quectel(serial: u64, issued: Moment, expires: Moment) -> String {
    let claims = format!(
        r#"{{"iss":"sandbox","iat":{},"exp":{},"jti":"{serial}"}}"#,
        issued.seconds(),
        expires.seconds()
    );
    format!("QJWT {}", hs256(&claims, "throw-away-quectel-tokens"))
}

/// `AT-<number>-<32 characters>`.
pub(crate) fn tianyin(serial: u64) -> String {
    let tag = URL_SAFE_NO_PAD.encode(scramble("tianyin", serial));
    format!("AT-{serial}-{}", tag.get(..32).unwrap_or_default())
}

/// An HS256 token of the source's two claims. The key differs each time, for the claims alone need not.
pub(crate) fn anqicms(serial: u64, id: u32, expires: Moment) -> String {
    let claims = format!(r#"{{"t":"{}","userId":"{id}"}}"#, expires.seconds());
    hs256(&claims, &format!("throw-away-{serial}-user-token"))
}

/// 20 letters and digits, as the source's library makes the ids of its pictures.
pub(crate) fn anqicms_captcha(serial: u64) -> String {
    const SIGNS: &[u8] = b"0123456789ABCDEFGHJKMNOPQRSTUVWXYZabcdefghjkmnopqrstuvwxyz";
    let tag = scramble("anqicms captcha", serial);
    tag.as_ref().iter().take(20).map(|it| char::from(SIGNS[usize::from(*it) % SIGNS.len()])).collect()
}

/// Like the access token of the vendor page's sample.
pub(crate) fn alipay_access(serial: u64) -> String {
    format!("281010033A{}", hex("alipay access", serial))
}

/// Like an access token.
pub(crate) fn alipay_refresh(serial: u64) -> String {
    format!("281010033R{}", hex("alipay refresh", serial))
}

/// Within the 32 characters of the older version.
pub(crate) fn alipay_code(serial: u64) -> String {
    let code = format!("281011130{}", hex("alipay code", serial));
    code.get(..32).unwrap_or_default().to_owned()
}

/// An HS256 token of these claims.
pub(crate) fn hs256(claims: &str, key: &str) -> String {
    let signed =
        format!("{}.{}", URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256"}"#), URL_SAFE_NO_PAD.encode(claims));
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()), signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag))
}

/// 32 digits that look random.
fn hex(label: &str, serial: u64) -> String {
    scramble(label, serial).as_ref().iter().take(16).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02X}");
        text
    })
}

/// Bytes that look random and are the same in every run.
fn scramble(label: &str, serial: u64) -> hmac::Tag {
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"throw-away-sandbox-tokens");
    hmac::sign(&key, format!("{label} {serial}").as_bytes())
}
