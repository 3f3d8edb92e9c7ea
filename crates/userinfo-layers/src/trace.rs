use std::sync::Arc;

use async_trait::async_trait;
use metrics::{Gauge, IntoF64, Key};
use tokio::time::Instant;
use tracing::{Instrument, Span, field::Empty, info_span};
use userinfo_core::{
    Descriptor, ErrorKind, Freshness, Layer, Lookup, LookupKind, Result, User, UserInfoProvider,
};

use crate::{
    names::{CALL_DURATION, CALLS, CALLS_IN_FLIGHT},
    series::{Owner, counter, gauge, histogram},
};

const CANCELLED: &str = "cancelled";

/// Shows every call to `tracing`, as a span, and to `metrics`; meant to be outermost.
///
/// The span `userinfo.user` (INFO) has the fields `userinfo.provider`, `userinfo.instance` and
/// `userinfo.lookup`. A user that is not fresh adds `userinfo.freshness` = `stale`, a failure `error.type`, its
/// [`ErrorKind`] in snake case, and `otel.status_code`; a call that is dropped adds `error.type` = `cancelled`.
/// There are no events.
///
/// The metrics `userinfo_calls_total`, `userinfo_call_duration_seconds` and `userinfo_calls_in_flight` are told
/// in [`describe_metrics`](crate::describe_metrics). A recorder counts from when it is installed, before or
/// after this layer is built.
///
/// Neither holds an id, a token, a URL or a word of the vendor.
#[derive(Clone, Debug)]
pub struct TraceLayer {
    instance: Arc<str>,
}

#[derive(Debug)]
struct Traced {
    inner: Arc<dyn UserInfoProvider>,
    instance: Arc<str>,
    series: Series,
}

/// The metrics of one instance, named once, so that no call allocates.
#[derive(Debug)]
struct Series {
    in_flight: Key,
    ok: Ended,
    cancelled: Ended,
    failed: [Ended; ErrorKind::ALL.len()],
}

/// The metrics of calls that ended in one way.
#[derive(Debug)]
struct Ended {
    calls: Key,
    duration: Key,
}

/// A call under way; counts itself as cancelled if it is dropped before it ended.
struct Running<'a> {
    span: Span,
    in_flight: Gauge,
    start: Instant,
    outcome: Option<&'a Ended>,
    cancelled: &'a Ended,
}

/// The time since then, read only if somebody records it.
struct Since(Instant);

impl TraceLayer {
    /// Names the instance whose calls are shown; the name is the operator's and holds no personal data.
    #[must_use]
    pub fn new(instance: impl Into<Arc<str>>) -> Self {
        Self { instance: instance.into() }
    }
}

impl Layer for TraceLayer {
    fn wrap(&self, inner: Arc<dyn UserInfoProvider>) -> Arc<dyn UserInfoProvider> {
        let series = Series::new(inner.descriptor().kind, &self.instance);
        Arc::new(Traced { inner, instance: Arc::clone(&self.instance), series })
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl UserInfoProvider for Traced {
    fn descriptor(&self) -> &'static Descriptor {
        self.inner.descriptor()
    }

    fn supports(&self, kind: LookupKind) -> bool {
        self.inner.supports(kind)
    }

    async fn user(&self, lookup: &Lookup) -> Result<User> {
        let mut running = Running::start(self.span(lookup.kind()), &self.series);
        let result = (*self.inner).user(lookup).instrument(running.span.clone()).await;
        running.outcome = Some(self.series.of(&result));
        match &result {
            Ok(user) if matches!(user.freshness(), Freshness::Stale { .. }) => {
                running.span.record("userinfo.freshness", "stale");
            }
            Ok(_) => {}
            Err(error) => {
                running.span.record("error.type", error.kind().as_str());
                running.span.record("otel.status_code", "ERROR");
            }
        }
        result
    }
}

impl Traced {
    fn span(&self, kind: LookupKind) -> Span {
        info_span!(
            "userinfo.user",
            "userinfo.provider" = self.descriptor().kind,
            "userinfo.instance" = &*self.instance,
            "userinfo.lookup" = kind.as_str(),
            "userinfo.freshness" = Empty,
            "error.type" = Empty,
            "otel.status_code" = Empty,
        )
    }
}

impl Series {
    fn new(provider: &'static str, instance: &Arc<str>) -> Self {
        let owner = Owner::new(Arc::clone(instance));
        let ended = |outcome: &'static str| {
            let series = |name| owner.series(name, provider, Some(("outcome", outcome)));
            Ended { calls: series(CALLS), duration: series(CALL_DURATION) }
        };
        Self {
            in_flight: owner.series(CALLS_IN_FLIGHT, provider, None),
            ok: ended("ok"),
            cancelled: ended(CANCELLED),
            failed: ErrorKind::ALL.map(|kind| ended(kind.as_str())),
        }
    }

    fn of(&self, result: &Result<User>) -> &Ended {
        let Err(error) = result else { return &self.ok };
        let at = ErrorKind::ALL.iter().position(|kind| *kind == error.kind());
        &self.failed[at.expect("every kind is in ErrorKind::ALL")]
    }
}

impl<'a> Running<'a> {
    fn start(span: Span, series: &'a Series) -> Self {
        let in_flight = gauge(&series.in_flight);
        in_flight.increment(1.0);
        Self { span, in_flight, start: Instant::now(), outcome: None, cancelled: &series.cancelled }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        // The gauge that went up must come down, whatever recorder there is by now.
        self.in_flight.decrement(1.0);
        let ended = self.outcome.unwrap_or_else(|| {
            self.span.record("error.type", CANCELLED);
            self.cancelled
        });
        counter(&ended.calls).increment(1);
        histogram(&ended.duration).record(Since(self.start));
    }
}

impl IntoF64 for Since {
    fn into_f64(self) -> f64 {
        self.0.elapsed().as_secs_f64()
    }
}
