//! What a call shows to `tracing` and to `metrics`.
//!
//! A room of its own: `tracing` remembers who asked first whether a span is wanted, so every test here listens.

use std::{
    future::Future,
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use futures_util::FutureExt;
use tokio::time::sleep;
use tracing::{Instrument, Level, debug, info_span, subscriber::DefaultGuard};
use tracing_subscriber::fmt::format::FmtSpan;
use userinfo_core::{
    Descriptor, Error, ErrorKind, Freshness, Layer, Lookup, LookupKind, Result, User, UserInfoProvider,
};
use userinfo_layers::TraceLayer;

use crate::tally::Tally;

#[path = "../src/tally.rs"]
mod tally;

static ACME: Descriptor = Descriptor::new("acme", "Acme", "https://acme.example/docs", &LookupKind::ALL, &[]);

/// Answers after a second in one way; supports ids alone, which its descriptor does not say.
#[derive(Debug)]
struct Acme(Answer);

#[derive(Debug)]
enum Answer {
    User(Freshness),
    Failure(ErrorKind),
}

#[async_trait]
impl UserInfoProvider for Acme {
    fn descriptor(&self) -> &'static Descriptor {
        &ACME
    }

    fn supports(&self, kind: LookupKind) -> bool {
        kind == LookupKind::Id
    }

    async fn user(&self, _: &Lookup) -> Result<User> {
        sleep(Duration::from_secs(1)).await;
        debug!("within");
        match self.0 {
            Answer::User(freshness) => Ok(User::new("acme", "hunter2-user").with_freshness(freshness)),
            Answer::Failure(kind) => Err(Error::new(kind, "acme", "hunter2-call", "hunter2-message")
                .with_vendor_code("hunter2-code")
                .with_request_id("hunter2-request")
                .with_source("hunter2-source")),
        }
    }
}

const FRESH: Answer = Answer::User(Freshness::Fresh);

fn traced(answer: Answer) -> Arc<dyn UserInfoProvider> {
    TraceLayer::new("front").wrap(Arc::new(Acme(answer)))
}

fn lookup() -> Lookup {
    Lookup::id("hunter2-id").with_token("hunter2-token")
}

/// Keeps the lines that are logged.
#[derive(Clone, Debug, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn listen(&self) -> DefaultGuard {
        let log = self.clone();
        let lines = tracing_subscriber::fmt().with_max_level(Level::TRACE).with_span_events(FmtSpan::CLOSE);
        let lines = lines.without_time().with_ansi(false).with_writer(move || log.clone());
        tracing::subscriber::set_default(lines.finish())
    }

    fn lines(&self) -> Vec<String> {
        let bytes = self.0.lock().expect("not poisoned").clone();
        String::from_utf8(bytes).expect("text").lines().map(|it| it.trim().to_owned()).collect()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("not poisoned").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Runs `call` while both are listened to; returns the lines logged, and the metrics recorded.
async fn shown<T>(call: impl Future<Output = T>) -> (Vec<String>, Vec<String>) {
    let (log, tally) = (Log::default(), Tally::default());
    {
        let _listening = log.listen();
        let _recording = metrics::set_default_local_recorder(&tally);
        call.await;
    }
    let (lines, recorded) = (log.lines(), tally.lines());
    assert!(!format!("{lines:?} {recorded:?}").contains("hunter2"), "{lines:?} {recorded:?}");
    (lines, recorded)
}

/// The line of a span as it closes.
fn closed(lookup: LookupKind, more: &str) -> String {
    format!(
        "INFO userinfo.user{{userinfo.provider=\"acme\" userinfo.instance=\"front\" \
         userinfo.lookup=\"{lookup}\"{more}}}: userinfo_layers::trace: close"
    )
}

/// The metrics of one call, in order.
fn recorded(outcome: &str, seconds: f64) -> [String; 4] {
    let of = "provider=acme,instance=front";
    [
        format!("userinfo_calls_in_flight{{{of}}} +1"),
        format!("userinfo_calls_in_flight{{{of}}} -1"),
        format!("userinfo_calls_total{{{of},outcome={outcome}}} +1"),
        format!("userinfo_call_duration_seconds{{{of},outcome={outcome}}} {seconds}"),
    ]
}

#[tokio::test(start_paused = true)]
async fn a_user_is_shown_with_provider_instance_and_kind_of_look_up() {
    for lookup in [Lookup::id("hunter2"), Lookup::token("hunter2"), lookup()] {
        let (lines, metrics) = shown(async { traced(FRESH).user(&lookup).await.expect("a user") }).await;
        let span = closed(lookup.kind(), "");
        let within = span.replace("INFO", "DEBUG").replace("userinfo_layers::trace: close", "trace: within");
        assert_eq!(lines, [within, span]);
        assert_eq!(metrics, recorded("ok", 1.0));
    }
}

#[tokio::test(start_paused = true)]
async fn a_stale_user_says_so() {
    let stale = Answer::User(Freshness::Stale { age: Duration::from_secs(7) });
    let (lines, metrics) = shown(async { traced(stale).user(&lookup()).await.expect("a user") }).await;
    assert_eq!(lines[1], closed(lookup().kind(), " userinfo.freshness=\"stale\""));
    assert_eq!(metrics, recorded("ok", 1.0));
}

#[tokio::test(start_paused = true)]
async fn a_failure_of_every_kind_is_shown_as_its_kind_and_as_nothing_else() {
    for kind in ErrorKind::ALL {
        let failing = traced(Answer::Failure(kind));
        let (lines, metrics) = shown(async { failing.user(&lookup()).await.expect_err("a failure") }).await;
        let more = format!(" error.type=\"{kind}\" otel.status_code=\"ERROR\"");
        assert_eq!(lines[1..], [closed(lookup().kind(), &more)]);
        assert_eq!(metrics, recorded(kind.as_str(), 1.0));
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_counts_as_cancelled_and_is_in_flight_no_more() {
    let (lines, metrics) = shown(async {
        let (acme, lookup) = (traced(FRESH), lookup());
        let mut call = acme.user(&lookup);
        assert!((&mut call).now_or_never().is_none());
        sleep(Duration::from_millis(250)).await;
        drop(call);
    })
    .await;
    assert_eq!(lines, [closed(lookup().kind(), " error.type=\"cancelled\"")]);
    assert_eq!(metrics, recorded("cancelled", 0.25));
}

#[tokio::test(start_paused = true)]
async fn a_call_that_was_never_polled_is_no_call() {
    let (lines, metrics) = shown(async { drop(traced(FRESH).user(&lookup())) }).await;
    assert!(lines.is_empty() && metrics.is_empty(), "{lines:?} {metrics:?}");
}

#[tokio::test(start_paused = true)]
async fn a_recorder_that_comes_late_counts_and_sees_nothing_come_down_that_never_went_up() {
    let (log, early, late, lookup) = (Log::default(), traced(FRESH), Tally::default(), lookup());
    let _listening = log.listen();
    let mut call = early.user(&lookup);
    assert!((&mut call).now_or_never().is_none());
    let _recording = metrics::set_default_local_recorder(&late);
    call.await.expect("a user");
    assert_eq!(late.lines(), recorded("ok", 1.0)[2..]);
    early.user(&lookup).await.expect("a user");
    assert_eq!(late.lines()[2..], recorded("ok", 1.0));
}

#[tokio::test(start_paused = true)]
async fn a_call_is_a_part_of_what_its_caller_does() {
    let (lines, _) = shown(async {
        let (acme, lookup, request) = (traced(FRESH), lookup(), info_span!("request"));
        acme.user(&lookup).instrument(request).await.expect("a user")
    })
    .await;
    assert!(lines[0].starts_with("DEBUG request:userinfo.user{"), "{lines:?}");
    assert!(lines[1].starts_with("INFO request:userinfo.user{"), "{lines:?}");
}

#[tokio::test(start_paused = true)]
async fn what_the_provider_says_is_passed_on() {
    let log = Log::default();
    let _listening = log.listen();
    let acme = traced(FRESH);
    assert!(std::ptr::eq(acme.descriptor(), &raw const ACME));
    assert!(acme.supports(LookupKind::Id) && !acme.supports(LookupKind::Token));
    assert_eq!(acme.user(&lookup()).await.expect("a user"), User::new("acme", "hunter2-user"));
}
