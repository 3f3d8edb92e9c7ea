//! How the conformance suite gets hold of Quectel.

use std::sync::Arc;

use userinfo_core::{ErrorKind, Lookup, Result, Secret, User, UserInfoProvider};
use userinfo_quectel::{Quectel, QuectelConfig};
use userinfo_sandbox::{Person, credentials::QUECTEL_TOKEN};
use userinfo_testkit::{Deviation, Subject, Wire};

pub(crate) struct QuectelSubject;

impl Subject for QuectelSubject {
    fn mount(&self) -> &'static str {
        "/quectel"
    }

    fn provider(&self, wire: &Wire) -> Arc<dyn UserInfoProvider> {
        provider(wire, QUECTEL_TOKEN.into())
    }

    fn with_secret(&self, wire: &Wire, secret: Secret) -> Result<Arc<dyn UserInfoProvider>, &'static str> {
        Ok(provider(wire, secret))
    }

    fn replay(&self, answer: &[u8]) -> Result<User> {
        userinfo_quectel::replay(answer)
    }

    fn lookup(&self, person: &Person) -> Lookup {
        Lookup::id(self.id(person))
    }

    fn id(&self, person: &Person) -> String {
        person.ids.quectel.clone()
    }

    /// A caller's token comes without the prefix as often as with it.
    fn token(&self, _: &Person) -> Result<Secret, &'static str> {
        Ok(bare_token())
    }

    fn nobody(&self) -> Result<Lookup, &'static str> {
        Ok(Lookup::id("C404"))
    }

    fn documented(&self) -> &[&str] {
        DOCUMENTED
    }

    fn secrets(&self) -> Vec<Secret> {
        vec![QUECTEL_TOKEN.into(), bare_token()]
    }

    fn deviations(&self) -> &[Deviation] {
        &[
            Deviation {
                fault: "null-data",
                outcome: Some(ErrorKind::NotFound),
                reason: "code 200 without data reads as no such user; the page has no code for one",
            },
            Deviation {
                fault: "empty-data",
                outcome: Some(ErrorKind::NotFound),
                reason: "code 200 without data reads as no such user; the page has no code for one",
            },
        ]
    }
}

/// All members of the page "Query User Information".
const DOCUMENTED: &[&str] = &[
    "/data/address",
    "/data/alipayUserId",
    "/data/appleUserId",
    "/data/city",
    "/data/email",
    "/data/facebookUserId",
    "/data/headimg",
    "/data/lang",
    "/data/lastLoginTime",
    "/data/lastLoginTimeTs",
    "/data/logonMode",
    "/data/nationality",
    "/data/nikeName",
    "/data/phone",
    "/data/province",
    "/data/qqUserId",
    "/data/registerTime",
    "/data/registerTimeTs",
    "/data/remark",
    "/data/sex",
    "/data/signature",
    "/data/status",
    "/data/timezone",
    "/data/twitterUserId",
    "/data/uid",
    "/data/userDomain",
    "/data/wechatMiniprogramUserId",
    "/data/wechatOffiaccountUserId",
    "/data/wechatUnionId",
    "/extMsg",
];

fn provider(wire: &Wire, token: Secret) -> Arc<dyn UserInfoProvider> {
    let config = QuectelConfig::new(wire.base_url(), token);
    Arc::new(Quectel::new(config, wire.transport()).with_clock(wire.clock()))
}

fn bare_token() -> Secret {
    QUECTEL_TOKEN.trim_start_matches("QJWT ").into()
}
