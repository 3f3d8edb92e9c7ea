//! Signed calls, and answers that may be believed.

use std::{sync::Arc, time::SystemTime};

use bytes::Bytes;
use http::HeaderName;
use serde::Serialize;
use userinfo_core::{Error, ErrorKind, Result, Secret};
use userinfo_http::{BaseUrl, Call, Clock, Http, Reply, Transport};

use crate::{
    AlipayPlusConfig, Verify, error,
    header::SignatureHeader,
    provider::KIND,
    sign, tokens,
    verify::{self, Asked},
    wire::{Envelope, Outcome},
};

pub(crate) const SIGNATURE: HeaderName = HeaderName::from_static("signature");
pub(crate) const CLIENT_ID: HeaderName = HeaderName::from_static("client-id");
const REQUEST_TIME: HeaderName = HeaderName::from_static("request-time");

/// The merchant as the wallet knows it: signs what it asks, and verifies what it is told.
#[derive(Clone, Debug)]
pub(crate) struct Merchant {
    http: Http,
    pub(crate) config: Arc<AlipayPlusConfig>,
}

impl Merchant {
    /// Joins a configuration without faults and a transport.
    pub(crate) fn new(mut config: AlipayPlusConfig, transport: Arc<dyn Transport>) -> Self {
        let headers = std::mem::take(&mut config.headers);
        let http = Http::new(KIND, config.base_url.clone(), transport).with_headers(headers);
        Self { http, config: Arc::new(config) }
    }

    pub(crate) fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.http = self.http.with_clock(clock);
        self
    }

    pub(crate) fn base(&self) -> &BaseUrl {
        self.http.base()
    }

    pub(crate) fn now(&self) -> SystemTime {
        self.http.now()
    }

    /// `POST {prefix}{path}` with `Client-Id`, `Request-Time` and `Signature`; the time is new for every call.
    ///
    /// The body is written once: these bytes are signed, and these bytes are sent. Where a kept connection turns out
    /// to be dead, userinfo-http sends a call that only reads once more, time and signature included: that is still
    /// this attempt. A caller or a layer that asks again signs anew.
    pub(crate) async fn call(
        &self,
        operation: &'static str,
        path: &str,
        body: &impl Serialize,
    ) -> Result<Call> {
        let config = &self.config;
        let body = serde_json::to_vec(body).map(Bytes::from).map_err(|error| {
            Error::new(ErrorKind::InvalidInput, KIND, operation, "the body cannot be written")
                .with_source(error)
        })?;
        let time = config.time_format.write(self.now());
        let content = sign::content(&self.uri(path), &config.client_id, &time, &body);
        let signature = config.signer.sign(&content).await?;
        let signature = config.signature_encoding.encode(&signature);
        let header = SignatureHeader::write(config.key_version, config.signature_separator, &signature);
        Ok(Call::post_json(operation, path, body)
            .header(CLIENT_ID, &config.client_id)
            .header(REQUEST_TIME, time)
            .header(SIGNATURE, header)
            .knowing(&Secret::new(signature)))
    }

    /// Sends a call; an answer that may not be believed is an error, and nothing of it is used before.
    pub(crate) async fn ask(&self, call: Call) -> Result<Reply> {
        let uri = self.uri(call.target());
        let reply = tokens::hidden(self.http.send(call).await?);
        self.verify(&uri, &reply)?;
        Ok(reply)
    }

    /// The path that goes on the wire, prefix included: this is what is signed.
    fn uri(&self, path: &str) -> String {
        [self.base().prefix(), path].concat()
    }

    fn verify(&self, uri: &str, reply: &Reply) -> Result<()> {
        let keys = match &self.config.verify {
            Verify::Off => return Ok(()),
            Verify::WhenPresent(_) if !reply.has_header(SIGNATURE.as_str()) => return Ok(()),
            Verify::Require(_) if !reply.has_header(SIGNATURE.as_str()) => return Err(unsigned(reply)),
            Verify::Require(keys) | Verify::WhenPresent(keys) => keys,
        };
        error::refuse_compressed(reply)?;
        let (client_id, max_clock_skew) = (self.config.client_id.as_str(), self.config.max_clock_skew);
        let asked = Asked { uri, client_id, max_clock_skew };
        verify::check(keys, reply, &asked).map_err(|doubt| doubt.error(reply))
    }
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
