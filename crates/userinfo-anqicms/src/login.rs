//! Where tokens come from: `POST /api/login`, the operator, and the site itself, which hands out a new one in
//! `Update-Token` while an old one is in its last hour.
//!
//! <https://en.anqicms.com/api-user/3499.html>, and the source of AnqiCMS 3.5.8 (`middleware/userAuth.go`)

use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bytes::Bytes;
use userinfo_core::{Captcha, Error, ErrorKind, Object, Result, Retry, Secret};
use userinfo_http::{
    Call, Credential, CredentialName, Http, Issuer, Reply, is_header_text, unverified_claims,
};

use crate::{
    KIND,
    account::Login,
    captcha::{self, Read},
    error,
    wire::Envelope,
};

const OPERATION: &str = "login";

/// For how long the site's limiter blocks an address at least.
const BLOCK: Duration = Duration::from_secs(60 * 60);

/// Logs in with a password.
#[derive(Clone, Debug)]
pub(crate) struct Desk {
    http: Http,
    login: Login,
    site_id: Option<u32>,
    captcha: Option<Read>,
}

impl Desk {
    pub(crate) fn new(http: Http, login: Login, site_id: Option<u32>) -> Self {
        Self { http, login, site_id, captcha: None }
    }

    /// Logs in with a captcha that somebody read.
    pub(crate) fn with_captcha(self, read: Read) -> Self {
        Self { captcha: Some(read), ..self }
    }

    /// Asks for a captcha; `None` where the site demands none.
    pub(crate) async fn captcha(&self) -> Result<Option<Captcha>> {
        captcha::ask(&self.http, self.site_id).await
    }

    /// Names the credential: one account at one site.
    pub(crate) fn name(&self) -> CredentialName {
        let site = self.site_id.map(|it| it.to_string()).unwrap_or_default();
        let Login { by, name, .. } = &self.login;
        CredentialName::new(KIND, &[&self.http.base().to_string(), &site, by.as_str(), name.expose()])
    }

    fn call(&self) -> Call {
        let Login { by, name, password } = &self.login;
        let mut body = serde_json::json!({ by.as_str(): name.expose(), "password": password.expose() });
        if let Some(Read { id, text }) = &self.captcha {
            body["captcha_id"] = id.as_str().into();
            body["captcha"] = text.expose().into();
        }
        let call = Call::post_json(OPERATION, "/api/login", Bytes::from(body.to_string()));
        let call = call.knowing(name).knowing(password);
        match self.site_id {
            Some(site) => call.query("site_id", &site.to_string()),
            None => call,
        }
    }
}

/// Names what the site hands out in place of a token that the operator gave.
pub(crate) fn name_of(http: &Http, given: &Secret) -> CredentialName {
    CredentialName::new(KIND, &[&http.base().to_string(), given.expose()])
}

#[async_trait]
impl Issuer for Desk {
    async fn issue(&self) -> Result<Credential> {
        let asked = self.http.now();
        let reply = self.http.send(self.call()).await?;
        let token = read(&reply).map_err(|error| explained(error, &reply, self.captcha.is_some()))?;
        Ok(dated(token, &reply, asked))
    }

    fn lock_out(&self, error: &Error) -> Option<Duration> {
        (error.kind() == ErrorKind::LockedOut).then_some(BLOCK)
    }
}

/// Says whether a new token may help.
pub(crate) fn is_dead(error: &Error) -> bool {
    error.kind() == ErrorKind::Unauthenticated && error.vendor_code() == Some("1001")
}

/// Returns the token that an answer, a refusal too, hands out in place of the one that was sent.
pub(crate) fn update(reply: &Reply) -> Option<Credential> {
    let token = reply.header("update-token").map(str::trim).filter(|it| !it.is_empty())?;
    Some(dated(token.into(), reply, reply.at()))
}

/// Adds the end that the token itself states: `t`, in seconds, by the clock of the site.
fn dated(token: Secret, reply: &Reply, asked: SystemTime) -> Credential {
    let end =
        unverified_claims(&token).and_then(|claims| Object::parse(claims.expose()).ok()?.take_integer("t"));
    let end = end.and_then(|it| u64::try_from(it).ok()).map(Duration::from_secs);
    let now = reply.date().unwrap_or(asked).duration_since(SystemTime::UNIX_EPOCH).ok();
    let lifetime = end.zip(now).and_then(|(end, now)| end.checked_sub(now));
    Credential::new(token, asked).lasting(lifetime.unwrap_or_default())
}

/// Reads the token beside a user who is not told whole here: that is why nothing else is read.
fn read(reply: &Reply) -> Result<Secret> {
    let body = reply.object().map_err(|error| error::of_status(reply, error))?;
    let (mut data, _) = Envelope::read(body).open(reply)?;
    let token = data.take_text("token").filter(|it| is_header_text(it));
    token
        .map(Secret::new)
        .ok_or_else(|| reply.refuse(ErrorKind::Protocol, "a login that succeeds without a token"))
}

/// Every failure of a login is code -1 with one text.
fn explained(error: Error, reply: &Reply, has_captcha: bool) -> Error {
    if error.kind() == ErrorKind::RateLimited && error.retry() == Retry::Backoff && !reply.body().is_empty() {
        // The site's limiter: whoever asks again is blocked for longer.
        return error.with_retry(Retry::After(BLOCK));
    }
    if !matches!(error.kind(), ErrorKind::Rejected | ErrorKind::Unauthenticated) {
        return error;
    }
    let error = error.with_kind(ErrorKind::Unauthenticated);
    if captcha::is_meant(error.message()) {
        return captcha::explained(error, has_captcha);
    }
    match reply.status() {
        401 => error,
        _ => error.with_advice("check the name and the password of `login`; a site may demand a captcha too"),
    }
}

#[cfg(test)]
mod tests;
