//! Finding and reading the configuration.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::{Map, Value, json};
use tracing::info;
use userinfo_core::{Factory, Instance, Registry, parse_duration, parse_toml};

use crate::{
    args::Common,
    failure::Failure,
    sources::{Sources, read_text},
    world::World,
};

/// The most that a configuration may hold.
const MOST: u64 = 4 << 20;

/// A configuration that is TOML, and not yet more than that.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) file: PathBuf,
    pub(crate) table: Map<String, Value>,
}

/// Finds and reads the configuration, and lets the command line override it.
pub(crate) fn load(common: &Common, world: &World<'_>) -> Result<Config, Failure> {
    let file = find(common.config.as_deref(), world.env)?;
    let text = read_text(&file, MOST).map_err(|error| {
        let message = format!("the configuration {} cannot be read: {error}", file.display());
        Failure::config(message, "name a file that can be read with --config")
    })?;
    info!(file = %file.display(), bytes = text.len(), "configuration");
    Ok(Config::from_toml(file, &text)?.with_timeout(common.timeout).with_credentials(world.env))
}

impl Config {
    pub(crate) fn from_toml(file: PathBuf, text: &str) -> Result<Self, Failure> {
        match parse_toml(text) {
            Ok(table) => Ok(Self { file, table }),
            Err(error) => Err(Failure::Config { file, error }),
        }
    }

    /// Builds every provider, or says all that is wrong.
    pub(crate) fn registry(&self, world: &World<'_>) -> Result<Registry, Failure> {
        let registry = self.registry_of(world.factories, &self.sources(world.env))?;
        for (name, instance) in registry.iter() {
            info!(instance = name, kind = instance.provider.descriptor().kind, "provider");
        }
        Ok(registry)
    }

    fn registry_of(&self, factories: &[Factory], sources: &Sources<'_>) -> Result<Registry, Failure> {
        Registry::from_table(self.table.clone(), factories, sources)
            .map_err(|error| Failure::Config { file: self.file.clone(), error })
    }

    pub(crate) fn sources<'a>(&self, env: &'a dyn Fn(&str) -> Option<String>) -> Sources<'a> {
        Sources { env, folder: self.file.parent().unwrap_or(Path::new("")).to_owned() }
    }

    /// The tables of the instances by name.
    pub(crate) fn instances(&self) -> impl Iterator<Item = (&str, &Value)> {
        let table = self.table.get("providers").and_then(Value::as_object);
        table.into_iter().flatten().map(|(name, table)| (name.as_str(), table))
    }

    /// The table of one instance.
    pub(crate) fn instance(&self, name: &str) -> Option<&Value> {
        self.table.get("providers")?.get(name)
    }

    /// Forgets every other instance.
    pub(crate) fn keep_only(&mut self, instance: &str) -> Result<(), Failure> {
        let names: Vec<_> = self.instances().map(|(name, _)| name.to_owned()).collect();
        if !names.iter().any(|it| it == instance) {
            return Err(unknown("instance", instance, names.iter().map(String::as_str)));
        }
        if let Some(Value::Object(instances)) = self.table.get_mut("providers") {
            instances.retain(|name, _| name == instance);
        }
        Ok(())
    }

    /// Gives every call this deadline, whatever the file says, and no attempt more than that.
    ///
    /// A shorter `attempt_timeout` stays as it is; without one an attempt has its share, so that retries fit.
    pub(crate) fn with_timeout(mut self, timeout: Option<Duration>) -> Self {
        let Some(timeout) = timeout else { return self };
        let text = json!(format!("{}ms", timeout.as_millis()));
        set(&mut self.table, "http", "timeout", &text);
        set(&mut self.table, "layers", "deadline", &text);
        // What is no duration is a fault that the registry reports.
        let is_longer =
            |value: &Value| value.as_str().and_then(parse_duration).is_some_and(|it| it > timeout);
        self.for_each_table(|table| {
            replace(table, "http", "timeout", &text, |_| true);
            replace(table, "layers", "deadline", &text, |_| true);
            replace(table, "layers", "attempt_timeout", &text, is_longer);
        });
        self
    }

    /// Goes through the tables for all and for each instance.
    pub(crate) fn for_each_table(&mut self, change: impl Fn(&mut Map<String, Value>)) {
        change(&mut self.table);
        if let Some(Value::Object(instances)) = self.table.get_mut("providers") {
            instances.values_mut().filter_map(Value::as_object_mut).for_each(change);
        }
    }
}

/// Finds an instance by name.
pub(crate) fn instance<'a>(registry: &'a Registry, name: &str) -> Result<&'a Instance, Failure> {
    let found = registry.iter().find(|(it, _)| *it == name).map(|(_, instance)| instance);
    found.ok_or_else(|| unknown("instance", name, registry.iter().map(|(name, _)| name)))
}

/// Says that there is nothing of this name, and what there is.
pub(crate) fn unknown<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>) -> Failure {
    let known: Vec<_> = known.collect();
    let advice = match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`? known are {}", known.join(", ")),
        None if known.is_empty() => "the configuration has no [providers.NAME]".to_owned(),
        None => format!("known are {}", known.join(", ")),
    };
    Failure::input(format!("there is no {what} `{}`", userinfo_core::one_line(name)), advice)
}

/// The word that looks most like `name`, if one does.
pub(crate) fn nearest<'a>(name: &str, words: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let likeness = words.map(|word| (strsim::jaro_winkler(name, word), word));
    let near = likeness.filter(|(likeness, _)| *likeness > 0.75).max_by(|a, b| a.0.total_cmp(&b.0));
    near.map(|(_, word)| word)
}

pub(crate) fn set(table: &mut Map<String, Value>, name: &str, key: &str, text: &Value) {
    let inner = table.entry(name).or_insert_with(|| json!({}));
    // What is no table is a fault that the registry reports.
    if let Some(inner) = inner.as_object_mut() {
        inner.insert(key.to_owned(), text.clone());
    }
}

/// Replaces a value that is there, if it is to be.
fn replace(
    table: &mut Map<String, Value>,
    name: &str,
    key: &str,
    text: &Value,
    is_meant: impl Fn(&Value) -> bool,
) {
    let value = table.get_mut(name).and_then(|inner| inner.get_mut(key));
    if let Some(value) = value.filter(|value| is_meant(value)) {
        *value = text.clone();
    }
}

/// The file that is named, else the first that exists.
fn find(named: Option<&Path>, env: &dyn Fn(&str) -> Option<String>) -> Result<PathBuf, Failure> {
    let set = |name| env(name).filter(|it| !it.is_empty());
    if let Some(file) = named {
        return Ok(file.to_owned());
    }
    if let Some(file) = set("USERINFO_CONFIG") {
        return Ok(file.into());
    }
    let mut places = vec![PathBuf::from("userinfo.toml")];
    let xdg = set("XDG_CONFIG_HOME").map(PathBuf::from).filter(|it| it.is_absolute());
    let home = || set("HOME").map(|it| Path::new(&it).join(".config"));
    let folder = xdg.or_else(|| if cfg!(windows) { set("APPDATA").map(PathBuf::from) } else { home() });
    places.extend(folder.map(|it| it.join("userinfo").join("userinfo.toml")));
    if let Some(found) = places.iter().find(|it| it.exists()) {
        return Ok(found.clone());
    }
    let places: Vec<_> = places.iter().map(|it| it.display().to_string()).collect();
    Err(Failure::config(
        format!(
            "there is no configuration: neither --config nor $USERINFO_CONFIG, nor {}",
            places.join(" or ")
        ),
        "write one, or start with `userinfo sandbox > userinfo.toml`; `userinfo demo` needs none",
    ))
}
