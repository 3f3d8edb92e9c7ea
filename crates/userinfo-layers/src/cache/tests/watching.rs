use std::{
    fmt::{Debug, Write},
    sync::Mutex,
};

use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
    span,
};

use super::*;
use crate::tally::Tally;

/// Notes the events of this crate.
#[derive(Clone, Debug, Default)]
struct Events(Arc<Mutex<Vec<String>>>);

impl Subscriber for Events {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target().starts_with("userinfo_layers")
    }

    fn event(&self, event: &Event<'_>) {
        let level = *event.metadata().level();
        let mut line = if level == Level::WARN { "warning".to_owned() } else { level.to_string() };
        event.record(&mut Line(&mut line));
        self.0.lock().expect("not poisoned").push(line);
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {}={value:?}", field.name()).expect("a string takes all");
    }
}

#[tokio::test(start_paused = true)]
async fn every_call_is_counted_once_by_how_it_was_answered() {
    let tally = Tally::default();
    let _guard = metrics::set_default_local_recorder(&tally);
    let upstream = Upstream::new("acme");
    let layer =
        layer().negative_ttl(5 * SECOND).stale_while_revalidate(5 * SECOND).stale_if_error(50 * SECOND);
    let provider = wrap(&layer, &upstream);
    let ask = async |id: &str| {
        let _ = provider.user(&Lookup::id(id)).await;
        settle().await;
    };
    ask("1").await; // Missed.
    for _ in 0..2 {
        ask("1").await; // Fresh.
    }
    upstream.is(State::Fails(ErrorKind::NotFound));
    for _ in 0..4 {
        ask("2").await; // Missed, then negative.
    }
    upstream.is(State::Fails(ErrorKind::Timeout));
    pass(12 * SECOND).await;
    for _ in 0..5 {
        ask("1").await; // Stale.
    }
    pass(4 * SECOND).await;
    for _ in 0..6 {
        ask("1").await; // In place of an error.
    }
    ask("3").await; // Missed.
    upstream.supports_only(LookupKind::Token);
    ask("4").await; // Not the cache's business.
    let count = |freshness| {
        let line = format!("userinfo_cache_requests_total{{provider=acme,freshness={freshness}}} +1");
        tally.lines().iter().filter(|it| **it == line).count()
    };
    let counts = ["fresh", "miss", "negative", "stale", "stale_if_error"].map(count);
    assert_eq!(counts, [2, 3, 3, 5, 6]);
}

#[tokio::test(start_paused = true)]
async fn the_error_behind_an_old_answer_is_logged() {
    let events = Events::default();
    let _guard = tracing::subscriber::set_default(events.clone());
    let upstream = Upstream::new("acme");
    let layer = layer().stale_while_revalidate(5 * SECOND).stale_if_error(50 * SECOND);
    let provider = wrap(&layer, &upstream);
    let ask = async || {
        assert!(provider.user(&Lookup::id("1")).await.is_ok());
        settle().await;
    };
    ask().await;
    pass(12 * SECOND).await;
    upstream.is(State::Fails(ErrorKind::Timeout));
    ask().await;
    pass(5 * SECOND).await;
    upstream.is(State::Fails(ErrorKind::RateLimited));
    ask().await;
    assert_eq!(
        *events.0.lock().expect("not poisoned"),
        [
            r#"warning message=refresh failed error.type="timeout" provider="acme""#,
            r#"warning message=stale answer error.type="rate_limited" provider="acme""#,
        ]
    );
}

/// Keeps everything, and shows it.
#[derive(Debug, Default)]
struct Open(Mutex<Vec<(Key, Arc<Entry>)>>);

impl Store for Open {
    fn get(&self, key: &Key) -> Option<Arc<Entry>> {
        let kept = self.0.lock().expect("not poisoned");
        kept.iter().find(|it| it.0 == *key).map(|it| Arc::clone(&it.1))
    }

    fn put(&self, key: Key, entry: Arc<Entry>) {
        self.0.lock().expect("not poisoned").push((key, entry));
    }

    fn remove(&self, _: &Key) {}

    fn purge(&self, _: &str) -> usize {
        0
    }

    fn clear(&self) -> usize {
        0
    }
}

#[tokio::test(start_paused = true)]
async fn no_token_is_kept_or_shown() {
    let open = Arc::new(Open::default());
    let layer = layer().store(Arc::clone(&open) as Arc<dyn Store>).negative_ttl(5 * SECOND);
    let upstream = Upstream::new("acme");
    let provider = wrap(&layer, &upstream);
    let token = "t-hunter2hunter2";
    assert!(provider.user(&Lookup::id("1").with_token(token)).await.is_ok());
    upstream.is(State::Fails(ErrorKind::NotFound));
    assert!(provider.user(&Lookup::id("2").with_token(token)).await.is_err());
    layer.purge(token);

    let kept = open.0.lock().expect("not poisoned");
    assert_eq!(kept.len(), 2);
    let answers: Vec<_> = kept.iter().map(|it| it.1.answer(Freshness::Fresh)).collect();
    assert!(kept.iter().all(|it| !it.1.concerns(token)));
    let shown = format!("{layer:?} {provider:?} {:?} {answers:?}", *kept);
    for secret in [token, "hunter2", "742d68756e746572", "68756e74657232"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
