//! What goes on the wire, what is refused before it does, and what a configuration may say.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use userinfo_core::{Error, ErrorKind, Lookup, Result, UserInfoProvider as _};
use userinfo_http::{Request, Response, Transport, TransportError, TransportErrorKind};
use userinfo_quectel::{Quectel, QuectelConfig, Region};

/// Notes every request and answers none.
#[derive(Debug, Default)]
struct Noted(Mutex<Vec<Request>>);

#[async_trait]
impl Transport for Noted {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(request);
        Err(TransportError::new(TransportErrorKind::Timeout))
    }
}

/// Asks, and returns the requests with the error.
async fn asked(config: QuectelConfig, lookup: &Lookup) -> (Vec<Request>, Error) {
    let noted = Arc::new(Noted::default());
    let transport = Arc::clone(&noted);
    let error = Quectel::new(config, transport).user(lookup).await.expect_err("no answer");
    let requests = std::mem::take(&mut *noted.0.lock().expect("a list"));
    (requests, error)
}

async fn sent(config: QuectelConfig, lookup: &Lookup) -> Request {
    let (requests, error) = asked(config, lookup).await;
    assert_eq!((requests.len(), error.kind()), (1, ErrorKind::Timeout), "{error}");
    requests.into_iter().next().expect("one request")
}

fn europe() -> QuectelConfig {
    QuectelConfig::region(Region::Europe, "QJWT eyJ.configured")
}

#[tokio::test]
async fn the_call_is_the_vendors_get() {
    let request = sent(europe(), &Lookup::id("C131362")).await;
    assert_eq!(request.method(), http::Method::GET);
    assert_eq!(request.uri(), "https://iot-api.acceleronix.io/v2/enduser/enterpriseapi/userInfo?uid=C131362");
    assert_eq!(request.headers()["authorization"], "QJWT eyJ.configured");
    assert!(request.headers()["authorization"].is_sensitive());
    assert!(!request.headers().contains_key("content-type") && request.body().is_empty());
}

#[tokio::test]
async fn each_region_has_its_host_and_a_custom_base_keeps_its_prefix() {
    for (region, host) in [
        (Region::China, "iot-api.quectelcn.com"),
        (Region::Europe, "iot-api.acceleronix.io"),
        (Region::NorthAmerica, "iot-api.landecia.com"),
    ] {
        let request = sent(QuectelConfig::region(region, "t"), &Lookup::id("C1")).await;
        assert_eq!(request.uri().host(), Some(host));
        assert_eq!(request.uri().scheme_str(), Some("https"));
    }
    let base = "https://white-label.example/iot/".parse().expect("a URL");
    let request = sent(QuectelConfig::new(base, "t"), &Lookup::id("C1")).await;
    assert_eq!(request.uri(), "https://white-label.example/iot/v2/enduser/enterpriseapi/userInfo?uid=C1");
}

#[tokio::test]
async fn a_uid_is_percent_encoded() {
    for (uid, query) in
        [("C 1&x=y#/?", "uid=C%201%26x%3Dy%23%2F%3F"), ("天", "uid=%E5%A4%A9"), ("a+b", "uid=a%2Bb")]
    {
        assert_eq!(sent(europe(), &Lookup::id(uid)).await.uri().query(), Some(query));
    }
}

#[tokio::test]
async fn a_token_goes_out_with_its_prefix_once_and_one_of_the_look_up_stands_first() {
    for (given, header) in [("eyJ.given", "QJWT eyJ.given"), ("QJWT eyJ.given", "QJWT eyJ.given")] {
        let configured = QuectelConfig::region(Region::Europe, given);
        assert_eq!(sent(configured, &Lookup::id("C1")).await.headers()["authorization"], header);
        let mut bare = europe();
        for token in [bare.token.take(), Some("QJWT eyJ.other".into())] {
            let mut config = europe();
            config.token = token;
            let request = sent(config, &Lookup::id("C1").with_token(given)).await;
            assert_eq!(request.headers()["authorization"], header);
            assert_eq!(request.headers().get_all("authorization").iter().count(), 1);
        }
    }
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_before_it_is() {
    let mut tokenless = europe();
    tokenless.token = None;
    let long = "x".repeat(1000);
    for (config, lookup, kind) in [
        (europe(), Lookup::id(""), ErrorKind::InvalidInput),
        (europe(), Lookup::id("C1\r\nX: y"), ErrorKind::InvalidInput),
        (europe(), Lookup::id(long), ErrorKind::InvalidInput),
        (europe(), Lookup::token("eyJ"), ErrorKind::Unsupported),
        (tokenless.clone(), Lookup::id("C1"), ErrorKind::Unauthenticated),
        (europe(), Lookup::id("C1").with_token(""), ErrorKind::Unauthenticated),
        (europe(), Lookup::id("C1").with_token("QJWT "), ErrorKind::InvalidInput),
        (europe(), Lookup::id("C1").with_token("Bearer QJWT eyJ"), ErrorKind::InvalidInput),
        (europe(), Lookup::id("C1").with_token("hunter2\r\nX: y"), ErrorKind::InvalidInput),
        (europe(), Lookup::id("C1").with_token("hunter2-天"), ErrorKind::InvalidInput),
    ] {
        let (requests, error) = asked(config, &lookup).await;
        assert!(requests.is_empty(), "{lookup:?}");
        assert_eq!(error.kind(), kind, "{lookup:?}");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}

#[tokio::test]
async fn a_token_that_the_vendor_repeats_is_blanked_with_and_without_its_prefix() {
    #[derive(Debug)]
    struct Echo;

    #[async_trait]
    impl Transport for Echo {
        async fn send(&self, request: Request) -> Result<Response, TransportError> {
            let token = request.headers()["authorization"].to_str().expect("ASCII");
            let bare = token.trim_start_matches("QJWT ");
            let body = format!(r#"{{"code":200,"data":{{"uid":"C1","a":"{token}","b":"{bare}"}}}}"#);
            Ok(Response::new(body.into()))
        }
    }

    for given in ["eyJ.hunter2", "QJWT eyJ.hunter2"] {
        let quectel = Quectel::new(QuectelConfig::region(Region::Europe, given), Arc::new(Echo));
        let user = quectel.user(&Lookup::id("C1")).await.expect("a user");
        assert_eq!(user.extra.to_string(), r#"{"a":"[secret]","b":"[secret]"}"#);
        assert!(!String::from_utf8_lossy(user.raw.as_bytes()).contains("hunter2"));
        assert!(!format!("{quectel:?}").contains("hunter2"));
    }
}

#[cfg(feature = "reqwest")]
mod settings {
    use serde_json::{Value, json};
    use userinfo_core::{ConfigError, Registry, SecretSources};

    /// An environment of one variable and no files.
    struct Sources;

    impl SecretSources for Sources {
        fn env(&self, name: &str) -> Option<String> {
            (name == "QUECTEL_TOKEN").then(|| "QJWT eyJ.env".to_owned())
        }

        fn file(&self, _: &str) -> std::io::Result<String> {
            Err(std::io::ErrorKind::NotFound.into())
        }
    }

    fn read(mut settings: Value) -> Result<Registry, ConfigError> {
        settings["kind"] = "quectel".into();
        let Value::Object(table) = json!({ "providers": { "devices": settings } }) else {
            unreachable!("it is an object")
        };
        Registry::from_table(table, &[userinfo_quectel::factory()], &Sources)
    }

    #[test]
    fn a_configuration_that_works_is_one_of_these() {
        for settings in [
            json!({"region": "cn", "token": "QJWT eyJ"}),
            json!({"region": "eu", "token": {"env": "QUECTEL_TOKEN"}}),
            json!({"region": "na"}),
            json!({"base_url": "https://white-label.example/iot", "token": "eyJ"}),
            json!({"base_url": "http://127.0.0.1:8080/quectel", "headers": {"X-Gateway": "key"}}),
            json!({"region": "eu", "token": "eyJ", "http": {"timeout": "5s"}}),
        ] {
            let registry = read(settings.clone()).unwrap_or_else(|error| panic!("{settings}: {error}"));
            let devices = registry.get("devices").expect("an instance");
            assert!(!format!("{devices:?}").contains("eyJ"));
        }
    }

    #[test]
    fn a_configuration_that_cannot_work_says_why() {
        for (settings, path, words) in [
            (json!({"token": "t"}), "region", "give `region` (`cn`, `eu` or `na`) or a `base_url`"),
            (json!({"region": "eu", "base_url": "https://a.example"}), "base_url", "not both"),
            (json!({"region": "us"}), "region", "must be one of `cn`, `eu`, `na`"),
            (json!({"base_url": "http://a.example"}), "base_url", "https://"),
            (json!({"base_url": ""}), "base_url", "must not be empty"),
            (json!({"base_ulr": "https://a.example"}), "base_ulr", "did you mean `base_url`?"),
            (json!({"region": "eu", "token": ""}), "token", "must not be empty"),
            (json!({"region": "eu", "token": "a\nb"}), "token", "control characters"),
            (json!({"region": "eu", "token": "天"}), "token", "ASCII"),
            (json!({"region": "eu", "token": "Bearer QJWT eyJ"}), "token", "Bearer"),
            (json!({"region": "eu", "token": "QJWT "}), "token", "empty"),
            (json!({"region": "eu", "token": {"env": "NOPE"}}), "token", "NOPE is not set"),
            (json!({"region": "eu", "access_key": "k"}), "access_secret", "missing"),
            (json!({"region": "eu", "access_secret": "s"}), "access_key", "missing"),
            (json!({"region": "eu", "access_key": "k", "access_secret": ""}), "access_secret", "empty"),
            (json!({"region": "eu", "access_key": "k&x=1", "access_secret": "s"}), "access_key", "letters"),
            (
                json!({"region": "eu", "access_key": "k", "access_secret": "s", "token": "t"}),
                "token",
                "not both",
            ),
            (json!({"region": "eu", "token": "t", "credentials": {"dir": 1}}), "credentials.dir", "text"),
        ] {
            let faults = read(settings.clone()).expect_err(path).faults;
            let path = format!("providers.devices.{path}");
            let found = faults.iter().find(|it| it.path == path).unwrap_or_else(|| panic!("{faults:?}"));
            assert!(found.message.contains(words), "{settings}: {found}");
        }
    }

    #[test]
    fn every_fault_is_found_in_one_run() {
        let settings = json!({"region": "us", "base_url": "ftp://a", "token": "", "access_key": "k",
            "access_secret": "s", "headers": {"a b": "c"}, "http": {"timeout": "soon"}, "colour": "red"});
        let faults = read(settings).expect_err("nothing works").faults;
        let mut paths: Vec<_> =
            faults.iter().map(|it| it.path.rsplit('.').next().unwrap_or_default()).collect();
        paths.sort_unstable();
        paths.dedup();
        let all = ["a b", "base_url", "colour", "region", "timeout", "token"];
        assert_eq!(paths, all);
    }

    #[test]
    fn what_is_worth_telling_is_noted() {
        let registry = read(json!({"region": "na"})).expect("it works");
        let (_, instance) = registry.iter().next().expect("an instance");
        let notes: Vec<_> = instance.notes.iter().map(|it| it.path.as_str()).collect();
        assert_eq!(notes, ["providers.devices.region", "providers.devices.token"]);
    }
}
