use std::sync::{Arc, Mutex, PoisonError};

use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString, Unit,
};

/// Writes down all that is recorded, in order: `name{label=value,…} +1` for counters and gauges,
/// `name{…} 0.5` for histograms, `counter name in count` for descriptions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally(Arc<Mutex<Vec<String>>>);

/// One series of a [`Tally`].
struct Series {
    tally: Tally,
    name: String,
}

impl Tally {
    /// Returns what was recorded.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, line: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    fn describe(&self, kind: &str, name: &KeyName, unit: Option<Unit>) {
        let unit = unit.map_or("nothing", |it| it.as_str());
        self.note(format!("{kind} {} in {unit}", name.as_str()));
    }

    fn series(&self, key: &Key) -> Arc<Series> {
        let labels: Vec<_> = key.labels().map(|it| format!("{}={}", it.key(), it.value())).collect();
        Arc::new(Series { tally: self.clone(), name: format!("{}{{{}}}", key.name(), labels.join(",")) })
    }
}

impl Recorder for Tally {
    fn describe_counter(&self, key: KeyName, unit: Option<Unit>, _: SharedString) {
        self.describe("counter", &key, unit);
    }

    fn describe_gauge(&self, key: KeyName, unit: Option<Unit>, _: SharedString) {
        self.describe("gauge", &key, unit);
    }

    fn describe_histogram(&self, key: KeyName, unit: Option<Unit>, _: SharedString) {
        self.describe("histogram", &key, unit);
    }

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        self.series(key).into()
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        self.series(key).into()
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        self.series(key).into()
    }
}

impl Series {
    fn note(&self, sign: &str, value: impl std::fmt::Display) {
        self.tally.note(format!("{} {sign}{value}", self.name));
    }
}

impl CounterFn for Series {
    fn increment(&self, value: u64) {
        self.note("+", value);
    }

    fn absolute(&self, value: u64) {
        self.note("=", value);
    }
}

impl GaugeFn for Series {
    fn increment(&self, value: f64) {
        self.note("+", value);
    }

    fn decrement(&self, value: f64) {
        self.note("-", value);
    }

    fn set(&self, value: f64) {
        self.note("=", value);
    }
}

impl HistogramFn for Series {
    fn record(&self, value: f64) {
        self.note("", value);
    }
}
