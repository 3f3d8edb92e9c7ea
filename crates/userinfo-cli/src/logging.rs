//! Tracing to stderr, of our own crates alone: what others log may hold URLs, and URLs may hold secrets.

use std::{
    fmt,
    io::{self, Write as _},
    sync::atomic::{AtomicBool, Ordering},
};

use tracing::{Event, Subscriber, field::Field, level_filters::LevelFilter};
use tracing_subscriber::{
    Layer,
    filter::Targets,
    layer::{Context, SubscriberExt},
    util::SubscriberInitExt,
};
use userinfo_core::one_line;
use userinfo_http::STORE_TARGET;

/// Switches tracing on: once for what happens, twice for all there is. Without it, a store that fails is told once.
pub(crate) fn start(verbose: u8, colour: bool) {
    let level = match verbose {
        0 => None,
        1 => Some(LevelFilter::INFO),
        _ => Some(LevelFilter::TRACE),
    };
    // A second start, as tests make it, changes nothing.
    let registry = tracing_subscriber::registry();
    let _ = if let Some(level) = level {
        let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_ansi(colour);
        registry.with(Targets::new().with_target("userinfo", level)).with(lines).try_init()
    } else {
        let only = Targets::new().with_target(STORE_TARGET, LevelFilter::WARN);
        registry.with(only).with(Once::default()).try_init()
    };
}

/// Tells the first of all events, in one line for people.
#[derive(Default)]
struct Once(AtomicBool);

impl<S: Subscriber> Layer<S> for Once {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if self.0.swap(true, Ordering::Relaxed) {
            return;
        }
        let mut line = Line::default();
        event.record(&mut line);
        let Line { message, error } = line;
        let error = one_line(&error);
        // Nothing is left to be said if stderr is gone.
        let _ = writeln!(
            io::stderr(),
            "userinfo: {message}: {error}; until that is mended, runs may log in anew"
        );
    }
}

#[derive(Default)]
struct Line {
    message: String,
    error: String,
}

impl tracing::field::Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        match field.name() {
            "message" => self.message = format!("{value:?}"),
            "error" => self.error = format!("{value:?}"),
            _ => {}
        }
    }
}
