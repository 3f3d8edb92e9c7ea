use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::HeaderName;
#[cfg(feature = "reqwest")]
use userinfo_core::Factory;
use userinfo_core::{
    Descriptor, Error, ErrorKind, Lookup, LookupKind, Result, Secret, User, UserInfoProvider,
};
#[cfg(feature = "reqwest")]
use userinfo_http::HttpConfig;
use userinfo_http::{BaseUrl, Call, Clock, Http, Reply, Transport};

use crate::{
    AnqiCmsConfig, IdCheck, error,
    user::{self, FIELDS},
    wire::Envelope,
};

const KIND: &str = "anqicms";
const OPERATION: &str = "user/detail";
const TOKEN: HeaderName = HeaderName::from_static("token");

/// Members of an answer that are credentials; a newer server may fill in what is empty in this call.
const CREDENTIALS: [&str; 1] = ["token"];

static DESCRIPTOR: Descriptor = Descriptor::new(
    KIND,
    "AnqiCMS",
    "https://en.anqicms.com/api-user/3522.html",
    &[LookupKind::Id, LookupKind::IdWithToken],
    FIELDS,
);

/// Users of an AnqiCMS site, by id with a token.
#[derive(Clone, Debug)]
pub struct AnqiCms {
    http: Http,
    token: Option<Secret>,
    id_check: IdCheck,
    site_id: Option<u32>,
}

impl AnqiCms {
    /// Joins a configuration and a transport.
    #[must_use]
    pub fn new(config: AnqiCmsConfig, transport: Arc<dyn Transport>) -> Self {
        let AnqiCmsConfig { base_url, token, id_check, site_id, headers } = config;
        let http = Http::new(KIND, base_url, transport).with_headers(headers);
        Self { http, token, id_check, site_id }
    }

    /// Takes the time from `clock`.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.http = self.http.with_clock(clock);
        self
    }

    /// `GET /api/user/detail?userId=…`; no trailing slash, and never `lang`.
    fn call(&self, id: u32, token: &Secret) -> Call {
        let call = Call::get(OPERATION, "/api/user/detail").query("userId", &id.to_string());
        let call = call.secret_header(TOKEN, token);
        match self.site_id {
            Some(site) => call.query("site_id", &site.to_string()),
            None => call,
        }
    }
}

#[async_trait]
impl UserInfoProvider for AnqiCms {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    async fn user(&self, lookup: &Lookup) -> Result<User> {
        let id = wanted_id(lookup)?;
        let token = lookup.token_or(self.token.as_ref(), KIND)?;
        let reply = self.http.send(self.call(id, token)).await?.without_members(&CREDENTIALS);
        let user = read(&reply, Some(self.http.base()))?;
        match self.id_check {
            IdCheck::Strict if user.id != id.to_string() => Err(foreign(&reply)),
            _ => Ok(user),
        }
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
            let config = AnqiCmsConfig::from_settings(settings, &http);
            let transport = http.transport(settings);
            Some(Arc::new(AnqiCms::new(config?, transport?)))
        },
        replay,
    )
}

/// Maps a saved answer again; a relative avatar goes to `extra`, for there is no base URL to join it to.
///
/// # Errors
///
/// What the answer says, as if it had come with HTTP status 200.
pub fn replay(answer: &[u8]) -> Result<User> {
    let reply = Reply::saved(KIND, OPERATION, Bytes::copy_from_slice(answer));
    read(&reply.without_members(&CREDENTIALS), None)
}

fn read(reply: &Reply, base: Option<&BaseUrl>) -> Result<User> {
    let body = reply.object().map_err(|error| error::of_status(reply, error))?;
    let (data, rest) = Envelope::read(body).open(reply)?;
    user::map(data, rest, reply, base)
}

fn wanted_id(lookup: &Lookup) -> Result<u32> {
    let id = lookup.checked_id(KIND, 32)?;
    let number = id.bytes().all(|it| it.is_ascii_digit()).then(|| id.parse().ok()).flatten();
    number
        .filter(|it| *it > 0)
        .ok_or_else(|| Error::invalid_input(KIND, "the id must be a whole number from 1 to 4294967295"))
}

fn foreign(reply: &Reply) -> Error {
    reply
        .refuse(ErrorKind::IdMismatch, "a different user came back than was asked for: the token's owner")
        .with_advice("ask with the token of that user; the server takes the user from the token alone")
}
