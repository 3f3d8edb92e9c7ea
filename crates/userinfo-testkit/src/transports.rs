//! What the cases put on the road between a provider and the sandbox.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::Notify;
use userinfo_core::Secret;
use userinfo_http::{Request, Response, Transport, TransportError};

/// Counts what is sent and keeps what comes back.
#[derive(Debug)]
pub(crate) struct Recorder {
    inner: Arc<dyn Transport>,
    sent: AtomicUsize,
    received: Mutex<Vec<Bytes>>,
}

impl Recorder {
    pub(crate) fn new(inner: Arc<dyn Transport>) -> Arc<Self> {
        Arc::new(Self { inner, sent: AtomicUsize::new(0), received: Mutex::default() })
    }

    pub(crate) fn sent(&self) -> usize {
        self.sent.load(Ordering::SeqCst)
    }

    /// The body that came last.
    pub(crate) fn last(&self) -> Option<Bytes> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner).last().cloned()
    }
}

#[async_trait]
impl Transport for Recorder {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        self.sent.fetch_add(1, Ordering::SeqCst);
        let response = self.inner.send(request).await?;
        self.received.lock().unwrap_or_else(PoisonError::into_inner).push(response.body().clone());
        Ok(response)
    }
}

/// Never answers the first request; tells whether it is still being waited for.
#[derive(Debug)]
pub(crate) struct SilentOnce {
    inner: Arc<dyn Transport>,
    taken: AtomicBool,
    entered: Notify,
    left: Arc<AtomicBool>,
}

/// Says that the wait was given up.
struct Waiting(Arc<AtomicBool>);

impl SilentOnce {
    pub(crate) fn new(inner: Arc<dyn Transport>) -> Arc<Self> {
        Arc::new(Self { inner, taken: AtomicBool::new(false), entered: Notify::new(), left: Arc::default() })
    }

    /// Waits until the first request is there.
    pub(crate) async fn entered(&self) {
        self.entered.notified().await;
    }

    pub(crate) fn is_left(&self) -> bool {
        self.left.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Transport for SilentOnce {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        if self.taken.swap(true, Ordering::SeqCst) {
            return self.inner.send(request).await;
        }
        let _waiting = Waiting(Arc::clone(&self.left));
        self.entered.notify_one();
        std::future::pending().await
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Lets later requests overtake earlier ones.
#[derive(Debug)]
pub(crate) struct Overtaking {
    inner: Arc<dyn Transport>,
    sent: AtomicUsize,
}

impl Overtaking {
    pub(crate) fn new(inner: Arc<dyn Transport>) -> Arc<Self> {
        Arc::new(Self { inner, sent: AtomicUsize::new(0) })
    }
}

#[async_trait]
impl Transport for Overtaking {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let at = self.sent.fetch_add(1, Ordering::SeqCst);
        let response = self.inner.send(request).await?;
        for _ in 0..64_usize.saturating_sub(at) {
            tokio::task::yield_now().await;
        }
        Ok(response)
    }
}

/// Adds secrets to every answer, as a vendor that repeats what it was sent.
#[derive(Debug)]
pub(crate) struct Repeating {
    pub(crate) inner: Arc<dyn Transport>,
    pub(crate) secrets: Vec<Secret>,
}

#[async_trait]
impl Transport for Repeating {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let response = self.inner.send(request).await?;
        let (parts, body) = response.into_parts();
        let body = match body.strip_prefix(b"{") {
            Some(rest) => [b"{", self.members().as_bytes(), rest].concat().into(),
            None => body,
        };
        Ok(Response::from_parts(parts, body))
    }
}

impl Repeating {
    fn members(&self) -> String {
        let plain = self.secrets.iter().map(|it| serde_json::Value::from(it.expose()).to_string());
        let escaped = self.secrets.iter().map(|it| format!("\"{}\"", escaped(it.expose())));
        let texts = plain.chain(escaped).enumerate();
        texts.map(|(at, it)| format!("\"repeated{at}\":{it},")).collect::<Vec<_>>().concat()
    }
}

/// Every character as JSON lets it be written, and as some vendors write the odd ones.
fn escaped(text: &str) -> String {
    text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect::<Vec<_>>().concat()
}
