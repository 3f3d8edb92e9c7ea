use std::sync::Arc;

use async_trait::async_trait;
use userinfo_http::{BaseUrl, Request, Response, Transport, TransportError, TransportErrorKind};
use userinfo_sandbox::{Sandbox, WireFault};

/// Carries requests to a sandbox without a socket.
///
/// A fault below HTTP comes back as the error that the real transport gives for it, at once: a stall
/// takes no time. A slow answer comes at once too.
///
/// ```
/// use std::sync::Arc;
///
/// use userinfo_sandbox::Sandbox;
/// use userinfo_testkit::InProcess;
///
/// let wire = InProcess::new(Arc::new(Sandbox::new()));
/// assert_eq!(wire.base_url("/anqicms").to_string(), "https://sandbox.example/anqicms");
/// ```
#[derive(Clone, Debug, Default)]
pub struct InProcess {
    /// The sandbox.
    pub sandbox: Arc<Sandbox>,
}

impl InProcess {
    /// The largest body that gets through, as large as the real transport's default.
    pub const MAX_BODY: usize = 1 << 20;

    /// Carries requests to this sandbox.
    #[must_use]
    pub fn new(sandbox: Arc<Sandbox>) -> Self {
        Self { sandbox }
    }

    /// Returns a base URL for the vendor that answers below `mount`, such as `"/anqicms"`.
    ///
    /// # Panics
    ///
    /// If `mount` is no path.
    #[must_use]
    pub fn base_url(&self, mount: &str) -> BaseUrl {
        format!("https://sandbox.example{mount}").parse().expect("a mount is a path")
    }

    /// Returns what a provider takes.
    #[must_use]
    pub fn transport(&self) -> Arc<dyn Transport> {
        Arc::new(self.clone())
    }
}

#[async_trait]
impl Transport for InProcess {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let response = self.sandbox.handle(&request);
        let kind = match response.extensions().get::<WireFault>() {
            Some(WireFault::Refused) => Some(TransportErrorKind::Connect),
            Some(WireFault::Reset | WireFault::Truncated) => Some(TransportErrorKind::Broken),
            Some(WireFault::Stall | WireFault::StallBody) => Some(TransportErrorKind::Timeout),
            _ if response.body().len() > Self::MAX_BODY => Some(TransportErrorKind::TooLarge),
            _ => None,
        };
        kind.map_or(Ok(response), |kind| Err(TransportError::new(kind)))
    }
}
