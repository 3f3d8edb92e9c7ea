//! Everything that a reader can get to see, as text.

use std::error::Error as StdError;

use userinfo_core::{Error, Secret, User, UserInfoProvider};

use crate::{Subject, Wire, ask};

/// What an error shows, sources included.
pub(crate) fn of_error(error: &Error) -> Vec<String> {
    let mut all = vec![
        error.to_string(),
        format!("{error:?}"),
        format!("{error:#?}"),
        error.message().to_owned(),
        error.advice().to_owned(),
        error.vendor_code().unwrap_or_default().to_owned(),
        error.request_id().unwrap_or_default().to_owned(),
    ];
    let mut source = error.source();
    while let Some(cause) = source {
        all.extend([cause.to_string(), format!("{cause:?}")]);
        source = cause.source();
    }
    all
}

/// What a user shows in every form.
pub(crate) fn of_user(user: &User) -> Vec<String> {
    let form = |it: serde_json::Map<_, _>| serde_json::Value::Object(it).to_string();
    vec![
        format!("{user:?}"),
        format!("{user:#?}"),
        ask::json(user),
        ask::json(&user.to_masked()),
        form(user.to_oidc_claims()),
        form(user.to_scim()),
        String::from_utf8_lossy(user.raw.as_bytes()).into_owned(),
        format!("{:?}", user.explain()),
        serde_json::to_string(&user.explain()).expect("an explanation is JSON"),
    ]
}

/// What a provider shows.
pub(crate) fn of_provider(provider: &dyn UserInfoProvider) -> Vec<String> {
    vec![format!("{provider:?}"), format!("{provider:#?}")]
}

/// The secrets of the configured provider and of the usual look-ups.
pub(crate) fn secrets(subject: &dyn Subject, wire: &Wire) -> Vec<Secret> {
    let mut all = subject.secrets();
    for person in wire.sandbox().people() {
        all.extend(subject.lookup(person).given_token().cloned());
        all.extend(subject.token(person).ok());
    }
    all
}

/// Expects none of `secrets` in any of `texts`.
pub(crate) fn expect_none(secrets: &[Secret], texts: &[String], what: &str) {
    for needle in secrets.iter().flat_map(forms) {
        for text in texts {
            assert!(!text.contains(&needle), "{what} shows a secret: {}", text.replace(&needle, "<SECRET>"));
        }
    }
}

/// A secret whole, without its first word, line by line, and as it stands in a query or in JSON.
fn forms(secret: &Secret) -> Vec<String> {
    let whole = secret.expose();
    let mut all = vec![whole.to_owned(), encoded(whole)];
    let json = serde_json::Value::from(whole).to_string();
    all.push(json.trim_matches('"').to_owned());
    all.extend(whole.split_whitespace().filter(|it| it.len() >= 20).map(str::to_owned));
    all.retain(|it| !it.is_empty());
    all
}

fn encoded(text: &str) -> String {
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let encode = |byte| if keep(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(encode).collect()
}
