//! `userinfo sandbox`: the four vendors, simulated, until Ctrl-C.

use std::{io, path::Path, sync::Arc, time::SystemTime};

use serde_json::Value;
use userinfo_core::{ConfigError, ConfigFault};
use userinfo_sandbox::{Fault, Sandbox, Script, Server, people_from_json};

use super::{no_runtime, sandbox_config};
use crate::{config::nearest, failure::Failure, sources::read_text, world::World};

/// The most that a file of people or faults may hold.
const MOST: u64 = 64 << 20;

pub(crate) fn run(
    addr: &str,
    faults: Option<&Path>,
    people: Option<&Path>,
    world: &mut World<'_>,
) -> Result<(), Failure> {
    let mut sandbox = Sandbox::new().with_clock(SystemTime::now);
    if let Some(file) = people {
        let people = people_from_json(&read(file)?).map_err(|it| unusable(file, it.faults().to_vec()))?;
        if people.is_empty() {
            return Err(unusable(file, vec!["there must be somebody in it".to_owned()]));
        }
        sandbox = sandbox.with_people(people);
    }
    if let Some(file) = faults {
        let text = read(file)?;
        let script = Script::from_json(&text)
            .map_err(|it| unusable(file, vec![with_nearest_fault(&it.to_string(), &text)]))?;
        sandbox.play(script);
    }
    let sandbox = Arc::new(sandbox);
    let server = Server::bind(Arc::clone(&sandbox), addr).map_err(|error| cannot_listen(addr, &error))?;
    let bound = server.addr();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(no_runtime)?;
    runtime.block_on(async {
        let mut stop = Stop::new().map_err(no_runtime)?;
        // The configuration goes first, so that whoever waits for it can begin.
        let config = sandbox_config::toml(&sandbox_config::url(bound), sandbox.people());
        world.stdout.write_all(config.as_bytes())?;
        world.stdout.flush()?;
        if !bound.ip().is_loopback() {
            world.note("anyone who reaches this address can script the sandbox and read its journal");
        }
        world.note(&format!("listening on http://{bound}; Ctrl-C ends it"));
        tokio::select! {
            ended = server.serve() => {
                ended.map_err(|error| Failure::Machine { what: "the sandbox ended", error })
            }
            () = stop.told() => Ok(()),
        }
    })
}

/// Hears Ctrl-C, and what a container is stopped with.
#[cfg(unix)]
struct Stop([tokio::signal::unix::Signal; 2]);

#[cfg(unix)]
impl Stop {
    /// Listens from here on.
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};

        Ok(Self([signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?]))
    }

    async fn told(&mut self) {
        let [interrupt, terminate] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    }
}

/// Hears Ctrl-C.
#[cfg(windows)]
struct Stop(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Stop {
    /// Listens from here on.
    fn new() -> io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    async fn told(&mut self) {
        let _ = self.0.recv().await;
    }
}

/// A port that is taken or forbidden is the machine's matter; an address that is none is the command line's.
fn cannot_listen(addr: &str, error: &io::Error) -> Failure {
    match error.kind() {
        kind @ (io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied) => {
            let error = io::Error::new(kind, format!("{addr}: {error}; choose another --addr"));
            Failure::Machine { what: "cannot listen", error }
        }
        _ => Failure::input(format!("cannot listen on {addr}: {error}"), "choose another --addr"),
    }
}

/// Puts the fault that was probably meant before the list of all, which is too long for one line.
fn with_nearest_fault(message: &str, script: &str) -> String {
    let near = || {
        let script: Value = serde_json::from_str(script).ok()?;
        let mut named =
            script.get("rules")?.as_array()?.iter().filter_map(|rule| rule.get("fault")?.as_str());
        let name = named.find(|name| message.contains(&format!("no fault is called `{name}`; known: ")))?;
        nearest(name, Fault::names().iter().copied())
    };
    match near() {
        Some(near) => message.replacen("; known: ", &format!("; did you mean `{near}`? known: "), 1),
        None => message.to_owned(),
    }
}

fn read(file: &Path) -> Result<String, Failure> {
    read_text(file, MOST).map_err(|error| unusable(file, vec![format!("cannot be read: {error}")]))
}

fn unusable(file: &Path, faults: Vec<String>) -> Failure {
    let faults = faults
        .into_iter()
        .map(|it| ConfigFault { path: String::new(), message: userinfo_core::one_line(&it) });
    Failure::Config { file: file.to_owned(), error: ConfigError { faults: faults.collect() } }
}
