use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::HeaderName;
use userinfo_core::{
    Descriptor, Error, ErrorKind, Lookup, LookupKind, Result, Secret, SignIn, User, UserInfoProvider,
};
#[cfg(feature = "reqwest")]
use userinfo_core::{Factory, Instance};
#[cfg(feature = "reqwest")]
use userinfo_http::HttpConfig;
use userinfo_http::{BaseUrl, Call, Clock, CredentialStore, Http, Reply, Tokens, Transport};

use crate::{
    Application, KIND, TianyinConfig,
    cas::{Cas, is_dead},
    user::{self, FIELDS},
    wire::Envelope,
};

const OPERATION: &str = "user/info";
const APP_ID: HeaderName = HeaderName::from_static("x-app-id");

/// More digits than any int64 has, leading zeros included.
const LONGEST_ID: usize = 64;

static DESCRIPTOR: Descriptor = Descriptor::new(
    KIND,
    "Hangzhou Tianyin education platform",
    "https://help.91118.com/docs/bizapi/bizapi-1e4nk3dpbhdlv",
    &[LookupKind::Id, LookupKind::IdWithToken],
    FIELDS,
);

/// Users of one deployment of the Tianyin education platform, by `userId` with an access token.
///
/// With an application it asks for a token when one is first needed, renews it before its end, and once more when
/// the vendor refuses it. Clones share the token.
#[derive(Clone, Debug)]
pub struct Tianyin {
    http: Http,
    app_id: Option<String>,
    access_token: Option<Secret>,
    account: Option<Account>,
    tokens: Option<Tokens>,
}

/// What tokens are obtained with, and where they are kept.
type Account = (Application, Arc<dyn CredentialStore>);

impl Tianyin {
    /// Joins a configuration and a transport.
    #[must_use]
    pub fn new(config: TianyinConfig, transport: Arc<dyn Transport>) -> Self {
        let TianyinConfig { base_url, app_id, access_token, application, credentials, headers } = config;
        let http = Http::new(KIND, base_url, transport).with_headers(headers);
        let account = application.map(|it| (it, credentials));
        let tokens = account.as_ref().map(|it| tokens(&http, it));
        Self { http, app_id, access_token, account, tokens }
    }

    /// Takes the time from `clock`; tokens are asked for anew.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.http = self.http.with_clock(clock);
        self.tokens = self.account.as_ref().map(|it| tokens(&self.http, it));
        self
    }

    /// Allows another login after the vendor locked the account out.
    pub fn pardon(&self) {
        self.tokens.iter().for_each(Tokens::pardon);
    }

    /// Returns how a person orders a login; `None` without something to log in with.
    #[must_use]
    pub fn sign_in(&self) -> Option<Arc<dyn SignIn>> {
        Some(Arc::new(self.tokens.clone()?))
    }

    async fn ask(&self, id: &str, token: &Secret) -> Result<User> {
        if token.expose().chars().any(char::is_control) {
            return Err(Error::invalid_input(KIND, "the token has control characters"));
        }
        let reply = self.http.send(self.call(id, token)).await?;
        let user = read(&reply, Some(self.http.base()))?;
        if user.id == id { Ok(user) } else { Err(foreign(&reply)) }
    }

    /// `GET /user/info?accessToken=…&userId=…`
    fn call(&self, id: &str, token: &Secret) -> Call {
        let call = Call::get(OPERATION, "/user/info").secret_query("accessToken", token).query("userId", id);
        match &self.app_id {
            Some(app_id) => call.header(APP_ID, app_id),
            None => call,
        }
    }
}

#[async_trait]
impl UserInfoProvider for Tianyin {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    async fn user(&self, lookup: &Lookup) -> Result<User> {
        let id = wanted_id(lookup)?;
        match &self.tokens {
            Some(tokens) if lookup.given_token().is_none() => {
                tokens.call(is_dead, async |held| self.ask(&id, held.token()).await).await
            }
            _ => self.ask(&id, lookup.token_or(self.access_token.as_ref(), KIND)?).await,
        }
    }
}

fn tokens(http: &Http, (application, credentials): &Account) -> Tokens {
    let cas = Cas::new(http.elsewhere(application.cas_url.clone()), application.clone());
    let tokens = Tokens::new(KIND, cas.name(), Arc::new(cas)).with_clock(http.clock());
    tokens.with_store(Arc::clone(credentials))
}

/// Makes the value by which this provider joins a [`Registry`](userinfo_core::Registry).
#[cfg(feature = "reqwest")]
#[must_use]
pub fn factory() -> Factory {
    Factory::new(
        &DESCRIPTOR,
        |settings| {
            let http = HttpConfig::from_settings(settings);
            let config = TianyinConfig::from_settings(settings, &http);
            let transport = http.transport(settings);
            let provider = Tianyin::new(config?, transport?);
            let sign_in = provider.sign_in();
            Some(Instance::new(Arc::new(provider)).with_sign_in(sign_in))
        },
        replay,
    )
}

/// Maps a saved answer again; an avatar that is a path goes to `extra`, for there is no base URL to join it
/// to.
///
/// # Errors
///
/// What the answer says, as if it had come with HTTP status 200.
pub fn replay(answer: &[u8]) -> Result<User> {
    read(&Reply::saved(KIND, OPERATION, Bytes::copy_from_slice(answer)), None)
}

fn read(reply: &Reply, base: Option<&BaseUrl>) -> Result<User> {
    let envelope = Envelope::read(reply.object()?);
    let data = envelope.open(reply)?;
    user::map(data, envelope.rest, reply, base)
}

/// Reads an int64 above 0, and writes it without leading zeros.
fn wanted_id(lookup: &Lookup) -> Result<String> {
    let id = lookup.checked_id(KIND, LONGEST_ID)?;
    let number = id.bytes().all(|it| it.is_ascii_digit()).then(|| id.parse::<i64>().ok()).flatten();
    number.filter(|it| *it > 0).map(|it| it.to_string()).ok_or_else(|| {
        Error::invalid_input(KIND, "the id must be a whole number from 1 to 9223372036854775807")
    })
}

fn foreign(reply: &Reply) -> Error {
    reply.refuse(ErrorKind::IdMismatch, "a different user came back than was asked for")
}
