use std::{error::Error as StdError, fmt};

use async_trait::async_trait;
use bytes::Bytes;

/// A request whose body is already in memory.
pub type Request = http::Request<Bytes>;
/// A response whose body is already in memory.
pub type Response = http::Response<Bytes>;

/// Sends one request and returns one response, whatever its status.
///
/// A transport has a deadline for the whole exchange and a cap on the body, follows no redirect, asks for
/// no compression, retries nothing but a read on a dead reused connection, and lets no URL into an error.
#[async_trait]
pub trait Transport: fmt::Debug + Send + Sync {
    /// Sends `request`.
    ///
    /// # Errors
    ///
    /// If no whole response arrives; never for a status.
    async fn send(&self, request: Request) -> Result<Response, TransportError>;
}

/// No whole response arrived; says why, and never where.
#[derive(Debug, thiserror::Error)]
#[error("{}", .kind.as_str())]
pub struct TransportError {
    kind: TransportErrorKind,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// Why no whole response arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// No connection was made; nothing was sent.
    Connect,
    /// The connection could not be made secret, or the peer is not who it should be.
    Tls,
    /// The deadline passed; the request may have been sent.
    Timeout,
    /// The connection broke before the whole response; the request may have been sent.
    Broken,
    /// The body is larger than allowed.
    TooLarge,
}

/// Marks a request that may be sent again on a new connection if a reused one turns out dead.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Replayable;

impl TransportError {
    /// Makes an error; the kind says it all.
    #[must_use]
    pub fn new(kind: TransportErrorKind) -> Self {
        Self { kind, source: None }
    }

    /// Adds the cause, which must not hold a URL.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Returns the kind.
    #[must_use]
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }
}

impl TransportErrorKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Connect => "the peer cannot be reached",
            Self::Tls => "TLS cannot be set up",
            Self::Timeout => "no whole answer in time",
            Self::Broken => "the connection broke before the whole answer",
            Self::TooLarge => "the answer is larger than allowed",
        }
    }
}
