use std::{sync::Arc, time::SystemTime};

use userinfo_core::{Error, ErrorKind, Result};

use crate::{
    BaseUrl, Call, Clock, ExtraHeaders, Reply, Request, SystemClock, Transport, TransportError,
    TransportErrorKind, trace::Exchange,
};

/// A provider's handle on the wire: one base URL, one transport; stamps its name on every error.
#[derive(Clone, Debug)]
pub struct Http {
    provider: &'static str,
    base: BaseUrl,
    headers: ExtraHeaders,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
}

impl Http {
    /// Names the provider that will speak to `base` through `transport`.
    pub fn new(provider: &'static str, base: BaseUrl, transport: Arc<dyn Transport>) -> Self {
        let headers = ExtraHeaders::default();
        Self { provider, base, headers, transport, clock: Arc::new(SystemClock) }
    }

    /// Sends these headers with every call.
    #[must_use]
    pub fn with_headers(mut self, headers: ExtraHeaders) -> Self {
        self.headers = headers;
        self
    }

    /// Takes the time from `clock`.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Speaks to another server of the same vendor, over the same transport and by the same clock; without the
    /// headers, which are for this one.
    #[must_use]
    pub fn elsewhere(&self, base: BaseUrl) -> Self {
        Self { base, headers: ExtraHeaders::default(), ..self.clone() }
    }

    /// Returns the base URL.
    #[must_use]
    pub fn base(&self) -> &BaseUrl {
        &self.base
    }

    /// Returns the clock.
    #[must_use]
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    /// Returns the time now.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        self.clock.now()
    }

    /// Makes one call.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) if a header cannot be sent;
    /// [`Timeout`](ErrorKind::Timeout), [`Transport`](ErrorKind::Transport) or
    /// [`Protocol`](ErrorKind::Protocol) (too large) if no whole response arrives. A response of any
    /// status is `Ok`: what it means is the provider's to say.
    pub async fn send(&self, mut call: Call) -> Result<Reply> {
        let operation = call.operation();
        let request = call.render(&self.base, &self.headers).map_err(|unsendable| {
            Error::new(ErrorKind::InvalidInput, self.provider, operation, unsendable.to_string())
        })?;
        let response = self.exchange(operation, request).await?;
        let secrets = call.into_secrets();
        Ok(Reply::new(self.provider, operation, response, secrets, &self.headers, self.now()))
    }

    async fn exchange(&self, operation: &'static str, request: Request) -> Result<crate::Response> {
        let exchange = Exchange::open(operation, &request);
        let response = async { self.transport.send(request).await.map_err(|it| self.failed(operation, it)) };
        exchange.run(response).await
    }

    fn failed(&self, operation: &'static str, error: TransportError) -> Error {
        let host = self.base.host();
        let (kind, message) = match error.kind() {
            TransportErrorKind::Connect => (ErrorKind::Transport, format!("no connection to {host}")),
            TransportErrorKind::Tls => (ErrorKind::Transport, format!("no secure connection to {host}")),
            TransportErrorKind::Timeout => {
                (ErrorKind::Timeout, format!("no whole answer from {host} in time"))
            }
            TransportErrorKind::Broken => {
                (ErrorKind::Transport, format!("the connection to {host} broke before the whole answer"))
            }
            TransportErrorKind::TooLarge => {
                (ErrorKind::Protocol, format!("the answer of {host} is larger than http.max_body allows"))
            }
        };
        let is_too_large = error.kind() == TransportErrorKind::TooLarge;
        let failed = Error::new(kind, self.provider, operation, message).with_source(error);
        if is_too_large {
            failed.with_advice("raise http.max_body if such an answer is right")
        } else {
            failed
        }
    }
}

#[cfg(test)]
mod tests;
