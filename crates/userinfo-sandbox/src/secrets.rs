//! The credentials within a request.

use http::HeaderMap;
use serde_json::Value;

use crate::{call::Call, query::Query};

/// Headers that carry a credential.
pub(crate) const HEADERS: [&str; 5] = ["authorization", "token", "cookie", "agent-token", "signature"];
/// Query parameters and body members that carry a credential.
pub(crate) const MEMBERS: [&str; 13] = [
    "accessToken",
    "access_token",
    "token",
    "refreshToken",
    "refresh_token",
    "authCode",
    "auth_code",
    "password",
    "captcha",
    // Quectel's username holds the access key; a client that forgets to encode it sends the key apart.
    "username",
    "access_key",
    "client_secret",
    "secret",
];

/// Every credential of a request, as sent and decoded, each once.
pub(crate) fn of(headers: &HeaderMap, query: &Query, body: &[u8]) -> Vec<String> {
    let mut secrets = Vec::new();
    for name in HEADERS {
        for value in headers.get_all(name) {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            let inner: Vec<_> = match name {
                "cookie" => value
                    .split(';')
                    .filter_map(|it| it.split_once('='))
                    .map(|(_, it)| it.to_owned())
                    .collect(),
                "signature" => {
                    value.split_once("signature=").map(|(_, it)| it.to_owned()).into_iter().collect()
                }
                _ => value.split_once(' ').map(|(_, it)| it.to_owned()).into_iter().collect(),
            };
            secrets.push(value);
            secrets.extend(inner);
        }
    }
    let pairs = query.pairs().iter().filter(|(name, _)| MEMBERS.contains(&name.as_str()));
    secrets.extend(pairs.map(|(_, value)| value.clone()));
    if let Ok(Value::Object(members)) = serde_json::from_slice(body) {
        let values = members.into_iter().filter(|(name, _)| MEMBERS.contains(&name.as_str()));
        secrets.extend(values.filter_map(|(_, value)| value.as_str().map(str::to_owned)));
    }
    secrets.retain(|it| !it.trim().is_empty());
    secrets.sort_by_key(|it| std::cmp::Reverse(it.len()));
    secrets.dedup();
    secrets
}

/// A message that repeats every credential of a call.
pub(crate) fn echo(call: &Call<'_>) -> String {
    format!("rejected: {}", of(call.headers, &call.query, call.body).join(" "))
}

/// The text without any of these credentials. Short ones would tear holes everywhere; they are left alone.
pub(crate) fn scrub(text: &str, secrets: &[String]) -> String {
    let long = secrets.iter().filter(|it| it.len() >= 6);
    long.fold(text.to_owned(), |text, secret| text.replace(secret, "***"))
}
