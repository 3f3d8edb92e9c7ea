//! What a test does with the tokens that the sandbox gives out.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use crate::{Sandbox, alipay_token, issued::Kind};

impl Sandbox {
    /// Sets how long issued access tokens live, at every vendor; as at the vendor by default.
    #[must_use]
    pub const fn with_lifetime(mut self, lifetime: Duration) -> Self {
        self.world.settings.lifetime = Some(lifetime);
        self
    }

    /// Makes AnqiCMS demand a captcha at its login: an id of `GET /api/captcha` with `ANQICMS_CAPTCHA`.
    #[must_use]
    pub const fn with_captcha(mut self) -> Self {
        self.world.captcha = AtomicBool::new(true);
        self
    }

    /// Makes AnqiCMS demand a captcha at its login from now on, or no longer.
    pub fn demand_captcha(&self, demanded: bool) {
        self.world.captcha.store(demanded, Ordering::Relaxed);
    }

    /// Makes Alipay+ tell when a token expires as the seconds that are left, as text: `"3600"`.
    #[must_use]
    pub const fn with_expiry_in_seconds(mut self) -> Self {
        self.world.settings.expiry_in_seconds = true;
        self
    }

    /// A fresh authorization code of Alipay+ that stands for this person: for one use, within ten minutes.
    ///
    /// # Panics
    ///
    /// If no person has this key.
    #[must_use]
    pub fn auth_code(&self, person: &str) -> String {
        assert!(self.person(person).is_some(), "no person has the key {person:?}");
        alipay_token::auth_code(&self.world.issued, person, self.now())
    }

    /// Revokes every token issued so far, at every vendor: access tokens and refresh tokens.
    pub fn revoke_issued(&self) {
        self.world.issued.revoke_all(&[Kind::Access, Kind::Refresh]);
    }

    /// Revokes every access token issued so far; refresh tokens stay good.
    pub fn revoke_access(&self) {
        self.world.issued.revoke_all(&[Kind::Access]);
    }

    /// Revokes this one token, and with an access token of Alipay+ its refresh token.
    ///
    /// It may also be a value of the module `credentials` or a person's token, which were never issued.
    pub fn revoke(&self, token: &str) {
        self.world.issued.revoke(token);
    }
}
