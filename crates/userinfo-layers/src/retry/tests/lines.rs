use std::{
    collections::BTreeMap,
    fmt::{self, Write as _},
    num::NonZeroU32,
    sync::{LazyLock, atomic::AtomicU64},
};

use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use tokio::time::timeout;
use tracing::{
    Dispatch, Event, Id, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Record},
    subscriber::DefaultGuard,
};

use super::*;
use crate::{BreakerLayer, RateLimitLayer};

/// Keeps the lines of this thread, each as `name=value` in the order of the fields.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

/// One more subscriber that is never dropped: with two, none is asked on behalf of the other, so that a test
/// on another thread cannot switch this one's lines off.
static ANCHOR: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(Lines::default()));

impl Lines {
    fn new() -> (Self, DefaultGuard) {
        LazyLock::force(&ANCHOR);
        let lines = Self::default();
        let guard = tracing::subscriber::set_default(lines.clone());
        (lines, guard)
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Subscriber for Lines {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target() == "userinfo_layers" && *metadata.level() == tracing::Level::INFO
    }

    fn register_callsite(&self, _: &'static tracing::Metadata<'static>) -> tracing::subscriber::Interest {
        tracing::subscriber::Interest::sometimes()
    }

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(String::new());
        event.record(&mut line);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line.0.trim_start().to_owned());
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, " {}={value:?}", field.name()).expect("a string takes what it is given");
    }
}

/// Keeps the counters of this thread.
#[derive(Default)]
struct Counts(Mutex<BTreeMap<String, Arc<AtomicU64>>>);

impl Counts {
    fn take(&self) -> Vec<String> {
        let counts = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        counts
            .into_iter()
            .map(|(key, count)| format!("{key} {}", count.load(std::sync::atomic::Ordering::Relaxed)))
            .collect()
    }
}

impl Recorder for Counts {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        let labels: Vec<_> = key.labels().map(|it| format!("{}={}", it.key(), it.value())).collect();
        let name = format!("{} {}", key.name(), labels.join(" "));
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Counter::from_arc(Arc::clone(counts.entry(name).or_default()))
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

fn layer() -> RetryLayer {
    RetryLayer::new().random(Arc::new(Loaded(0.5)))
}

#[tokio::test(start_paused = true)]
async fn every_attempt_writes_one_line_and_counts_once() {
    let counts = Counts::default();
    let _recorder = metrics::set_default_local_recorder(&counts);
    let (lines, _guard) = Lines::new();
    let answer: Answer = |number| match number {
        1 => Err(error(ErrorKind::Unavailable).with_http_status(503)),
        2 => Err(error(ErrorKind::RateLimited).with_retry(Retry::After(Duration::from_secs(2)))),
        number => up(number),
    };
    let acme = Acme { takes: Duration::from_millis(30), ..Acme::new(answer) };
    call(&layer(), acme).await.0.expect("a user");
    assert_eq!(
        lines.take(),
        [
            "message=attempt http.request.resend_count=0 userinfo.provider=\"acme\" outcome=\"error\" \
             error.type=\"unavailable\" http.response.status_code=503 elapsed_ms=30 retry_in_ms=25",
            "message=attempt http.request.resend_count=1 userinfo.provider=\"acme\" outcome=\"error\" \
             error.type=\"rate_limited\" elapsed_ms=30 retry_in_ms=2050",
            "message=attempt http.request.resend_count=2 userinfo.provider=\"acme\" outcome=\"ok\" elapsed_ms=30",
        ]
    );
    assert_eq!(
        counts.take(),
        [
            "userinfo_attempts_total provider=acme outcome=ok 1",
            "userinfo_attempts_total provider=acme outcome=rate_limited 1",
            "userinfo_attempts_total provider=acme outcome=unavailable 1",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn the_last_attempt_says_of_no_other_and_every_one_of_them_counts() {
    let counts = Counts::default();
    let _recorder = metrics::set_default_local_recorder(&counts);
    let (lines, _guard) = Lines::new();
    call(&layer(), Acme::new(down)).await.0.expect_err("down");
    let told: Vec<_> = lines.take().iter().map(|it| it.contains("retry_in_ms")).collect();
    assert_eq!(told, [true, true, false]);
    call(&RetryLayer::once(), Acme::new(down)).await.0.expect_err("down");
    assert_eq!(lines.take().len(), 1);
    assert_eq!(counts.take(), ["userinfo_attempts_total provider=acme outcome=unavailable 4"]);
}

#[tokio::test(start_paused = true)]
async fn what_a_layer_refuses_is_told_apart_from_what_a_vendor_did() {
    let (lines, _guard) = Lines::new();
    let outcome = |acme: Arc<dyn UserInfoProvider>, layer: Arc<dyn Layer>, times: usize| async move {
        let layered = RetryLayer::once().wrap(layer.wrap(acme));
        for _ in 0..times {
            let _ = layered.user(&Lookup::id("7")).await;
        }
    };
    let told = || -> Vec<_> {
        let lines = lines.take().into_iter().filter(|it| it.contains("message=attempt"));
        lines
            .map(|it| it.split_once("outcome=").expect("an outcome").1.replace(" elapsed_ms=0", ""))
            .collect()
    };
    let breaker = Arc::new(BreakerLayer::new().failures(1));
    outcome(Arc::new(Acme::new(down)), breaker, 2).await;
    let refused = "\"refused\" error.type=\"unavailable\"";
    assert_eq!(told(), ["\"error\" error.type=\"unavailable\"", refused]);
    let once = NonZeroU32::MIN;
    let rate_limit = Arc::new(RateLimitLayer::new(once, once).max_wait(Duration::from_millis(1)));
    outcome(Arc::new(Acme::new(up)), rate_limit, 2).await;
    assert_eq!(told(), ["\"ok\"", "\"refused\" error.type=\"rate_limited\""]);
    // The words alone do not make it one: a vendor may choose the same.
    let same: Answer = |_| Err(Error::new(ErrorKind::Unavailable, "acme", "userInfo", "not asked: so there"));
    outcome(Arc::new(Acme::new(same)), Arc::new(RetryLayer::once()), 1).await;
    assert!(told().iter().all(|it| it.starts_with("\"error\"")));
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_is_dropped_says_so_and_a_pause_says_nothing() {
    let counts = Counts::default();
    let _recorder = metrics::set_default_local_recorder(&counts);
    let (lines, _guard) = Lines::new();
    let acme = || Acme { takes: Duration::from_millis(100), ..Acme::new(down) };
    timeout(Duration::from_millis(40), call(&layer(), acme())).await.expect_err("dropped in the attempt");
    assert_eq!(
        lines.take(),
        ["message=attempt http.request.resend_count=0 userinfo.provider=\"acme\" outcome=\"cancelled\" \
             elapsed_ms=40"]
    );
    assert_eq!(counts.take(), ["userinfo_attempts_total provider=acme outcome=cancelled 1"]);
    timeout(Duration::from_millis(110), call(&layer(), acme())).await.expect_err("dropped in the pause");
    assert_eq!(lines.take().len(), 1);
    assert_eq!(counts.take(), ["userinfo_attempts_total provider=acme outcome=unavailable 1"]);
}

#[tokio::test(start_paused = true)]
async fn no_line_has_an_id_or_a_word_of_the_vendor_in_it() {
    let (lines, _guard) = Lines::new();
    let answer: Answer =
        |_| Err(error(ErrorKind::Unavailable).with_vendor_code("code-9").with_request_id("r-9"));
    call(&layer(), Acme::new(answer)).await.0.expect_err("down");
    let lines = lines.take().join("\n");
    assert!(lines.contains("acme"), "{lines}");
    for word in ["vendor's words", "code-9", "r-9", "userInfo"] {
        assert!(!lines.contains(word), "{lines}");
    }
}
