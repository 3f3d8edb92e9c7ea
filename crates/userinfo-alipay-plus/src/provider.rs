use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::HeaderName;
#[cfg(feature = "reqwest")]
use userinfo_core::Factory;
use userinfo_core::{
    Descriptor, Error, ErrorKind, Lookup, LookupKind, Result, Secret, User, UserInfoProvider,
};
#[cfg(feature = "reqwest")]
use userinfo_http::HttpConfig;
use userinfo_http::{BaseUrl, Call, Clock, Http, Reply, Transport};

use crate::{
    AlipayPlusConfig, Verify, error,
    header::SignatureHeader,
    sign,
    user::{self, FIELDS},
    verify::{self, Asked},
    wire::{Envelope, Inquiry, Outcome},
};

pub(crate) const KIND: &str = "alipay-plus";
pub(crate) const SIGNATURE: HeaderName = HeaderName::from_static("signature");
pub(crate) const CLIENT_ID: HeaderName = HeaderName::from_static("client-id");
const REQUEST_TIME: HeaderName = HeaderName::from_static("request-time");
const OPERATION: &str = "inquiryUserInfo";

static DESCRIPTOR: Descriptor = Descriptor::new(
    KIND,
    "Alipay+ Mini Program",
    "https://miniprogram.alipay.com/docs-demo/miniprogram_demo/mpdev/v2_users_inquiryuserinfo",
    &[LookupKind::Token, LookupKind::IdWithToken],
    FIELDS,
);

/// Users of an Alipay+ wallet, by their access token.
#[derive(Clone, Debug)]
pub struct AlipayPlus {
    http: Http,
    /// The path that goes on the wire, prefix included: this is what is signed.
    uri: String,
    config: Arc<AlipayPlusConfig>,
}

impl AlipayPlus {
    /// Joins a configuration and a transport.
    ///
    /// # Errors
    ///
    /// [`Config`](ErrorKind::Config), with the faults of the configuration as far as they fit a line.
    pub fn new(mut config: AlipayPlusConfig, transport: Arc<dyn Transport>) -> Result<Self> {
        let faults: Vec<_> =
            config.faults().into_iter().map(|(key, message)| format!("{key} {message}")).collect();
        if !faults.is_empty() {
            return Err(Error::new(ErrorKind::Config, KIND, "config", faults.join("; ")));
        }
        let uri = format!("{}{}", config.base_url.prefix(), config.path);
        let headers = std::mem::take(&mut config.headers);
        let http = Http::new(KIND, config.base_url.clone(), transport).with_headers(headers);
        Ok(Self { http, uri, config: Arc::new(config) })
    }

    /// Takes the time from `clock`.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.http = self.http.with_clock(clock);
        self
    }

    /// The body, written once: these bytes are signed, and these bytes are sent.
    fn body(&self, token: &Secret) -> Result<Bytes> {
        let config = &self.config;
        let inquiry = Inquiry {
            access_token: token.expose(),
            auth_client_id: config.auth_client_id.as_deref(),
            extend_info: config.extend_info.as_ref(),
            extra: &config.extra_body,
        };
        serde_json::to_vec(&inquiry).map(Bytes::from).map_err(|error| {
            Error::new(ErrorKind::InvalidInput, KIND, OPERATION, "the body cannot be written")
                .with_source(error)
        })
    }

    /// `POST {prefix}{path}` with `Client-Id`, `Request-Time` and `Signature`; the time is new for every call.
    ///
    /// Where a kept connection turns out to be dead, userinfo-http sends the same bytes once more, time and
    /// signature included: that is still this attempt. A caller or a layer that asks again signs anew.
    async fn signed_call(&self, token: &Secret) -> Result<Call> {
        let config = &self.config;
        let body = self.body(token)?;
        let time = config.time_format.write(self.http.now());
        let content = sign::content(&self.uri, &config.client_id, &time, &body);
        let signature = config.signer.sign(&content).await?;
        let signature = config.signature_encoding.encode(&signature);
        let header = SignatureHeader::write(config.key_version, config.signature_separator, &signature);
        Ok(Call::post_json(OPERATION, &config.path, body)
            .header(CLIENT_ID, &config.client_id)
            .header(REQUEST_TIME, time)
            .header(SIGNATURE, header)
            .knowing(token)
            .knowing(&Secret::new(signature))
            .reading())
    }

    /// Decides whether the answer may be believed; nothing of it is used before.
    fn verify(&self, reply: &Reply) -> Result<()> {
        let keys = match &self.config.verify {
            Verify::Off => return Ok(()),
            Verify::WhenPresent(_) if !reply.has_header(SIGNATURE.as_str()) => return Ok(()),
            Verify::Require(_) if !reply.has_header(SIGNATURE.as_str()) => return Err(unsigned(reply)),
            Verify::Require(keys) | Verify::WhenPresent(keys) => keys,
        };
        error::refuse_compressed(reply)?;
        let asked = Asked {
            uri: &self.uri,
            client_id: &self.config.client_id,
            max_clock_skew: self.config.max_clock_skew,
        };
        verify::check(keys, reply, &asked).map_err(|doubt| doubt.error(reply))
    }
}

#[async_trait]
impl UserInfoProvider for AlipayPlus {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    async fn user(&self, lookup: &Lookup) -> Result<User> {
        let token = access_token(lookup)?;
        let wanted = lookup.wanted_id().map(|_| lookup.checked_id(KIND, 64)).transpose()?;
        let reply = self.http.send(self.signed_call(token).await?).await?;
        self.verify(&reply)?;
        let user = read(&reply, Some(self.http.base()))?;
        match wanted {
            Some(id) if id != user.id => Err(foreign(&reply)),
            _ => Ok(user),
        }
    }
}

/// Makes the value by which this provider joins a [`Registry`](userinfo_core::Registry).
#[cfg(feature = "reqwest")]
#[must_use]
pub fn factory() -> Factory {
    Factory::new(
        &DESCRIPTOR,
        |settings| {
            let http = HttpConfig::from_settings(settings);
            let config = AlipayPlusConfig::from_settings(settings, &http);
            let transport = http.transport(settings);
            // What it would refuse is among the faults of the settings already.
            let provider = AlipayPlus::new(config?, transport?).ok()?;
            Some(Arc::new(provider))
        },
        replay,
    )
}

/// Maps a saved answer again; checks no signature.
///
/// # Errors
///
/// What the answer says, as if it had come with HTTP status 200.
pub fn replay(answer: &[u8]) -> Result<User> {
    read(&Reply::saved(KIND, OPERATION, Bytes::copy_from_slice(answer)), None)
}

fn read(reply: &Reply, base: Option<&BaseUrl>) -> Result<User> {
    let body = reply.object().map_err(|error| error::of_http(reply, error))?;
    let envelope = Envelope::read(body);
    let user = envelope.open(reply)?;
    user::map(user, envelope.rest, reply, base)
}

fn access_token(lookup: &Lookup) -> Result<&Secret> {
    let token = lookup.given_token().ok_or_else(|| Error::unsupported(KIND, lookup.kind()))?;
    let text = token.expose();
    let refusal = if text.is_empty() {
        "the access token is empty"
    } else if text.chars().any(char::is_control) {
        "the access token has a control character in it, such as a line feed"
    } else if text.chars().nth(128).is_some() {
        "the access token is longer than 128 characters"
    } else {
        return Ok(token);
    };
    Err(Error::invalid_input(KIND, refusal))
}

/// An answer that should be signed and is not. Gateways refuse a signature of ours with such a one, and
/// proxies answer in their own name; it is never data.
fn unsigned(reply: &Reply) -> Error {
    let outcome = reply.object().ok().and_then(|body| Envelope::read(body).outcome);
    if let Some(outcome) = outcome.filter(Outcome::is_about_our_signature) {
        return outcome.error(reply);
    }
    if reply.status() != 200 {
        return error::of_http(reply, reply.status_error());
    }
    reply
        .refuse(ErrorKind::Signature, "the answer is not signed")
        .with_advice("do not use this answer; if this wallet signs none, set verify to \"off\" knowingly")
}

fn foreign(reply: &Reply) -> Error {
    reply
        .refuse(ErrorKind::IdMismatch, "a different user came back than was asked for: the token's owner")
        .with_advice("do not use this answer; the access token belongs to someone else")
}
