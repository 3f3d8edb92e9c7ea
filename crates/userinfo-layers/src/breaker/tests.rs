use std::{
    collections::VecDeque,
    error::Error as _,
    future::pending,
    sync::atomic::{AtomicUsize, Ordering},
};

use futures_util::{FutureExt, future::BoxFuture};
use tokio::sync::oneshot;
use userinfo_core::{ProviderExt, Retry};

use crate::tally::Tally;

use super::*;

static ACME: Descriptor = Descriptor::new("acme", "Acme", "https://acme.example", &[LookupKind::Id], &[]);
static OTHER: Descriptor = Descriptor::new("other", "Other", "https://other.example", &[LookupKind::Id], &[]);

/// Ends its calls as the script says, then well; counts them.
#[derive(Debug)]
struct Scripted {
    descriptor: &'static Descriptor,
    script: Mutex<VecDeque<End>>,
    asked: AtomicUsize,
}

#[derive(Debug)]
enum End {
    Well,
    Error(Error),
    Later(oneshot::Receiver<Error>),
    Never,
}

#[async_trait]
impl UserInfoProvider for Scripted {
    fn descriptor(&self) -> &'static Descriptor {
        self.descriptor
    }

    fn supports(&self, kind: LookupKind) -> bool {
        kind == LookupKind::Token
    }

    async fn user(&self, lookup: &Lookup) -> Result<User> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let end = self.script.lock().expect("not poisoned").pop_front();
        match end {
            None | Some(End::Well) => Ok(User::new("acme", lookup.wanted_id().unwrap_or_default())),
            Some(End::Error(error)) => Err(error),
            Some(End::Later(error)) => Err(error.await.expect("told")),
            Some(End::Never) => pending().await,
        }
    }
}

/// Always rolls zero: no pause is lengthened.
#[derive(Debug)]
struct Zero;

impl Random for Zero {
    fn unit(&self) -> f64 {
        0.0
    }
}

fn layer() -> BreakerLayer {
    BreakerLayer::new().random(Arc::new(Zero))
}

fn down(code: &str) -> End {
    let error = Error::new(ErrorKind::Unavailable, "acme", "userInfo", "words about somebody");
    End::Error(error.with_vendor_code(code))
}

fn scripted(ends: impl IntoIterator<Item = End>) -> Arc<Scripted> {
    let script = Mutex::new(ends.into_iter().collect());
    Arc::new(Scripted { descriptor: &ACME, script, asked: AtomicUsize::new(0) })
}

fn asked(provider: &Scripted) -> usize {
    provider.asked.load(Ordering::Relaxed)
}

async fn ask(provider: &dyn UserInfoProvider) -> Result<User> {
    provider.user(&Lookup::id("1")).await
}

/// Starts a call and leaves it where it waits.
fn start(provider: &dyn UserInfoProvider) -> BoxFuture<'_, Result<User>> {
    let mut call = async { ask(provider).await }.boxed();
    assert!(call.as_mut().now_or_never().is_none(), "the call waits");
    call
}

#[tokio::test(start_paused = true)]
async fn an_open_circuit_asks_nobody_and_says_why_how_long_and_what_the_last_failure_was() {
    let inner = scripted([down("1"), down("2"), down("3"), down("4"), down("the last one")]);
    let layer = layer();
    let provider = Arc::clone(&inner).layer(&layer);
    for _ in 0..5 {
        assert_eq!(ask(&*provider).await.expect_err("down").operation(), "userInfo");
    }
    assert_eq!(layer.state(), BreakerState::Open { left: Duration::from_secs(5) });
    tokio::time::advance(Duration::from_millis(1001)).await;
    let error = ask(&*provider).await.expect_err("refused");
    let expected = "acme: user: not asked: the circuit breaker is open after 5 failures in a row; \
        it lets a probe through in 4s";
    assert_eq!(error.to_string(), expected);
    assert_eq!((error.kind(), error.retry(), error.advice()), (ErrorKind::Unavailable, Retry::Never, ADVICE));
    let source = error.source().and_then(|it| it.downcast_ref::<Error>()).expect("a failure");
    assert_eq!((source.message(), source.vendor_code()), ("the last failure", Some("the last one")));
    assert!(!format!("{error:?} {layer:?}").contains("words about somebody"), "{error:?} {layer:?}");
    assert_eq!(asked(&inner), 5);
}

#[tokio::test(start_paused = true)]
async fn one_probe_passes_and_its_success_lets_everybody_through() {
    let inner = scripted((0..5).map(|_| down("down")));
    let layer = layer();
    let provider = Arc::clone(&inner).layer(&layer);
    for _ in 0..5 {
        ask(&*provider).await.expect_err("down");
    }
    tokio::time::advance(Duration::from_secs(5)).await;
    inner.script.lock().expect("not poisoned").push_back(End::Never);
    let probe = start(&*provider);
    let error = ask(&*provider).await.expect_err("refused");
    let expected =
        "not asked: the circuit breaker is half open after 5 failures in a row; a probe is on its way";
    assert_eq!((error.message(), asked(&inner)), (expected, 6));
    drop(probe);
    assert_eq!(layer.state(), BreakerState::HalfOpen);
    ask(&*provider).await.expect("the next caller is the probe");
    assert_eq!(layer.state(), BreakerState::Closed);
    ask(&*provider).await.expect("a user");
    assert!(layer.shared.lock().last.is_none(), "the failure is forgotten");
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_comes_too_late_is_not_told_as_the_last() {
    let (tell, late) = oneshot::channel();
    let provider = scripted([End::Later(late), down("counted")]).layer(&layer().failures(1));
    let call = start(&*provider);
    ask(&*provider).await.expect_err("down");
    tell.send(Error::new(ErrorKind::Timeout, "acme", "userInfo", "late")).expect("awaited");
    assert_eq!(call.await.expect_err("down").message(), "late");
    let error = ask(&*provider).await.expect_err("refused");
    assert_eq!(
        error.source().map(ToString::to_string).as_deref(),
        Some("acme: userInfo: the last failure (vendor code counted)")
    );
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_opens_it_leaves_the_last_failure_as_the_source() {
    let answer = End::Error(Error::new(ErrorKind::NotFound, "acme", "userInfo", "no such user"));
    let provider = scripted([down("down"), answer]).layer(&layer().min_calls(2));
    ask(&*provider).await.expect_err("down");
    ask(&*provider).await.expect_err("no such user");
    let error = ask(&*provider).await.expect_err("refused");
    assert_eq!(
        error.source().map(ToString::to_string).as_deref(),
        Some("acme: userInfo: the last failure (vendor code down)")
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_the_callers_own_matter_or_says_nothing_never_opens_it() {
    for kind in ErrorKind::ALL {
        let error = || Error::new(kind, "acme", "userInfo", "so").with_http_status(400);
        let inner = scripted((0..100).map(|_| End::Error(error())));
        let layer = layer();
        let provider = Arc::clone(&inner).layer(&layer);
        for _ in 0..100 {
            ask(&*provider).await.expect_err("scripted");
        }
        let counts = matches!(kind, ErrorKind::Unavailable | ErrorKind::Timeout | ErrorKind::Transport);
        let opened = layer.state() != BreakerState::Closed;
        assert_eq!((opened, asked(&inner)), (counts, if counts { 5 } else { 100 }), "{kind}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_rules_can_be_set() {
    let layer = layer().min_calls(4).success_percent(50).window(Duration::from_secs(60));
    let provider = scripted([down("1"), End::Well, End::Well, down("2"), down("3")])
        .layer(&layer.clone().cooldown(Duration::from_secs(7)));
    for _ in 0..4 {
        drop(ask(&*provider).await);
        tokio::time::advance(Duration::from_secs(14)).await;
    }
    ask(&*provider).await.expect_err("down");
    let error = ask(&*provider).await.expect_err("refused");
    let expected = "open after 3 of 5 calls failed within 60s; it lets a probe through in 7s";
    assert!(error.message().ends_with(expected), "{error}");

    let provider = scripted([down("1"), down("2")]).layer(&layer.failures(2));
    ask(&*provider).await.expect_err("down");
    ask(&*provider).await.expect_err("down");
    let error = ask(&*provider).await.expect_err("refused");
    assert!(error.message().contains("2 failures in a row"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn two_providers_behind_one_layer_share_the_circuit_and_so_do_clones() {
    let layer = layer().failures(1);
    let one = scripted([down("down")]).layer(&layer);
    let other =
        Arc::new(Scripted { descriptor: &OTHER, script: Mutex::default(), asked: AtomicUsize::new(0) });
    let other = other.layer(&layer.clone());
    ask(&*one).await.expect_err("down");
    assert_eq!(ask(&*other).await.expect_err("refused").provider(), "other");
    assert!(std::ptr::eq(other.descriptor(), &raw const OTHER));
    assert!(other.supports(LookupKind::Token) && !other.supports(LookupKind::Id));
}

#[tokio::test(start_paused = true)]
async fn the_gauge_follows_the_state_for_every_provider_and_refusals_are_counted() {
    let tally = Tally::default();
    let _guard = metrics::set_default_local_recorder(&tally);
    let layer = layer().failures(1);
    let inner = scripted([down("down"), End::Never]);
    let one = Arc::clone(&inner).layer(&layer);
    let other =
        Arc::new(Scripted { descriptor: &OTHER, script: Mutex::default(), asked: AtomicUsize::new(0) });
    let other = other.layer(&layer);
    let states = || {
        let lines = tally.lines();
        ["acme", "other"].map(|it| {
            let name = format!("userinfo_breaker_state{{provider={it}}} =");
            lines.iter().rev().find_map(|line| line.strip_prefix(&name)?.parse::<u8>().ok())
        })
    };
    assert_eq!(states(), [Some(0); 2]);
    ask(&*one).await.expect_err("down");
    assert_eq!(states(), [Some(2); 2]);
    for _ in 0..3 {
        ask(&*one).await.expect_err("refused");
    }
    tokio::time::advance(Duration::from_secs(5)).await;
    let probe = start(&*one);
    assert_eq!(states(), [Some(1); 2]);
    drop(probe);
    ask(&*other).await.expect("a user");
    assert_eq!(states(), [Some(0); 2]);
    let lines = tally.lines();
    let refusals: Vec<_> =
        lines.iter().filter(|it| it.starts_with("userinfo_breaker_refusals_total")).collect();
    assert_eq!(refusals, ["userinfo_breaker_refusals_total{provider=acme} +1"; 3]);
}
