//! What the files hold.

use std::time::{Duration, SystemTime};

use serde_json::{Map, Value, json};
use userinfo_core::{ErrorKind, Secret};

use super::{Credential, Refusal};

pub(super) fn write(credential: &Credential) -> Secret {
    let Credential { token, issued_at, expires_at, accepted, refresh_token, refresh_expires_at } = credential;
    let mut value = json!({
        "token": token.expose(),
        "issued_at_ms": millis(issued_at),
        "expires_at_ms": expires_at.as_ref().map(millis),
        "accepted": accepted,
    });
    if let Some(token) = refresh_token {
        value["refresh_token"] = json!(token.expose());
        value["refresh_expires_at_ms"] = json!(refresh_expires_at.as_ref().map(millis));
    }
    value.to_string().into()
}

pub(super) fn read(text: &Secret) -> Option<Credential> {
    let value: Map<String, Value> = serde_json::from_str(text.expose()).ok()?;
    let end = |name| match value.get(name)? {
        Value::Null => Some(None),
        millis => time(millis).map(Some),
    };
    let token = value.get("token")?.as_str().filter(|it| !it.is_empty())?;
    let mut credential = Credential::new(token, time(value.get("issued_at_ms")?)?);
    credential.expires_at = end("expires_at_ms")?;
    credential.accepted = value.get("accepted")?.as_bool()?;
    if let Some(token) = value.get("refresh_token") {
        credential.refresh_token = Some(token.as_str().filter(|it| !it.is_empty())?.into());
        credential.refresh_expires_at = end("refresh_expires_at_ms")?;
    }
    Some(credential)
}

pub(super) fn write_refusal(refusal: &Refusal) -> Secret {
    let Refusal { kind, message, vendor_code, fingerprint, since, until } = refusal;
    let mut value = json!({
        "kind": kind.as_str(),
        "message": message,
        "vendor_code": vendor_code,
        "since_ms": millis(since),
        "until_ms": millis(until),
    });
    if let Some(fingerprint) = fingerprint {
        value["fingerprint"] = json!(fingerprint);
    }
    value.to_string().into()
}

pub(super) fn read_refusal(text: &Secret) -> Option<Refusal> {
    let value: Map<String, Value> = serde_json::from_str(text.expose()).ok()?;
    let kind = value.get("kind")?.as_str()?;
    let kind = ErrorKind::ALL.into_iter().find(|it| it.as_str() == kind)?;
    let message = value.get("message")?.as_str()?;
    let mut refusal =
        Refusal::new(kind, message, time(value.get("since_ms")?)?, time(value.get("until_ms")?)?);
    refusal.vendor_code = match value.get("vendor_code")? {
        Value::Null => None,
        code => Some(code.as_str()?.to_owned()),
    };
    if let Some(fingerprint) = value.get("fingerprint") {
        refusal.fingerprint = Some(fingerprint.as_str()?.to_owned());
    }
    Some(refusal)
}

fn millis(at: &SystemTime) -> u64 {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

fn time(millis: &Value) -> Option<SystemTime> {
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(millis.as_u64()?))
}
