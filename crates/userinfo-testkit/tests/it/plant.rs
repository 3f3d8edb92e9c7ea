//! The ways in which a flaw gets into an honest provider.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use userinfo_core::{
    Descriptor, Error, ErrorKind, Lookup, LookupKind, Result, Retry, User, UserInfoProvider,
};
use userinfo_http::{Request, Response, Transport, TransportError};
use userinfo_testkit::Road;

/// A planted flaw, and the case that catches it.
pub(crate) struct Flaw {
    pub(crate) says: &'static str,
    pub(crate) case: &'static str,
    pub(crate) plant: Plant,
    pub(crate) road: Road,
}

pub(crate) type Received = Result<Response, TransportError>;

/// Where a flaw sits.
#[derive(Clone, Copy)]
pub(crate) enum Plant {
    /// In the reading of an answer, or in the subject.
    Slip(Slip),
    /// In the mapping: of look-ups and of saved answers.
    User(fn(&mut User)),
    /// In the mapping of saved answers alone.
    Replay(fn(&mut User)),
    /// Before the call.
    Lookup(fn(Lookup) -> Lookup),
    /// After the call.
    Outcome(fn(&Lookup, Result<User>) -> Result<User>),
    /// In the kind of some errors.
    Kind(fn(&Error) -> bool, ErrorKind),
    /// In the retry of some errors.
    Retry(fn(&Error) -> bool, Retry),
    /// In the request.
    Request(fn(&mut Request)),
    /// Asks again where the first answer is of this sort, and so never sees it.
    Again(fn(&Received) -> bool),
    /// Cannot read answers of this sort.
    Blind(fn(&Response) -> bool),
    /// Around the provider.
    Around(fn(Arc<dyn UserInfoProvider>) -> Arc<dyn UserInfoProvider>),
    /// On the road, at the time of building.
    Road(fn(Arc<dyn Transport>) -> Arc<dyn Transport>),
}

/// A flaw that only the reader of an answer, or the subject, can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slip {
    NoIdCheck,
    AnythingIsAnId,
    NullIsAUser,
    NothingIsAUser,
    OpensLists,
    QuotesTheBody,
    MisspellsAPointer,
    DeviatesSilently,
    BoastsOfTries,
}

impl Plant {
    pub(crate) fn slip(self) -> Option<Slip> {
        if let Self::Slip(slip) = self { Some(slip) } else { None }
    }

    pub(crate) fn in_a_replay(self, outcome: Result<User>) -> Result<User> {
        match (self, outcome) {
            (Self::User(change) | Self::Replay(change), Ok(mut user)) => {
                change(&mut user);
                Ok(user)
            }
            (_, outcome) => outcome,
        }
    }

    pub(crate) fn on_the_road(self, inner: Arc<dyn Transport>) -> Arc<dyn Transport> {
        match self {
            Self::Road(wrap) => wrap(inner),
            Self::Request(_) | Self::Again(_) | Self::Blind(_) => Arc::new(BadRoad { plant: self, inner }),
            _ => inner,
        }
    }

    pub(crate) fn around(self, inner: Arc<dyn UserInfoProvider>) -> Arc<dyn UserInfoProvider> {
        match self {
            Self::Around(wrap) => wrap(inner),
            Self::User(_) | Self::Lookup(_) | Self::Outcome(_) | Self::Kind(..) | Self::Retry(..) => {
                Arc::new(BadProvider { plant: self, inner })
            }
            _ => inner,
        }
    }
}

struct BadRoad {
    plant: Plant,
    inner: Arc<dyn Transport>,
}

impl std::fmt::Debug for BadRoad {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BadRoad")
    }
}

#[async_trait]
impl Transport for BadRoad {
    async fn send(&self, mut request: Request) -> Received {
        if let Plant::Request(change) = self.plant {
            change(&mut request);
        }
        let again = request.clone();
        let received = self.inner.send(request).await;
        match self.plant {
            Plant::Again(is_bad) if is_bad(&received) => self.inner.send(again).await,
            Plant::Blind(is_odd) if received.as_ref().is_ok_and(is_odd) => {
                Ok(Response::new(Bytes::from_static(b"unreadable")))
            }
            _ => received,
        }
    }
}

struct BadProvider {
    plant: Plant,
    inner: Arc<dyn UserInfoProvider>,
}

impl std::fmt::Debug for BadProvider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "BadProvider({:?})", self.inner)
    }
}

#[async_trait]
impl UserInfoProvider for BadProvider {
    fn descriptor(&self) -> &'static Descriptor {
        self.inner.descriptor()
    }

    fn supports(&self, kind: LookupKind) -> bool {
        self.inner.supports(kind)
    }

    async fn user(&self, lookup: &Lookup) -> Result<User> {
        let changed = match self.plant {
            Plant::Lookup(change) => change(lookup.clone()),
            _ => lookup.clone(),
        };
        let outcome = self.inner.user(&changed).await;
        match (self.plant, outcome) {
            (Plant::User(change), Ok(mut user)) => {
                change(&mut user);
                Ok(user)
            }
            (Plant::Outcome(change), outcome) => change(lookup, outcome),
            (Plant::Kind(is_it, kind), Err(error)) if is_it(&error) => Err(of_kind(&error, kind)),
            (Plant::Retry(is_it, retry), Err(error)) if is_it(&error) => Err(error.with_retry(retry)),
            (_, outcome) => outcome,
        }
    }
}

/// The same error with another kind.
pub(crate) fn of_kind(error: &Error, kind: ErrorKind) -> Error {
    told(error, kind, error.message())
}

/// The same error with another message.
pub(crate) fn told(error: &Error, kind: ErrorKind, message: &str) -> Error {
    let mut other = Error::new(kind, error.provider(), error.operation(), message);
    if let Some(code) = error.vendor_code() {
        other = other.with_vendor_code(code);
    }
    if let Some(status) = error.http_status() {
        other = other.with_http_status(status);
    }
    if error.retry() != error.kind().default_retry() {
        other = other.with_retry(error.retry());
    }
    other
}
