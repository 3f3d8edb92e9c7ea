//! Logging in with a key pair: `GET /v2/quecauth/accessKeyAuthrize/accessKeyLogin`, spelled as the vendor does.
//!
//! <https://github.com/JFish-ByHu/cms_repo/blob/680c2e6/docsEU/en/saasDevelop/OpenAPI/API_accessInstruction.md>

use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use http::header;
use sha2::{Digest, Sha256};
use userinfo_core::{Error, ErrorKind, Object, Result, Secret};
use userinfo_http::{Call, Credential, CredentialName, Http, Issuer, Reply, fingerprint, unverified_claims};

use crate::{KIND, config::AccessKey, token::Token, wire::Envelope};

const OPERATION: &str = "accessKeyLogin";

/// The vendor's guide says two hours, whatever a token itself says.
const LONGEST: Duration = Duration::from_secs(2 * 60 * 60);

/// How far the clock of a caller may be off.
const SKEW: Duration = Duration::from_secs(10 * 60);

/// A key pair that does not exist.
const UNKNOWN_KEY: &str = "90047";

/// Blocked for abnormal behaviour, for longer than the twenty minutes of other lock-outs.
const ABNORMAL: &str = "5325";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Logs in with a key pair.
#[derive(Clone, Debug)]
pub(crate) struct Login {
    http: Http,
    key: AccessKey,
}

impl Login {
    pub(crate) fn new(http: Http, key: AccessKey) -> Self {
        Self { http, key }
    }

    /// Names the credential: one key pair at one data center.
    pub(crate) fn name(&self) -> CredentialName {
        CredentialName::new(KIND, &[&self.http.base().to_string(), self.key.key.expose()])
    }
}

#[async_trait]
impl Issuer for Login {
    async fn issue(&self) -> Result<Credential> {
        let asked = self.http.now();
        let reply = self.http.send(call(&self.key, asked)).await?;
        read(&reply, asked).map_err(|error| explained(error, &reply))
    }

    fn lock_out(&self, error: &Error) -> Option<Duration> {
        (error.vendor_code() == Some(ABNORMAL)).then_some(DAY)
    }

    fn fingerprint(&self) -> Option<String> {
        Some(fingerprint(&[&self.key.key, &self.key.secret]))
    }
}

/// Says whether a new token may help: the one that was sent is unknown or over.
pub(crate) fn is_dead(error: &Error) -> bool {
    error.kind() == ErrorKind::Unauthenticated
        && match error.vendor_code() {
            Some(code) => matches!(code, "5032" | "91001" | "91004" | "401"),
            None => error.http_status() == Some(401),
        }
}

/// Everything goes in the query; what is hashed is what is sent, before it is encoded.
fn call(pair: &AccessKey, now: SystemTime) -> Call {
    let AccessKey { key, secret } = pair;
    let millis = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis();
    let username = format!(
        "ver=1&auth_mode=accessKey&sign_method=sha256&access_key={}&timestamp={millis}",
        key.expose()
    );
    let digest = Sha256::new().chain_update(&username).chain_update(secret.expose()).finalize();
    let password: Secret = format!("{digest:x}").into();
    Call::get(OPERATION, "/v2/quecauth/accessKeyAuthrize/accessKeyLogin")
        .header(header::CONTENT_TYPE, "application/json")
        .query("grant_type", "password")
        .secret_query("username", &username.into())
        .secret_query("password", &password)
        .knowing(key)
        .knowing(secret)
}

/// Reads the token, which stands beside the code or, perhaps, under `data`.
fn read(reply: &Reply, asked: SystemTime) -> Result<Credential> {
    let mut body = reply.object()?;
    let token = body.take_text("access_token").or_else(|| within(&mut body));
    let lifetimes = [body.take_integer("expires_in"), body.take_integer("expire_in")];
    let envelope = Envelope::read(body);
    envelope.accept(reply)?;
    let protocol = |message| reply.refuse(ErrorKind::Protocol, message);
    let token: Secret = token.ok_or_else(|| protocol("a login that succeeds without a token"))?.into();
    let token = Token::read(&token).map_err(protocol)?;
    let stated =
        lifetimes.into_iter().flatten().filter_map(|it| u64::try_from(it).ok()).map(Duration::from_secs);
    let signed = lifetime(&token.bare, reply.date().unwrap_or(asked));
    let credential = Credential::new(token.whole, asked).lasting(LONGEST);
    Ok(stated.chain(signed).fold(credential, Credential::lasting))
}

fn within(body: &mut Object<'_>) -> Option<String> {
    let mut data = body.get("data").and_then(Object::within)?;
    data.take_text("access_token").or_else(|| data.take_text("accessToken"))
}

/// How long the token itself says that it lasts from `now` on, if it is a JWT that does.
///
/// The vendor may hand out one that is not new, so both ends count: from its issue, which needs no common clock,
/// and from the vendor's time.
fn lifetime(token: &Secret, now: SystemTime) -> Option<Duration> {
    let claims = unverified_claims(token)?;
    let mut claims = Object::parse(claims.expose()).ok()?;
    let (end, issue) = (claims.take_integer("exp")?, claims.take_integer("iat"));
    let now = now.duration_since(SystemTime::UNIX_EPOCH).ok().and_then(|it| i64::try_from(it.as_secs()).ok());
    let begin = issue.max(now)?;
    u64::try_from(end.checked_sub(begin)?).ok().map(Duration::from_secs)
}

/// Says what a refusal means where no user was asked for: nothing about a user, but something about the key or the
/// clock.
fn explained(error: Error, reply: &Reply) -> Error {
    let error = match error.kind() {
        ErrorKind::NotFound | ErrorKind::InvalidInput => error.with_kind(ErrorKind::Unauthenticated),
        _ => error,
    };
    let is_about_us = matches!(error.kind(), ErrorKind::Unauthenticated | ErrorKind::Rejected);
    if error.vendor_code() == Some(UNKNOWN_KEY) {
        return error.with_advice("check `access_key`, and the region: each data center has keys of its own");
    }
    match reply.date().and_then(|date| skewed(reply.at(), date)) {
        // No document names the code of a stale timestamp.
        Some(skew) if is_about_us => error
            .with_finding(skew)
            .with_advice("set the clock of this machine: the vendor allows ten minutes"),
        None if error.kind() == ErrorKind::Unauthenticated => error
            .with_advice("check `access_secret`, and that the clock of this machine is right to ten minutes"),
        _ => error,
    }
}

/// Says by how much this machine's clock is off, if that is more than the vendor allows.
fn skewed(ours: SystemTime, vendors: SystemTime) -> Option<String> {
    let (skew, word) = match ours.duration_since(vendors) {
        Ok(ahead) => (ahead, "ahead of"),
        Err(behind) => (behind.duration(), "behind"),
    };
    let minutes = skew.as_secs() / 60;
    (skew > SKEW).then(|| format!("the clock of this machine is {minutes} minutes {word} the vendor's"))
}

#[cfg(test)]
mod tests;
