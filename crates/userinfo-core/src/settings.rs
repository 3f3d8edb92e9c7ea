use std::{cell::RefCell, collections::BTreeSet, fmt, io, time::Duration};

use serde_json::{Map, Value};

use crate::Secret;

/// The settings of one instance: reads keys, collects every fault, and knows which keys were asked for.
///
/// A factory reads all its keys first and judges them after, so that one run lists every fault. A key that
/// nobody asked for is a fault too, with the nearest known key.
pub struct Settings<'a> {
    path: String,
    table: Map<String, Value>,
    defaults: Map<String, Value>,
    inherited: BTreeSet<String>,
    known: Vec<&'static str>,
    shared: &'a Shared<'a>,
}

/// What all tables of one file share.
pub(crate) struct Shared<'a> {
    pub(crate) sources: &'a dyn SecretSources,
    pub(crate) faults: RefCell<Vec<ConfigFault>>,
    pub(crate) notes: RefCell<Vec<Note>>,
}

/// Where secrets come from that are not written in the configuration itself.
///
/// The core reads neither environment nor files; an application says how.
pub trait SecretSources {
    /// Returns an environment variable; `None` if it is not set.
    fn env(&self, name: &str) -> Option<String>;

    /// Reads a text file.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    fn file(&self, path: &str) -> io::Result<String>;
}

/// One thing that is wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFault {
    /// The key, such as `providers.site.token`; empty for the file as a whole.
    pub path: String,
    /// What is wrong with it, in one line, without its value.
    pub message: String,
}

/// Something worth telling about a setting that works, such as the size of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The key, such as `providers.wallet.private_key`.
    pub path: String,
    /// What is to be told, in one line.
    pub message: String,
}

/// A configuration that cannot work, with every fault in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The faults, in the order of the file's tables.
    pub faults: Vec<ConfigFault>,
}

impl<'a> Settings<'a> {
    pub(crate) fn new(path: String, table: Map<String, Value>, shared: &'a Shared<'a>) -> Self {
        Self { path, table, defaults: Map::new(), inherited: BTreeSet::new(), known: Vec::new(), shared }
    }

    /// Lets tables of this name fall back on `defaults`, which stand at the top of the file.
    pub(crate) fn with_defaults(mut self, defaults: Map<String, Value>) -> Self {
        self.defaults = defaults;
        self
    }

    /// Reads a text; an empty one is a fault.
    pub fn text(&mut self, name: &'static str) -> Option<String> {
        match self.read(name)? {
            Value::String(text) if text.is_empty() => self.wrong(name, "must not be empty"),
            Value::String(text) => Some(text),
            _ => self.wrong(name, "must be text in quotes"),
        }
    }

    /// Reads a text without which the instance cannot work.
    pub fn required_text(&mut self, name: &'static str) -> Option<String> {
        self.require(name)?;
        self.text(name)
    }

    /// Reads one of a few words.
    pub fn one_of(&mut self, name: &'static str, words: &[&'static str]) -> Option<&'static str> {
        let text = self.text(name)?;
        let found = words.iter().find(|word| **word == text);
        found.copied().or_else(|| self.wrong(name, &format!("must be one of {}", quoted(words))))
    }

    /// Reads `true` or `false`.
    pub fn boolean(&mut self, name: &'static str) -> Option<bool> {
        match self.read(name)? {
            Value::Bool(value) => Some(value),
            _ => self.wrong(name, "must be true or false"),
        }
    }

    /// Reads a whole number that is not negative.
    pub fn integer(&mut self, name: &'static str) -> Option<u64> {
        let value = self.read(name)?;
        value.as_u64().or_else(|| self.wrong(name, "must be a whole number, 0 or more"))
    }

    /// Reads a duration such as `"500ms"`, `"10s"`, `"5m"` or `"24h"`, longer than nothing.
    pub fn duration(&mut self, name: &'static str) -> Option<Duration> {
        let text = self.text(name)?;
        let found = parse_duration(&text).filter(|it| !it.is_zero());
        found.or_else(|| self.wrong(name, "must be a duration such as \"500ms\", \"10s\", \"5m\" or \"24h\""))
    }

    /// Reads a duration that may be switched off: `Some(None)` for `"off"`.
    pub fn duration_or_off(&mut self, name: &'static str) -> Option<Option<Duration>> {
        if self.table.get(name).and_then(Value::as_str) == Some("off") {
            self.read(name);
            return Some(None);
        }
        let text = self.text(name)?;
        match parse_duration(&text).filter(|it| !it.is_zero()) {
            Some(duration) => Some(Some(duration)),
            None => self
                .wrong(name, "must be \"off\" or a duration such as \"500ms\", \"10s\", \"5m\" or \"24h\""),
        }
    }

    /// Reads a size such as `"64KiB"` or `"1MiB"`, in bytes.
    pub fn size(&mut self, name: &'static str) -> Option<usize> {
        let text = self.text(name)?;
        let found = parse_size(&text).filter(|it| *it > 0);
        found.or_else(|| self.wrong(name, "must be a size such as \"64KiB\" or \"1MiB\""))
    }

    /// Reads a secret: `"literal"`, `{ env = "NAME" }` or `{ file = "path" }`.
    pub fn secret(&mut self, name: &'static str) -> Option<Secret> {
        let value = self.read(name)?;
        self.resolve(name, value)
    }

    /// Reads a secret without which the instance cannot work.
    pub fn required_secret(&mut self, name: &'static str) -> Option<Secret> {
        self.require(name)?;
        self.secret(name)
    }

    /// Reads the text file that a key names.
    pub fn file(&mut self, name: &'static str) -> Option<String> {
        let path = self.text(name)?;
        match self.shared.sources.file(&path) {
            Ok(text) => Some(text),
            Err(error) => self.wrong(name, &format!("the file {path} cannot be read: {error}")),
        }
    }

    /// Reads a table of secrets under names of the user's choice, such as extra headers.
    pub fn secrets(&mut self, name: &'static str) -> Vec<(String, Secret)> {
        let mut found = Vec::new();
        match self.read(name) {
            None => {}
            Some(Value::Object(table)) => {
                for (key, value) in table {
                    let path = format!("{name}.{key}");
                    found.extend(self.resolve(&path, value).map(|secret| (key, secret)));
                }
            }
            Some(_) => self.fault(name, "must be a table"),
        }
        found
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
        let result = read(&mut inner);
        inner.finish();
        result
    }

    /// Reports a fault of a key.
    pub fn fault(&self, name: &str, message: impl AsRef<str>) {
        let path = if self.inherited.contains(name) {
            let table = self.path.rsplit_once('.').map_or(self.path.as_str(), |(_, table)| table);
            format!("{table}.{name}")
        } else {
            self.key(name)
        };
        let fault = ConfigFault { path, message: crate::one_line(message.as_ref()) };
        let mut faults = self.shared.faults.borrow_mut();
        if !faults.contains(&fault) {
            faults.push(fault);
        }
    }

    /// Refuses a key that is known and cannot be used yet.
    pub fn not_yet(&mut self, name: &'static str, message: &str) {
        if self.read(name).is_some() {
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

    /// Reports every key that nobody asked for.
    pub(crate) fn finish(self) {
        for name in self.table.keys() {
            let near = self.known.iter().map(|known| (strsim::jaro_winkler(name, known), known));
            let near = near.filter(|(likeness, _)| *likeness > 0.75).max_by(|a, b| a.0.total_cmp(&b.0));
            match near {
                Some((_, known)) => self.fault(name, format!("unknown key; did you mean `{known}`?")),
                None => self.fault(name, format!("unknown key; known are {}", quoted(&self.known))),
            }
        }
    }

    fn key(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
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

    fn resolve(&self, name: &str, value: Value) -> Option<Secret> {
        let (kind, from) = match value {
            Value::String(text) => return self.unless_empty(name, "must not be empty", text),
            Value::Object(table) if table.len() == 1 => {
                table.into_iter().next().and_then(|(kind, from)| Some((kind, from.as_str()?.to_owned())))?
            }
            _ => (String::new(), String::new()),
        };
        match kind.as_str() {
            "env" => match self.shared.sources.env(&from) {
                Some(text) => {
                    let empty = format!("the environment variable {from} is empty");
                    self.unless_empty(name, &empty, text)
                }
                None => self.wrong(name, &format!("the environment variable {from} is not set")),
            },
            "file" => match self.shared.sources.file(&from) {
                Ok(text) => {
                    let text = Secret::new(text);
                    let trimmed = text.expose().trim_end_matches(['\r', '\n']).to_owned();
                    self.unless_empty(name, &format!("the file {from} is empty"), trimmed)
                }
                Err(error) => self.wrong(name, &format!("the file {from} cannot be read: {error}")),
            },
            _ => self.wrong(name, "must be \"text\", { env = \"NAME\" } or { file = \"path\" }"),
        }
    }

    fn unless_empty(&self, name: &str, empty: &str, text: String) -> Option<Secret> {
        if text.is_empty() { self.wrong(name, empty) } else { Some(Secret::new(text)) }
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

impl fmt::Display for ConfigFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_str() {
            "" => f.write_str(&self.message),
            path => write!(f, "{}: {}", crate::one_line(path), self.message),
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, fault) in self.faults.iter().enumerate() {
            write!(f, "{}{fault}", if at == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

/// Reads a duration written `"500ms"`, `"10s"`, `"5m"` or `"24h"`; `None` for anything else.
#[must_use]
pub fn parse_duration(text: &str) -> Option<Duration> {
    let (number, unit) = number_and_unit(text)?;
    let millis = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    number.checked_mul(millis).map(Duration::from_millis)
}

/// Reads a size written `"512B"`, `"64KiB"`, `"1MiB"` or `"1GiB"`, in bytes; `None` for anything else.
#[must_use]
pub fn parse_size(text: &str) -> Option<usize> {
    let (number, unit) = number_and_unit(text)?;
    let bytes = match unit {
        "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    number.checked_mul(bytes).and_then(|it| it.try_into().ok())
}

fn number_and_unit(text: &str) -> Option<(u64, &str)> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
    Some((number.parse().ok()?, unit))
}

fn quoted(words: &[&str]) -> String {
    let words: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_sizes_are_read_as_they_are_written() {
        assert_eq!(parse_duration("500ms"), Some(Duration::from_millis(500)));
        assert_eq!(parse_duration("10s"), Some(Duration::from_secs(10)));
        assert_eq!(parse_duration("5m"), Some(Duration::from_secs(300)));
        assert_eq!(parse_duration("24h"), Some(Duration::from_secs(86_400)));
        for no in
            ["", "10", "s", "-1s", "1.5s", "10 s", "1d", "99999999999999999999h", "18446744073709551615h"]
        {
            assert_eq!(parse_duration(no), None, "{no}");
        }
        assert_eq!(parse_size("64KiB"), Some(65_536));
        assert_eq!(parse_size("1MiB"), Some(1 << 20));
        for no in ["", "1", "1MB", "1mib", "MiB", "99999999999999GiB"] {
            assert_eq!(parse_size(no), None, "{no}");
        }
    }
}
