//! Two providers without a vendor: `acme` answers by id, `purse` by token. The id says what to answer.

use std::{sync::Arc, time::SystemTime};

use async_trait::async_trait;
use bytes::Bytes;
use userinfo_core::{
    Brought, Captcha, Demand, Descriptor, Email, Error, ErrorKind, Factory, Field, Instance, Lookup,
    LookupKind, Raw, Result, SignIn, SignedIn, Source, User, UserInfoProvider,
};

static FIELDS: &[Field] = &[
    Field::new("id", &[Source::at("/data/id")]),
    Field::new("nickname", &[Source::at("/data/nick")]),
    Field::new("emails", &[Source::at("/data/mail")]),
    Field::new("bio", &[Source::at("/data/bio")]),
];
static ACME: Descriptor = Descriptor::new(
    "acme",
    "Acme",
    "https://acme.example/docs",
    &[LookupKind::Id, LookupKind::IdWithToken],
    FIELDS,
);
static PURSE: Descriptor =
    Descriptor::new("purse", "Purse", "https://purse.example/docs", &[LookupKind::Token], FIELDS);

/// The answer as the vendor would send it.
pub(crate) const ANSWER: &str =
    "{\"data\": {\"id\": \"1000\",  \"nick\": \"小明\", \"mail\": \"x@y.example\", \"bio\": \"\"}}\r\n";

pub(crate) fn factories() -> Vec<Factory> {
    vec![factory(&ACME), factory(&PURSE)]
}

fn factory(descriptor: &'static Descriptor) -> Factory {
    let replay = if descriptor.kind == "acme" { replay } else { |_: &[u8]| Err(no()) };
    Factory::new(
        descriptor,
        move |settings| {
            let secret = settings.required_secret("secret");
            let timeout = settings.within("http", |http| http.duration("timeout"));
            settings.note("secret", "8 characters\nor so");
            let timeout = timeout.map(|it| it.as_millis().to_string());
            let fake = Arc::new(Fake { descriptor, secret: secret?.expose().to_owned(), timeout });
            let desk = (fake.secret != "no-desk").then(|| Arc::<Fake>::clone(&fake) as Arc<dyn SignIn>);
            Some(Instance::new(fake).with_sign_in(desk))
        },
        replay,
    )
}

fn no() -> Error {
    Error::new(ErrorKind::Protocol, "purse", "replay", "cannot be replayed")
}

fn replay(answer: &[u8]) -> Result<User> {
    let text = String::from_utf8_lossy(answer);
    if !text.contains("1000") {
        return Err(Error::new(ErrorKind::Protocol, "acme", "userInfo", "no id in the answer"));
    }
    let mut user = User::new("acme", "1000");
    user.nickname = Some("小明".to_owned());
    user.emails = vec![Email::new("x@y.example")];
    user.raw = Raw::new(Bytes::copy_from_slice(answer), FIELDS);
    Ok(user.complete())
}

struct Fake {
    descriptor: &'static Descriptor,
    secret: String,
    timeout: Option<String>,
}

impl std::fmt::Debug for Fake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Fake({})", self.descriptor.kind)
    }
}

#[async_trait]
impl UserInfoProvider for Fake {
    fn descriptor(&self) -> &'static Descriptor {
        self.descriptor
    }

    async fn user(&self, lookup: &Lookup) -> Result<User> {
        let kind = self.descriptor.kind;
        let id = lookup.wanted_id().unwrap_or("1000");
        if let Some(wanted) = ErrorKind::ALL.into_iter().find(|it| it.as_str() == id) {
            return Err(Error::new(wanted, kind, "userInfo", "as asked").with_http_status(200));
        }
        let token = lookup.given_token();
        if self.secret == "misconfigured" {
            let error = Error::new(ErrorKind::InvalidInput, kind, "userInfo", "no such client");
            return Err(error.with_http_status(200).with_vendor_code("T-2").with_advice("check the client"));
        }
        if kind == "purse" && token.is_none_or(|it| it.expose() != "right") {
            let error = Error::new(ErrorKind::Unauthenticated, kind, "userInfo", "another token, please");
            return Err(error.with_http_status(200).with_vendor_code("T-1"));
        }
        match id {
            "1000" => replay(ANSWER.as_bytes()),
            "settings" => {
                let mut user = User::new("acme", id);
                user.extra.insert_json("secret_length", &self.secret.len());
                user.extra.insert_json("timeout", &self.timeout);
                user.extra.insert_json("token", &token.map(|it| it.expose().len()));
                Ok(user)
            }
            _ => Err(Error::new(ErrorKind::NotFound, kind, "userInfo", "no such user").with_http_status(200)),
        }
    }
}

/// `purse` wants a code, `acme` a captcha unless its secret is `captcha-off`.
#[async_trait]
impl SignIn for Fake {
    async fn demand(&self) -> Result<Demand> {
        Ok(match (self.descriptor.kind, self.secret.as_str()) {
            ("purse", _) => Demand::Code,
            (_, "captcha-off" | "not-kept") => Demand::Nothing,
            _ => Demand::Captcha(Captcha::new("c-1", "image/png", b"a picture".to_vec())),
        })
    }

    async fn sign_in(&self, brought: Brought) -> Result<SignedIn> {
        match brought {
            Brought::Code(code) if code.expose() == "right" => {
                Ok(SignedIn::new(None, true).with_user(replay(ANSWER.as_bytes())?))
            }
            Brought::Captcha { id, text } if (id.as_str(), text.expose()) == ("c-1", "x7k2") => {
                Ok(SignedIn::new(Some(SystemTime::UNIX_EPOCH), true))
            }
            Brought::Nothing if self.secret == "captcha-off" => Ok(SignedIn::new(None, true)),
            Brought::Nothing if self.secret == "not-kept" => Ok(SignedIn::new(None, false)),
            _ => Err(Error::new(ErrorKind::Unauthenticated, self.descriptor.kind, "login", "not so")),
        }
    }
}
