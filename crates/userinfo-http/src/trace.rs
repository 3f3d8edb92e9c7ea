use std::{future::Future, time::Instant};

use tracing::{Instrument, Level, Span, debug, field::Empty, info_span};
use userinfo_core::{ErrorKind, Result};

use crate::{Request, Response};

/// One exchange as a span, with the names that OpenTelemetry has for an
/// [HTTP client](https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client-span).
///
/// The path may hold an id and the query a token, so neither is shown: the name of the call stands for both.
pub(crate) struct Exchange {
    span: Span,
    start: Option<Instant>,
    is_over: bool,
}

impl Exchange {
    /// Opens the span; the clock is read only if somebody wants to see how long it took.
    pub(crate) fn open(operation: &'static str, request: &Request) -> Self {
        let (method, uri) = (request.method().as_str(), request.uri());
        let is_https = uri.scheme() == Some(&http::uri::Scheme::HTTPS);
        let span = info_span!(
            "HTTP",
            otel.name = %format_args!("{method} {operation}"),
            otel.kind = "client",
            http.request.method = method,
            server.address = uri.host().map(|it| it.trim_matches(['[', ']'])),
            server.port = uri.port_u16().unwrap_or(if is_https { 443 } else { 80 }),
            url.scheme = uri.scheme_str(),
            userinfo.operation = operation,
            http.response.status_code = Empty,
            "error.type" = Empty,
            otel.status_code = Empty,
        );
        let start = tracing::enabled!(Level::DEBUG).then(Instant::now);
        Self { span, start, is_over: false }
    }

    /// Runs the exchange within the span and records how it ended.
    pub(crate) async fn run(mut self, exchange: impl Future<Output = Result<Response>>) -> Result<Response> {
        let result = exchange.instrument(self.span.clone()).await;
        self.is_over = true;
        match &result {
            Ok(response) => self.answered(response),
            Err(error) => self.unanswered(error.kind()),
        }
        result
    }

    fn answered(&self, response: &Response) {
        let status = response.status();
        self.span.record("http.response.status_code", status.as_u16());
        if status.as_u16() >= 400 {
            self.failed(status.as_str());
        }
        if let Some(start) = self.start {
            let size = response.body().len();
            debug!(parent: &self.span, http.response.body.size = size, elapsed = ?start.elapsed(), "response");
        }
    }

    fn unanswered(&self, kind: ErrorKind) {
        self.failed(kind.as_str());
        if let Some(start) = self.start {
            debug!(parent: &self.span, elapsed = ?start.elapsed(), "no response");
        }
    }

    fn failed(&self, kind: &str) {
        self.span.record("error.type", kind);
        self.span.record("otel.status_code", "ERROR");
    }
}

/// An exchange that is dropped before its end was given up by whoever waited for it.
impl Drop for Exchange {
    fn drop(&mut self) {
        if !self.is_over {
            self.span.record("error.type", "cancelled");
        }
    }
}
