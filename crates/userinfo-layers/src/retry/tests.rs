use std::{
    fmt,
    sync::{Mutex, PoisonError},
};

use userinfo_core::ProviderExt;

use super::*;

mod lines;
mod pauses;
mod upstream;

static ACME: Descriptor = Descriptor::new("acme", "Acme", "https://acme.example", &[LookupKind::Id], &[]);

/// What the provider answers to the request of this number.
type Answer = fn(usize) -> Result<User>;

/// Answers as it is told, after a while, and notes when each request came in.
struct Acme {
    answer: Box<dyn Fn(usize) -> Result<User> + Send + Sync>,
    takes: Duration,
    requests: Arc<Mutex<Vec<Instant>>>,
}

impl Acme {
    fn new(answer: impl Fn(usize) -> Result<User> + Send + Sync + 'static) -> Self {
        Self { answer: Box::new(answer), takes: Duration::ZERO, requests: Arc::default() }
    }
}

impl fmt::Debug for Acme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Acme").field("takes", &self.takes).finish_non_exhaustive()
    }
}

#[async_trait]
impl UserInfoProvider for Acme {
    fn descriptor(&self) -> &'static Descriptor {
        &ACME
    }

    fn supports(&self, kind: LookupKind) -> bool {
        kind == LookupKind::Token
    }

    async fn user(&self, lookup: &Lookup) -> Result<User> {
        assert_eq!(*lookup, Lookup::id("7"), "each attempt is given the look-up");
        let number = {
            let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
            requests.push(Instant::now());
            requests.len()
        };
        if !self.takes.is_zero() {
            sleep(self.takes).await;
        }
        (self.answer)(number)
    }
}

/// Falls the same way for ever.
#[derive(Debug)]
struct Loaded(f64);

impl Random for Loaded {
    fn unit(&self) -> f64 {
        self.0
    }
}

fn error(kind: ErrorKind) -> Error {
    Error::new(kind, "acme", "userInfo", "the vendor's words")
}

fn down(_: usize) -> Result<User> {
    Err(error(ErrorKind::Unavailable))
}

#[expect(clippy::unnecessary_wraps, reason = "it is an answer among answers")]
fn up(_: usize) -> Result<User> {
    Ok(User::new("acme", "7"))
}

/// One call through the layer: its answer, and when each request went out since the call began.
async fn call(layer: &RetryLayer, acme: Acme) -> (Result<User>, Vec<Duration>) {
    let requests = Arc::clone(&acme.requests);
    let begun = Instant::now();
    let answer = acme.layer(layer).user(&Lookup::id("7")).await;
    let requests = requests.lock().unwrap_or_else(PoisonError::into_inner);
    (answer, requests.iter().map(|at| *at - begun).collect())
}

#[tokio::test(start_paused = true)]
async fn an_answer_at_once_is_one_request() {
    let (answer, requests) = call(&RetryLayer::new(), Acme::new(up)).await;
    assert_eq!((answer.expect("a user").id.as_str(), requests.len()), ("7", 1));
}

#[tokio::test(start_paused = true)]
async fn a_retry_that_helps_is_the_answer() {
    for (attempts, helps) in [(3, 2), (3, 3), (5, 5)] {
        let acme = Acme::new(move |number| if number < helps { down(number) } else { up(number) });
        let (answer, requests) = call(&RetryLayer::new().attempts(attempts), acme).await;
        assert_eq!((answer.expect("a user").id.as_str(), requests.len()), ("7", helps));
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_that_a_retry_cannot_help_is_one_request_whatever_its_kind() {
    for kind in ErrorKind::ALL {
        let acme = Acme::new(move |_| Err(error(kind).with_retry(Retry::Never)));
        let (answer, requests) = call(&RetryLayer::new(), acme).await;
        let told = answer.expect_err("an error");
        assert_eq!((told.kind(), told.retry(), requests.len()), (kind, Retry::Never, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_final_by_its_kind_is_one_request_and_the_rest_is_three() {
    for kind in ErrorKind::ALL {
        let (answer, requests) = call(&RetryLayer::new(), Acme::new(move |_| Err(error(kind)))).await;
        assert_eq!(answer.expect_err("an error").retry(), Retry::Never);
        let expected = if kind.default_retry() == Retry::Never { 1 } else { 3 };
        assert_eq!(requests.len(), expected, "{kind}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_final_kind_is_retried_where_the_error_itself_says_so() {
    let acme = Acme::new(|_| Err(error(ErrorKind::Rejected).with_retry(Retry::Backoff)));
    assert_eq!(call(&RetryLayer::new(), acme).await.1.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn used_up_retries_become_never_and_the_rest_of_the_error_stays() {
    for answer in [
        (|_| Err(error(ErrorKind::Unavailable).with_http_status(503).with_vendor_code("9"))) as Answer,
        |_| Err(error(ErrorKind::Unavailable).with_http_status(503).with_retry(Retry::After(BASE))),
    ] {
        let (answer, requests) = call(&RetryLayer::new().attempts(2), Acme::new(answer)).await;
        let told = answer.expect_err("an error");
        assert_eq!((told.retry(), requests.len()), (Retry::Never, 2));
        assert_eq!((told.kind(), told.http_status()), (ErrorKind::Unavailable, Some(503)));
        assert_eq!(told.message(), "the vendor's words");
    }
}

#[tokio::test(start_paused = true)]
async fn an_empty_budget_becomes_never_too() {
    let layer = RetryLayer::new().budget(Budget::new().percent(0).per_second(1));
    let (answer, requests) = call(&layer, Acme::new(down)).await;
    assert_eq!((answer.expect_err("an error").retry(), requests.len()), (Retry::Never, 2));
}

#[tokio::test(start_paused = true)]
async fn with_one_attempt_the_error_is_as_it_was() {
    for layer in [RetryLayer::once(), RetryLayer::new().attempts(1), RetryLayer::new().attempts(0)] {
        let (answer, requests) = call(&layer, Acme::new(down)).await;
        assert_eq!((answer.expect_err("an error").retry(), requests.len()), (Retry::Backoff, 1));
    }
}

#[test]
fn everything_else_is_passed_through() {
    let acme = Acme::new(up).layer(&RetryLayer::default());
    assert!(std::ptr::eq(acme.descriptor(), &raw const ACME));
    assert!(acme.supports(LookupKind::Token) && !acme.supports(LookupKind::Id));
}
