//! The same people, whoever is asked: four providers, built from one configuration, over real HTTP.

use std::{collections::BTreeMap, io, sync::Arc, time::SystemTime};

use userinfo_core::{Gender, Lookup, Registry, SecretSources, Status, User};
use userinfo_sandbox::{Person, Sandbox, Server, credentials};

/// Hands out the sandbox's keys as files and nothing else.
struct Keys;

impl SecretSources for Keys {
    fn env(&self, name: &str) -> Option<String> {
        (name == "QUECTEL_TOKEN").then(|| credentials::QUECTEL_TOKEN.to_owned())
    }

    fn file(&self, path: &str) -> io::Result<String> {
        match path {
            "merchant.pem" => Ok(credentials::MERCHANT_PRIVATE_KEY_PEM.to_owned()),
            "wallet.pem" => Ok(credentials::WALLET_PUBLIC_KEY_PEM.to_owned()),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

fn registry(base: &str) -> Registry {
    let toml = format!(
        r#"
        [http]
        timeout = "5s"
        [providers.devices]
        kind = "quectel"
        base_url = "{base}/quectel"
        token = {{ env = "QUECTEL_TOKEN" }}
        [providers.wallet]
        kind = "alipay-plus"
        base_url = "{base}/alipay-plus"
        client_id = "{client}"
        private_key = {{ file = "merchant.pem" }}
        wallet_public_key = {{ file = "wallet.pem" }}
        [providers.site]
        kind = "anqicms"
        base_url = "{base}/anqicms"
        [providers.school]
        kind = "tianyin"
        base_url = "{base}/tianyin"
        app_id = "{app}"
        access_token = "{token}"
        "#,
        client = credentials::ALIPAY_CLIENT_ID,
        app = credentials::TIANYIN_APP_ID,
        token = credentials::TIANYIN_ACCESS_TOKEN,
    );
    let factories = [
        userinfo_quectel::factory(),
        userinfo_alipay_plus::factory(),
        userinfo_anqicms::factory(),
        userinfo_tianyin::factory(),
    ];
    Registry::from_toml(&toml, &factories, &Keys).expect("the configuration works")
}

/// Asks all four vendors for one person.
async fn ask(key: &str) -> (Person, BTreeMap<&'static str, User>) {
    let sandbox = Arc::new(Sandbox::new().with_clock(SystemTime::now));
    let person = sandbox.person(key).expect("a seeded person").clone();
    let server = Server::bind(sandbox, "127.0.0.1:0").expect("a free port").spawn().expect("a thread");
    let registry = registry(&format!("http://{}", server.addr()));
    let anqicms = person.ids.anqicms.to_string();
    let lookups = [
        ("devices", Lookup::id(&person.ids.quectel)),
        ("wallet", Lookup::id(&person.ids.alipay_plus).with_token(person.alipay_access_token())),
        ("site", Lookup::id(anqicms).with_token(person.anqicms_token())),
        ("school", Lookup::id(person.ids.tianyin.to_string())),
    ];
    let mut users = BTreeMap::new();
    for (name, lookup) in lookups {
        let provider = registry.get(name).expect("a configured instance");
        let user = provider.user(&lookup).await.unwrap_or_else(|error| panic!("{key} at {name}: {error}"));
        assert_eq!(Some(user.id.as_str()), lookup.wanted_id());
        users.insert(name, user);
    }
    (person, users)
}

#[tokio::test]
async fn a_person_with_everything_is_the_same_everywhere() {
    let (person, users) = ask("everything").await;
    for (name, user) in &users {
        if *name != "site" {
            assert_eq!(user.nickname, person.nickname, "{name}");
            assert_eq!(user.gender, Some(Gender::Female), "{name}");
        }
        if *name != "wallet" {
            assert_eq!(user.emails.first().map(|it| &it.value), person.email.as_ref(), "{name}");
        }
        assert_eq!(user.phones.first().map(|it| &it.value), person.phone.as_ref(), "{name}");
        assert_eq!(user.avatar_url, person.avatar, "{name}");
        assert!(user.display_name.is_some() && user.masked.is_empty(), "{name}");
    }
    for name in ["devices", "wallet", "site"] {
        assert_eq!(users[name].status, Some(Status::Active), "{name}");
    }
    assert_eq!(users["devices"].created_at, users["site"].created_at);
    assert_eq!(users["site"].emails[0].verified, Some(true));
    assert_eq!(users["devices"].emails[0].verified, None);
}

#[tokio::test]
async fn a_person_with_only_an_id_is_only_an_id() {
    let (_, users) = ask("minimal").await;
    for (name, user) in &users {
        let json = serde_json::to_value(user).expect("JSON");
        let fields: Vec<_> = json.as_object().expect("an object").keys().map(String::as_str).collect();
        assert_eq!(fields, ["id", "provider"], "{name} invented something: {json}");
    }
}

#[tokio::test]
async fn chinese_text_and_a_large_id_arrive_whole() {
    let (person, users) = ask("chinese").await;
    assert_eq!(users["school"].id, "9223372036854775783");
    assert_eq!(users["site"].id, u32::MAX.to_string());
    for name in ["devices", "wallet", "school"] {
        assert_eq!(users[name].nickname, person.nickname, "{name}");
    }
    assert_eq!(users["site"].username, person.username);
}

#[tokio::test]
async fn what_a_vendor_masked_is_marked() {
    let (_, users) = ask("masked").await;
    for (name, user) in &users {
        let shown = serde_json::to_string(user).expect("JSON");
        assert!(shown.contains("**"), "{name} sent nothing masked");
        assert!(!user.masked.is_empty(), "{name} does not mark what is masked");
    }
    assert!(users["school"].is_masked("nickname") && users["school"].is_masked("phones"));
}

#[tokio::test]
async fn a_disabled_account_is_not_active_anywhere() {
    let (_, users) = ask("disabled").await;
    let word = |name: &str| users[name].status.as_ref().map(Status::as_str);
    assert_eq!(word("devices"), Some("disabled"));
    assert_eq!(word("wallet"), Some("FROZEN"));
    assert_eq!(word("site"), Some("banned"));
    assert_eq!(word("school"), None, "this vendor states no status, so there is none");
}
