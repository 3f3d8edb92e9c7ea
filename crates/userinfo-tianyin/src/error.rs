//! The vendor's body codes and what they mean.
//!
//! The page of the call, <https://help.91118.com/docs/bizapi/bizapi-1e4nk3dpbhdlv>, lists 200 and shows 500.
//! All others are those of the framework that its answers come from:
//! <https://github.com/Jeebiz/jeebiz-boot/tree/f640499/jeebiz-boot-api> (`ApiCode`, `ApiCodeValue`).

use userinfo_core::{Error, ErrorKind, Object, Result};
use userinfo_http::Reply;

use crate::wire::Envelope;

impl<'a> Envelope<'a> {
    /// Opens `data`, or says what the code means. An error code decides before the HTTP status does, except
    /// that HTTP 404 is a wrong path whatever its body says.
    pub(crate) fn open(&self, reply: &Reply) -> Result<Object<'a>> {
        match self.code {
            Some(code) if reply.status() == 404 => {
                Err(reply.status_error().with_vendor_code(code.to_string()))
            }
            Some(200) => {
                reply.success()?;
                self.user(reply)
            }
            Some(code) => Err(self.refused(code, reply)),
            None => {
                reply.success()?;
                Err(reply.refuse(ErrorKind::Protocol, "the answer has no code that is a number"))
            }
        }
    }

    /// The vendor's page says that `data` is a list and that it is an object: both are read.
    fn user(&self, reply: &Reply) -> Result<Object<'a>> {
        let Some(data) = self.data else { return Err(nobody(reply)) };
        if let Some(user) = Object::within(data) {
            return if user.is_empty() { Err(nobody(reply)) } else { Ok(user) };
        }
        let broken = |what: &str| Err(reply.refuse(ErrorKind::Protocol, what));
        match Object::list(data).as_deref() {
            None => broken("a success whose data is neither an object nor a list"),
            Some([]) => Err(nobody(reply)),
            Some([user]) => match Object::within(user) {
                Some(user) => Ok(user),
                None => broken("a success whose data is a list of something else than a user"),
            },
            Some(_) => broken("a success with more than one user"),
        }
    }

    fn refused(&self, code: i64, reply: &Reply) -> Error {
        let (kind, advice) = meaning(code);
        let words = if self.message.is_empty() { "refused without a message" } else { &self.message };
        reply
            .refuse(kind, words)
            .with_vendor_code(code.to_string())
            .with_advice(advice.unwrap_or(kind.advice()))
    }
}

fn nobody(reply: &Reply) -> Error {
    reply.refuse(ErrorKind::NotFound, "a success without a user").with_vendor_code("200")
}

/// What a code means, and what to do next where that is more than the kind says.
#[expect(clippy::match_same_arms, reason = "each row stands under the page that lists it")]
pub(crate) fn meaning(code: i64) -> (ErrorKind, Option<&'static str>) {
    use ErrorKind::{
        InvalidInput, LockedOut, NotFound, PermissionDenied, RateLimited, Rejected, Unauthenticated,
        Unavailable,
    };
    match code {
        // The page of the call, and the HTTP-like codes of the framework.
        500 | 502 | 503 | 504 | 507 | 509 | 408 => (Unavailable, None),
        400 | 405 | 406 | 410..=413 | 415..=417 | 422 | 426 | 428 | 431 => (
            InvalidInput,
            Some("read the message: a header such as X-App-Id or a parameter is missing or wrong"),
        ),
        // Also said where the function is not authorised for the application.
        401 => {
            (Unauthenticated, Some("get a new token, and check that the application may use this interface"))
        }
        403 | 451 => (PermissionDenied, None),
        404 => (NotFound, None),
        429 => (RateLimited, None),
        // The framework's codes for logging in.
        10001 | 10002 | 10004 | 10005 | 10006 | 10011 | 10012 => (Unauthenticated, None),
        10003 | 10010 => (LockedOut, None),
        10007 => (NotFound, None),
        10020 => (PermissionDenied, None),
        10021 | 10026..=10029 => (Unauthenticated, None),
        10022..=10025 => (Unauthenticated, Some("get a new access token")),
        10030 => (Unavailable, None),
        // 407, 409, 423, 424, 501, 505, 506, 508, 510, 511; 1000: "generic failure"; 10008 and 10009: account
        // not enabled, or expired; and whatever nobody documents.
        _ => (Rejected, None),
    }
}
