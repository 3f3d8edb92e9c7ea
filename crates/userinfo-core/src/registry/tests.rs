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
fn a_value_without_quotes_is_told_at_once_what_it_must_be() {
    let instance = json!({
        "kind": "acme", "token": "t", "region": 5, "max_clock_skew": true,
        "http": { "timeout": 5, "max_body": 5 },
    });
    assert_eq!(
        faults(json!({ "providers": { "a": instance } })),
        [
            "providers.a.region: must be text in quotes, one of `cn`, `eu`",
            "providers.a.max_clock_skew: must be \"off\" or a duration in quotes, such as \"500ms\", \"10s\", \"5m\" or \"24h\"",
            "providers.a.http.timeout: must be a duration in quotes, such as \"500ms\", \"10s\", \"5m\" or \"24h\"",
            "providers.a.http.max_body: must be a size in quotes, such as \"64KiB\" or \"1MiB\"",
        ]
    );
}

#[test]
fn one_run_lists_every_fault() {
    let told = faults(json!({
        "porviders": {},
        "providers": {
            "a": { "kind": "acmee", "whatever": 1 },
            "b": { "tokn": "t", "kind": "acme", "region": "na", "layers": { "retry": {} }, "strict": "yes" },
            "c": {}, "d": 7,
        },
    }));
    assert_eq!(
        told,
        [
            "porviders: unknown key; did you mean `providers`?",
            "providers.a.kind: there is no provider `acmee`; did you mean `acme`? known are `acme`",
            "providers.b.token: is missing",
            "providers.b.region: must be one of `cn`, `eu`",
            "providers.b.strict: must be true or false",
            "providers.b.layers: this program puts no layers around its providers; leave `layers` out",
            "providers.b.tokn: unknown key; did you mean `token`?",
            "providers.c.kind: is missing",
            "providers.d: must be a table",
        ]
    );
}

/// Reads the tables of one layer, and does nothing else.
#[derive(Debug)]
struct Idle;

impl crate::Layer for Idle {
    fn wrap(&self, inner: Arc<dyn UserInfoProvider>) -> Arc<dyn UserInfoProvider> {
        inner
    }
}

fn faults_with_layers(table: Value) -> Vec<String> {
    let layered = acme().layered(|settings| {
        let name = settings.instance().to_owned();
        settings.within("layers", |layers| {
            let attempts = layers.within_or_off("retry", |retry| retry.integer("attempts"));
            let cache = layers.within_or_off("cache", |cache| cache.duration("ttl"));
            layers.note("retry", format!("{name} {attempts:?} {cache:?}"));
        });
        Some(Arc::new(Idle) as Arc<dyn crate::Layer>)
    });
    let Value::Object(table) = table else { unreachable!("every test gives a table") };
    match Registry::from_table(table, &[layered], &Sources) {
        Ok(registry) => registry.iter().map(|(_, it)| it.notes[0].message.clone()).collect(),
        Err(error) => error.faults.iter().map(ToString::to_string).collect(),
    }
}

/// Signs nobody in.
#[derive(Debug)]
struct Desk;

#[async_trait]
impl SignIn for Desk {
    async fn demand(&self) -> Result<crate::Demand> {
        Ok(crate::Demand::Code)
    }

    async fn sign_in(&self, _: crate::Brought) -> Result<crate::SignedIn> {
        Ok(crate::SignedIn::default())
    }
}

#[tokio::test]
async fn how_a_person_logs_in_is_told_beside_the_provider_and_its_layers() {
    let build = |_: &mut Settings<'_>| {
        let acme = Acme { token: Secret::new("t"), timeout: None, max_body: None };
        Some(Instance::new(Arc::new(acme)).with_sign_in(Some(Arc::new(Desk))))
    };
    let factory = Factory::new(&ACME, build, |_| Err(Error::invalid_input("acme", "no")));
    let factory = factory.layered(|_| Some(Arc::new(Idle) as Arc<dyn crate::Layer>));
    let Value::Object(table) = json!({ "providers": { "a": { "kind": "acme" } } }) else { unreachable!() };
    let registry = Registry::from_table(table, &[factory], &Sources).expect("a registry");
    let (_, instance) = registry.iter().next().expect("an instance");
    let desk = instance.sign_in.as_ref().expect("a desk");
    assert!(matches!(desk.demand().await, Ok(crate::Demand::Code)));
    assert_eq!(desk.token_of("1", None).await.expect("none is kept"), None);
}

#[test]
fn layers_for_all_are_added_to_and_switched_off_by_an_instance() {
    let ttl = |text: &str| json!({ "ttl": text });
    let told = faults_with_layers(json!({
        "layers": { "retry": { "attempts": 5 }, "cache": ttl("1s") },
        "providers": {
            "a": { "kind": "acme", "token": "t" },
            "b": { "kind": "acme", "token": "t", "layers": { "retry": "off", "cache": ttl("2s") } },
        },
    }));
    assert_eq!(told, ["a Some(Some(5)) Some(Some(1s))", "b None Some(Some(2s))"]);
    let told = faults_with_layers(json!({ "providers": { "c.d": { "kind": "acme", "token": "t" } } }));
    assert_eq!(told, ["c.d None None"]);
}

#[test]
fn a_fault_of_a_layer_is_told_once_where_it_stands() {
    let told = faults_with_layers(json!({
        "layers": { "retry": { "attempts": "5", "attemps": 5 }, "cache": true },
        "providers": {
            "a": { "kind": "acme", "token": "t" },
            "b": { "kind": "acme", "layers": { "cache": { "ttl": "soon" } } },
        },
    }));
    let told: Vec<_> = told.iter().map(|it| it.split(';').next().unwrap_or_default()).collect();
    assert_eq!(
        told,
        [
            "layers.retry.attempts: must be a whole number, 0 or more",
            "layers.retry.attemps: unknown key",
            "layers.cache: must be a table or \"off\"",
            "providers.b.layers.cache.ttl: must be a duration in quotes, such as \"500ms\", \"10s\", \"5m\" or \"24h\"",
            "providers.b.token: is missing",
        ]
    );
}

#[test]
fn a_fault_for_all_is_told_where_no_instance_reads_it() {
    let faulty = json!({ "retry": { "attempts": "5" }, "cache": true, "rtry": 1 });
    let told =
        faults_with_layers(json!({ "layers": faulty, "http": { "timeout": "soon" }, "providers": {} }));
    let told: Vec<_> = told.iter().map(|it| it.split([';', ',']).next().unwrap_or_default()).collect();
    assert_eq!(
        told,
        [
            "layers.retry.attempts: must be a whole number",
            "layers.cache: must be a table or \"off\"",
            "layers.rtry: unknown key",
            "http.timeout: must be a duration in quotes",
        ]
    );
}

#[test]
fn a_fault_for_all_is_told_where_every_instance_has_a_key_of_its_own() {
    let masked = |name: &str, key: &str, own: &Value| {
        let instance = json!({ "kind": "acme", "token": "t", name: { key: own } });
        let top = json!({ "timeout": "soon", "retry": "on", "cache": { "ttl": "1s" } });
        let told = faults_with_layers(
            json!({ name: { key: top[key] }, "providers": { "a": instance, "b": instance } }),
        );
        told.join("\n")
    };
    assert!(masked("http", "timeout", &json!("5s")).starts_with("http.timeout: must be a duration"));
    assert_eq!(masked("layers", "retry", &json!("off")), "layers.retry: must be a table or \"off\"");
    // What works for all is no fault, and nobody's note.
    assert_eq!(masked("layers", "cache", &json!("off")), "a None None\nb None None");
}

#[test]
fn layers_that_nobody_reads_are_refused() {
    let instance = json!({ "kind": "acme", "token": "t" });
    let told = faults(json!({ "layers": {}, "providers": { "a": instance, "b": instance } }));
    assert_eq!(told, [format!("layers: {NO_LAYERS}")]);
    let own = json!({ "kind": "acme", "token": "t", "layers": {} });
    let told = faults(json!({ "layers": {}, "providers": { "a": own } }));
    assert_eq!(told, [format!("providers.a.layers: {NO_LAYERS}"), format!("layers: {NO_LAYERS}")]);
    read(json!({ "layers": {}, "providers": {} })).expect("no instance to put layers around");
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
    let silent = Factory::new(&ACME, |_| None::<Instance>, |_| Err(Error::invalid_input("acme", "no")));
    let Value::Object(table) = json!({ "providers": { "a": { "kind": "acme" } } }) else { unreachable!() };
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
