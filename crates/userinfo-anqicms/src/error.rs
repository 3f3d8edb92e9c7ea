//! The vendor's codes and what they mean, each from <https://en.anqicms.com/api-user/3522.html> or the
//! source of AnqiCMS 3.5.8.

use userinfo_core::{Error, ErrorKind, Extra, Object, Result};
use userinfo_http::Reply;

use crate::wire::Envelope;

impl<'a> Envelope<'a> {
    /// Opens `data` and what stands beside it, or says what the code means. An error code decides before the
    /// HTTP status does.
    pub(crate) fn open(self, reply: &Reply) -> Result<(Object<'a>, Extra)> {
        let (kind, advice) = match self.code {
            Some(0 | 200) => return self.data(reply),
            // "On this route practically: the user is gone."
            Some(-1) => (ErrorKind::Rejected, "read the message; the token's user may be gone"),
            Some(1001) => (ErrorKind::Unauthenticated, "get a new token by logging in to the site"),
            Some(1002) => (ErrorKind::PermissionDenied, ErrorKind::PermissionDenied.advice()),
            Some(_) => (ErrorKind::Rejected, ErrorKind::Rejected.advice()),
            None => {
                reply.success()?;
                return Err(reply.refuse(ErrorKind::Protocol, "the answer has no code"));
            }
        };
        let message = if self.message.is_empty() { "refused without a message" } else { &self.message };
        let code = self.code.map(|code| code.to_string()).unwrap_or_default();
        Err(reply.refuse(kind, message).with_vendor_code(code).with_advice(advice))
    }

    fn data(self, reply: &Reply) -> Result<(Object<'a>, Extra)> {
        reply.success()?;
        let data = self.data.and_then(Object::within);
        let data =
            data.ok_or_else(|| reply.refuse(ErrorKind::Protocol, "a success without a data object"))?;
        Ok((data, self.rest))
    }
}

/// What this vendor means by an answer without JSON; `error` is what everyone means by it.
pub(crate) fn of_status(reply: &Reply, error: Error) -> Error {
    let location = reply.header("location").unwrap_or_default();
    let path = location.split(['?', '#']).next().unwrap_or_default();
    match reply.status() {
        302 if path.trim_end_matches('/').ends_with("/install") => reply
            .refuse(ErrorKind::Protocol, "the site is not installed: it redirects to /install")
            .with_advice("finish the installation of the site, or wait for its database"),
        300..=399 => {
            error.with_advice("check the base URL: this host may be reserved for the site's administration")
        }
        403 if reply.body().trim_ascii() == b"Your IP is blocked." => reply
            .refuse(ErrorKind::LockedOut, "the site's limiter has blocked this address")
            .with_advice("stop asking for an hour or more; every call prolongs the block"),
        404 => error.with_advice("check the base URL and its sub-path; this says nothing about the user"),
        429 if !reply.body().is_empty() => error.with_advice(
            "stop asking for an hour or more: the site's limiter blocks this address from now on",
        ),
        200 => {
            error.with_advice("check the base URL; a closed site and a refused User-Agent answer like this")
        }
        _ => error,
    }
}
