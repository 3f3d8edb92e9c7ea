//! Tianyin asks the deployment's CAS for tokens and renews them by itself.

use std::{sync::Arc, time::Duration};

use userinfo_core::{ErrorKind, Lookup, Secret, UserInfoProvider};
use userinfo_http::{BaseUrl, CredentialStore};
use userinfo_sandbox::{
    Person,
    credentials::{TIANYIN_APP_ID, TIANYIN_CLIENT_ID, TIANYIN_CLIENT_SECRET},
};
use userinfo_testkit::{Renewing, Wire};
use userinfo_tianyin::{Application, Tianyin, TianyinConfig};

struct Approved;

const WRONG: &str = "wrong-secret-5f1d7c0a9b";

impl Renewing for Approved {
    fn mount(&self) -> &'static str {
        "/tianyin"
    }

    fn provider(&self, wire: &Wire, credentials: Arc<dyn CredentialStore>) -> Arc<dyn UserInfoProvider> {
        built(wire, TIANYIN_CLIENT_SECRET, credentials)
    }

    fn misconfigured(&self, wire: &Wire, credentials: Arc<dyn CredentialStore>) -> Arc<dyn UserInfoProvider> {
        built(wire, WRONG, credentials)
    }

    fn lookup(&self, person: &Person) -> Lookup {
        Lookup::id(person.ids.tianyin.to_string())
    }

    fn lifetime(&self) -> Duration {
        Duration::from_secs(8 * 60 * 60)
    }

    fn locked_out(&self) -> Result<ErrorKind, &'static str> {
        Err("no document of the platform or of CAS has a word for a locked application")
    }

    fn secrets(&self) -> Vec<Secret> {
        vec![TIANYIN_CLIENT_SECRET.into(), WRONG.into()]
    }
}

/// The CAS is a server of its own: the sandbox has it beside the API.
fn cas(wire: &Wire) -> BaseUrl {
    format!("{}-cas", wire.base_url()).parse().expect("a URL")
}

fn built(wire: &Wire, secret: &str, credentials: Arc<dyn CredentialStore>) -> Arc<dyn UserInfoProvider> {
    let application = Application::new(cas(wire), TIANYIN_CLIENT_ID, secret);
    let mut config = TianyinConfig::with_application(wire.base_url(), TIANYIN_APP_ID, application);
    config.credentials = credentials;
    Arc::new(Tianyin::new(config, wire.transport()).with_clock(wire.clock()))
}

userinfo_testkit::renewal!(tianyin, Approved);
