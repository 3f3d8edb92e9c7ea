use std::{
    error::Error as _,
    fmt::{self, Write as _},
    future::pending,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use proptest::{collection::vec, prelude::*, sample::select};
use tracing::{
    Event, Metadata,
    field::{Field, Visit},
    span,
};
use userinfo_core::Retry;

use super::*;

static ACME: Descriptor =
    Descriptor::new("acme", "Acme", "https://acme.example/docs", &[LookupKind::Id, LookupKind::Token], &[]);
static ZENITH: Descriptor =
    Descriptor::new("zenith", "Zenith", "https://zenith.example/docs", &[LookupKind::Id], &[]);

/// A site that answers every look-up alike; the user that it knows is called as the site is.
#[derive(Debug)]
struct Site {
    descriptor: &'static Descriptor,
    name: &'static str,
    failure: Option<Failure>,
    by_token: bool,
    asked: AtomicUsize,
}

/// A kind of error, and whether it was read out of an answer.
type Failure = (ErrorKind, bool);

impl Site {
    fn new(name: &'static str, failure: Option<Failure>) -> Self {
        Self { descriptor: &ACME, name, failure, by_token: true, asked: AtomicUsize::new(0) }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl UserInfoProvider for Site {
    fn descriptor(&self) -> &'static Descriptor {
        self.descriptor
    }

    fn supports(&self, kind: LookupKind) -> bool {
        kind == LookupKind::Id || self.by_token && kind == LookupKind::Token
    }

    async fn user(&self, _: &Lookup) -> Result<User> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let Some((kind, answered)) = self.failure else { return Ok(User::new("acme", self.name)) };
        let error = Error::new(kind, "acme", "userInfo", self.name).with_source("the cause");
        let error = error.with_retry(Retry::After(Duration::from_secs(7))).with_request_id("id-7");
        Err(if answered { error.with_http_status(503) } else { error })
    }
}

fn join(sites: &[Arc<Site>]) -> Result<Fallback> {
    Fallback::new(sites.iter().map(|it| (it.name, Arc::clone(it) as Arc<dyn UserInfoProvider>)))
}

/// A whole outcome in words: who it is of, and what it says.
fn shown(outcome: Result<User>) -> String {
    match outcome {
        Ok(user) => format!("{} answers", user.id),
        Err(error) => format!("{error:?}"),
    }
}

fn outcome() -> impl Strategy<Value = Option<Failure>> {
    // Half of them down, so that a row of sites is often walked to its end.
    let down = select(vec![ErrorKind::Unavailable, ErrorKind::Timeout, ErrorKind::Transport]);
    let whatever = proptest::option::of((select(ErrorKind::ALL.to_vec()), any::<bool>()));
    prop_oneof![(down, any::<bool>()).prop_map(Some), whatever]
}

proptest! {
    #[test]
    fn the_answer_is_the_first_that_is_not_down_else_the_last(outcomes in vec(outcome(), 1..6)) {
        let names = ["a", "b", "c", "d", "e"];
        let sites: Vec<_> = outcomes.iter().zip(names).map(|(it, name)| Arc::new(Site::new(name, *it))).collect();
        let fallback = join(&sites).expect("all are Acme's");
        let ask = |it: &dyn UserInfoProvider| {
            let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
            runtime.block_on(it.user(&Lookup::id("1000")))
        };
        let told = shown(ask(&fallback));
        let asked: Vec<_> = sites.iter().map(|it| it.asked()).collect();

        let alone: Vec<_> = sites.iter().map(|it| ask(it)).collect();
        let last = alone.iter().position(|it| Health::of(it) != Health::Down).unwrap_or(sites.len() - 1);
        let expected: Vec<_> = (0..sites.len()).map(|it| usize::from(it <= last)).collect();
        prop_assert_eq!(asked, expected);
        prop_assert_eq!(told, shown(alone.into_iter().nth(last).expect("it is in the row")));
    }
}

#[tokio::test]
async fn the_next_is_asked_where_one_is_down_and_only_then() {
    for kind in ErrorKind::ALL {
        let sites =
            [("one", Some((kind, true))), ("two", None)].map(|(it, how)| Arc::new(Site::new(it, how)));
        let outcome = join(&sites).expect("both are Acme's").user(&Lookup::id("1000")).await;
        if matches!(kind, ErrorKind::Unavailable | ErrorKind::Timeout | ErrorKind::Transport) {
            assert_eq!(outcome.expect("the second answers").id, "two", "{kind}");
        } else {
            assert_eq!(outcome.expect_err("the first said so").kind(), kind);
            assert_eq!(sites[1].asked(), 0, "{kind}");
        }
    }
}

#[tokio::test]
async fn where_all_are_down_the_last_error_comes_back_untouched() {
    let down = [("one", ErrorKind::Timeout, false), ("two", ErrorKind::Unavailable, true)];
    let sites = down.map(|(name, kind, answered)| Arc::new(Site::new(name, Some((kind, answered)))));
    let error =
        join(&sites).expect("both are Acme's").user(&Lookup::id("1000")).await.expect_err("all are down");
    assert_eq!((error.kind(), error.message()), (ErrorKind::Unavailable, "two"));
    assert_eq!((error.http_status(), error.request_id()), (Some(503), Some("id-7")));
    assert_eq!(error.retry(), Retry::After(Duration::from_secs(7)));
    assert_eq!(error.source().map(ToString::to_string).as_deref(), Some("the cause"));
}

#[test]
fn there_is_an_instance_and_all_are_of_one_vendor() {
    let error = join(&[]).expect_err("there is none");
    assert_eq!(
        (error.kind(), error.to_string().as_str()),
        (ErrorKind::Config, "fallback: instances: there is no instance to ask")
    );

    let stranger = Site { descriptor: &ZENITH, ..Site::new("three", None) };
    let sites = [Site::new("one", None), Site::new("two", None), stranger].map(Arc::new);
    let error = join(&sites).expect_err("two vendors");
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.message().starts_with("`one` is acme and `three` is zenith: "), "{error}");
    assert!(join(&sites[..2]).is_ok() && join(&sites[2..]).is_ok());
}

#[tokio::test]
async fn what_one_instance_does_not_support_is_unsupported_before_any_is_asked() {
    let down = Some((ErrorKind::Unavailable, true));
    let mut sites =
        [("one", down), ("two", down), ("three", None)].map(|(it, how)| Arc::new(Site::new(it, how)));
    let all = join(&sites).expect("all are Acme's");
    assert!(all.supports(LookupKind::Id) && all.supports(LookupKind::Token));
    assert!(!all.supports(LookupKind::IdWithToken));
    assert!(std::ptr::eq(all.descriptor(), &raw const ACME));

    for lame in 0..sites.len() {
        let name = sites[lame].name;
        let able =
            std::mem::replace(&mut sites[lame], Arc::new(Site { by_token: false, ..Site::new(name, None) }));
        let fallback = join(&sites).expect("all are Acme's");
        assert!(fallback.supports(LookupKind::Id) && !fallback.supports(LookupKind::Token));
        let error = fallback.user(&Lookup::token("t")).await.expect_err("not by token");
        assert_eq!((error.kind(), error.provider()), (ErrorKind::Unsupported, "acme"));
        assert_eq!(sites.iter().map(|it| it.asked()).sum::<usize>(), 0);
        sites[lame] = able;
    }
}

/// Is asked and never answers.
#[derive(Debug, Default)]
struct Silent {
    running: Arc<AtomicUsize>,
}

struct Running(Arc<AtomicUsize>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[async_trait]
impl UserInfoProvider for Silent {
    fn descriptor(&self) -> &'static Descriptor {
        &ACME
    }

    async fn user(&self, _: &Lookup) -> Result<User> {
        self.running.fetch_add(1, Ordering::Relaxed);
        let _running = Running(Arc::clone(&self.running));
        pending().await
    }
}

#[tokio::test(start_paused = true)]
async fn dropping_the_call_cancels_whichever_instance_is_asked() {
    let silent = Silent::default();
    let running = Arc::clone(&silent.running);
    let down = Arc::new(Site::new("one", Some((ErrorKind::Transport, false))));
    let instances: [(_, Arc<dyn UserInfoProvider>); 2] = [("one", down), ("two", Arc::new(silent))];
    let fallback = Fallback::new(instances).expect("both are Acme's");
    let lookup = Lookup::id("1000");
    let mut call = fallback.user(&lookup);
    let waited = tokio::time::timeout(Duration::from_secs(1), &mut call).await;
    assert!(waited.is_err() && running.load(Ordering::Relaxed) == 1, "the second is being asked");
    drop(call);
    assert_eq!(running.load(Ordering::Relaxed), 0);
}

/// Writes down the events of this crate, one a line.
#[derive(Clone, Default)]
struct Listener(Arc<Mutex<String>>);

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, " {}={value:?}", field.name()).expect("a string grows");
    }
}

impl tracing::Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("userinfo_layers::fallback")
    }

    fn event(&self, event: &Event<'_>) {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        heard.push_str(event.metadata().level().as_str());
        event.record(&mut Line(&mut heard));
        heard.push('\n');
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

#[tokio::test]
async fn each_step_is_told_with_names_and_kind_and_nothing_else() {
    let failures = [
        ("one", Some((ErrorKind::Timeout, false))),
        ("two", Some((ErrorKind::Unavailable, true))),
        ("three", None),
    ];
    let sites = failures.map(|(name, failure)| Arc::new(Site::new(name, failure)));
    let fallback = join(&sites).expect("all are Acme's");
    let lookup = Lookup::id("13800138000");
    // Registers the event with `tracing` first: a listener that comes later is always asked about it.
    fallback.user(&lookup).await.expect("the third answers");

    let listener = Listener::default();
    let guard = tracing::subscriber::set_default(listener.clone());
    fallback.user(&lookup).await.expect("the third answers");
    drop(guard);
    let heard = listener.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let expected = "WARN message=falling back from=\"one\" to=\"two\" error.type=\"timeout\"\n\
                    WARN message=falling back from=\"two\" to=\"three\" error.type=\"unavailable\"\n";
    assert_eq!(heard, expected);
}
