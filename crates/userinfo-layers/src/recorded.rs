use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit,
};

/// Keeps counters and gauges for a test to read; histograms go nowhere.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recorded(Arc<Mutex<BTreeMap<String, Arc<Value>>>>);

#[derive(Debug, Default)]
struct Value(Mutex<f64>);

impl Recorded {
    /// Returns the value of what is named so, label and all: `name{provider=acme}`.
    pub(crate) fn value(&self, name: &str) -> Option<f64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name).map(|it| it.with(|it| *it))
    }

    fn named(&self, key: &Key) -> Arc<Value> {
        let labels: Vec<_> = key.labels().map(|it| format!("{}={}", it.key(), it.value())).collect();
        let name = format!("{}{{{}}}", key.name(), labels.join(","));
        Arc::clone(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(name).or_default())
    }
}

impl Value {
    fn with<T>(&self, act: impl FnOnce(&mut f64) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl CounterFn for Value {
    #[expect(clippy::cast_precision_loss, reason = "no test counts that far")]
    fn increment(&self, value: u64) {
        self.with(|it| *it += value as f64);
    }

    fn absolute(&self, _: u64) {
        unreachable!("nothing sets a counter");
    }
}

impl GaugeFn for Value {
    fn increment(&self, value: f64) {
        self.with(|it| *it += value);
    }

    fn decrement(&self, value: f64) {
        self.with(|it| *it -= value);
    }

    fn set(&self, value: f64) {
        self.with(|it| *it = value);
    }
}

impl Recorder for Recorded {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.named(key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.named(key))
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}
