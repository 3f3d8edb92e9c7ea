//! The vendor's body codes and what they mean, each with the page that lists it.
//!
//! The numbers are not unique across the vendor's services: this is the table of the service for end users,
//! of the gateway before it, and of the services behind it.

use userinfo_core::{Error, ErrorKind, Object, Result};
use userinfo_http::Reply;

use crate::wire::Envelope;

impl<'a> Envelope<'a> {
    /// Opens `data`, or says what the code means.
    pub(crate) fn open(&self, reply: &Reply) -> Result<Object<'a>> {
        let code = self.accept(reply)?;
        self.user(code, reply)
    }

    /// Passes a code of success. An error code decides before the HTTP status does.
    pub(crate) fn accept(&self, reply: &Reply) -> Result<i64> {
        match self.code {
            Some(code @ (0 | 200)) => reply.success().map(|()| code),
            Some(code) => Err(self.refused(code, reply)),
            None => {
                reply.success()?;
                Err(reply.refuse(ErrorKind::Protocol, "the answer has no code that is a number"))
            }
        }
    }

    /// The vendor's page lists 200 as success and shows 0 in its sample: 0 counts only with a user.
    fn user(&self, code: i64, reply: &Reply) -> Result<Object<'a>> {
        let Some(data) = self.data.map_or_else(|| Some(Object::default()), Object::within) else {
            return Err(reply.refuse(ErrorKind::Protocol, "a success whose data is no object"));
        };
        match code {
            _ if !data.is_empty() => Ok(data),
            200 => Err(reply.refuse(ErrorKind::NotFound, "a success without data").with_vendor_code("200")),
            _ => Err(reply.refuse(ErrorKind::Protocol, "code 0 without data").with_vendor_code("0")),
        }
    }

    fn refused(&self, code: i64, reply: &Reply) -> Error {
        let error = match meaning(code) {
            Some((kind, advice)) => {
                reply.refuse(kind, self.words()).with_advice(advice.unwrap_or(kind.advice()))
            }
            // A code that only repeats the status says no more than the status does.
            None if code == i64::from(reply.status()) => reply.status_error(),
            None => reply.refuse(ErrorKind::Rejected, self.words()),
        };
        error.with_vendor_code(code.to_string())
    }

    fn words(&self) -> &str {
        if self.message.is_empty() { "refused without a message" } else { &self.message }
    }
}

/// What a code means, and what to do next where that is more than the kind says.
#[expect(clippy::match_same_arms, reason = "each row stands under the page that lists it")]
fn meaning(code: i64) -> Option<(ErrorKind, Option<&'static str>)> {
    use ErrorKind::{
        InvalidInput, LockedOut, NotFound, PermissionDenied, Protocol, RateLimited, Rejected,
        Unauthenticated, Unavailable,
    };
    let meaning = match code {
        // The page of this call: <https://iot-docs.acceleronix.io/saasDevelop/OpenAPI/>
        5032 => (Unauthenticated, Some("get a new token; one that is issued by another region is unknown")),
        5106 => (Unauthenticated, Some("configure a token: none was sent")),
        5041 => (PermissionDenied, Some("check that the user is in a user domain of this enterprise")),
        5065 => (InvalidInput, None),
        // Its siblings:
        // <https://github.com/JFish-ByHu/cms_repo/tree/680c2e6/docsEU/en/saasDevelop/OpenAPI/APIList>
        5033 => (NotFound, None),
        // The access guide:
        // <https://github.com/JFish-ByHu/cms_repo/blob/680c2e6/docsEU/en/saasDevelop/OpenAPI/API_accessInstruction.md>
        401 | 90047 => (Unauthenticated, None),
        403 => (PermissionDenied, None),
        404 => (Protocol, Some("check the base URL and the path; this says nothing about the user")),
        // The list of error codes:
        // <https://github.com/JFish-ByHu/cms_repo/blob/680c2e6/docsEU/en/saasDevelop/errorCode.md>
        5370 | 5472 => (NotFound, None),
        5023 | 5112 | 50005 | 71035 => (InvalidInput, None),
        5327 | 5477 | 91005 => (PermissionDenied, None),
        91006 => (PermissionDenied, Some("put the address of this machine on the vendor's IP whitelist")),
        91007 => (PermissionDenied, Some("enable and authorise the API service package at the vendor")),
        91001 | 91004 => (Unauthenticated, None),
        5036 | 5055 | 5420 => (Unauthenticated, None),
        5015 | 5104 | 5486 => (Rejected, None),
        5000 | 5103 | 5394 | 5416 | 50000 | 70000 => (Unavailable, None),
        5147 | 5148 => (LockedOut, Some("stop asking for 20 minutes")),
        5325 => (LockedOut, Some("stop asking for 24 hours")),
        5058 | 61006 | 61007 => (RateLimited, None),
        _ => return None,
    };
    Some(meaning)
}
