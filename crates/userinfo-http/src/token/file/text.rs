//! What the files hold.

use std::time::{Duration, SystemTime};

use serde_json::{Map, Value, json};
use userinfo_core::Secret;

use super::Credential;

pub(super) fn write(credential: &Credential) -> Secret {
    let Credential { token, issued_at, expires_at, accepted, refresh_token, refresh_expires_at } = credential;
    let millis = |at: &SystemTime| {
        let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    };
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
    let time = |millis: u64| SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(millis));
    let token = value.get("token")?.as_str().filter(|it| !it.is_empty())?;
    let mut credential = Credential::new(token, time(value.get("issued_at_ms")?.as_u64()?)?);
    credential.expires_at = match value.get("expires_at_ms")? {
        Value::Null => None,
        millis => Some(time(millis.as_u64()?)?),
    };
    credential.accepted = value.get("accepted")?.as_bool()?;
    if let Some(token) = value.get("refresh_token") {
        credential.refresh_token = Some(token.as_str().filter(|it| !it.is_empty())?.into());
        credential.refresh_expires_at = match value.get("refresh_expires_at_ms")? {
            Value::Null => None,
            millis => Some(time(millis.as_u64()?)?),
        };
    }
    Some(credential)
}
