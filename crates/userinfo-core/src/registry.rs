use std::{cell::RefCell, collections::BTreeMap, sync::Arc};

use serde_json::{Map, Value};

use crate::{
    ConfigError, ConfigFault, Factory, Note, SecretSources, Settings, UserInfoProvider,
    settings::{Shared, nearest, quoted},
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
    /// What its configuration has to tell.
    pub notes: Vec<Note>,
}

impl Registry {
    /// Adds a provider under a name; returns the one that had the name before.
    pub fn insert(
        &mut self,
        name: impl Into<String>,
        provider: Arc<dyn UserInfoProvider>,
    ) -> Option<Arc<dyn UserInfoProvider>> {
        let instance = Instance { provider, notes: Vec::new() };
        self.instances.insert(name.into(), instance).map(|before| before.provider)
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

    /// Builds the providers that a table configures: `providers.NAME`, with `http` and `layers` for all.
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
        let defaults: Map<_, _> =
            top.object("http").map(|http| ("http".to_owned(), Value::Object(http))).into_iter().collect();
        top.not_yet("layers", LAYERS_NOT_YET);
        top.finish();
        for (name, table) in providers {
            let path = format!("providers.{name}");
            let Value::Object(table) = table else {
                shared.faults.borrow_mut().push(ConfigFault { path, message: "must be a table".to_owned() });
                continue;
            };
            let mut settings = Settings::new(path, table, &shared).with_defaults(defaults.clone());
            settings.not_yet("layers", LAYERS_NOT_YET);
            let Some(factory) = factory(&mut settings, factories) else { continue };
            let built = factory.build(&mut settings);
            if built.is_none() && shared.faults.borrow().is_empty() {
                settings.fault("kind", "the provider cannot be built, and does not say why");
            }
            settings.finish();
            let notes = shared.notes.take();
            instances.extend(built.map(|provider| (name, Instance { provider, notes })));
        }
        let faults = shared.faults.into_inner();
        if faults.is_empty() { Ok(Self { instances }) } else { Err(ConfigError { faults }) }
    }
}

const LAYERS_NOT_YET: &str = "layers cannot be configured yet; leave `layers` out";

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
mod tests {
    use std::{io, time::Duration};

    use async_trait::async_trait;
    use serde_json::json;

    use super::*;
    use crate::{Descriptor, Error, Lookup, LookupKind, Result, Secret, User};

    static ACME: Descriptor = Descriptor::new("acme", "Acme", "https://a.example", &[LookupKind::Id], &[]);

    /// Keeps what was read, so that a test can look at it.
    #[derive(Debug)]
    struct Acme {
        token: Secret,
        timeout: Option<Duration>,
        max_body: Option<usize>,
    }

    #[async_trait]
    impl UserInfoProvider for Acme {
        fn descriptor(&self) -> &'static Descriptor {
            &ACME
        }

        async fn user(&self, _: &Lookup) -> Result<User> {
            let show = |it: Option<u128>| it.map_or_else(|| "default".to_owned(), |it| it.to_string());
            let timeout = show(self.timeout.map(|it| it.as_millis()));
            let max_body = show(self.max_body.map(|it| it as u128));
            Ok(User::new("acme", format!("{} {timeout} {max_body}", self.token.expose())))
        }
    }

    fn acme() -> Factory {
        let build = |settings: &mut Settings<'_>| {
            let token = settings.required_secret("token");
            let region = settings.one_of("region", &["cn", "eu"]);
            settings.duration_or_off("max_clock_skew");
            settings.boolean("strict");
            settings.integer("key_version");
            settings.file("ca_file");
            settings.secrets("headers");
            let (timeout, max_body) =
                settings.within("http", |http| (http.duration("timeout"), http.size("max_body")));
            if region == Some("eu") {
                settings.note("region", "is far away");
            }
            let acme = Acme { token: token?, timeout, max_body };
            Some(Arc::new(acme) as Arc<dyn UserInfoProvider>)
        };
        Factory::new(&ACME, build, |_| Err(Error::invalid_input("acme", "no answers are saved")))
    }

    struct Sources;

    impl SecretSources for Sources {
        fn env(&self, name: &str) -> Option<String> {
            [("TOKEN", "from-env"), ("EMPTY", "")].iter().find(|it| it.0 == name).map(|it| it.1.to_owned())
        }

        fn file(&self, path: &str) -> io::Result<String> {
            match path {
                "token.txt" => Ok("from-file\r\n".to_owned()),
                "empty.txt" => Ok("\n".to_owned()),
                _ => Err(io::Error::from(io::ErrorKind::NotFound)),
            }
        }
    }

    fn read(table: Value) -> Result<Registry, ConfigError> {
        let Value::Object(table) = table else { unreachable!("every test gives a table") };
        Registry::from_table(table, &[acme()], &Sources)
    }

    fn faults(table: Value) -> Vec<String> {
        let error = read(table).expect_err("faults");
        error.faults.iter().map(ToString::to_string).collect()
    }

    async fn seen(registry: &Registry, name: &str) -> String {
        registry.get(name).expect(name).user(&Lookup::id("1")).await.expect("a user").into_profile().id
    }

    #[tokio::test]
    async fn several_instances_of_a_kind_share_the_defaults_and_override_them() {
        let registry = read(json!({
            "http": { "timeout": "5s", "max_body": "64KiB" },
            "providers": {
                "a": { "kind": "acme", "token": "literal", "region": "eu" },
                "b": { "kind": "acme", "token": { "env": "TOKEN" }, "http": { "timeout": "10ms" } },
                "c": { "kind": "acme", "token": { "file": "token.txt" }, "http": {} },
            },
        }))
        .expect("a registry");
        assert_eq!(seen(&registry, "a").await, "literal 5000 65536");
        assert_eq!(seen(&registry, "b").await, "from-env 10 65536");
        assert_eq!(seen(&registry, "c").await, "from-file 5000 65536");
        let notes: Vec<_> = registry.iter().map(|(name, it)| (name, it.notes.len())).collect();
        assert_eq!(notes, [("a", 1), ("b", 0), ("c", 0)]);
        assert!(!format!("{registry:?}").contains("literal"));
    }

    #[test]
    fn a_fault_of_a_default_is_told_once_at_the_top_and_an_own_one_at_the_instance() {
        let told = faults(json!({
            "http": { "timeout": "soon", "tiemout": 1 },
            "providers": {
                "a": { "kind": "acme", "token": "t" },
                "b": { "kind": "acme", "token": "t", "http": { "max_body": "1MB" } },
            },
        }));
        assert_eq!(told.len(), 3, "{told:#?}");
        assert!(told[0].starts_with("http.timeout: must be a duration"), "{told:#?}");
        assert_eq!(told[1], "http.tiemout: unknown key; did you mean `timeout`?");
        assert!(told[2].starts_with("providers.b.http.max_body: must be a size"), "{told:#?}");
    }

    #[test]
    fn one_run_lists_every_fault() {
        let told = faults(json!({
            "porviders": {}, "layers": {},
            "providers": {
                "a": { "kind": "acmee", "whatever": 1 },
                "b": { "tokn": "t", "kind": "acme", "region": "na", "layers": { "retry": {} }, "strict": "yes" },
                "c": {}, "d": 7,
            },
        }));
        assert_eq!(
            told,
            [
                "layers: layers cannot be configured yet; leave `layers` out",
                "porviders: unknown key; did you mean `providers`?",
                "providers.a.kind: there is no provider `acmee`; did you mean `acme`? known are `acme`",
                "providers.b.layers: layers cannot be configured yet; leave `layers` out",
                "providers.b.token: is missing",
                "providers.b.region: must be one of `cn`, `eu`",
                "providers.b.strict: must be true or false",
                "providers.b.tokn: unknown key; did you mean `token`?",
                "providers.c.kind: is missing",
                "providers.d: must be a table",
            ]
        );
    }

    #[test]
    fn a_secret_that_cannot_be_read_is_a_fault_and_never_a_missing_instance() {
        let hint = "must be \"text\", { env = \"NAME\" } or { file = \"path\" }";
        for (token, words) in [
            (json!(""), "must not be empty"),
            (json!(7), hint),
            (json!({}), hint),
            (json!({ "env": 7 }), hint),
            (json!({ "file": ["token.txt"] }), hint),
            (json!({ "vault": "x" }), hint),
            (json!({ "env": "TOKEN", "file": "token.txt" }), hint),
            (json!({ "env": "NONE" }), "the environment variable NONE is not set"),
            (json!({ "env": "EMPTY" }), "the environment variable EMPTY is empty"),
            (json!({ "file": "empty.txt" }), "the file empty.txt is empty"),
            (json!({ "file": "none.txt" }), "the file none.txt cannot be read: entity not found"),
        ] {
            let told = faults(json!({ "providers": { "a": { "kind": "acme", "token": token } } }));
            assert_eq!(told, [format!("providers.a.token: {words}")]);
        }
    }

    #[test]
    fn no_fault_repeats_a_value() {
        let pem = "-----BEGIN PRIVATE KEY-----\nhunter2\n";
        let told = faults(json!({
            "http": "hunter2",
            "providers": {
                "a": {
                    "kind": "acme", "token": { "hunter2": "hunter2" }, "region": "hunter2", "strict": "hunter2",
                    "max_clock_skew": "hunter2", "key_version": "hunter2", "ca_file": pem,
                    "headers": { "X-A": ["hunter2"] }, "unknown": "hunter2",
                    "http": { "timeout": "hunter2", "max_body": "hunter2" },
                },
                "b": { "kind": "acme", "token": { "env": "hunter2.sk-live" } },
                "c": { "kind": "acme", "token": { "file": pem } },
            },
        }));
        assert_eq!(told.len(), 13, "{told:#?}");
        assert!(!told.join(" ").contains("hunter2"), "{told:#?}");
    }

    #[test]
    fn a_provider_that_is_not_built_is_a_fault_even_if_nobody_says_why() {
        let silent = Factory::new(&ACME, |_| None, |_| Err(Error::invalid_input("acme", "no")));
        let Value::Object(table) = json!({ "providers": { "a": { "kind": "acme" } } }) else {
            unreachable!()
        };
        let error = Registry::from_table(table, &[silent], &Sources).expect_err("a fault");
        assert_eq!(error.faults[0].path, "providers.a.kind");
    }

    #[cfg(feature = "toml")]
    #[test]
    fn text_that_is_no_toml_is_told_by_its_line_without_its_value() {
        for (text, line) in [
            ("\n[providers.a]\ntoken = hunter2", "line 3: "),
            ("token = \"hunter2", "line 1: "),
            ("[providers.a]\ntoken = 'a'\ntoken = 'hunter2'", "line 3: "),
            ("a = 99999999999999999999999", "line 1: "),
        ] {
            let error = Registry::from_toml(text, &[acme()], &Sources).expect_err(text).to_string();
            assert!(error.starts_with(line) && !error.contains("hunter2"), "{error}");
        }
        let text = "[providers.a]\nkind = 'acme'\ntoken = { env = 'TOKEN' }\nmax_clock_skew = 'off'";
        assert!(Registry::from_toml(text, &[acme()], &Sources).expect("a registry").get("a").is_some());
        let dated = "[providers.a]\nkind = 'acme'\ntoken = 2020-01-01";
        Registry::from_toml(dated, &[acme()], &Sources).expect_err("a date is no secret");
    }
}
