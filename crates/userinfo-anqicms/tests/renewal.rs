//! AnqiCMS logs in and renews by itself.

use std::{sync::Arc, time::Duration};

use userinfo_anqicms::{AnqiCms, AnqiCmsConfig, Login, LoginBy};
use userinfo_core::{Lookup, Secret, UserInfoProvider};
use userinfo_http::CredentialStore;
use userinfo_sandbox::{Person, Sandbox};
use userinfo_testkit::{Renewing, Wire};

struct Password;

const WRONG: &str = "wrong-secret-5f1d7c0a9b";

impl Renewing for Password {
    fn mount(&self) -> &'static str {
        "/anqicms"
    }

    fn provider(&self, wire: &Wire, credentials: Arc<dyn CredentialStore>) -> Arc<dyn UserInfoProvider> {
        built(wire, &everything().anqicms_password(), credentials)
    }

    fn misconfigured(&self, wire: &Wire, credentials: Arc<dyn CredentialStore>) -> Arc<dyn UserInfoProvider> {
        built(wire, WRONG, credentials)
    }

    fn lookup(&self, person: &Person) -> Lookup {
        Lookup::id(person.ids.anqicms.to_string())
    }

    fn lifetime(&self) -> Duration {
        Duration::from_secs(30 * 24 * 60 * 60)
    }

    fn wrong_key_is_shared(&self) -> Result<(), &'static str> {
        Err("a password may be weak, and a digest of it on a disk can be tried")
    }

    fn secrets(&self) -> Vec<Secret> {
        vec![everything().anqicms_password().into(), WRONG.into()]
    }
}

fn everything() -> Person {
    Sandbox::new().person("everything").expect("the person is seeded").clone()
}

fn built(wire: &Wire, password: &str, credentials: Arc<dyn CredentialStore>) -> Arc<dyn UserInfoProvider> {
    let name = everything().username.expect("the person has a name");
    let login = Login::new(LoginBy::UserName, name, password).expect("a login");
    let mut config = AnqiCmsConfig::with_login(wire.base_url(), login);
    config.credentials = credentials;
    Arc::new(AnqiCms::new(config, wire.transport()).with_clock(wire.clock()))
}

userinfo_testkit::renewal!(anqicms, Password);
