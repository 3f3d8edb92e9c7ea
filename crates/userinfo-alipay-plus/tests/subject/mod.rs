//! How the conformance suite gets hold of Alipay+.

use std::sync::Arc;

use userinfo_alipay_plus::{AlipayPlus, AlipayPlusConfig, RsaSigner, Verify, WalletKey, WalletKeys};
use userinfo_core::{ErrorKind, Lookup, Result, Secret, User, UserInfoProvider};
use userinfo_sandbox::{
    Person,
    credentials::{ALIPAY_AUTH_CLIENT_ID, ALIPAY_CLIENT_ID, MERCHANT_PRIVATE_KEY_PEM, WALLET_PUBLIC_KEY_PEM},
};
use userinfo_testkit::{Deviation, Subject, Wire};

pub(crate) struct AlipayPlusSubject;

impl Subject for AlipayPlusSubject {
    fn mount(&self) -> &'static str {
        "/alipay-plus"
    }

    fn provider(&self, wire: &Wire) -> Arc<dyn UserInfoProvider> {
        let signer = RsaSigner::parse(MERCHANT_PRIVATE_KEY_PEM).expect("the sandbox's key");
        let wallet = WalletKey::parse(WALLET_PUBLIC_KEY_PEM).expect("the sandbox's key");
        let verify = Verify::Require(WalletKeys::new(wallet));
        let mut config = AlipayPlusConfig::new(wire.base_url(), ALIPAY_CLIENT_ID, signer, verify);
        config.auth_client_id = Some(ALIPAY_AUTH_CLIENT_ID.to_owned());
        let provider = AlipayPlus::new(config, wire.transport()).expect("a configuration that works");
        Arc::new(provider.with_clock(wire.clock()))
    }

    fn with_secret(&self, _: &Wire, _: Secret) -> Result<Arc<dyn UserInfoProvider>, &'static str> {
        Err("the configured credential is a key pair; the user's token comes with each look-up")
    }

    fn replay(&self, answer: &[u8]) -> Result<User> {
        userinfo_alipay_plus::replay(answer)
    }

    fn lookup(&self, person: &Person) -> Lookup {
        Lookup::id(self.id(person)).with_token(person.alipay_access_token())
    }

    fn id(&self, person: &Person) -> String {
        person.ids.alipay_plus.clone()
    }

    fn token(&self, person: &Person) -> Result<Secret, &'static str> {
        Ok(person.alipay_access_token().into())
    }

    fn nobody(&self) -> Result<Lookup, &'static str> {
        Err("the token decides who is told of, and a token of nobody is refused as a token")
    }

    fn documented(&self) -> &[&str] {
        DOCUMENTED
    }

    fn secrets(&self) -> Vec<Secret> {
        let base64: String =
            MERCHANT_PRIVATE_KEY_PEM.lines().filter(|line| !line.starts_with("-----")).collect();
        let lines = MERCHANT_PRIVATE_KEY_PEM.lines().filter(|line| line.len() > 60);
        [base64.as_str(), MERCHANT_PRIVATE_KEY_PEM].into_iter().chain(lines).map(Secret::new).collect()
    }

    fn deviations(&self) -> &[Deviation] {
        &[
            Deviation {
                fault: "http-401",
                outcome: Some(ErrorKind::PermissionDenied),
                reason: "the merchant is known by a signature, so that a gateway's 401 refuses the caller",
            },
            Deviation {
                fault: "not-found",
                outcome: Some(ErrorKind::Protocol),
                reason: "the page knows no unknown user, for the token names one; a 404 is a wrong address",
            },
            Deviation {
                fault: "locked-out",
                outcome: Some(ErrorKind::Protocol),
                reason: "the page knows no lock; a 423 without a result is an answer that nobody documents",
            },
        ]
    }

    fn unknown_code(&self) -> &'static str {
        "SOME_NEW_CODE"
    }
}

/// The members of `userInfo` on the page, and those of the data dictionaries.
const DOCUMENTED: &[&str] = &[
    "/userInfo/userId",
    "/userInfo/status",
    "/userInfo/nickName",
    "/userInfo/userName",
    "/userInfo/userName/fullName",
    "/userInfo/userName/firstName",
    "/userInfo/userName/lastName",
    "/userInfo/userName/middleName",
    "/userInfo/avatar",
    "/userInfo/gender",
    "/userInfo/birthDate",
    "/userInfo/nationality",
    "/userInfo/loginIdInfos",
    "/userInfo/loginIdInfos/*/loginId",
    "/userInfo/loginIdInfos/*/loginIdType",
    "/userInfo/loginIdInfos/*/maskLoginId",
    "/userInfo/loginIdInfos/*/hashLoginId",
    "/userInfo/contactInfos",
    "/userInfo/contactInfos/*/contactNo",
    "/userInfo/contactInfos/*/contactType",
    "/userInfo/extendInfo",
    "/userInfo/userAddresses/*/region",
    "/userInfo/userAddresses/*/state",
    "/userInfo/userAddresses/*/city",
    "/userInfo/userAddresses/*/address1",
    "/userInfo/userAddresses/*/zipCode",
];
