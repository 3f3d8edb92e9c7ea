use std::{
    cell::Cell,
    error::Error as StdError,
    fmt, io,
    task::{Context, Poll},
    time::Duration,
};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use tower_layer::Layer;
use tower_service::Service;
use userinfo_core::{Error, ErrorKind, Result as CoreResult, Secret, is_absolute_url};

use crate::{
    HttpConfig, Proxy, Request, Response, Transport, TransportError, TransportErrorKind,
    transport::Replayable,
};

/// The pool adds this to a clock, which must not overflow.
const LONGEST_IDLE: Duration = Duration::from_secs(24 * 60 * 60);

/// The transport for real use, over `reqwest` with rustls.
///
/// Speaks HTTP/1.1, follows no redirect, sends no referer, asks for no compression, and takes no proxy from
/// the environment unless told to. One deadline covers the whole call. A clone shares the connections.
///
/// Where the machine has no CA certificates and none are configured, plain `http` to loopback still works;
/// every `https` call fails then with a source that says so.
#[derive(Clone)]
pub struct ReqwestTransport {
    client: reqwest::Client,
    timeout: Duration,
    max_body: usize,
    has_roots: bool,
}

/// Whom to trust besides the configured certificates.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Roots {
    System,
    None,
}

/// Why every secure connection fails.
#[derive(Debug, thiserror::Error)]
#[error("this machine has no CA certificates, and http.ca_file names none")]
struct NoRoots {
    source: reqwest::Error,
}

impl ReqwestTransport {
    /// Builds a transport; opens no connection.
    ///
    /// # Errors
    ///
    /// [`Config`](ErrorKind::Config) if the proxy's URL or the certificates cannot be used, or if TLS
    /// cannot be set up.
    pub fn new(config: &HttpConfig) -> CoreResult<Self> {
        let key = if config.ca_pem.is_some() { "ca_file" } else { "tls" };
        let build = |roots| Self::builder(config, roots)?.build().map_err(|error| unusable(key, error));
        let (client, has_roots) = match build(Roots::System) {
            Ok(client) => (client, true),
            // Without any root the platform's verifier cannot be built at all; other faults fail again.
            Err(error) if error.operation() == "tls" => (build(Roots::None)?, false),
            Err(error) => return Err(error),
        };
        Ok(Self { client, timeout: config.timeout, max_body: config.max_body, has_roots })
    }

    fn builder(config: &HttpConfig, roots: Roots) -> CoreResult<reqwest::ClientBuilder> {
        let mut builder = reqwest::Client::builder()
            .http1_only()
            .connect_timeout(config.connect_timeout)
            .pool_idle_timeout(config.idle_timeout.min(LONGEST_IDLE))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .connector_layer(NoteDials);
        match &config.proxy {
            Proxy::Environment => {}
            Proxy::None => builder = builder.no_proxy(),
            Proxy::Url(url) => builder = builder.no_proxy().proxy(proxy(url)?),
        }
        let mut certificates = Vec::new();
        if let Some(pem) = &config.ca_pem {
            certificates = reqwest::Certificate::from_pem_bundle(pem.as_bytes())
                .map_err(|error| unusable("ca_file", error))?;
            if certificates.is_empty() {
                return Err(Error::new(ErrorKind::Config, "http", "ca_file", "holds no certificate"));
            }
        }
        Ok(match roots {
            Roots::System => builder.tls_certs_merge(certificates),
            Roots::None => builder.tls_certs_only(certificates),
        })
    }

    /// Sends a request, a second time on a new connection if a reused one turns out dead.
    async fn exchange(&self, request: Request) -> Result<Response, TransportError> {
        let again = request.extensions().get::<Replayable>().is_some().then(|| request.clone());
        let (response, dialled) = self.execute(request).await;
        let response = match (response, again) {
            (Err(error), Some(request)) if !dialled && is_broken(&error) => self.execute(request).await.0,
            (response, _) => response,
        };
        self.collect(response.map_err(|error| self.explain(error))?).await
    }

    fn explain(&self, error: reqwest::Error) -> TransportError {
        match translate(error) {
            (TransportErrorKind::Tls, source) if !self.has_roots => {
                TransportError::new(TransportErrorKind::Tls).with_source(NoRoots { source })
            }
            (kind, source) => TransportError::new(kind).with_source(source),
        }
    }

    /// Waits for the head of a response; says also whether a connection was dialled for it.
    async fn execute(&self, request: Request) -> (reqwest::Result<reqwest::Response>, bool) {
        let request = match reqwest::Request::try_from(request) {
            Ok(request) => request,
            Err(error) => return (Err(error), true),
        };
        let exchange = async {
            let response = self.client.execute(request).await;
            (response, DIALLED.with(Cell::get))
        };
        DIALLED.scope(Cell::new(false), exchange).await
    }

    /// Reads the body into one buffer; the cap counts what is read, not what is announced.
    async fn collect(&self, mut response: reqwest::Response) -> Result<Response, TransportError> {
        let too_large = || TransportError::new(TransportErrorKind::TooLarge);
        let announced = response.content_length().unwrap_or_default();
        if announced > self.max_body as u64 {
            return Err(too_large());
        }
        let first = response.chunk().await.map_err(|error| self.explain(error))?.unwrap_or_default();
        let body = match response.chunk().await.map_err(|error| self.explain(error))? {
            // A copy: the chunk is a slice of the connection's buffer, which whoever keeps a user would keep whole.
            None => Bytes::copy_from_slice(&first),
            Some(second) => {
                let mut chunk = Some(second);
                let room = usize::try_from(announced).unwrap_or_default().max(first.len());
                let mut whole = BytesMut::with_capacity(room);
                whole.extend_from_slice(&first);
                while let Some(next) = chunk {
                    if whole.len() + next.len() > self.max_body {
                        return Err(too_large());
                    }
                    whole.extend_from_slice(&next);
                    chunk = response.chunk().await.map_err(|error| self.explain(error))?;
                }
                whole.freeze()
            }
        };
        if body.len() > self.max_body {
            return Err(too_large());
        }
        Ok(answer(&mut response, body))
    }
}

/// Leaves out the client: what its own `Debug` shows is not ours to promise.
impl fmt::Debug for ReqwestTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { timeout, max_body, .. } = self;
        let mut out = f.debug_struct("ReqwestTransport");
        out.field("timeout", timeout).field("max_body", max_body).finish_non_exhaustive()
    }
}

#[async_trait]
impl Transport for ReqwestTransport {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        match tokio::time::timeout(self.timeout, self.exchange(request)).await {
            Ok(result) => result,
            Err(elapsed) => Err(TransportError::new(TransportErrorKind::Timeout).with_source(elapsed)),
        }
    }
}

fn answer(response: &mut reqwest::Response, body: Bytes) -> Response {
    let mut answer = Response::new(body);
    *answer.status_mut() = response.status();
    std::mem::swap(answer.headers_mut(), response.headers_mut());
    answer
}

/// The one place where reqwest's errors become ours; drops the URL, for vendors put secrets in the query.
fn translate(error: reqwest::Error) -> (TransportErrorKind, reqwest::Error) {
    let kind = if error.is_timeout() {
        TransportErrorKind::Timeout
    } else if error.is_connect() || error.is_builder() {
        if is_tls(&error) { TransportErrorKind::Tls } else { TransportErrorKind::Connect }
    } else {
        TransportErrorKind::Broken
    };
    (kind, error.without_url())
}

fn is_broken(error: &reqwest::Error) -> bool {
    error.is_request() && !error.is_connect() && !error.is_timeout()
}

/// A TLS failure reaches us as I/O with invalid data, wrapped in I/O of another kind.
fn is_tls(error: &reqwest::Error) -> bool {
    let mut source = error.source();
    while let Some(cause) = source {
        let io = cause.downcast_ref::<io::Error>();
        if io.is_some_and(|it| it.kind() == io::ErrorKind::InvalidData) {
            return true;
        }
        // The `source` of an I/O error passes over the error that it wraps.
        source = match io.and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped),
            None => cause.source(),
        };
    }
    false
}

/// A scheme that the client cannot speak would be spoken to as `http`.
fn proxy(url: &Secret) -> CoreResult<reqwest::Proxy> {
    if !is_absolute_url(url.expose()) {
        return Err(Error::new(ErrorKind::Config, "http", "proxy", "must be an http:// or https:// URL"));
    }
    reqwest::Proxy::all(url.expose()).map_err(|error| unusable("proxy", error))
}

fn unusable(key: &'static str, error: reqwest::Error) -> Error {
    Error::new(ErrorKind::Config, "http", key, "cannot be used").with_source(error.without_url())
}

tokio::task_local! {
    /// Whether the exchange that this task polls has dialled a connection of its own.
    static DIALLED: Cell<bool>;
}

/// Notes each dial for the exchange that causes it: a connection that was not dialled was reused.
///
/// A dial that a freed connection overtakes counts as a dial, so a second try may be missed, never added.
#[derive(Clone, Copy, Debug)]
struct NoteDials;

#[derive(Clone, Debug)]
struct NotingDials<S>(S);

impl<S> Layer<S> for NoteDials {
    type Service = NotingDials<S>;

    fn layer(&self, inner: S) -> Self::Service {
        NotingDials(inner)
    }
}

impl<S: Service<R>, R> Service<R> for NotingDials<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        // Outside of an exchange there is nobody to tell.
        let _ = DIALLED.try_with(|dialled| dialled.set(true));
        self.0.call(request)
    }
}
