//! The vendor's codes and what they mean.
//!
//! Those of a token are from the pages of applyToken of both versions, such as
//! <https://miniprogram.tngdigital.com.my/docs/miniprogram_tngd/mpdev/qfd7r1>.
//! The five of the look-up are from "/v2/users/inquiryUserInfo" in the Mini Program documents,
//! <https://miniprogram.alipay.com/docs-demo/miniprogram_demo/mpdev/v2_users_inquiryuserinfo>; the others from the
//! common error codes of the same documents, of TNG, M-Pesa and Claro, and, where marked, from elsewhere.

use userinfo_core::{Error, ErrorKind, Object, Result};
use userinfo_http::Reply;

use crate::wire::{Envelope, Outcome};

impl<'a> Envelope<'a> {
    /// Opens `userInfo`, or says what the result means.
    pub(crate) fn open(&self, reply: &Reply) -> Result<Object<'a>> {
        self.pass(reply)?;
        let user = self.user_info.and_then(Object::within);
        user.ok_or_else(|| reply.refuse(ErrorKind::Protocol, "a success without a user"))
    }

    /// Passes a success, or says what the result means. A result decides before the HTTP status does.
    pub(crate) fn pass(&self, reply: &Reply) -> Result<()> {
        let Some(outcome) = &self.outcome else {
            reply.success().map_err(|error| of_http(reply, error))?;
            return Err(reply.refuse(ErrorKind::Protocol, "the answer has no result with a status"));
        };
        if outcome.status == "S" { Ok(()) } else { Err(outcome.error(reply)) }
    }
}

impl Outcome {
    /// The vendor's refusal: by its code, else by its status.
    pub(crate) fn error(&self, reply: &Reply) -> Error {
        let error = match self.status.as_str() {
            "F" | "U" => {
                let (kind, advice) = self.class();
                let message = self.message.as_deref().unwrap_or("refused without a message");
                reply.refuse(kind, message).with_advice(advice.unwrap_or(kind.advice()))
            }
            other => reply.refuse(ErrorKind::Protocol, format!("no final result: the status is {other}")),
        };
        match &self.code {
            Some(code) => error.with_vendor_code(code),
            None => error,
        }
    }

    /// A failure that is about our own signature, which a gateway cannot answer with a signature of its own.
    pub(crate) fn is_about_our_signature(&self) -> bool {
        self.status == "F" && self.class().0 == ErrorKind::Signature
    }

    fn class(&self) -> (ErrorKind, Option<&'static str>) {
        match self.code.as_deref().unwrap_or_default() {
            "INVALID_ACCESS_TOKEN" | "EXPIRED_ACCESS_TOKEN" => {
                (ErrorKind::Unauthenticated, Some("get a new access token for this user with applyToken"))
            }
            // Of applyToken; the second version says AUTHCODE, the first one CODE.
            "INVALID_AUTHCODE" | "INVALID_CODE" => (
                ErrorKind::Unauthenticated,
                Some("check that the code was given to this client, and let the user authorise again"),
            ),
            "EXPIRED_AUTHCODE" | "EXPIRED_CODE" => {
                (ErrorKind::Unauthenticated, Some("let the user authorise again, and send the code at once"))
            }
            "USED_AUTHCODE" | "USED_CODE" => (
                ErrorKind::Unauthenticated,
                Some("a code is good once: use the tokens that it gave, or let the user authorise again"),
            ),
            "INVALID_REFRESH_TOKEN" => (
                ErrorKind::Unauthenticated,
                Some(
                    "check that the refresh token was given to this client, or let the user authorise again",
                ),
            ),
            "EXPIRED_REFRESH_TOKEN" => {
                (ErrorKind::Unauthenticated, Some("the refresh token is over: let the user authorise again"))
            }
            "USED_REFRESH_TOKEN" => (
                ErrorKind::Unauthenticated,
                Some(
                    "a refresh token is good once: use the tokens that it gave, or let the user authorise again",
                ),
            ),
            "AUTH_CLIENT_UNSUPPORTED_GRANT_TYPE" => {
                (ErrorKind::InvalidInput, Some("ask the wallet to allow this client this kind of grant"))
            }
            "REFERENCE_CLIENT_ID_NOT_MATCH" => (
                ErrorKind::InvalidInput,
                Some("check auth_client_id: it must be the client that the user authorised"),
            ),
            "INVALID_AGENT_TOKEN" | "EXPIRED_AGENT_TOKEN" => {
                (ErrorKind::Unauthenticated, Some("renew the Agent-Token in `headers`"))
            }
            // Another product of the family: https://docs.alipayplus.com/alipayplus/alipayplus/api_acq_older_edition/error_codes
            "INVALID_CLIENT" => (ErrorKind::Unauthenticated, Some("check client_id")),
            "INVALID_AUTH_CLIENT" => (ErrorKind::InvalidInput, Some("check auth_client_id")),
            "PARAM_ILLEGAL" => (
                ErrorKind::InvalidInput,
                Some("check the token or code, and which members this wallet wants in extra_body"),
            ),
            "ACCESS_DENIED" => (ErrorKind::PermissionDenied, None),
            "INVALID_API" | "METHOD_NOT_SUPPORTED" | "MEDIA_TYPE_NOT_ACCEPTABLE" => {
                (ErrorKind::Rejected, Some("check the base URL and the path; wallets differ in both"))
            }
            "REQUEST_TRAFFIC_EXCEED_LIMIT" => (ErrorKind::RateLimited, None),
            "UNKNOWN_EXCEPTION" | "SYSTEM_ERROR" => (ErrorKind::Unavailable, None),
            // By their names, and comments of the official SDKs.
            "INVALID_SIGNATURE" | "SIGNATURE_INVALID" | "KEY_NOT_FOUND" => (
                ErrorKind::Signature,
                Some(
                    "check private_key, key_version, signature_encoding, and that base_url has the wallet's prefix",
                ),
            ),
            // https://docs.rebellapp.com: more than five minutes off.
            "TIMESTAMP_INVALID" => (ErrorKind::Signature, Some("set this machine's clock")),
            "PROCESS_FAIL" => (ErrorKind::Rejected, None),
            _ if self.status == "U" => (ErrorKind::Unavailable, None),
            _ => (ErrorKind::Rejected, None),
        }
    }
}

/// Says whether another access token may help.
pub(crate) fn is_of_access_token(error: &Error) -> bool {
    matches!(error.vendor_code(), Some("INVALID_ACCESS_TOKEN" | "EXPIRED_ACCESS_TOKEN"))
        && error.kind() == ErrorKind::Unauthenticated
}

/// Says whether the wallet refused the refresh token itself.
pub(crate) fn is_of_refresh_token(error: &Error) -> bool {
    let codes = ["INVALID_REFRESH_TOKEN", "EXPIRED_REFRESH_TOKEN", "USED_REFRESH_TOKEN"];
    error.vendor_code().is_some_and(|code| codes.contains(&code))
}

/// Refuses an answer that was compressed on its way: nobody can tell what of it the wallet signed.
pub(crate) fn refuse_compressed(reply: &Reply) -> Result<()> {
    if reply.has_header("content-encoding") {
        reply.object().map_err(|error| of_http(reply, error))?;
    }
    Ok(())
}

/// What this vendor means by an answer without a result; `error` is what everyone means by it.
pub(crate) fn of_http(reply: &Reply, error: Error) -> Error {
    match reply.status() {
        // The caller is known by its signature, and the user's token stands in the body.
        401 => reply.refuse(ErrorKind::PermissionDenied, error.message()),
        _ => error,
    }
}
