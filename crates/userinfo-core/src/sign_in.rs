use std::{fmt, time::SystemTime};

use async_trait::async_trait;

use crate::{Error, Result, Secret, User};

/// A login that a person orders, or has a part in.
///
/// Providers that log in by themselves do so whenever they need a token. This is for what they cannot do: bring what
/// only a person has, and log in again after a lock-out. What the vendor issues goes where the instance keeps it.
#[async_trait]
pub trait SignIn: fmt::Debug + Send + Sync {
    /// Says what the person must bring. It may take a call to the vendor, such as for a captcha.
    ///
    /// # Errors
    ///
    /// [`Unsupported`](crate::ErrorKind::Unsupported) where the configuration leaves nothing to log in with, and those of
    /// the call.
    async fn demand(&self) -> Result<Demand>;

    /// Logs in now, whatever is kept and however the last login ended.
    ///
    /// # Errors
    ///
    /// Those of the login, and of the look-up of the user where there is one;
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for what this login never takes.
    async fn sign_in(&self, brought: Brought) -> Result<SignedIn>;

    /// Allows another login after a lock-out, or after any other failure; makes none.
    fn pardon(&self) {}

    /// Returns a token that is kept for this user, where a login keeps one for each.
    ///
    /// With a token that was `refused`, it is another one; `None` if the error is not about the token.
    ///
    /// # Errors
    ///
    /// Those of its renewal; [`Unauthenticated`](crate::ErrorKind::Unauthenticated) if it is over and cannot be renewed,
    /// or what is kept cannot be read.
    async fn token_of(&self, id: &str, refused: Option<(&Secret, &Error)>) -> Result<Option<Secret>> {
        let _ = (id, refused);
        Ok(None)
    }
}

/// What a person must bring.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Demand {
    /// Nothing: the configuration has all that it takes.
    Nothing,
    /// A code that the vendor hands to the user elsewhere, such as in its app. It is good once.
    Code,
    /// What a picture says.
    Captcha(Captcha),
}

/// A picture that a person must read.
#[derive(Clone)]
#[non_exhaustive]
pub struct Captcha {
    /// What the vendor knows it by.
    pub id: String,
    /// The media type of the picture, such as `image/png`.
    pub media_type: String,
    /// The file.
    pub picture: Vec<u8>,
}

/// What a person brought.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Brought {
    /// Nothing.
    Nothing,
    /// The code.
    Code(Secret),
    /// What the picture says.
    Captcha {
        /// The picture's [`id`](Captcha::id).
        id: String,
        /// What the person read.
        text: Secret,
    },
}

/// What came of a login.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct SignedIn {
    /// Who logged in, where that was asked.
    pub user: Option<User>,
    /// Until when the access token is good, by the clock of this machine; `None` where nobody says.
    pub expires_at: Option<SystemTime>,
    /// Whether what was issued is where the instance keeps it.
    pub kept: bool,
}

impl Captcha {
    /// Describes a picture.
    pub fn new(id: impl Into<String>, media_type: impl Into<String>, picture: Vec<u8>) -> Self {
        Self { id: id.into(), media_type: media_type.into(), picture }
    }
}

impl SignedIn {
    /// Says until when the access token is good, and whether it is kept.
    #[must_use]
    pub fn new(expires_at: Option<SystemTime>, kept: bool) -> Self {
        Self { user: None, expires_at, kept }
    }

    /// Says who logged in.
    #[must_use]
    pub fn with_user(mut self, user: User) -> Self {
        self.user = Some(user);
        self
    }
}

/// Shows no picture.
impl fmt::Debug for Captcha {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Captcha").field("media_type", &self.media_type).finish_non_exhaustive()
    }
}
