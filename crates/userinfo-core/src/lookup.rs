use std::fmt;

use crate::{Error, ErrorKind, Result, Secret};

/// What the caller knows about the user: an id, a token, or both.
///
/// ```
/// use userinfo_core::{Lookup, LookupKind, Secret};
///
/// assert_eq!(Lookup::id("1000").kind(), LookupKind::Id);
/// assert_eq!(Lookup::token("at-1").kind(), LookupKind::Token);
/// assert_eq!(Lookup::id("1000").with_token("at-1").kind(), LookupKind::IdWithToken);
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Lookup {
    id: Option<String>,
    token: Option<Secret>,
}

/// The kind of a [`Lookup`], without its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LookupKind {
    /// By the vendor's id of the user, with the configured credential.
    Id,
    /// By the user's own access token: "who is this?".
    Token,
    /// By both: the token says who asks, or proves who the user is, and the id must come back.
    IdWithToken,
}

impl Lookup {
    /// Asks for the user with this id.
    pub fn id(id: impl Into<String>) -> Self {
        Self { id: Some(id.into()), token: None }
    }

    /// Asks whose token this is.
    pub fn token(token: impl Into<Secret>) -> Self {
        Self { id: None, token: Some(token.into()) }
    }

    /// Adds a token for this call alone; it stands before a configured one.
    #[must_use]
    pub fn with_token(mut self, token: impl Into<Secret>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Returns the kind.
    #[must_use]
    pub fn kind(&self) -> LookupKind {
        match (&self.id, &self.token) {
            (Some(_), Some(_)) => LookupKind::IdWithToken,
            (None, Some(_)) => LookupKind::Token,
            (_, None) => LookupKind::Id,
        }
    }

    /// Returns the id, where one was given.
    #[must_use]
    pub fn wanted_id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Returns the token, where one was given.
    #[must_use]
    pub fn given_token(&self) -> Option<&Secret> {
        self.token.as_ref()
    }

    /// Returns the token to ask with: the given one, else the configured one.
    ///
    /// # Errors
    ///
    /// [`Unauthenticated`](crate::ErrorKind::Unauthenticated) if there is none, or the one that counts is
    /// empty: an empty token never falls back on another.
    pub fn token_or<'a>(
        &'a self,
        configured: Option<&'a Secret>,
        provider: &'static str,
    ) -> Result<&'a Secret> {
        let token = self.given_token().or(configured).filter(|token| !token.expose().is_empty());
        token.ok_or_else(|| {
            let message = "no token is configured and none was given";
            Error::new(ErrorKind::Unauthenticated, provider, "user", message)
        })
    }

    /// Returns the id after the checks that hold for every vendor.
    ///
    /// # Errors
    ///
    /// [`Unsupported`](crate::ErrorKind::Unsupported) without an id;
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for one that is empty, has control characters,
    /// or is longer than `most` characters.
    pub fn checked_id(&self, provider: &'static str, most: usize) -> Result<&str> {
        let id = self.wanted_id().ok_or_else(|| Error::unsupported(provider, self.kind()))?;
        let length = id.chars().take(most + 1).count();
        if id.is_empty() {
            Err(Error::invalid_input(provider, "the id is empty"))
        } else if id.chars().any(char::is_control) {
            Err(Error::invalid_input(provider, "the id has a control character in it, such as a line feed"))
        } else if length > most {
            Err(Error::invalid_input(provider, format!("the id is longer than {most} characters")))
        } else {
            Ok(id)
        }
    }
}

/// Shows the kind alone: an id may be somebody's phone number.
impl fmt::Debug for Lookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lookup(by {})", self.kind())
    }
}

impl LookupKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Id, Self::Token, Self::IdWithToken];

    /// Returns the kind in words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Token => "token",
            Self::IdWithToken => "id with token",
        }
    }
}

impl fmt::Display for LookupKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_cannot_be_sent_is_invalid_input() {
        for id in ["", "10\n00", "a\r", "\0", "x\u{85}", &"x".repeat(65)] {
            let error = Lookup::id(id).checked_id("acme", 64).expect_err(id);
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{id:?}");
        }
        assert_eq!(Lookup::id("天".repeat(64)).checked_id("acme", 64).expect("64 fit").chars().count(), 64);
    }

    #[test]
    fn an_empty_token_never_falls_back_on_another() {
        let configured = Secret::new("configured");
        let ask = |lookup: Lookup, configured| {
            lookup.token_or(configured, "acme").map(|it| it.expose().to_owned()).map_err(|it| it.kind())
        };
        assert_eq!(ask(Lookup::id("1"), Some(&configured)), Ok("configured".to_owned()));
        assert_eq!(ask(Lookup::id("1").with_token("given"), Some(&configured)), Ok("given".to_owned()));
        for lookup in [Lookup::id("1").with_token(""), Lookup::token("")] {
            assert_eq!(ask(lookup, Some(&configured)), Err(ErrorKind::Unauthenticated));
        }
        assert_eq!(ask(Lookup::id("1"), None), Err(ErrorKind::Unauthenticated));
    }

    #[test]
    fn debug_shows_neither_the_id_nor_the_token() {
        let lookup = Lookup::id("13800138000").with_token("hunter2");
        assert_eq!(format!("{lookup:?}"), "Lookup(by id with token)");
    }
}
