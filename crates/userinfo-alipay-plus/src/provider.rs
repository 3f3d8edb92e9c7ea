use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use userinfo_core::{
    Descriptor, Error, ErrorKind, Lookup, LookupKind, Result, Secret, User, UserInfoProvider,
};
#[cfg(feature = "reqwest")]
use userinfo_core::{Factory, Instance};
#[cfg(feature = "reqwest")]
use userinfo_http::HttpConfig;
use userinfo_http::{BaseUrl, Clock, Reply, Transport};

use crate::{
    AlipayPlusConfig, error,
    merchant::Merchant,
    renewals::Renewals,
    tokens::{self, LONGEST_TOKEN},
    user::{self, FIELDS},
    wire::{Envelope, Inquiry},
};

pub(crate) const KIND: &str = "alipay-plus";
const OPERATION: &str = "inquiryUserInfo";

static DESCRIPTOR: Descriptor = Descriptor::new(
    KIND,
    "Alipay+ Mini Program",
    "https://miniprogram.alipay.com/docs-demo/miniprogram_demo/mpdev/v2_users_inquiryuserinfo",
    &[LookupKind::Token, LookupKind::IdWithToken],
    FIELDS,
);

/// Users of an Alipay+ wallet, by their access token.
#[derive(Clone, Debug)]
pub struct AlipayPlus {
    pub(crate) merchant: Merchant,
    pub(crate) renewals: Arc<Renewals>,
}

impl AlipayPlus {
    /// Joins a configuration and a transport.
    ///
    /// # Errors
    ///
    /// [`Config`](ErrorKind::Config), with the faults of the configuration as far as they fit a line.
    pub fn new(config: AlipayPlusConfig, transport: Arc<dyn Transport>) -> Result<Self> {
        let faults: Vec<_> =
            config.faults().into_iter().map(|(key, message)| format!("{key} {message}")).collect();
        if !faults.is_empty() {
            return Err(Error::new(ErrorKind::Config, KIND, "config", faults.join("; ")));
        }
        Ok(Self { merchant: Merchant::new(config, transport), renewals: Arc::default() })
    }

    /// Takes the time from `clock`.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.merchant = self.merchant.with_clock(clock);
        self
    }

    /// Asks whose token this is; an answer about anyone but `wanted` is refused, and what is in `known` is blanked.
    pub(crate) async fn inquire(
        &self,
        token: &Secret,
        wanted: Option<&str>,
        known: &[&Secret],
    ) -> Result<User> {
        let config = &self.merchant.config;
        let inquiry = Inquiry {
            access_token: token.expose(),
            auth_client_id: config.auth_client_id.as_deref(),
            extend_info: config.extend_info.as_ref(),
            extra: &config.extra_body,
        };
        let call = self.merchant.call(OPERATION, &config.path, &inquiry).await?;
        let call = known.iter().fold(call, |call, secret| call.knowing(secret));
        let reply = self.merchant.ask(call.reading()).await?;
        let user = read(&reply, Some(self.merchant.base()))?;
        match wanted {
            Some(id) if id != user.id => Err(foreign(&reply)),
            _ => Ok(user),
        }
    }
}

#[async_trait]
impl UserInfoProvider for AlipayPlus {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    async fn user(&self, lookup: &Lookup) -> Result<User> {
        let token = access_token(lookup)?;
        let wanted = lookup.wanted_id().map(|_| lookup.checked_id(KIND, 64)).transpose()?;
        self.inquire(token, wanted, &[token]).await
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
            let config = AlipayPlusConfig::from_settings(settings, &http);
            let transport = http.transport(settings);
            // What it would refuse is among the faults of the settings already.
            let provider = AlipayPlus::new(config?, transport?).ok()?;
            Some(Instance::new(Arc::new(provider.clone())).with_sign_in(Some(Arc::new(provider))))
        },
        replay,
    )
}

/// Maps a saved answer again; checks no signature.
///
/// # Errors
///
/// What the answer says, as if it had come with HTTP status 200.
pub fn replay(answer: &[u8]) -> Result<User> {
    read(&Reply::saved(KIND, OPERATION, Bytes::copy_from_slice(answer)), None)
}

fn read(reply: &Reply, base: Option<&BaseUrl>) -> Result<User> {
    let body = reply.object().map_err(|error| error::of_http(reply, error))?;
    let envelope = Envelope::read(body);
    let user = envelope.open(reply)?;
    user::map(user, envelope.rest, reply, base)
}

fn access_token(lookup: &Lookup) -> Result<&Secret> {
    let token = lookup.given_token().ok_or_else(|| Error::unsupported(KIND, lookup.kind()))?;
    tokens::check(token, "access token", LONGEST_TOKEN)?;
    Ok(token)
}

fn foreign(reply: &Reply) -> Error {
    reply
        .refuse(ErrorKind::IdMismatch, "a different user came back than was asked for: the token's owner")
        .with_advice("do not use this answer; the access token belongs to someone else")
}
