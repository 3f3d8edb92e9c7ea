//! Looks one user up many times through the configured layers, and counts what came of it.
//!
//! `bad-day FILE INSTANCE ID TIMES`, with the configuration in FILE.

use std::{
    collections::BTreeMap,
    env,
    error::Error,
    fs, io,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::Instant,
};

use futures_util::StreamExt;
use userinfo_core::{Freshness, Lookup, Registry, SecretSources};
use userinfo_layers::{Layers, fetch_many};

/// How many look-ups are under way at once.
const AT_ONCE: NonZeroUsize = NonZeroUsize::new(16).expect("16 is not 0");

/// Where the configuration's secrets come from: the environment, and files beside it.
struct Sources {
    folder: PathBuf,
}

impl SecretSources for Sources {
    fn env(&self, name: &str) -> Option<String> {
        env::var(name).ok()
    }

    fn file(&self, path: &str) -> io::Result<String> {
        fs::read_to_string(self.folder.join(path))
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let words: Vec<_> = env::args().skip(1).collect();
    let [file, instance, id, times] = words.as_slice() else {
        complain("usage: bad-day FILE INSTANCE ID TIMES");
        return ExitCode::from(2);
    };
    match run(file, instance, id, times).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("bad-day: {error}"));
            ExitCode::FAILURE
        }
    }
}

async fn run(file: &str, instance: &str, id: &str, times: &str) -> Result<(), Box<dyn Error>> {
    let times: usize = times.parse().map_err(|error| format!("TIMES: {error}"))?;
    let layers = Layers::new();
    let factories = [
        userinfo_alipay_plus::factory(),
        userinfo_anqicms::factory(),
        userinfo_quectel::factory(),
        userinfo_tianyin::factory(),
    ];
    let sources = Sources { folder: Path::new(file).parent().unwrap_or(Path::new("")).to_owned() };
    let text = fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    let registry = Registry::from_toml(&text, &layers.over(factories), &sources)
        .map_err(|error| format!("{file}: {error}"))?;
    let provider = registry.get(instance).ok_or_else(|| format!("there is no instance `{instance}`"))?;
    let order = layers.get(instance).map(|stack| stack.order()).unwrap_or_default();
    say(&format!("layers: {}", order.join(" > ")));

    let start = Instant::now();
    let lookups = std::iter::repeat_n(Lookup::id(id), times);
    let mut answers = std::pin::pin!(fetch_many(Arc::clone(provider), lookups, AT_ONCE));
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    while let Some((_, result)) = answers.next().await {
        let what = match result {
            Ok(user) if user.freshness() == Freshness::Fresh => "ok".to_owned(),
            Ok(_) => "ok, stale".to_owned(),
            Err(error) => error.to_string(),
        };
        *counts.entry(what).or_default() += 1;
    }
    say(&format!("{times} look-ups in {:.1} s", start.elapsed().as_secs_f64()));
    for (what, count) in counts {
        say(&format!("{count:6}  {what}"));
    }
    Ok(())
}

/// Prints a line.
#[expect(clippy::print_stdout, reason = "a program may talk to its user")]
fn say(line: &str) {
    println!("{line}");
}

/// Prints a line to stderr.
#[expect(clippy::print_stderr, reason = "a program may talk to its user")]
fn complain(line: &str) {
    eprintln!("{line}");
}
