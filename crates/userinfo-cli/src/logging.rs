//! Tracing to stderr, of our own crates alone: what others log may hold URLs, and URLs may hold secrets.

use std::io;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::{filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

/// Switches tracing on: once for what happens, twice for all there is.
pub(crate) fn start(verbose: u8, colour: bool) {
    let level = match verbose {
        0 => return,
        1 => LevelFilter::INFO,
        _ => LevelFilter::TRACE,
    };
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_ansi(colour);
    let ours = Targets::new().with_target("userinfo", level);
    // A second start, as tests make it, changes nothing.
    let _ = tracing_subscriber::registry().with(ours).with(lines).try_init();
}
