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
use userinfo_http::{
    BaseUrl, Call, Clock, Credential, CredentialStore, Held, Http, Reply, Tokens, Transport,
};

use crate::{
    AnqiCmsConfig, IdCheck, KIND, Login,
    captcha::Person,
    error,
    login::{Desk, is_dead, name_of, update},
    user::{self, FIELDS},
    wire::Envelope,
};

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
///
/// With a login it obtains a token when one is first needed, renews it before its end, and once more when the site
/// refuses it. A token that the site hands out in place of the one in use is used from then on. Clones share the
/// token.
#[derive(Clone, Debug)]
pub struct AnqiCms {
    http: Http,
    source: Option<Source>,
    tokens: Option<Tokens>,
    id_check: IdCheck,
    site_id: Option<u32>,
    credentials: Arc<dyn CredentialStore>,
}

/// Where the token of the instance comes from.
#[derive(Clone, Debug)]
enum Source {
    Token(Secret),
    Login(Login),
}

impl AnqiCms {
    /// Joins a configuration and a transport.
    #[must_use]
    pub fn new(config: AnqiCmsConfig, transport: Arc<dyn Transport>) -> Self {
        let AnqiCmsConfig { base_url, token, login, credentials, id_check, site_id, headers } = config;
        let http = Http::new(KIND, base_url, transport).with_headers(headers);
        let source = login.map(Source::Login).or(token.map(Source::Token));
        let bare = Self { http, source, tokens: None, id_check, site_id, credentials };
        Self { tokens: bare.tokens(), ..bare }
    }

    /// Takes the time from `clock`; logins begin anew.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.http = self.http.with_clock(clock);
        self.tokens = self.tokens();
        self
    }

    /// Allows another login after the site locked this address out.
    pub fn pardon(&self) {
        self.tokens.iter().for_each(Tokens::pardon);
    }

    /// Returns how a person logs in, who reads the captcha where the site demands one; `None` without a login.
    #[must_use]
    pub fn sign_in(&self) -> Option<Arc<dyn SignIn>> {
        Some(Arc::new(Person { desk: self.desk()?, tokens: self.tokens.clone()? }))
    }

    fn desk(&self) -> Option<Desk> {
        match &self.source {
            Some(Source::Login(login)) => Some(Desk::new(self.http.clone(), login.clone(), self.site_id)),
            _ => None,
        }
    }

    fn tokens(&self) -> Option<Tokens> {
        let tokens = match self.source.as_ref()? {
            Source::Login(_) => {
                let desk = self.desk()?;
                Tokens::new(KIND, desk.name(), Arc::new(desk))
            }
            Source::Token(token) => Tokens::given(KIND, name_of(&self.http, token), token.clone()),
        };
        Some(tokens.with_clock(self.http.clock()).with_store(Arc::clone(&self.credentials)))
    }

    async fn ask(&self, id: u32, token: &Secret) -> (Result<User>, Option<Credential>) {
        let reply = match self.http.send(self.call(id, token)).await {
            Ok(reply) => reply.without_members(&CREDENTIALS),
            Err(error) => return (Err(error), None),
        };
        let user = read(&reply, Some(self.http.base()));
        let user = user.and_then(|user| match self.id_check {
            IdCheck::Strict if user.id != id.to_string() => Err(foreign(&reply)),
            _ => Ok(user),
        });
        (user, update(&reply))
    }

    /// Asks with the token of the instance, which the answer may replace.
    async fn ask_as(&self, id: u32, tokens: &Tokens, held: &Held) -> Result<User> {
        let (user, new) = self.ask(id, held.token()).await;
        if let Some(new) = new {
            tokens.rotate(held, new).await;
        }
        user
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
        match &self.tokens {
            Some(tokens) if lookup.given_token().is_none() => {
                tokens.call(is_dead, async |held| self.ask_as(id, tokens, &held).await).await
            }
            // A new token for the caller's is the caller's to fetch.
            _ => self.ask(id, lookup.token_or(None, KIND)?).await.0,
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
            let provider = AnqiCms::new(config?, transport?);
            let sign_in = provider.sign_in();
            Some(Instance::new(Arc::new(provider)).with_sign_in(sign_in))
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
