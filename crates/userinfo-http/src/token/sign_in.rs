use async_trait::async_trait;
use userinfo_core::{Brought, Demand, Error, ErrorKind, Result, SignIn, SignedIn};

use super::{Issuer, Source, Tokens};

impl Tokens {
    /// Logs in with `issuer` for a person who orders it, and says what came of it.
    ///
    /// # Errors
    ///
    /// Those of [`log_in`](Self::log_in).
    pub async fn sign_in_with(&self, issuer: &dyn Issuer) -> Result<SignedIn> {
        let held = self.log_in(issuer).await?;
        // Asked, for a store that fails does not make a login fail.
        let kept = self.0.store.load(&self.0.name).await.ok().flatten();
        let is_kept = kept.is_some_and(|it| it.token == *held.token());
        Ok(SignedIn::new(held.credential().expires_at, is_kept))
    }
}

/// A login that takes nothing but what the configuration has.
#[async_trait]
impl SignIn for Tokens {
    async fn demand(&self) -> Result<Demand> {
        self.issuer().map(|_| Demand::Nothing)
    }

    async fn sign_in(&self, brought: Brought) -> Result<SignedIn> {
        let issuer = self.issuer()?;
        match brought {
            Brought::Nothing => self.sign_in_with(issuer).await,
            _ => Err(Error::invalid_input(self.0.provider, "this login takes no code and no captcha")),
        }
    }

    fn pardon(&self) {
        Self::pardon(self);
    }
}

impl Tokens {
    fn issuer(&self) -> Result<&dyn Issuer> {
        match &self.0.source {
            Source::Login(issuer) => Ok(&**issuer),
            Source::Given(_) => {
                let message = "there is nothing to log in with: the configuration gives a token";
                Err(Error::new(ErrorKind::Unsupported, self.0.provider, "login", message))
            }
        }
    }
}
