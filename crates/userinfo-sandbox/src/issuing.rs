//! What a test does with the tokens that the sandbox gives out.

use std::time::Duration;

use crate::{Sandbox, issued::Kind};

impl Sandbox {
    /// Sets how long issued access tokens live, at every vendor; as at the vendor by default.
    #[must_use]
    pub const fn with_lifetime(mut self, lifetime: Duration) -> Self {
        self.world.settings.lifetime = Some(lifetime);
        self
    }

    /// Makes AnqiCMS demand a captcha at its login: `ANQICMS_CAPTCHA_ID` with `ANQICMS_CAPTCHA`.
    #[must_use]
    pub const fn with_captcha(mut self) -> Self {
        self.world.settings.captcha = true;
        self
    }

    /// Revokes every token issued so far, at every vendor.
    pub fn revoke_issued(&self) {
        self.world.issued.revoke_all(&[Kind::Access]);
    }

    /// Revokes this one token; also one of the module `credentials` or of a person, which were never issued.
    pub fn revoke(&self, token: &str) {
        self.world.issued.revoke(token);
    }
}
