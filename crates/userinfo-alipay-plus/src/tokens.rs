//! What a wallet issues for one user.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use userinfo_core::{Error, Object, Result, Secret, Timestamp};
use userinfo_http::Reply;

use crate::{provider::KIND, time};

/// What a wallet issued to the merchant for one user.
///
/// It belongs on the merchant's server. Keep it as a whole: what a renewal returns stands in its place. `Debug`
/// shows times only.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UserTokens {
    /// Asks for the user; at most 128 characters.
    pub access_token: Secret,
    /// When the access token ends; `None` where the wallet says nothing that can be read.
    pub access_expires_at: Option<SystemTime>,
    /// Gets new tokens, once; at most 128 characters. `None` where the wallet gave none.
    pub refresh_token: Option<Secret>,
    /// When the refresh token ends; `None` where the wallet says nothing that can be read.
    pub refresh_expires_at: Option<SystemTime>,
    /// Whose tokens these are, where the wallet told it.
    pub customer_id: Option<String>,
}

impl UserTokens {
    /// Starts from what must be there; the rest is what was kept besides.
    #[must_use]
    pub fn new(access_token: impl Into<Secret>) -> Self {
        Self {
            access_token: access_token.into(),
            access_expires_at: None,
            refresh_token: None,
            refresh_expires_at: None,
            customer_id: None,
        }
    }

    /// Both tokens, which nothing may print.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &Secret> {
        [Some(&self.access_token), self.refresh_token.as_ref()].into_iter().flatten()
    }

    /// Reads an answer of `applyToken`; `None` without an access token that could be sent.
    pub(crate) fn read(reply: &Reply) -> Option<Self> {
        let mut answer = as_received(reply)?;
        let access_token = answer.take_text("accessToken").map(Secret::new)?;
        check(&access_token, "access token", LONGEST_TOKEN).ok()?;
        let mut end = |name| answer.take_word(name).and_then(|text| expiry(&text, reply.at()));
        let access_expires_at = end("accessTokenExpiryTime");
        let refresh_expires_at = end("refreshTokenExpiryTime");
        let refresh_token = answer.take_text("refreshToken").map(Secret::new);
        let customer_id = answer.take_id("customerId");
        Some(Self { access_token, access_expires_at, refresh_token, refresh_expires_at, customer_id })
    }

    /// These tokens after a renewal: what the wallet did not tell anew stays. `None` if the new ones are
    /// another customer's.
    pub(crate) fn renewed(&self, issued: Self) -> Option<Self> {
        if let (Some(old), Some(new)) = (&self.customer_id, &issued.customer_id)
            && old != new
        {
            return None;
        }
        let customer_id = issued.customer_id.or_else(|| self.customer_id.clone());
        let (refresh_token, refresh_expires_at) = match issued.refresh_token {
            Some(token) => (Some(token), issued.refresh_expires_at),
            None => (self.refresh_token.clone(), self.refresh_expires_at),
        };
        Some(Self { refresh_token, refresh_expires_at, customer_id, ..issued })
    }
}

impl fmt::Debug for UserTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserTokens")
            .field("access_expires_at", &self.access_expires_at)
            .field("refresh_expires_at", &self.refresh_expires_at)
            .finish_non_exhaustive()
    }
}

/// In characters, of access and refresh tokens alike.
pub(crate) const LONGEST_TOKEN: usize = 128;

/// Refuses what cannot be sent.
pub(crate) fn check(secret: &Secret, name: &str, most: usize) -> Result<()> {
    refusal(secret, name, most).map_or(Ok(()), |refusal| Err(Error::invalid_input(KIND, refusal)))
}

/// Says why it cannot be sent, if so.
pub(crate) fn refusal(secret: &Secret, name: &str, most: usize) -> Option<String> {
    let text = secret.expose();
    if text.is_empty() {
        Some(format!("the {name} is empty"))
    } else if text.chars().any(char::is_control) {
        Some(format!("the {name} has a control character in it, such as a line feed"))
    } else if text.chars().nth(most).is_some() {
        Some(format!("the {name} is longer than {most} characters"))
    } else {
        None
    }
}

/// Blanks the tokens that an answer brings, in whatever is made of it but [`UserTokens::read`].
pub(crate) fn hidden(reply: Reply) -> Reply {
    let brought: Vec<_> = as_received(&reply)
        .map(|mut answer| NAMES.iter().filter_map(|name| answer.take_text(name)).map(Secret::new).collect())
        .unwrap_or_default();
    brought.iter().fold(reply, Reply::knowing).without_members(&NAMES)
}

const NAMES: [&str; 2] = ["accessToken", "refreshToken"];

/// The answer with its tokens: what was sent is blanked elsewhere, and a wallet may give the same token again.
fn as_received(reply: &Reply) -> Option<Object<'_>> {
    let text = std::str::from_utf8(reply.received()).ok()?;
    Object::parse(text.strip_prefix('\u{feff}').unwrap_or(text)).ok()
}

/// No wallet gives a token for longer than ten years; a larger number counts something else than seconds.
const LONGEST_SECONDS: u64 = 20 * 365 * 24 * 60 * 60;

/// Reads a time, or the seconds that are left; anything else is unknown.
fn expiry(text: &str, now: SystemTime) -> Option<SystemTime> {
    if text.is_empty() || !text.bytes().all(|it| it.is_ascii_digit()) {
        return time::from_millis(text.parse::<Timestamp>().ok()?.unix_millis());
    }
    let seconds = text.parse().ok().filter(|it| (1..=LONGEST_SECONDS).contains(it))?;
    now.checked_add(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests;
