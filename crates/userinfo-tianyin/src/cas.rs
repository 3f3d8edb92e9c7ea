//! Tokens of the application: `POST /oauth2.0/accessToken` at the deployment's CAS, a server of its own.
//!
//! <https://help.91118.com/docs/bizapi/bizapi-1e64jlmaotrke>

use std::time::Duration;

use async_trait::async_trait;
use userinfo_core::{Error, ErrorKind, Object, Result, Secret};
use userinfo_http::{Call, Credential, CredentialName, Http, Issuer, Reply, fingerprint};

use crate::{KIND, config::Application, error};

const OPERATION: &str = "oauth2.0/accessToken";

/// In characters: what a machine makes is no shorter, and what a person invents seldom as long.
const LONG: usize = 20;

/// Asks for tokens in the name of an application; there is no refresh token for this grant.
#[derive(Clone, Debug)]
pub(crate) struct Cas {
    http: Http,
    application: Application,
}

impl Cas {
    pub(crate) fn new(http: Http, application: Application) -> Self {
        Self { http, application }
    }

    /// Names the credential: one application at one server.
    pub(crate) fn name(&self) -> CredentialName {
        CredentialName::new(KIND, &[&self.http.base().to_string(), self.application.client_id.expose()])
    }
}

#[async_trait]
impl Issuer for Cas {
    async fn issue(&self) -> Result<Credential> {
        let asked = self.http.now();
        let reply = self.http.send(call(&self.application)).await?;
        let (token, lifetime) = read(&reply)?;
        Ok(Credential::new(token, asked).lasting(lifetime))
    }

    fn fingerprint(&self) -> Option<String> {
        let Application { client_id, client_secret, .. } = &self.application;
        // A shorter one may be a person's invention, which a digest could give away.
        let is_random = client_secret.expose().len() >= LONG;
        is_random.then(|| fingerprint(&[client_id, client_secret]))
    }
}

/// Says whether a new token may help: the one that was sent is missing, over, revoked or wrong.
pub(crate) fn is_dead(error: &Error) -> bool {
    error.kind() == ErrorKind::Unauthenticated
        && match error.vendor_code() {
            Some(code) => matches!(code, "401" | "10022" | "10023" | "10024" | "10025"),
            None => error.http_status() == Some(401),
        }
}

/// Everything goes in the query, and the body stays empty.
fn call(Application { client_id, client_secret, .. }: &Application) -> Call {
    Call::post(OPERATION, "/oauth2.0/accessToken")
        .query("grant_type", "client_credentials")
        .secret_query("client_id", client_id)
        .secret_query("client_secret", client_secret)
}

/// Reads an answer of OAuth, which is no answer of the API.
fn read(reply: &Reply) -> Result<(Secret, Duration)> {
    let mut body = reply.object().map_err(advised)?;
    let token = body.take_text("access_token").filter(|_| reply.success().is_ok());
    let Some(token) = token else { return Err(refused(body, reply)) };
    if token.chars().any(char::is_control) {
        return Err(reply.refuse(ErrorKind::Protocol, "a token with control characters"));
    }
    let seconds = body.take_integer("expires_in").and_then(|it| u64::try_from(it).ok());
    Ok((token.into(), Duration::from_secs(seconds.unwrap_or_default())))
}

/// Says what a refusal means, in any of its shapes: `{status, error, message}` of Spring, whose status may be a
/// string, `{error}` of OAuth, whose error may be a list, and `{code, message}` of the API.
fn refused(mut body: Object<'_>, reply: &Reply) -> Error {
    let (status, code) = (body.take_integer("status"), body.take_integer("code"));
    let word = body.take_text("error").or_else(|| first(&mut body));
    let message = ["error_description", "message", "msg"].into_iter().find_map(|name| body.take_text(name));
    let words: Vec<_> = word.iter().chain(&message).map(String::as_str).collect();
    let says_nothing = words.is_empty() && status.or(code).is_none();
    let words = if words.is_empty() { "no token, and no word why".to_owned() } else { words.join(": ") };
    let kind = match (i64::from(reply.status()), code) {
        (200..=299, _) if says_nothing => ErrorKind::Protocol,
        (404, _) => ErrorKind::Protocol,
        (_, Some(code)) => of_code(code),
        (200..=299, None) => of_status(status.unwrap_or(401)),
        (http, None) => of_status(http),
    };
    let error = reply.refuse(kind, words);
    let error = match code.or(status) {
        Some(code) => error.with_vendor_code(code.to_string()),
        None => error,
    };
    advised(error)
}

/// Says what of the configuration to look at.
fn advised(error: Error) -> Error {
    match error.kind() {
        ErrorKind::Unauthenticated => error.with_advice("check `client_id` and `client_secret`"),
        ErrorKind::Protocol => error.with_advice("check `cas_url`"),
        _ => error,
    }
}

/// What a status means where only an application can be wrong.
fn of_status(status: i64) -> ErrorKind {
    match status {
        408 | 500..=599 => ErrorKind::Unavailable,
        429 => ErrorKind::RateLimited,
        300..=399 | 404 | 405 | 410 => ErrorKind::Protocol,
        _ => ErrorKind::Unauthenticated,
    }
}

/// What a code of the API means where no user was asked for.
fn of_code(code: i64) -> ErrorKind {
    match error::meaning(code).0 {
        _ if code == 404 => ErrorKind::Protocol,
        ErrorKind::NotFound | ErrorKind::InvalidInput | ErrorKind::Rejected => ErrorKind::Unauthenticated,
        kind => kind,
    }
}

/// The first word of a list of them.
fn first(body: &mut Object<'_>) -> Option<String> {
    let list = Object::list(body.take("error")?)?;
    Some(list.first()?.get().trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests;
