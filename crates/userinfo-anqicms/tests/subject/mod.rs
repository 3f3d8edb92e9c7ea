//! How the conformance suite gets hold of AnqiCMS.

use std::sync::Arc;

use userinfo_anqicms::{AnqiCms, AnqiCmsConfig};
use userinfo_core::{ErrorKind, Lookup, Result, Secret, User, UserInfoProvider};
use userinfo_sandbox::{Person, Sandbox};
use userinfo_testkit::{Deviation, Subject, Wire};

pub(crate) struct AnqiCmsSubject;

impl Subject for AnqiCmsSubject {
    fn mount(&self) -> &'static str {
        "/anqicms"
    }

    fn provider(&self, wire: &Wire) -> Arc<dyn UserInfoProvider> {
        provider(wire, configured_token())
    }

    fn with_secret(&self, wire: &Wire, secret: Secret) -> Result<Arc<dyn UserInfoProvider>, &'static str> {
        Ok(provider(wire, secret))
    }

    fn replay(&self, answer: &[u8]) -> Result<User> {
        userinfo_anqicms::replay(answer)
    }

    /// The token decides who is told of, so everybody is asked for with a token of their own.
    fn lookup(&self, person: &Person) -> Lookup {
        Lookup::id(self.id(person)).with_token(person.anqicms_token())
    }

    fn id(&self, person: &Person) -> String {
        person.ids.anqicms.to_string()
    }

    fn token(&self, person: &Person) -> Result<Secret, &'static str> {
        Ok(person.anqicms_token().into())
    }

    fn nobody(&self) -> Result<Lookup, &'static str> {
        Err("the server never reads the id: it tells of the token's owner, who always exists")
    }

    fn invalid_ids(&self) -> &[&str] {
        &[
            "0",
            "-1",
            "+1",
            "1.0",
            "1e3",
            "x",
            " 1",
            "1 ",
            "0x1",
            "4294967296",
            "18446744073709551617",
            "１",
            "٣",
        ]
    }

    fn documented(&self) -> &[&str] {
        DOCUMENTED
    }

    fn secrets(&self) -> Vec<Secret> {
        vec![configured_token()]
    }

    fn deviations(&self) -> &[Deviation] {
        &[Deviation {
            fault: "not-found",
            outcome: Some(ErrorKind::Rejected),
            reason: "code -1 is every failure of the API; the page knows no code for an unknown user",
        }]
    }
}

/// The members of <https://en.anqicms.com/api-user/3522.html>, and those of the source of version 3.5.8.
const DOCUMENTED: &[&str] = &[
    "/data/id",
    "/data/parent_id",
    "/data/user_name",
    "/data/real_name",
    "/data/introduce",
    "/data/avatar_url",
    "/data/full_avatar_url",
    "/data/email",
    "/data/phone",
    "/data/group_id",
    "/data/is_retailer",
    "/data/balance",
    "/data/total_reward",
    "/data/invite_code",
    "/data/last_login",
    "/data/expire_time",
    "/data/created_time",
    "/data/updated_time",
    "/data/status",
    "/data/extra",
    "/data/group",
    "/data/group/id",
    "/data/group/title",
    "/data/link",
    "/data/url_token",
    "/data/first_name",
    "/data/last_name",
    "/data/email_verified",
    "/data/birthday",
    "/data/google_id",
    "/data/reset_password",
];

fn provider(wire: &Wire, token: Secret) -> Arc<dyn UserInfoProvider> {
    let config = AnqiCmsConfig::new(wire.base_url(), token);
    Arc::new(AnqiCms::new(config, wire.transport()).with_clock(wire.clock()))
}

fn configured_token() -> Secret {
    let sandbox = Sandbox::new();
    sandbox.person("everything").expect("the sandbox is seeded with this person").anqicms_token().into()
}
