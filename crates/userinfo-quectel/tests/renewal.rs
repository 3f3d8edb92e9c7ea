//! Quectel logs in and renews by itself.

use std::{sync::Arc, time::Duration};

use userinfo_core::{Lookup, Secret, UserInfoProvider};
use userinfo_http::CredentialStore;
use userinfo_quectel::{AccessKey, Quectel, QuectelConfig};
use userinfo_sandbox::{
    Person,
    credentials::{QUECTEL_ACCESS_KEY, QUECTEL_ACCESS_SECRET},
};
use userinfo_testkit::{Renewing, Wire};

struct KeyPair;

const WRONG: &str = "wrong-secret-5f1d7c0a9b";

impl Renewing for KeyPair {
    fn mount(&self) -> &'static str {
        "/quectel"
    }

    fn provider(&self, wire: &Wire, credentials: Arc<dyn CredentialStore>) -> Arc<dyn UserInfoProvider> {
        built(wire, QUECTEL_ACCESS_SECRET, credentials)
    }

    fn misconfigured(&self, wire: &Wire, credentials: Arc<dyn CredentialStore>) -> Arc<dyn UserInfoProvider> {
        built(wire, WRONG, credentials)
    }

    fn lookup(&self, person: &Person) -> Lookup {
        Lookup::id(&*person.ids.quectel)
    }

    fn lifetime(&self) -> Duration {
        Duration::from_secs(2 * 60 * 60)
    }

    fn secrets(&self) -> Vec<Secret> {
        vec![QUECTEL_ACCESS_SECRET.into(), QUECTEL_ACCESS_KEY.into(), WRONG.into()]
    }
}

fn built(wire: &Wire, secret: &str, credentials: Arc<dyn CredentialStore>) -> Arc<dyn UserInfoProvider> {
    let key = AccessKey::new(QUECTEL_ACCESS_KEY, secret).expect("a key pair");
    let mut config = QuectelConfig::with_access_key(wire.base_url(), key);
    config.credentials = credentials;
    Arc::new(Quectel::new(config, wire.transport()).with_clock(wire.clock()))
}

userinfo_testkit::renewal!(quectel, KeyPair);
