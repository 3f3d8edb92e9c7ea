use http::{HeaderName, HeaderValue};
use userinfo_core::Secret;

/// Headers that an operator adds to every call, such as an agent token or a gateway's key.
///
/// Every value counts as a secret. A header that a provider sets itself stands before one of these.
#[derive(Clone, Debug, Default)]
pub struct ExtraHeaders(Vec<(HeaderName, HeaderValue, Secret)>);

/// A header that cannot be sent; never repeats its value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// No token as HTTP defines it.
    #[error("is no name of a header")]
    Name,
    /// A header that the connection itself is made of.
    #[error("cannot be set: the connection depends on it")]
    Reserved,
    /// A value with control characters or outside ASCII.
    #[error("has a value with control characters or outside ASCII")]
    Value,
}

impl ExtraHeaders {
    /// Adds a header.
    ///
    /// # Errors
    ///
    /// If it cannot be sent.
    pub fn add(&mut self, name: &str, value: &Secret) -> Result<(), HeaderError> {
        let Ok(name) = HeaderName::try_from(name) else { return Err(HeaderError::Name) };
        if RESERVED.contains(&name.as_str()) {
            return Err(HeaderError::Reserved);
        }
        let Some(mut sent) = header_value(value.expose()) else { return Err(HeaderError::Value) };
        sent.set_sensitive(true);
        self.0.push((name, sent, value.clone()));
        Ok(())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&HeaderName, &HeaderValue)> {
        self.0.iter().map(|(name, value, _)| (name, value))
    }

    pub(crate) fn secrets(&self) -> impl Iterator<Item = &Secret> {
        self.0.iter().map(|(_, _, secret)| secret)
    }
}

/// Says whether a text can be sent as the value of a header: ASCII without control characters.
#[must_use]
pub fn is_header_text(text: &str) -> bool {
    header_value(text).is_some()
}

pub(crate) fn header_value(text: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(text).ok().filter(|_| text.is_ascii())
}

/// What would change the framing, the target or the encoding of an answer.
const RESERVED: [&str; 11] = [
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];
