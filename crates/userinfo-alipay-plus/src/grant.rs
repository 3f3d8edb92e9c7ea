//! `applyToken`: a code, or a refresh token, for tokens.
//!
//! <https://miniprogram.alipay.com/docs-demo/miniprogram_demo/mpdev/v2_applytoken>

use std::error::Error as _;

use userinfo_core::{Error, ErrorKind, Result, Retry, Secret};
use userinfo_http::{Reply, TransportError, TransportErrorKind};

use crate::{
    AlipayPlusConfig, UserTokens, error,
    merchant::Merchant,
    provider::KIND,
    tokens::{self, LONGEST_TOKEN},
    wire::{ApplyToken, Envelope},
};

pub(crate) const OPERATION: &str = "applyToken";

/// What is given for tokens; each is good once.
pub(crate) enum Grant {
    Code(Secret),
    Refresh(Secret),
}

/// Gives a grant for tokens. The call changes something, so that nothing but the caller sends it again.
pub(crate) async fn apply(merchant: &Merchant, grant: Grant) -> Result<UserTokens> {
    let config = &merchant.config;
    grant.check(&config.token_path)?;
    let call = merchant.call(OPERATION, &config.token_path, &grant.body(config)).await?;
    let reply = merchant.ask(call.knowing(grant.secret())).await.map_err(|error| grant.once(error))?;
    grant.read(&reply)
}

impl Grant {
    fn secret(&self) -> &Secret {
        match self {
            Self::Code(secret) | Self::Refresh(secret) => secret,
        }
    }

    fn check(&self, path: &str) -> Result<()> {
        let (secret, name, most, advice) = match self {
            Self::Code(code) => {
                (code, "authorisation code", longest_code(path), "bring the code as the wallet gave it")
            }
            Self::Refresh(token) => (token, "refresh token", LONGEST_TOKEN, "let the user authorise again"),
        };
        tokens::refusal(secret, name, most).map_or(Ok(()), |refusal| {
            Err(Error::new(ErrorKind::InvalidInput, KIND, OPERATION, refusal).with_advice(advice))
        })
    }

    fn body<'a>(&'a self, config: &'a AlipayPlusConfig) -> ApplyToken<'a> {
        let client = config.auth_client_id.as_deref();
        let (auth_client_id, reference_client_id) =
            if is_first_version(&config.token_path) { (None, client) } else { (client, None) };
        let (grant_type, auth_code, refresh_token) = match self {
            Self::Code(code) => ("AUTHORIZATION_CODE", Some(code.expose()), None),
            Self::Refresh(token) => ("REFRESH_TOKEN", None, Some(token.expose())),
        };
        ApplyToken {
            auth_client_id,
            reference_client_id,
            grant_type,
            auth_code,
            refresh_token,
            extend_info: config.extend_info.as_ref(),
            extra: &config.extra_body,
        }
    }

    fn read(&self, reply: &Reply) -> Result<UserTokens> {
        let body = reply.object().map_err(|error| self.once(error::of_http(reply, error)))?;
        let envelope = Envelope::read(body);
        if let Some(outcome) = envelope.outcome.as_ref().filter(|it| it.status == "U") {
            return Err(self.doubt(outcome.error(reply)));
        }
        envelope.pass(reply).map_err(|error| self.once(error))?;
        UserTokens::read(reply)
            .ok_or_else(|| reply.refuse(ErrorKind::Protocol, "a success without an access token"))
    }

    /// Forbids a retry where nobody knows whether the wallet took the grant, which is good once. A connection that was
    /// not made and a limit that was reached say that it did not.
    fn once(&self, error: Error) -> Error {
        let may_be_taken = match error.kind() {
            ErrorKind::Unavailable | ErrorKind::Timeout => true,
            ErrorKind::Transport => was_sent(&error),
            _ => false,
        };
        if may_be_taken { self.doubt(error) } else { error }
    }

    fn doubt(&self, error: Error) -> Error {
        error.with_retry(Retry::Never).with_advice(match self {
            Self::Code(_) => "the wallet may have taken the code, which is good once: let the user authorise again",
            Self::Refresh(_) => {
                "the wallet may have taken the refresh token, which is good once: go on with the access token while \
                 it lasts, then let the user authorise again"
            }
        })
    }
}

fn was_sent(error: &Error) -> bool {
    let cause = error.source().and_then(|it| it.downcast_ref::<TransportError>());
    !cause.is_some_and(|it| matches!(it.kind(), TransportErrorKind::Connect | TransportErrorKind::Tls))
}

/// In characters.
fn longest_code(path: &str) -> usize {
    if is_first_version(path) { 32 } else { 64 }
}

/// The versions differ in names and lengths; the path tells which one it is.
fn is_first_version(path: &str) -> bool {
    let (path, _) = path.split_once('?').unwrap_or((path, ""));
    path.split('/').any(|segment| segment == "v1")
}
