//! The configuration as an operator writes it.

use std::time::Duration;

use serde_json::{Map, Value};
use userinfo_core::{Secret, Settings};
use userinfo_http::{BaseUrl, HttpConfig, credential_store};

use crate::{
    AlipayPlusConfig, KeyError, RsaSigner, Separator, SignatureEncoding, TimeFormat, Verify, Wallet,
    WalletKey, WalletKeys,
    config::Parts,
    wallet::{self, Ways},
};

impl AlipayPlusConfig {
    /// Reads the settings of an instance; every fault is reported to them.
    pub fn from_settings(settings: &mut Settings<'_>, http: &HttpConfig) -> Option<Self> {
        let wallet = wallet(settings);
        let base_url = base_url(settings, http, wallet);
        let client_id = settings.required_text("client_id");
        let signer = private_key(settings);
        let verify = verify(settings, signer.as_ref());
        let path = settings.text("path");
        let token_path = settings.text("token_path");
        let cancel_path = settings.text("cancel_path");
        let auth_client_id = settings.text("auth_client_id");
        let key_version = key_version(settings);
        let signature_encoding = signature_encoding(settings);
        let signature_separator = signature_separator(settings);
        let time_format = time_format(settings);
        let max_clock_skew = settings.duration_or_off("max_clock_skew");
        let extend_info = extend_info(settings);
        let extra_body = settings.object("extra_body").unwrap_or_default();
        let credentials = credential_store(settings);
        let headers = HttpConfig::extra_headers(settings);
        let ways = wallet.map_or(wallet::PAGE, Wallet::ways);
        let path = path.unwrap_or_else(|| ways.path.to_owned());
        let token_path = token_path.unwrap_or_else(|| ways.token_path.to_owned());
        let signature_encoding = signature_encoding.unwrap_or(ways.signature_encoding);
        let extend_info = extend_info.or_else(|| ways.extend_info());
        let cancel_path = cancel_path.unwrap_or_else(|| Self::CANCEL_PATH.to_owned());
        let parts = Parts {
            path: &path,
            token_path: &token_path,
            cancel_path: &cancel_path,
            client_id: client_id.as_deref(),
            auth_client_id: auth_client_id.as_deref(),
            extend_info: extend_info.as_ref(),
            extra_body: &extra_body,
        };
        for (key, fault) in parts.faults() {
            settings.fault(&key, fault);
        }
        note_wants(settings, &ways, auth_client_id.as_deref(), &extra_body);
        Some(Self {
            path,
            token_path,
            cancel_path,
            auth_client_id,
            key_version: key_version.unwrap_or(1),
            signature_encoding,
            signature_separator,
            time_format,
            max_clock_skew: max_clock_skew.unwrap_or(Some(Duration::from_secs(300))),
            extend_info,
            extra_body,
            credentials,
            headers,
            ..Self::new(base_url?, client_id?, signer?, verify?)
        })
    }
}

/// The wallet whose ways count wherever no other key is given.
fn wallet(settings: &mut Settings<'_>) -> Option<Wallet> {
    let wallet = settings.one_of("wallet", &Wallet::NAMES).and_then(Wallet::named)?;
    settings
        .note("wallet", format!("the ways of {} are from public documentation, unverified", wallet.as_str()));
    Some(wallet)
}

/// The address that is given, else the documented one of the wallet.
fn base_url(settings: &mut Settings<'_>, http: &HttpConfig, wallet: Option<Wallet>) -> Option<BaseUrl> {
    let documented = wallet.and_then(Wallet::base_url).filter(|_| !settings.has("base_url"));
    if let Some(documented) = documented {
        settings.text("base_url");
        settings.note("base_url", format!("is {documented}, from public documentation, unverified"));
        return documented.parse().ok();
    }
    let given = http.base_url(settings, "base_url")?;
    match wallet.and_then(|wallet| wallet.ways().prefix) {
        Some(prefix) if prefix != given.prefix() => {
            let known = if prefix.is_empty() { "no prefix" } else { prefix };
            settings.note(
                "base_url",
                format!("the documents of this wallet have {known} at its end, unverified"),
            );
        }
        _ => {}
    }
    Some(given)
}

/// Tells of what the documents of a wallet require; they may be wrong, so nothing is refused.
fn note_wants(settings: &Settings<'_>, ways: &Ways, client: Option<&str>, body: &Map<String, Value>) {
    const WANTED: &str = "is missing; the documents of this wallet require it, unverified";
    if ways.wants_client && client.is_none() {
        settings.note("auth_client_id", WANTED);
    }
    if let (Some(client), Some(most)) = (client, ways.longest_client)
        && client.chars().count() > most
    {
        let message = format!("is longer than the {most} characters of this wallet's documents, unverified");
        settings.note("auth_client_id", message);
    }
    for name in ways.wants.iter().filter(|name| !body.contains_key(**name)) {
        settings.note(&format!("extra_body.{name}"), WANTED);
    }
}

/// A whole number, or the text of one.
fn key_version(settings: &mut Settings<'_>) -> Option<u64> {
    let value = settings.value("key_version")?;
    let version = value.as_u64().or_else(|| value.as_str().and_then(|text| text.parse().ok()));
    if version.is_none() {
        settings.fault("key_version", "must be a whole number, 0 or more");
    }
    version
}

/// A text, or a table that is sent as an object: wallets want the one or the other.
fn extend_info(settings: &mut Settings<'_>) -> Option<Value> {
    let value = settings.value("extend_info")?;
    match &value {
        Value::String(text) if !text.is_empty() => Some(value),
        Value::Object(_) => Some(value),
        _ => {
            settings.fault("extend_info", "must be text in quotes or a table");
            None
        }
    }
}

fn signature_encoding(settings: &mut Settings<'_>) -> Option<SignatureEncoding> {
    match settings.one_of("signature_encoding", &["url-encoded", "base64", "base64url"])? {
        "base64" => Some(SignatureEncoding::Base64),
        "base64url" => Some(SignatureEncoding::Base64Url),
        _ => Some(SignatureEncoding::UrlEncoded),
    }
}

fn signature_separator(settings: &mut Settings<'_>) -> Separator {
    match settings.one_of("signature_separator", &[", ", ","]) {
        Some(",") => Separator::Comma,
        _ => Separator::CommaBlank,
    }
}

fn time_format(settings: &mut Settings<'_>) -> TimeFormat {
    match settings.one_of("time_format", &["milliseconds", "seconds", "utc", "epoch"]) {
        Some("seconds") => TimeFormat::Seconds,
        Some("utc") => TimeFormat::Utc,
        Some("epoch") => TimeFormat::Epoch,
        _ => TimeFormat::Milliseconds,
    }
}

fn private_key(settings: &mut Settings<'_>) -> Option<RsaSigner> {
    let text = settings.required_secret("private_key")?;
    let signer = checked(settings, "private_key", RsaSigner::parse(text.expose()))?;
    settings.note("private_key", signer.facts().to_string());
    Some(signer)
}

/// The policy and its keys; without a key there is nothing to verify with.
fn verify(settings: &mut Settings<'_>, signer: Option<&RsaSigner>) -> Option<Verify> {
    let given = settings.has("wallet_public_key") || settings.has("wallet_public_keys");
    let keys = wallet_keys(settings, signer);
    let word = settings.one_of("verify", &["require", "when-present", "off"]);
    match (word, keys) {
        (Some("off"), keys) => {
            if keys.is_some() {
                settings.note("verify", "is off: answers are not verified, although a wallet key is there");
            }
            Some(Verify::Off)
        }
        (Some("when-present"), Some(keys)) => Some(Verify::WhenPresent(keys)),
        (_, Some(keys)) => Some(Verify::Require(keys)),
        (_, None) if given => None,
        (None, None) => {
            settings.note("wallet_public_key", "is missing: answers are not verified");
            Some(Verify::Off)
        }
        (Some(_), None) => {
            settings.fault("verify", "needs wallet_public_key; without one, only \"off\" is possible");
            None
        }
    }
}

/// `wallet_public_key` is the wallet's first key; `wallet_public_keys` names others by their versions.
fn wallet_keys(settings: &mut Settings<'_>, signer: Option<&RsaSigner>) -> Option<WalletKeys> {
    let has_first = settings.has("wallet_public_key");
    let first = settings.secret("wallet_public_key");
    let first = first.and_then(|text| wallet_key(settings, "wallet_public_key", &text, signer));
    let mut keys = first.map(WalletKeys::new);
    for (version, text) in settings.secrets("wallet_public_keys") {
        let name = format!("wallet_public_keys.{version}");
        let Some(key) = wallet_key(settings, &name, &text, signer) else { continue };
        match version.parse() {
            Ok(1) if has_first => settings.fault(&name, "is wallet_public_key already; give one of the two"),
            Ok(version) => keys = Some(join(keys, version, key)),
            Err(_) => settings.fault(&name, "must be named by a key version, such as \"2\""),
        }
    }
    keys
}

fn wallet_key(
    settings: &Settings<'_>,
    name: &str,
    text: &Secret,
    signer: Option<&RsaSigner>,
) -> Option<WalletKey> {
    let key = checked(settings, name, WalletKey::parse(text.expose()))?;
    settings.note(name, key.facts().to_string());
    if signer.is_some_and(|signer| signer.fingerprint() == key.fingerprint()) {
        settings.note(name, OWN_KEY);
    }
    Some(key)
}

const OWN_KEY: &str = "warning: this is the public half of private_key, so that no answer of the wallet will \
    verify; the wallet's own public key belongs here";

fn join(keys: Option<WalletKeys>, version: u64, key: WalletKey) -> WalletKeys {
    match keys {
        Some(keys) => keys.with(version, key),
        None => WalletKeys::versioned(version, key),
    }
}

fn checked<K>(settings: &Settings<'_>, name: &str, key: Result<K, KeyError>) -> Option<K> {
    key.map_err(|error| settings.fault(name, error.to_string())).ok()
}
