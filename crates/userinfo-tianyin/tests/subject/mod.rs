//! How the conformance suite gets hold of Tianyin.

use std::sync::Arc;

use userinfo_core::{ErrorKind, Lookup, Result, Secret, User, UserInfoProvider};
use userinfo_sandbox::{
    Person,
    credentials::{TIANYIN_ACCESS_TOKEN, TIANYIN_APP_ID},
};
use userinfo_testkit::{Deviation, Subject, Wire};
use userinfo_tianyin::{Tianyin, TianyinConfig};

pub(crate) struct TianyinSubject;

impl Subject for TianyinSubject {
    fn mount(&self) -> &'static str {
        "/tianyin"
    }

    fn provider(&self, wire: &Wire) -> Arc<dyn UserInfoProvider> {
        provider(wire, TIANYIN_ACCESS_TOKEN.into())
    }

    fn with_secret(&self, wire: &Wire, secret: Secret) -> Result<Arc<dyn UserInfoProvider>, &'static str> {
        Ok(provider(wire, secret))
    }

    fn replay(&self, answer: &[u8]) -> Result<User> {
        userinfo_tianyin::replay(answer)
    }

    fn lookup(&self, person: &Person) -> Lookup {
        Lookup::id(self.id(person))
    }

    fn id(&self, person: &Person) -> String {
        person.ids.tianyin.to_string()
    }

    fn token(&self, _: &Person) -> Result<Secret, &'static str> {
        Ok(TIANYIN_ACCESS_TOKEN.into())
    }

    fn nobody(&self) -> Result<Lookup, &'static str> {
        Ok(Lookup::id("404"))
    }

    fn invalid_ids(&self) -> &[&str] {
        &["0", "00", "-1", "+1", "1.0", "1e3", "x", " 1", "1 ", "0x1", "9223372036854775808", "１", "٣"]
    }

    fn documented(&self) -> &[&str] {
        DOCUMENTED
    }

    fn secrets(&self) -> Vec<Secret> {
        vec![TIANYIN_ACCESS_TOKEN.into()]
    }

    fn deviations(&self) -> &[Deviation] {
        &[
            Deviation {
                fault: "null-data",
                outcome: Some(ErrorKind::NotFound),
                reason: "code 200 without data is how deployments say that there is none; no code is listed",
            },
            Deviation {
                fault: "empty-data",
                outcome: Some(ErrorKind::NotFound),
                reason: "code 200 without data is how deployments say that there is none; no code is listed",
            },
            Deviation {
                fault: "list-data",
                outcome: None,
                reason: "the page says both that data is one user and that it is a list of users",
            },
        ]
    }
}

/// The members of <https://help.91118.com/docs/bizapi/bizapi-1e4nk3dpbhdlv>.
const DOCUMENTED: &[&str] = &[
    "/data/userId",
    "/data/account",
    "/data/avatar",
    "/data/email",
    "/data/gender",
    "/data/nickname",
    "/data/phone",
    "/data/orgList",
    "/data/orgList/*/orgId",
    "/data/orgList/*/orgCode",
    "/data/orgList/*/orgName",
    "/data/orgList/*/roleList",
    "/data/orgList/*/roleList/*/roleId",
    "/data/orgList/*/roleList/*/roleCode",
    "/data/orgList/*/roleList/*/roleName",
];

fn provider(wire: &Wire, access_token: Secret) -> Arc<dyn UserInfoProvider> {
    let config = TianyinConfig::new(wire.base_url(), TIANYIN_APP_ID, access_token);
    Arc::new(Tianyin::new(config, wire.transport()).with_clock(wire.clock()))
}
