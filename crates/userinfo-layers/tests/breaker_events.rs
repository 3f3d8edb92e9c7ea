//! What the circuit breaker tells by `tracing`.
//!
//! In a process of its own: whether anybody listens to an event is remembered for all threads, so that
//! a test that makes the same event elsewhere could silence it here.

use std::{
    fmt::{self, Write as _},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};
use userinfo_core::{
    Descriptor, Error, ErrorKind, Lookup, LookupKind, ProviderExt, Result, User, UserInfoProvider,
};
use userinfo_layers::{BreakerLayer, Random};

static ACME: Descriptor = Descriptor::new("acme", "Acme", "https://acme.example", &[LookupKind::Id], &[]);

/// Fails twice, then is well.
#[derive(Debug, Default)]
struct Weak(AtomicUsize);

#[async_trait]
impl UserInfoProvider for Weak {
    fn descriptor(&self) -> &'static Descriptor {
        &ACME
    }

    async fn user(&self, _: &Lookup) -> Result<User> {
        if self.0.fetch_add(1, Ordering::Relaxed) < 2 {
            return Err(Error::new(ErrorKind::Unavailable, "acme", "userInfo", "the vendor's words"));
        }
        Ok(User::new("acme", "1"))
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

/// Notes each event in a line.
#[derive(Clone, Default)]
struct Noted(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, " {field}={value:?}").expect("a string takes everything");
    }
}

impl Subscriber for Noted {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("userinfo_layers")
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(event.metadata().level().to_string());
        event.record(&mut line);
        self.0.lock().expect("not poisoned").push(line.0);
    }
}

#[tokio::test(start_paused = true)]
async fn opening_warns_of_the_rule_and_the_pause_and_closing_is_told_but_nothing_of_the_call_is() {
    let noted = Noted::default();
    let _guard = tracing::subscriber::set_default(noted.clone());
    let provider = Weak::default().layer(&BreakerLayer::new().failures(1).random(Arc::new(Zero)));
    for seconds in [5, 10, 0] {
        drop(provider.user(&Lookup::id("1")).await);
        drop(provider.user(&Lookup::id("1")).await);
        tokio::time::advance(Duration::from_secs(seconds)).await;
    }
    let expected = [
        r#"WARN message=circuit opened provider="acme" rule=1 failure pause=5s"#,
        r#"WARN message=circuit opened provider="acme" rule=1 failure and 1 failed probe pause=10s"#,
        r#"INFO message=circuit closed provider="acme""#,
    ];
    assert_eq!(*noted.0.lock().expect("not poisoned"), expected);
}
