//! What is shown: counts, spans, `Debug`.

use std::{
    io,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use metrics::{
    Counter, Gauge, Histogram, Key, KeyName, Label, Metadata, Recorder, SharedString, Unit,
    with_local_recorder,
};
use tokio::sync::Notify;
use tracing::{info, info_span, subscriber::with_default};

use userinfo_core::{Descriptor, Layer, Result, User};

use super::*;

/// Counts in one counter, which has the name and the label that are expected.
#[derive(Default)]
struct Counts(Arc<AtomicU64>);

impl Recorder for Counts {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        let labels: Vec<_> = key.labels().cloned().collect();
        assert_eq!(key.name(), "userinfo_shared_calls_total");
        assert_eq!(labels, [Label::new("provider", "acme")]);
        Counter::from_arc(Arc::clone(&self.0))
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

#[test]
fn whoever_gets_anothers_answer_is_counted() {
    let (_, upstream, provider) = setup();
    let counts = Counts::default();
    let counted = || counts.0.load(Ordering::SeqCst);
    with_local_recorder(&counts, || {
        let [mut leader, mut one, mut other, mut gone] = callers(&provider);
        for caller in [&mut leader, &mut one, &mut other, &mut gone] {
            assert!(caller.waits());
        }
        drop(gone);
        upstream.answer(0);
        one.ends().expect("a user");
        assert_eq!(counted(), 1);
        leader.ends().expect("a user");
        assert_eq!(counted(), 1, "it was the leader's own");
        other.ends().expect("a user");
        assert_eq!(counted(), 2);
        let [mut lone] = callers(&provider);
        assert!(lone.waits());
        upstream.answer(1);
        lone.ends().expect("a user");
        assert_eq!(counted(), 2);
    });
}

/// Keeps what is written.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Tells of its beginning and its end.
#[derive(Debug, Default)]
struct Telling(Notify);

#[async_trait]
impl UserInfoProvider for Telling {
    fn descriptor(&self) -> &'static Descriptor {
        static ACME: Descriptor =
            Descriptor::new("acme", "Acme", "https://acme.example", &[LookupKind::Id], &[]);
        &ACME
    }

    async fn user(&self, _: &Lookup) -> Result<User> {
        info!("begins");
        self.0.notified().await;
        info!("ends");
        Ok(User::new("acme", "7"))
    }
}

#[test]
fn what_a_request_traces_belongs_to_the_one_who_asked_whoever_polls_it() {
    let written = Written::default();
    let writer = written.clone();
    let subscriber = tracing_subscriber::fmt().without_time().with_ansi(false).with_target(false);
    let subscriber = subscriber.with_writer(move || writer.clone()).finish();
    with_default(subscriber, || {
        let telling = Arc::new(Telling::default());
        let provider = SingleFlightLayer::new().wrap(Arc::clone(&telling) as Arc<dyn UserInfoProvider>);
        let [mut leader, mut follower] = callers(&provider);
        assert!(info_span!("leader").in_scope(|| leader.waits()));
        assert!(info_span!("follower").in_scope(|| follower.waits()));
        drop(leader);
        telling.0.notify_one();
        info_span!("follower").in_scope(|| follower.ends()).expect("a user");
    });
    let written = String::from_utf8(written.0.lock().expect("no panic").clone()).expect("text");
    let (begins, ends) = written.trim().split_once('\n').expect("two lines");
    assert!(begins.contains("leader: begins"), "{written}");
    assert!(ends.contains("leader: ends"), "{written}");
}

#[test]
fn debug_shows_neither_id_nor_token() {
    let (layer, _, provider) = setup();
    let mut caller = Caller::new(&provider, &Lookup::id("13800138000").with_token("hunter2"));
    assert!(caller.waits());
    for shown in [format!("{layer:?}"), format!("{provider:?}")] {
        assert!(shown.contains("len: 1"), "{shown}");
        assert!(!shown.contains("13800138000") && !shown.contains("hunter2"), "{shown}");
    }
}
