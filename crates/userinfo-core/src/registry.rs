use std::{cell::RefCell, collections::BTreeMap, sync::Arc};

use serde_json::{Map, Value, json};

use crate::{
    ConfigError, ConfigFault, Factory, Note, SecretSources, Settings, SignIn, UserInfoProvider,
    settings::{INSTANCES, Shared, nearest, quoted},
};

/// Named instances of providers; several of one kind are normal.
///
/// ```
/// # use std::sync::Arc;
/// # use userinfo_core::{Registry, UserInfoProvider};
/// # fn of(site: Arc<dyn UserInfoProvider>) {
/// let mut registry = Registry::default();
/// registry.insert("site", site);
/// assert!(registry.get("site").is_some());
/// # }
/// ```
#[derive(Debug, Default)]
pub struct Registry {
    instances: BTreeMap<String, Instance>,
}

/// One named provider.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Instance {
    /// The provider.
    pub provider: Arc<dyn UserInfoProvider>,
    /// How a person logs in for it, where that can be.
    pub sign_in: Option<Arc<dyn SignIn>>,
    /// What its configuration has to tell.
    pub notes: Vec<Note>,
}

impl Instance {
    /// Starts from a provider alone.
    #[must_use]
    pub fn new(provider: Arc<dyn UserInfoProvider>) -> Self {
        Self { provider, sign_in: None, notes: Vec::new() }
    }

    /// Says how a person logs in for it, if at all.
    #[must_use]
    pub fn with_sign_in(mut self, sign_in: Option<Arc<dyn SignIn>>) -> Self {
        self.sign_in = sign_in;
        self
    }
}

impl<P: UserInfoProvider + 'static> From<Arc<P>> for Instance {
    fn from(provider: Arc<P>) -> Self {
        Self::new(provider)
    }
}

impl From<Arc<dyn UserInfoProvider>> for Instance {
    fn from(provider: Arc<dyn UserInfoProvider>) -> Self {
        Self::new(provider)
    }
}

impl Registry {
    /// Adds a provider, or a whole instance, under a name; returns the provider that had the name before.
    pub fn insert(
        &mut self,
        name: impl Into<String>,
        instance: impl Into<Instance>,
    ) -> Option<Arc<dyn UserInfoProvider>> {
        self.instances.insert(name.into(), instance.into()).map(|before| before.provider)
    }

    /// Returns the provider of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Arc<dyn UserInfoProvider>> {
        self.instances.get(name).map(|it| &it.provider)
    }

    /// Goes through the instances by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Instance)> {
        self.instances.iter().map(|(name, instance)| (name.as_str(), instance))
    }

    /// Builds the providers that a TOML text configures.
    ///
    /// # Errors
    ///
    /// Every fault of the text, before any I/O but that of `sources`.
    #[cfg(feature = "toml")]
    pub fn from_toml(
        text: &str,
        factories: &[Factory],
        sources: &dyn SecretSources,
    ) -> Result<Self, ConfigError> {
        Self::from_table(crate::parse_toml(text)?, factories, sources)
    }

    /// Builds the providers that a table configures: `providers.NAME`, with `http`, `layers` and `credentials` for all.
    ///
    /// # Errors
    ///
    /// Every fault of the table, before any I/O but that of `sources`.
    pub fn from_table(
        table: Map<String, Value>,
        factories: &[Factory],
        sources: &dyn SecretSources,
    ) -> Result<Self, ConfigError> {
        let shared = Shared { sources, faults: RefCell::new(Vec::new()), notes: RefCell::new(Vec::new()) };
        let mut instances = BTreeMap::new();
        let mut top = Settings::new(String::new(), table, &shared);
        let providers = top.object("providers").unwrap_or_default();
        let mut defaults = Map::new();
        for name in ["http", "layers", "credentials"] {
            defaults.extend(top.object(name).map(|table| (name.to_owned(), Value::Object(table))));
        }
        top.finish();
        for tables in unread(&defaults, &providers) {
            shared.faults.borrow_mut().extend(faults_for_all(tables, factories, sources));
        }
        for (name, table) in providers {
            let path = format!("{INSTANCES}{name}");
            let Value::Object(table) = table else {
                shared.faults.borrow_mut().push(ConfigFault { path, message: "must be a table".to_owned() });
                continue;
            };
            let mut settings = Settings::new(path, table, &shared).with_defaults(defaults.clone());
            let Some(factory) = factory(&mut settings, factories) else { continue };
            let built = factory.build(&mut settings);
            if built.is_none() && shared.faults.borrow().is_empty() {
                settings.fault("kind", "the provider cannot be built, and does not say why");
            }
            settings.refuse_unread("layers", NO_LAYERS);
            settings.finish();
            let notes = shared.notes.take();
            instances.extend(built.map(|built| (name, Instance { notes, ..built })));
        }
        let faults = shared.faults.into_inner();
        if faults.is_empty() { Ok(Self { instances }) } else { Err(ConfigError { faults }) }
    }
}

const NO_LAYERS: &str = "this program puts no layers around its providers; leave `layers` out";

/// What no instance reads of the tables for all: everything if there is no instance, else each key that all of
/// them have for themselves, one by one, since together they need not fit.
fn unread(defaults: &Map<String, Value>, instances: &Map<String, Value>) -> Vec<Map<String, Value>> {
    if instances.is_empty() {
        return vec![defaults.clone()];
    }
    let mut unread = Vec::new();
    for (name, table) in defaults {
        for (key, value) in table.as_object().into_iter().flatten() {
            let is_masked = |it: &Value| it.get(name).is_some_and(|own| own.get(key).is_some());
            if instances.values().all(is_masked) {
                unread.push(Map::from_iter([(name.clone(), json!({ key: value }))]));
            }
        }
    }
    unread
}

/// Judges tables for all as an instance that adds nothing to them would be.
fn faults_for_all(
    tables: Map<String, Value>,
    factories: &[Factory],
    sources: &dyn SecretSources,
) -> Vec<ConfigFault> {
    let trial = Shared { sources, faults: RefCell::new(Vec::new()), notes: RefCell::new(Vec::new()) };
    // Every provider reads these tables alike.
    if let Some(factory) = factories.first() {
        factory.build(&mut Settings::trial(tables, &trial));
    }
    // What the instance itself lacks is no fault of the file.
    trial.faults.into_inner().into_iter().filter(|it| !it.path.starts_with(INSTANCES)).collect()
}

fn factory<'a>(settings: &mut Settings<'_>, factories: &'a [Factory]) -> Option<&'a Factory> {
    let kind = settings.required_text("kind")?;
    let found = factories.iter().find(|it| it.descriptor().kind == kind);
    if found.is_none() {
        let kinds: Vec<_> = factories.iter().map(|it| it.descriptor().kind).collect();
        let near = nearest(&kind, kinds.iter().copied()).map(|it| format!("did you mean `{it}`? "));
        let (near, kinds) = (near.unwrap_or_default(), quoted(&kinds));
        settings.fault("kind", format!("there is no provider `{kind}`; {near}known are {kinds}"));
    }
    found
}

#[cfg(test)]
mod tests;
