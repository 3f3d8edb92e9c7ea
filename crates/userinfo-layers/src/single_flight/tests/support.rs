use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

use async_trait::async_trait;
use tokio::time::timeout;
use userinfo_core::{
    Descriptor, Error, ErrorKind, Layer, Lookup, LookupKind, Result, User, UserInfoProvider,
};

use crate::SingleFlightLayer;

static ACME: Descriptor = Descriptor::new(
    "acme",
    "Acme",
    "https://acme.example/docs",
    &[LookupKind::Id, LookupKind::IdWithToken],
    &[],
);

/// Answers when it is told to.
#[derive(Clone, Default)]
pub(super) struct Upstream {
    requests: Arc<Mutex<Vec<Request>>>,
    /// The operation deadline that stands inside.
    deadline: Option<Duration>,
}

#[derive(Clone)]
pub(super) enum Script {
    Answer(Result<User>),
    Panic,
}

struct Request {
    id: Option<String>,
    script: Option<Script>,
    waker: Option<Waker>,
    runs: bool,
}

impl Upstream {
    pub(super) fn with_deadline(seconds: u64) -> Self {
        Self { deadline: Some(Duration::from_secs(seconds)), ..Self::default() }
    }

    /// Counts the requests so far.
    pub(super) fn made(&self) -> usize {
        self.requests().len()
    }

    /// Counts the requests that run.
    pub(super) fn running(&self) -> usize {
        self.requests().iter().filter(|it| it.runs).count()
    }

    /// Returns the numbers of the running requests for this id.
    pub(super) fn running_for(&self, id: &str) -> Vec<usize> {
        let requests = self.requests();
        (0..requests.len())
            .filter(|it| requests[*it].runs && requests[*it].id.as_deref() == Some(id))
            .collect()
    }

    /// Ends a request.
    pub(super) fn tell(&self, request: usize, script: Script) {
        let waker = {
            let mut requests = self.requests();
            requests[request].script = Some(script);
            requests[request].waker.clone()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    pub(super) fn answer(&self, request: usize) {
        self.tell(request, Script::Answer(Ok(User::new("acme", "7"))));
    }

    /// Returns the waker that a request left.
    pub(super) fn waker(&self, request: usize) -> Waker {
        self.requests()[request].waker.clone().expect("it was polled")
    }

    fn requests(&self) -> MutexGuard<'_, Vec<Request>> {
        self.requests.lock().expect("no panic under the lock")
    }
}

impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Upstream")
    }
}

#[async_trait]
impl UserInfoProvider for Upstream {
    fn descriptor(&self) -> &'static Descriptor {
        &ACME
    }

    async fn user(&self, lookup: &Lookup) -> Result<User> {
        let id = lookup.wanted_id().map(ToOwned::to_owned);
        let number = {
            let mut requests = self.requests();
            requests.push(Request { id, script: None, waker: None, runs: true });
            requests.len() - 1
        };
        let answer = Answer { upstream: self, number };
        match self.deadline {
            None => answer.await,
            Some(deadline) => timeout(deadline, answer).await.unwrap_or_else(|_| Err(timed_out())),
        }
    }
}

pub(super) fn timed_out() -> Error {
    Error::new(ErrorKind::Timeout, "acme", "user", "the request took too long")
}

struct Answer<'a> {
    upstream: &'a Upstream,
    number: usize,
}

impl Future for Answer<'_> {
    type Output = Result<User>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<User>> {
        let mut requests = self.upstream.requests();
        let request = &mut requests[self.number];
        let script = request.script.clone();
        request.waker = Some(cx.waker().clone());
        drop(requests);
        match script {
            None => Poll::Pending,
            Some(Script::Answer(answer)) => Poll::Ready(answer),
            Some(Script::Panic) => panic!("as told"),
        }
    }
}

impl Drop for Answer<'_> {
    fn drop(&mut self) {
        self.upstream.requests()[self.number].runs = false;
    }
}

/// Counts how often it was rung.
#[derive(Debug, Default)]
pub(super) struct Bell(AtomicUsize);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// A caller in the hands of the test.
pub(super) struct Caller {
    call: Pin<Box<dyn Future<Output = Result<User>> + Send>>,
    bell: Arc<Bell>,
    heard: usize,
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Caller")
    }
}

impl Caller {
    pub(super) fn new(provider: &Arc<dyn UserInfoProvider>, lookup: &Lookup) -> Self {
        let (provider, lookup) = (Arc::clone(provider), lookup.clone());
        let call = Box::pin(async move { provider.user(&lookup).await });
        Self { call, bell: Arc::default(), heard: 0 }
    }

    pub(super) fn poll(&mut self) -> Poll<Result<User>> {
        self.heard = self.bell.0.load(Ordering::SeqCst);
        let waker = Waker::from(Arc::clone(&self.bell));
        self.poll_with(&waker)
    }

    pub(super) fn poll_with(&mut self, waker: &Waker) -> Poll<Result<User>> {
        self.call.as_mut().poll(&mut Context::from_waker(waker))
    }

    /// Says whether it was woken since it was last polled.
    pub(super) fn is_woken(&self) -> bool {
        self.bell.0.load(Ordering::SeqCst) > self.heard
    }

    pub(super) fn waits(&mut self) -> bool {
        self.poll().is_pending()
    }

    pub(super) fn ends(&mut self) -> Result<User> {
        match self.poll() {
            Poll::Ready(answer) => answer,
            Poll::Pending => panic!("it still waits"),
        }
    }

    pub(super) fn panics(&mut self) -> bool {
        catch_unwind(AssertUnwindSafe(|| self.poll())).is_err()
    }
}

/// Puts a layer over an upstream.
pub(super) fn over(layer: &SingleFlightLayer, upstream: &Upstream) -> Arc<dyn UserInfoProvider> {
    layer.wrap(Arc::new(upstream.clone()))
}
