//! What goes on the wire, what is refused before it does, and what a configuration may say.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use userinfo_core::{Error, ErrorKind, Lookup, Result, UserInfoProvider as _};
use userinfo_http::{Request, Response, Transport, TransportError, TransportErrorKind};
use userinfo_tianyin::{Tianyin, TianyinConfig};

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
async fn asked(config: TianyinConfig, lookup: &Lookup) -> (Vec<Request>, Error) {
    let noted = Arc::new(Noted::default());
    let transport = Arc::clone(&noted);
    let error = Tianyin::new(config, transport).user(lookup).await.expect_err("no answer");
    let requests = std::mem::take(&mut *noted.0.lock().expect("a list"));
    (requests, error)
}

async fn sent(config: TianyinConfig, lookup: &Lookup) -> Request {
    let (requests, error) = asked(config, lookup).await;
    assert_eq!((requests.len(), error.kind()), (1, ErrorKind::Timeout), "{error}");
    requests.into_iter().next().expect("one request")
}

fn school() -> TianyinConfig {
    TianyinConfig::new("https://school.example/open-api".parse().expect("a URL"), "1", "AT-4-configured")
}

#[tokio::test]
async fn the_call_is_the_vendors_get() {
    let request = sent(school(), &Lookup::id("619583637909737479")).await;
    assert_eq!(request.method(), http::Method::GET);
    assert_eq!(
        request.uri(),
        "https://school.example/open-api/user/info?accessToken=AT-4-configured&userId=619583637909737479"
    );
    assert_eq!(request.headers()["x-app-id"], "1");
    assert!(!request.headers().contains_key("content-type") && request.body().is_empty());
}

#[tokio::test]
async fn an_app_id_is_sent_when_it_is_configured() {
    let mut config = school();
    config.app_id = None;
    assert!(!sent(config, &Lookup::id("1")).await.headers().contains_key("x-app-id"));
    let mut config = school();
    config.headers.add("X-App-Id", &"from-the-table".into()).expect("a header");
    let request = sent(config, &Lookup::id("1")).await;
    assert_eq!(request.headers().get_all("x-app-id").iter().collect::<Vec<_>>(), ["1"]);
}

#[tokio::test]
async fn a_token_is_percent_encoded_and_one_of_the_look_up_stands_first() {
    for (given, query) in [
        ("AT-4-given", "accessToken=AT-4-given&userId=1"),
        ("a b&userId=2#", "accessToken=a%20b%26userId%3D2%23&userId=1"),
        ("天", "accessToken=%E5%A4%A9&userId=1"),
    ] {
        let mut tokenless = school();
        tokenless.access_token = None;
        for config in [school(), tokenless] {
            let request = sent(config, &Lookup::id("1").with_token(given)).await;
            assert_eq!(request.uri().query(), Some(query));
        }
    }
}

#[tokio::test]
async fn an_id_is_sent_without_leading_zeros() {
    for (id, number) in [("007", "7"), ("9223372036854775807", "9223372036854775807")] {
        let query = format!("accessToken=AT-4-configured&userId={number}");
        assert_eq!(sent(school(), &Lookup::id(id)).await.uri().query(), Some(query.as_str()));
    }
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_before_it_is() {
    let (mut tokenless, mut broken) = (school(), school());
    tokenless.access_token = None;
    broken.app_id = Some("1\r\nX: y".to_owned());
    let no_numbers =
        ["", "0", "000", "-1", "+1", "1.0", "1e3", " 1", "1\n", "abc", "١", "9223372036854775808", "0x1"];
    let mut cases: Vec<_> =
        no_numbers.map(|id| (school(), Lookup::id(id), ErrorKind::InvalidInput)).into_iter().collect();
    cases.extend([
        (school(), Lookup::id("0".repeat(1000)), ErrorKind::InvalidInput),
        (school(), Lookup::token("AT"), ErrorKind::Unsupported),
        (tokenless, Lookup::id("1"), ErrorKind::Unauthenticated),
        (school(), Lookup::id("1").with_token(""), ErrorKind::Unauthenticated),
        (school(), Lookup::id("1").with_token("hunter2\r\nX: y"), ErrorKind::InvalidInput),
        (broken, Lookup::id("1"), ErrorKind::InvalidInput),
    ]);
    for (config, lookup, kind) in cases {
        let (requests, error) = asked(config, &lookup).await;
        assert!(requests.is_empty(), "{lookup:?}");
        assert_eq!(error.kind(), kind, "{lookup:?}");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}

#[tokio::test]
async fn a_token_that_the_vendor_repeats_is_blanked() {
    #[derive(Debug)]
    struct Echo;

    #[async_trait]
    impl Transport for Echo {
        async fn send(&self, request: Request) -> Result<Response, TransportError> {
            let body = format!(
                r#"{{"code":200,"data":{{"userId":"1","plain":"AT hunter2","path":"{}"}}}}"#,
                request.uri().path_and_query().map_or("", |it| it.as_str())
            );
            Ok(Response::new(body.into()))
        }
    }

    let mut config = school();
    config.access_token = Some("AT hunter2".into());
    let tianyin = Tianyin::new(config, Arc::new(Echo));
    let user = tianyin.user(&Lookup::id("1")).await.expect("a user");
    let path = "/open-api/user/info?accessToken=[secret]&userId=1";
    assert_eq!(user.extra.to_string(), format!(r#"{{"path":"{path}","plain":"[secret]"}}"#));
    assert!(!String::from_utf8_lossy(user.raw.as_bytes()).contains("hunter2"));
    assert!(!format!("{tianyin:?}").contains("hunter2"));
}

#[cfg(feature = "reqwest")]
mod settings {
    use serde_json::{Value, json};
    use userinfo_core::{ConfigError, Registry, SecretSources};

    /// An environment of one variable and no files.
    struct Sources;

    impl SecretSources for Sources {
        fn env(&self, name: &str) -> Option<String> {
            (name == "TIANYIN_TOKEN").then(|| "AT-4-env".to_owned())
        }

        fn file(&self, _: &str) -> std::io::Result<String> {
            Err(std::io::ErrorKind::NotFound.into())
        }
    }

    fn read(mut settings: Value) -> Result<Registry, ConfigError> {
        settings["kind"] = "tianyin".into();
        let Value::Object(table) = json!({ "providers": { "school": settings } }) else {
            unreachable!("it is an object")
        };
        Registry::from_table(table, &[userinfo_tianyin::factory()], &Sources)
    }

    #[test]
    fn a_configuration_that_works_is_one_of_these() {
        let base_url = "https://school.example/open-api";
        for settings in [
            json!({"base_url": base_url, "app_id": "1", "access_token": {"env": "TIANYIN_TOKEN"}}),
            json!({"base_url": base_url, "app_id": "1"}),
            json!({"base_url": base_url, "access_token": "AT-4-literal"}),
            json!({"base_url": "http://127.0.0.1:8080/tianyin", "headers": {"X-Gateway": "key"}}),
        ] {
            let registry = read(settings.clone()).unwrap_or_else(|error| panic!("{settings}: {error}"));
            let school = registry.get("school").expect("an instance");
            assert!(!format!("{school:?}").contains("AT-4"));
        }
    }

    #[test]
    fn a_configuration_that_cannot_work_says_why() {
        let base_url = "https://school.example";
        for (settings, path, words) in [
            (json!({"app_id": "1"}), "base_url", "is missing"),
            (json!({"base_url": "http://a.example"}), "base_url", "https://"),
            (json!({"base_url": base_url, "app_id": "1\r\nX: y"}), "app_id", "control characters"),
            (json!({"base_url": base_url, "app_id": "天"}), "app_id", "ASCII"),
            (json!({"base_url": base_url, "app_id": ""}), "app_id", "must not be empty"),
            (json!({"base_url": base_url, "access_token": ""}), "access_token", "must not be empty"),
            (json!({"base_url": base_url, "access_token": "a\nb"}), "access_token", "control characters"),
            (
                json!({"base_url": base_url, "acces_token": "x"}),
                "acces_token",
                "did you mean `access_token`?",
            ),
            (json!({"base_url": base_url, "cas_url": "https://cas.example"}), "client_id", "go together"),
            (json!({"base_url": base_url, "client_id": "c"}), "cas_url", "go together"),
            (json!({"base_url": base_url, "client_secret": "s"}), "client_id", "go together"),
            (
                json!({"base_url": base_url, "cas_url": "ftp://a", "client_id": "c", "client_secret": "s"}),
                "cas_url",
                "http",
            ),
            (
                json!({"base_url": base_url, "access_token": "t", "cas_url": "https://cas.example",
                    "client_id": "c", "client_secret": "s"}),
                "access_token",
                "not both",
            ),
        ] {
            let faults = read(settings.clone()).expect_err(path).faults;
            let path = format!("providers.school.{path}");
            let found = faults.iter().find(|it| it.path == path).unwrap_or_else(|| panic!("{faults:?}"));
            assert!(found.message.contains(words), "{settings}: {found}");
        }
    }

    #[test]
    fn every_fault_is_found_in_one_run() {
        let settings = json!({"base_url": "ftp://a", "app_id": "", "access_token": "", "cas_url": "c",
            "client_id": "c", "client_secret": "s", "headers": {"a b": "c"}, "colour": "red"});
        let faults = read(settings).expect_err("nothing works").faults;
        let mut paths: Vec<_> =
            faults.iter().map(|it| it.path.rsplit('.').next().unwrap_or_default()).collect();
        paths.sort_unstable();
        paths.dedup();
        let all = ["a b", "access_token", "app_id", "base_url", "cas_url", "colour"];
        assert_eq!(paths, all);
    }

    #[test]
    fn what_is_worth_telling_is_noted() {
        let registry = read(json!({"base_url": "https://school.example"})).expect("it works");
        let (_, instance) = registry.iter().next().expect("an instance");
        let notes: Vec<_> = instance.notes.iter().map(|it| it.path.as_str()).collect();
        assert_eq!(notes, ["providers.school.app_id", "providers.school.access_token"]);
    }
}
