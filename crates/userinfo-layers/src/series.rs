use std::sync::Arc;

use metrics::{Counter, Gauge, Histogram, Key, Label, Level, Metadata, with_recorder};

static METADATA: Metadata<'static> = Metadata::new("userinfo_layers", Level::INFO, None);

/// Whose metrics a layer writes: those of one instance, if it was told its name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Owner {
    instance: Option<Arc<str>>,
}

impl Owner {
    pub(crate) fn new(instance: impl Into<Arc<str>>) -> Self {
        Self { instance: Some(instance.into()) }
    }

    /// Returns the name of the instance, if there is one.
    pub(crate) fn instance(&self) -> Option<&str> {
        self.instance.as_deref()
    }

    /// Names a series, once: naming it at each call would allocate.
    pub(crate) fn series(
        &self,
        name: &'static str,
        provider: &'static str,
        more: Option<(&'static str, &'static str)>,
    ) -> Key {
        let instance = self.instance.as_ref().map(|it| Label::new("instance", Arc::clone(it)));
        let more = more.map(|(name, value)| Label::from_static_parts(name, value));
        let labels = [Some(Label::from_static_parts("provider", provider)), instance, more];
        Key::from_parts(name, labels.into_iter().flatten().collect::<Vec<_>>())
    }
}

/// Returns a counter of the recorder of this moment.
pub(crate) fn counter(series: &Key) -> Counter {
    with_recorder(|it| it.register_counter(series, &METADATA))
}

/// Returns a gauge of the recorder of this moment.
pub(crate) fn gauge(series: &Key) -> Gauge {
    with_recorder(|it| it.register_gauge(series, &METADATA))
}

/// Returns a histogram of the recorder of this moment.
pub(crate) fn histogram(series: &Key) -> Histogram {
    with_recorder(|it| it.register_histogram(series, &METADATA))
}
