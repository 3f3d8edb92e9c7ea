use std::{io, sync::Arc};

use async_trait::async_trait;
use userinfo_core::{
    Descriptor, Error, Factory, Lookup, LookupKind, Registry, Result, SecretSources, User, UserInfoProvider,
};

use crate::Layers;

static ACME: Descriptor = Descriptor::new("acme", "Acme", "https://a.example", &[LookupKind::Id], &[]);

#[derive(Debug)]
struct Acme;

#[async_trait]
impl UserInfoProvider for Acme {
    fn descriptor(&self) -> &'static Descriptor {
        &ACME
    }

    async fn user(&self, _: &Lookup) -> Result<User> {
        Ok(User::new("acme", "1"))
    }
}

struct Nothing;

impl SecretSources for Nothing {
    fn env(&self, _: &str) -> Option<String> {
        None
    }

    fn file(&self, _: &str) -> io::Result<String> {
        Err(io::Error::from(io::ErrorKind::NotFound))
    }
}

fn read(text: &str) -> std::result::Result<(Registry, Layers), Vec<String>> {
    let layers = Layers::new();
    let registry = read_into(&layers, text)?;
    Ok((registry, layers))
}

fn read_into(layers: &Layers, text: &str) -> std::result::Result<Registry, Vec<String>> {
    let acme = Factory::new(
        &ACME,
        |_| Some(Arc::new(Acme) as Arc<dyn UserInfoProvider>),
        |_| Err(Error::invalid_input("acme", "no answers are saved")),
    );
    Registry::from_toml(text, &layers.over([acme]), &Nothing)
        .map_err(|error| error.faults.iter().map(ToString::to_string).collect())
}

fn order(layers: &Layers, instance: &str) -> String {
    layers.get(instance).expect(instance).order().join(" ")
}

const SITE: &str = "[providers.site]\nkind = \"acme\"\n";

#[tokio::test]
async fn without_layers_a_call_is_traced_shared_and_made_once() {
    let (registry, layers) = read(SITE).expect("a registry");
    assert_eq!(order(&layers, "site"), "trace single_flight attempt");
    assert_eq!(registry.get("site").expect("the site").user(&Lookup::id("1")).await.expect("a user").id, "1");
    assert!(layers.get("other").is_none());
}

#[tokio::test]
async fn every_key_reaches_its_layer() {
    let text = "[layers]
retry = { attempts = 4 }
cache = { ttl = '61s', negative_ttl = '5s', stale_while_revalidate = '62s', stale_if_error = '63s', hard_ttl = '64s', \
                max_entries = 17, max_bytes = '3MiB' }
rate_limit = { per_second = 21, burst = 22 }
concurrency = 65
breaker = { failures = 6, cooldown = '11s' }
deadline = '31s'
attempt_timeout = '12s'
";
    let (_, layers) = read(&format!("{text}{SITE}")).expect("a registry");
    assert_eq!(
        order(&layers, "site"),
        "trace cache single_flight deadline retry breaker concurrency rate_limit attempt_timeout"
    );
    let shown = format!("{:?}", layers.get("site").expect("the site"));
    for part in
        ["61s", "5s", "62s", "63s", "64s", "17", "3145728", "attempts: 4", "count: 21", "65", "failures: 6"]
    {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    for part in ["cooldown: 11s", "deadline: Some(31s)", "attempt_timeout: After(12s)"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
}

#[tokio::test]
async fn an_instance_adds_to_the_layers_for_all_and_switches_them_off() {
    let text = "[layers]
retry = {}
concurrency = 3
deadline = '7s'
[providers.a]
kind = 'acme'
layers = { cache = {}, concurrency = 'off' }
[providers.b]
kind = 'acme'
layers = { retry = 'off', single_flight = 'off', deadline = 'off' }
";
    let (_, layers) = read(text).expect("a registry");
    assert_eq!(order(&layers, "a"), "trace cache single_flight deadline retry attempt_timeout");
    assert_eq!(order(&layers, "b"), "trace attempt concurrency");
    let attempts = |name: &str| format!("{:?}", layers.get(name).expect(name));
    assert!(attempts("a").contains("attempts: 3") && attempts("b").contains("attempts: 1"));
}

#[tokio::test]
async fn there_is_a_deadline_where_something_can_wait() {
    for (layer, has) in [
        ("retry = {}", true),
        ("concurrency = 1", true),
        ("rate_limit = { per_second = 1 }", true),
        ("cache = {}", false),
        ("breaker = {}", false),
        ("retry = {}\ndeadline = 'off'", false),
    ] {
        let (_, layers) = read(&format!("[layers]\n{layer}\n{SITE}")).expect("a registry");
        assert_eq!(order(&layers, "site").contains("deadline"), has, "{layer}");
    }
}

#[test]
fn every_fault_is_listed_with_its_key() {
    let text = "[layers]
retry = { attempts = 0, attemps = 1 }
cache = { ttl = 60, negative_ttl = 'never', max_entries = -1, max_bytes = '1MB', ttt = 1 }
rate_limit = { burst = 1 }
concurrency = 0
breaker = true
deadline = '0s'
attempt_timeout = 3
single_flight = 'yes'
cahce = {}
";
    let told = read(&format!("{text}{SITE}")).expect_err("faults");
    let keys: Vec<_> = told.iter().filter_map(|it| it.split(':').next()).collect();
    assert_eq!(
        keys,
        [
            "layers.retry.attempts",
            "layers.retry.attemps",
            "layers.cache.ttl",
            "layers.cache.negative_ttl",
            "layers.cache.max_entries",
            "layers.cache.max_bytes",
            "layers.cache.ttt",
            "layers.single_flight",
            "layers.rate_limit.per_second",
            "layers.concurrency",
            "layers.breaker",
            "layers.deadline",
            "layers.attempt_timeout",
            "layers.cahce",
        ]
    );
    assert!(told[1].contains("did you mean `attempts`?") && told[13].contains("did you mean `cache`?"));
}

#[test]
fn what_cannot_be_meant_is_a_fault() {
    let text = "[layers]
cache = { ttl = '60s', hard_ttl = '5s' }
breaker = { cooldown = '10m' }
deadline = '1s'
attempt_timeout = '2s'
concurrency = 5000000000
";
    let told = read(&format!("{text}{SITE}")).expect_err("faults");
    assert_eq!(
        told,
        [
            "layers.cache.hard_ttl: must not be shorter than `ttl`",
            "layers.concurrency: must be \"off\" or a whole number from 1 to 4294967295",
            "layers.breaker.cooldown: must not be longer than \"200s\"; with jitter that is 300 s",
            "layers.attempt_timeout: must not be longer than `deadline`",
        ]
    );
}

#[tokio::test]
async fn an_attempt_has_its_share_of_the_deadline_unless_told() {
    let time = |text: &str| {
        let (_, layers) = read(&format!("[layers]\n{text}\n{SITE}")).expect("a registry");
        layers.get("site").expect("the site").time_of_an_attempt()
    };
    let seconds = |it| Some(std::time::Duration::from_secs(it));
    assert_eq!(time("retry = {}"), seconds(9));
    assert_eq!(time("retry = { attempts = 1 }\nbreaker = {}\ndeadline = '10s'"), seconds(9));
    assert_eq!(time("retry = {}\nattempt_timeout = '7s'"), seconds(7));
    for none in ["", "concurrency = 1", "retry = {}\nattempt_timeout = 'off'", "retry = {}\ndeadline = 'off'"]
    {
        assert_eq!(time(none), None, "{none}");
    }
}

#[tokio::test]
async fn no_number_or_time_is_too_large_to_be_built_and_used() {
    let long = "'18446744073709551s'";
    let text = format!(
        "[layers]
retry = {{ attempts = 4294967295 }}
cache = {{ ttl = {long}, negative_ttl = {long}, stale_while_revalidate = {long}, stale_if_error = {long}, \
         hard_ttl = {long}, max_entries = 4294967295, max_bytes = '8388607GiB' }}
rate_limit = {{ per_second = 4294967295, burst = 4294967295 }}
concurrency = 4294967295
breaker = {{ failures = 4294967295, cooldown = '200s' }}
deadline = {long}
attempt_timeout = {long}
{SITE}"
    );
    let (registry, _) = read(&text).expect("a registry");
    for _ in 0..2 {
        registry.get("site").expect("the site").user(&Lookup::id("1")).await.expect("a user");
    }
}

#[tokio::test]
async fn purging_through_the_layers_reaches_every_instance() {
    let text = "[layers]\ncache = {}\n[providers.a]\nkind = 'acme'\n[providers.b]\nkind = 'acme'\n";
    let (registry, layers) = read(text).expect("a registry");
    for name in ["a", "b"] {
        registry.get(name).expect(name).user(&Lookup::id("1")).await.expect("a user");
    }
    assert_eq!((layers.purge("2"), layers.purge("1"), layers.purge("1")), (0, 2, 0));
}

#[tokio::test]
async fn purging_reaches_who_lives_on_when_a_configuration_is_read_again() {
    let text = format!("[layers]\ncache = {{}}\n{SITE}");
    let (old, layers) = read(&text).expect("a registry");
    let site = Arc::clone(old.get("site").expect("the site"));
    site.user(&Lookup::id("1")).await.expect("a user");
    drop(old);
    read_into(&layers, &text).expect("a registry");
    read_into(&layers, &format!("{text}tokn = 1\n")).expect_err("a fault");
    assert_eq!(layers.purge("1"), 1);
    site.user(&Lookup::id("1")).await.expect("a user");
    drop(site);
    assert_eq!(layers.purge("1"), 0, "nobody can read it any more");
}

#[tokio::test]
async fn what_is_left_bare_is_judged_all_the_same() {
    let layers = Layers::new();
    layers.leave_bare();
    let text = format!("[layers]\nretry = {{}}\ncache = {{}}\n{SITE}");
    read_into(&layers, &text).expect("a registry");
    assert_eq!(order(&layers, "site"), "trace attempt");
    read_into(&layers, &format!("[layers]\nretry = 1\n{SITE}")).expect_err("a fault");
}

#[test]
fn what_is_only_tried_is_judged_and_not_held() {
    let (_, layers) = read("[layers]\nretry = { attempts = 3 }\n").expect("a registry");
    assert!(layers.get("").is_none(), "{layers:?}");
    let own = format!("{SITE}layers = {{ attempt_timeout = '2m', deadline = '3m' }}\n");
    let (_, layers) =
        read(&format!("[layers]\nattempt_timeout = '1m'\ndeadline = '2m'\nretry = {{}}\n{own}"))
            .expect("a registry");
    assert!(layers.get("").is_none() && layers.get("site").is_some(), "{layers:?}");
    let told = read(&format!("[layers]\ndeadline = 5\n{own}")).expect_err("a fault");
    assert!(
        told.len() == 1 && told[0].starts_with("layers.deadline: must be \"off\" or a duration"),
        "{told:?}"
    );
}

#[test]
fn what_every_instance_has_of_its_own_need_not_fit_together_for_all() {
    let own = format!("{SITE}layers = {{ attempt_timeout = '50s', deadline = '60s' }}\n");
    read(&format!("[layers]\nretry = {{}}\nattempt_timeout = '40s'\n{own}")).expect("nobody has both");
}
