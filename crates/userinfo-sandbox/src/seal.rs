//! The last step at Alipay+: the headers that sign an answer, and the faults of signing.

use std::sync::OnceLock;

use crate::{
    Fault,
    call::Call,
    credentials::{ALIPAY_CLIENT_ID, ROTATED_WALLET_PRIVATE_KEY_PEM, WALLET_PRIVATE_KEY_PEM},
    keys::Signer,
    moment::Moment,
    sign::{SignatureHeader, content},
};

static WALLET: OnceLock<Signer> = OnceLock::new();
static ROTATED: OnceLock<Signer> = OnceLock::new();

/// The headers that sign these bytes. `tampered-body` changes a byte of them afterwards.
pub(crate) fn seal(call: &Call<'_>, bytes: &mut [u8], fault: Option<&Fault>) -> Vec<(&'static str, String)> {
    let client_id = if fault == Some(&Fault::OtherClientId) { "TEST_OTHER_CLIENT" } else { ALIPAY_CLIENT_ID };
    let age = if fault == Some(&Fault::StaleTime) { 10 * 60 * 1000 } else { 0 };
    let time = Moment::from_millis(call.now.millis() - age).china_iso();
    let signer = match fault {
        Some(Fault::RotatedKey) => ROTATED.get_or_init(|| Signer::new(ROTATED_WALLET_PRIVATE_KEY_PEM)),
        _ => WALLET.get_or_init(|| Signer::new(WALLET_PRIVATE_KEY_PEM)),
    };
    let mut signature = signer.sign(&content(call.method.as_str(), call.target, client_id, &time, bytes));
    if fault == Some(&Fault::BadSignature) {
        signature.iter_mut().take(1).for_each(|it| *it ^= 1);
    }
    if fault == Some(&Fault::TamperedBody) {
        tamper(bytes);
    }
    let key_version = match fault {
        Some(Fault::RotatedKey) => "2",
        Some(Fault::UnknownKeyVersion) => "99",
        _ => "1",
    };
    let header = match fault {
        Some(Fault::MalformedSignature) => "garbage".to_owned(),
        _ => SignatureHeader::write(key_version, &signature),
    };
    let mut headers = vec![("client-id", client_id.to_owned()), ("response-time", time)];
    if fault != Some(&Fault::Unsigned) {
        headers.push(("signature", header));
    }
    headers
}

/// Changes the last character of the user's id, or else of the body's first text.
fn tamper(bytes: &mut [u8]) {
    let name = br#""userId":""#;
    let start = bytes.windows(name.len()).position(|it| it == name).map_or(2, |it| it + name.len());
    let end = bytes.iter().skip(start).position(|it| *it == b'"').map_or(start, |it| start + it);
    if let Some(byte) = end.checked_sub(1).and_then(|it| bytes.get_mut(it)) {
        *byte = if *byte == b'0' { b'1' } else { b'0' };
    }
}
