use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::header;
use userinfo_core::{
    Descriptor, Error, ErrorKind, Lookup, LookupKind, Result, Secret, SignIn, User, UserInfoProvider,
};
#[cfg(feature = "reqwest")]
use userinfo_core::{Factory, Instance};
#[cfg(feature = "reqwest")]
use userinfo_http::HttpConfig;
use userinfo_http::{Call, Clock, CredentialStore, Http, Reply, Tokens, Transport};

use crate::{
    AccessKey, KIND, QuectelConfig,
    login::{Login, is_dead},
    token::Token,
    user::{self, FIELDS, TextTimes},
    wire::Envelope,
};

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
///
/// With an access key it logs in when a token is first needed, renews it before its end, and once more when the
/// vendor refuses it. Clones share the token.
#[derive(Clone, Debug)]
pub struct Quectel {
    http: Http,
    token: Option<Secret>,
    account: Option<Account>,
    tokens: Option<Tokens>,
    texts: TextTimes,
}

/// What tokens are obtained with, and where they are kept.
type Account = (AccessKey, Arc<dyn CredentialStore>);

impl Quectel {
    /// Joins a configuration and a transport.
    #[must_use]
    pub fn new(config: QuectelConfig, transport: Arc<dyn Transport>) -> Self {
        let QuectelConfig { base_url, token, access_key, credentials, headers } = config;
        let texts = TextTimes::of(&base_url);
        let http = Http::new(KIND, base_url, transport).with_headers(headers);
        let account = access_key.map(|key| (key, credentials));
        let tokens = account.as_ref().map(|it| tokens(&http, it));
        Self { http, token, account, tokens, texts }
    }

    /// Takes the time from `clock`; logins begin anew.
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

    async fn ask(&self, uid: &str, token: &Secret) -> Result<User> {
        let token = Token::read(token).map_err(|wrong| Error::invalid_input(KIND, wrong))?;
        let reply = self.http.send(call(uid, &token)).await?.without_members(&CREDENTIALS);
        let user = read(&reply, self.texts)?;
        if user.id == uid { Ok(user) } else { Err(foreign(&reply)) }
    }
}

#[async_trait]
impl UserInfoProvider for Quectel {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    async fn user(&self, lookup: &Lookup) -> Result<User> {
        let uid = lookup.checked_id(KIND, LONGEST_ID)?;
        match &self.tokens {
            Some(tokens) if lookup.given_token().is_none() => {
                tokens.call(is_dead, async |held| self.ask(uid, held.token()).await).await
            }
            _ => self.ask(uid, lookup.token_or(self.token.as_ref(), KIND)?).await,
        }
    }
}

fn tokens(http: &Http, (key, credentials): &Account) -> Tokens {
    let login = Login::new(http.clone(), key.clone());
    let tokens = Tokens::new(KIND, login.name(), Arc::new(login)).with_clock(http.clock());
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
            let config = QuectelConfig::from_settings(settings, &http);
            let transport = http.transport(settings);
            let provider = Quectel::new(config?, transport?);
            let sign_in = provider.sign_in();
            Some(Instance::new(Arc::new(provider)).with_sign_in(sign_in))
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
