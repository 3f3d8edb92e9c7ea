use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::header;
#[cfg(feature = "reqwest")]
use userinfo_core::Factory;
use userinfo_core::{
    Descriptor, Error, ErrorKind, Lookup, LookupKind, Result, Secret, User, UserInfoProvider,
};
#[cfg(feature = "reqwest")]
use userinfo_http::HttpConfig;
use userinfo_http::{Call, Clock, Http, Reply, Transport};

use crate::{
    QuectelConfig,
    token::Token,
    user::{self, FIELDS, TextTimes},
    wire::Envelope,
};

const KIND: &str = "quectel";
const OPERATION: &str = "userInfo";

/// Far more than any id of the vendor, which look like `C131362`.
const LONGEST_ID: usize = 128;

/// Members that are credentials: rows of a sibling call carry this one; should it ever come here, nobody gets
/// to see it.
const CREDENTIALS: [&str; 1] = ["userDomainSecret"];

static DESCRIPTOR: Descriptor = Descriptor::new(
    KIND,
    "Quectel / Acceleronix IoT cloud",
    "https://iot-docs.acceleronix.io/saasDevelop/OpenAPI/",
    &[LookupKind::Id, LookupKind::IdWithToken],
    FIELDS,
);

/// End users of an enterprise in the cloud of Quectel or Acceleronix, by `uid`.
#[derive(Clone, Debug)]
pub struct Quectel {
    http: Http,
    token: Option<Secret>,
    texts: TextTimes,
}

impl Quectel {
    /// Joins a configuration and a transport.
    #[must_use]
    pub fn new(config: QuectelConfig, transport: Arc<dyn Transport>) -> Self {
        let QuectelConfig { base_url, token, headers } = config;
        let texts = TextTimes::of(&base_url);
        let http = Http::new(KIND, base_url, transport).with_headers(headers);
        Self { http, token, texts }
    }

    /// Takes the time from `clock`.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.http = self.http.with_clock(clock);
        self
    }

    /// The token of the look-up, else the configured one.
    fn token(&self, lookup: &Lookup) -> Result<Token> {
        let token = lookup.token_or(self.token.as_ref(), KIND)?;
        Token::read(token).map_err(|wrong| Error::invalid_input(KIND, wrong))
    }
}

#[async_trait]
impl UserInfoProvider for Quectel {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    async fn user(&self, lookup: &Lookup) -> Result<User> {
        let uid = lookup.checked_id(KIND, LONGEST_ID)?;
        let token = self.token(lookup)?;
        let reply = self.http.send(call(uid, &token)).await?.without_members(&CREDENTIALS);
        let user = read(&reply, self.texts)?;
        if user.id == uid { Ok(user) } else { Err(foreign(&reply)) }
    }
}

/// Makes the value by which this provider joins a [`Registry`](userinfo_core::Registry).
#[cfg(feature = "reqwest")]
#[must_use]
pub fn factory() -> Factory {
    Factory::new(
        &DESCRIPTOR,
        |settings| {
            let http = HttpConfig::from_settings(settings);
            let config = QuectelConfig::from_settings(settings, &http);
            let transport = http.transport(settings);
            Some(Arc::new(Quectel::new(config?, transport?)))
        },
        replay,
    )
}

/// Maps a saved answer again; a time that is told as text alone goes to `extra`, for nobody knows the host
/// and with it the zone.
///
/// # Errors
///
/// What the answer says, as if it had come with HTTP status 200.
pub fn replay(answer: &[u8]) -> Result<User> {
    let reply = Reply::saved(KIND, OPERATION, Bytes::copy_from_slice(answer));
    read(&reply.without_members(&CREDENTIALS), TextTimes::Unproven)
}

/// `GET /v2/enduser/enterpriseapi/userInfo?uid=…`, without a body and so without a `Content-Type`.
fn call(uid: &str, token: &Token) -> Call {
    Call::get(OPERATION, "/v2/enduser/enterpriseapi/userInfo")
        .query("uid", uid)
        .secret_header(header::AUTHORIZATION, &token.whole)
        .knowing(&token.bare)
}

fn read(reply: &Reply, texts: TextTimes) -> Result<User> {
    let envelope = Envelope::read(reply.object()?);
    let data = envelope.open(reply)?;
    user::map(data, envelope.rest, reply, texts)
}

fn foreign(reply: &Reply) -> Error {
    reply.refuse(ErrorKind::IdMismatch, "a different user came back than was asked for")
}
