mod secrets;
mod values;

use std::{cell::RefCell, collections::BTreeSet, fmt};

use serde_json::{Map, Value};

use crate::{ConfigFault, Note, SecretSources, one_line};

/// The settings of one instance: reads keys, collects every fault, and knows which keys were asked for.
///
/// A factory reads all its keys first and judges them after, so that one run lists every fault. A key that
/// nobody asked for is a fault too, with the nearest known key.
pub struct Settings<'a> {
    instance: String,
    is_trial: bool,
    path: String,
    /// Where the keys in `inherited` stand.
    origin: String,
    table: Map<String, Value>,
    defaults: Map<String, Value>,
    inherited: BTreeSet<String>,
    known: Vec<&'static str>,
    shared: &'a Shared<'a>,
}

/// What the path of every instance begins with.
pub(crate) const INSTANCES: &str = "providers.";

/// What all tables of one file share.
pub(crate) struct Shared<'a> {
    pub(crate) sources: &'a dyn SecretSources,
    pub(crate) faults: RefCell<Vec<ConfigFault>>,
    pub(crate) notes: RefCell<Vec<Note>>,
}

impl<'a> Settings<'a> {
    pub(crate) fn new(path: String, table: Map<String, Value>, shared: &'a Shared<'a>) -> Self {
        let (defaults, inherited) = (Map::new(), BTreeSet::new());
        let instance = path.strip_prefix(INSTANCES).unwrap_or_default().to_owned();
        let (origin, known, is_trial) = (String::new(), Vec::new(), false);
        Self { instance, is_trial, path, origin, table, defaults, inherited, known, shared }
    }

    /// An instance without a key or a name of its own, on which the tables for all are tried.
    pub(crate) fn trial(defaults: Map<String, Value>, shared: &'a Shared<'a>) -> Self {
        Self { is_trial: true, ..Self::new(INSTANCES.to_owned(), Map::new(), shared).with_defaults(defaults) }
    }

    /// Lets tables of this name fall back on `defaults`, which stand at the top of the file.
    pub(crate) fn with_defaults(mut self, defaults: Map<String, Value>) -> Self {
        self.defaults = defaults;
        self
    }

    /// Reads a table whose values may be anything.
    pub fn object(&mut self, name: &'static str) -> Option<Map<String, Value>> {
        match self.read(name)? {
            Value::Object(table) => Some(table),
            _ => self.wrong(name, "must be a table"),
        }
    }

    /// Reads a table with keys of its own; keys that `read` does not ask for are faults.
    pub fn within<T>(&mut self, name: &'static str, read: impl FnOnce(&mut Settings<'_>) -> T) -> T {
        let own = match self.read(name) {
            Some(Value::Object(table)) => table,
            Some(_) => {
                self.fault(name, "must be a table");
                Map::new()
            }
            None => Map::new(),
        };
        let mut table = match self.defaults.get(name) {
            Some(Value::Object(defaults)) => defaults.clone(),
            _ => Map::new(),
        };
        let inherited = table.keys().filter(|key| !own.contains_key(*key)).cloned().collect();
        table.extend(own);
        let mut inner = Settings::new(self.key(name), table, self.shared);
        inner.inherited = inherited;
        inner.origin = join(&self.origin, name);
        inner.instance.clone_from(&self.instance);
        let result = read(&mut inner);
        inner.finish();
        result
    }

    /// Reads a table with keys of its own that may be left out or switched off: `None` for both.
    pub fn within_or_off<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&mut Settings<'_>) -> T,
    ) -> Option<T> {
        match self.table.get(name) {
            Some(Value::String(word)) if word == "off" => {
                self.read(name);
                None
            }
            Some(Value::Object(_)) => Some(self.within(name, read)),
            Some(_) => {
                self.read(name);
                self.wrong(name, "must be a table or \"off\"")
            }
            None => {
                self.read(name);
                None
            }
        }
    }

    /// Returns the name of the instance that these settings are for.
    #[must_use]
    pub fn instance(&self) -> &str {
        &self.instance
    }

    /// Says that there is no instance: the tables for all are read to be judged, and nothing is kept of it.
    #[must_use]
    pub fn is_trial(&self) -> bool {
        self.is_trial
    }

    /// Reports a fault of a key.
    pub fn fault(&self, name: &str, message: impl AsRef<str>) {
        let fault = ConfigFault { path: self.key(name), message: one_line(message.as_ref()) };
        let mut faults = self.shared.faults.borrow_mut();
        if !faults.contains(&fault) {
            faults.push(fault);
        }
    }

    /// Refuses a key that is known and cannot be used yet.
    pub fn not_yet(&mut self, name: &'static str, message: &str) {
        if self.table.remove(name).is_some() {
            self.fault(name, message);
        }
    }

    /// Notes something worth telling about a key.
    pub fn note(&self, name: &str, message: impl Into<String>) {
        self.shared.notes.borrow_mut().push(Note { path: self.key(name), message: message.into() });
    }

    /// Says whether the key is there and not yet read.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.table.contains_key(name)
    }

    /// Refuses a table, of this instance or for all, that nobody asked for.
    pub(crate) fn refuse_unread(&mut self, name: &'static str, message: &str) {
        if self.known.contains(&name) {
            return;
        }
        if self.table.remove(name).is_some() {
            self.fault(name, message);
        }
        if self.defaults.contains_key(name) {
            self.inherited.insert(name.to_owned());
            self.fault(name, message);
        }
    }

    /// Reports every key that nobody asked for.
    pub(crate) fn finish(self) {
        for name in self.table.keys() {
            match nearest(name, self.known.iter().copied()) {
                Some(known) => self.fault(name, format!("unknown key; did you mean `{known}`?")),
                None => self.fault(name, format!("unknown key; known are {}", quoted(&self.known))),
            }
        }
    }

    /// The path of a key: where it stands, which may be at the top of the file.
    fn key(&self, name: &str) -> String {
        join(if self.inherited.contains(name) { &self.origin } else { &self.path }, name)
    }

    fn read(&mut self, name: &'static str) -> Option<Value> {
        if !self.known.contains(&name) {
            self.known.push(name);
        }
        self.table.remove(name)
    }

    fn require(&mut self, name: &'static str) -> Option<()> {
        if self.has(name) {
            return Some(());
        }
        self.read(name);
        self.wrong(name, "is missing")
    }

    fn wrong<T>(&self, name: &str, message: &str) -> Option<T> {
        self.fault(name, message);
        None
    }
}

/// Shows the path only: values may be secret.
impl fmt::Debug for Settings<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Settings({})", self.path)
    }
}

fn join(table: &str, name: &str) -> String {
    if table.is_empty() { name.to_owned() } else { format!("{table}.{name}") }
}

/// The word that looks most like `name`, if one does.
pub(crate) fn nearest<'a>(name: &str, words: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let near = words.map(|word| (strsim::jaro_winkler(name, word), word));
    let near = near.filter(|(likeness, _)| *likeness > 0.75).max_by(|a, b| a.0.total_cmp(&b.0));
    near.map(|(_, word)| word)
}

pub(crate) fn quoted(words: &[&str]) -> String {
    let words: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}
