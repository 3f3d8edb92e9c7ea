//! An honest provider that is no vendor's, and the subject of it.
//!
//! It speaks one of the sandbox's dialects, since the cases script the sandbox, and keeps most facts in `extra`.

use std::sync::Arc;

use async_trait::async_trait;
use userinfo_core::{
    Descriptor, Email, Error, ErrorKind, Extra, Field, Gender, Lookup, LookupKind, Object, Phone, Raw,
    Result, Retry, Secret, Source, Status, Timestamp, User, UserInfoProvider,
};
use userinfo_http::{Call, Http, Reply, Transport};
use userinfo_sandbox::{Person, credentials::QUECTEL_TOKEN};
use userinfo_testkit::{Deviation, Subject, Tries, Wire};

use crate::plant::{Plant, Slip};

const KIND: &str = "acme";

static DESCRIPTOR: Descriptor = Descriptor::new(
    KIND,
    "Acme",
    "https://acme.example/docs",
    &[LookupKind::Id, LookupKind::IdWithToken],
    FIELDS,
);

pub(crate) static FIELDS: &[Field] = &[
    Field::new("id", &[Source::at("/data/uid")]),
    Field::new("display_name", &[Source::at("/data/nikeName")]),
    Field::new("nickname", &[Source::at("/data/nikeName")]),
    Field::new("emails", &[Source::at("/data/email")]),
    Field::new("phones", &[Source::at("/data/phone")]),
    Field::new("avatar_url", &[Source::at("/data/headimg")]),
    Field::new("bio", &[Source::at("/data/signature")]),
    Field::new("gender", &[Source::at("/data/sex")]),
    Field::new("status", &[Source::at("/data/status")]),
    Field::new("tenant", &[Source::at("/data/userDomain")]),
    Field::new("created_at", &[Source::at("/data/registerTimeTs")]),
];

/// What the vendor page would list.
const DOCUMENTED: &[&str] = &[
    "/data/uid",
    "/data/nikeName",
    "/data/email",
    "/data/phone",
    "/data/headimg",
    "/data/signature",
    "/data/sex",
    "/data/status",
    "/data/userDomain",
    "/data/registerTimeTs",
    "/data/remark",
];

/// The subject, with a flaw planted in it or none.
#[derive(Clone, Copy, Default)]
pub(crate) struct Acme {
    pub(crate) plant: Option<Plant>,
}

#[derive(Debug)]
struct Provider {
    http: Http,
    token: Secret,
    slip: Option<Slip>,
}

impl Provider {
    fn new(wire: &Wire, transport: Arc<dyn Transport>, token: Secret, slip: Option<Slip>) -> Self {
        let http = Http::new(KIND, wire.base_url(), transport).with_clock(wire.clock());
        Self { http, token, slip }
    }
}

#[async_trait]
impl UserInfoProvider for Provider {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    async fn user(&self, lookup: &Lookup) -> Result<User> {
        let id = lookup.checked_id(KIND, 64)?;
        if id.starts_with(' ') {
            return Err(Error::invalid_input(KIND, "the id begins with a space"));
        }
        let token = lookup.given_token().unwrap_or(&self.token);
        let bare = Secret::new(token.expose().trim_start_matches("QJWT "));
        let call =
            Call::get("userInfo", "/v2/enduser/enterpriseapi/userInfo").query("uid", id).knowing(&bare);
        let call = call.secret_header(http::header::AUTHORIZATION, token);
        let user = read(&self.http.send(call).await?, self.slip)?;
        if user.id != id && self.slip != Some(Slip::NoIdCheck) {
            return Err(Error::new(ErrorKind::IdMismatch, KIND, "userInfo", "a different user came back"));
        }
        Ok(user)
    }
}

fn read(reply: &Reply, slip: Option<Slip>) -> Result<User> {
    let mut body = reply.object().map_err(|error| match slip {
        Some(Slip::QuotesTheBody) => reply.refuse(error.kind(), String::from_utf8_lossy(reply.body())),
        _ => error,
    })?;
    let Some(code) = body.take_integer("code") else {
        reply.success()?;
        return Err(reply.refuse(ErrorKind::Protocol, "the answer has no code"));
    };
    let kind = match code {
        200 => return map(body, reply, slip),
        5032 | 5106 => ErrorKind::Unauthenticated,
        5041 => ErrorKind::PermissionDenied,
        5033 => ErrorKind::NotFound,
        5147 => ErrorKind::LockedOut,
        50000 => ErrorKind::Unavailable,
        _ => ErrorKind::Rejected,
    };
    let message = body.take_text("msg").unwrap_or_else(|| "refused without a message".to_owned());
    Err(reply.refuse(kind, message).with_vendor_code(code.to_string()))
}

fn map(mut body: Object<'_>, reply: &Reply, slip: Option<Slip>) -> Result<User> {
    reply.success()?;
    let data = body.take("data");
    let list = data.and_then(Object::list).filter(|_| slip == Some(Slip::OpensLists));
    let data = list.and_then(|list| list.first().copied()).or(data);
    let Some(mut data) = data.and_then(Object::within) else {
        return match slip {
            Some(Slip::NullIsAUser) => Ok(User::new(KIND, "C131362")),
            _ => Err(reply.refuse(ErrorKind::Protocol, "a success without a user")),
        };
    };
    if slip == Some(Slip::NothingIsAUser) && data.is_empty() {
        return Ok(User::new(KIND, "C131362"));
    }
    let id = match slip {
        Some(Slip::AnythingIsAnId) => data.take_word("uid"),
        _ => data.take_id("uid"),
    };
    let id = id.ok_or_else(|| reply.refuse(ErrorKind::Protocol, "a success without an id"))?;
    let mut user = User::new(KIND, id);
    user.nickname = data.take_text("nikeName");
    user.emails.extend(data.take_text("email").map(Email::new));
    user.phones.extend(data.take_text("phone").map(Phone::new));
    user.avatar_url = data.take_text("headimg");
    user.bio = data.take_text("signature");
    user.gender = data.take_word("sex").map(gender);
    user.status = data.take_word("status").map(status);
    user.tenant = data.take_text("userDomain");
    user.created_at = data.take_time("registerTimeTs", Timestamp::from_unix_millis);
    user.extra = rest(data, body);
    user.raw = Raw::new(reply.body().clone(), FIELDS);
    Ok(user.complete())
}

fn rest(data: Object<'_>, body: Object<'_>) -> Extra {
    let mut extra = body.rest();
    extra.append(data.rest());
    extra
}

fn gender(word: String) -> Gender {
    match word.as_str() {
        "0" => Gender::Male,
        "1" => Gender::Female,
        "2" => Gender::Undisclosed,
        _ => Gender::Other(word),
    }
}

fn status(word: String) -> Status {
    match word.as_str() {
        "1" => Status::Active,
        "0" => Status::Disabled,
        _ => Status::Other(word),
    }
}

impl Acme {
    fn build(self, wire: &Wire, token: Secret) -> Arc<dyn UserInfoProvider> {
        let transport = self.plant.map_or_else(|| wire.transport(), |it| it.on_the_road(wire.transport()));
        let honest = Arc::new(Provider::new(wire, transport, token, self.slip()));
        match self.plant {
            Some(plant) => plant.around(honest),
            None => honest,
        }
    }

    fn slip(self) -> Option<Slip> {
        self.plant.and_then(Plant::slip)
    }
}

impl Subject for Acme {
    fn mount(&self) -> &'static str {
        "/quectel"
    }

    fn provider(&self, wire: &Wire) -> Arc<dyn UserInfoProvider> {
        self.build(wire, QUECTEL_TOKEN.into())
    }

    fn with_secret(&self, wire: &Wire, secret: Secret) -> Result<Arc<dyn UserInfoProvider>, &'static str> {
        Ok(self.build(wire, secret))
    }

    fn replay(&self, answer: &[u8]) -> Result<User> {
        let body = bytes::Bytes::copy_from_slice(answer);
        let user = read(&Reply::saved(KIND, "userInfo", body), self.slip());
        match self.plant {
            Some(plant) => plant.in_a_replay(user),
            None => user,
        }
    }

    fn lookup(&self, person: &Person) -> Lookup {
        Lookup::id(self.id(person))
    }

    fn id(&self, person: &Person) -> String {
        person.ids.quectel.clone()
    }

    fn token(&self, _: &Person) -> Result<Secret, &'static str> {
        Ok(QUECTEL_TOKEN.into())
    }

    fn nobody(&self) -> Result<Lookup, &'static str> {
        Ok(Lookup::id("C404"))
    }

    fn invalid_ids(&self) -> &[&str] {
        &[" C1"]
    }

    fn documented(&self) -> &[&str] {
        if self.slip() == Some(Slip::MisspellsAPointer) { &["/data/nickName"] } else { DOCUMENTED }
    }

    fn secrets(&self) -> Vec<Secret> {
        vec![QUECTEL_TOKEN.into(), QUECTEL_TOKEN.trim_start_matches("QJWT ").into()]
    }

    fn deviations(&self) -> &[Deviation] {
        if self.slip() == Some(Slip::DeviatesSilently) {
            return &[Deviation { fault: "locked-out", outcome: Some(ErrorKind::LockedOut), reason: "" }];
        }
        &[]
    }

    fn tries(&self, retry: Retry) -> Tries {
        let boasts = self.slip() == Some(Slip::BoastsOfTries);
        if boasts { Tries { requests: 2, retry: Retry::Never } } else { Tries::once(retry) }
    }
}
