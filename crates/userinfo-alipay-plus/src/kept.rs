//! Tokens that are kept for users who logged in: one credential for each.

use std::io;

use async_trait::async_trait;
use userinfo_core::{Brought, Demand, Error, Result, Secret, SignIn, SignedIn};
use userinfo_http::{Credential, CredentialName};

use crate::{AlipayPlus, UserTokens, provider::KIND};

impl AlipayPlus {
    /// Keeps the tokens of this user where the configuration says, in place of those before.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub async fn keep(&self, id: &str, tokens: &UserTokens) -> io::Result<()> {
        let mut credential = Credential::new(tokens.access_token.clone(), self.merchant.now());
        credential.expires_at = tokens.access_expires_at;
        credential.accepted = true;
        credential.refresh_token.clone_from(&tokens.refresh_token);
        credential.refresh_expires_at = tokens.refresh_expires_at;
        self.merchant.config.credentials.save(&self.name_of(id), &credential).await
    }

    /// Returns the tokens that are kept for this user, be they over or not. `customer_id` is not kept.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub async fn kept(&self, id: &str) -> io::Result<Option<UserTokens>> {
        let credential = self.merchant.config.credentials.load(&self.name_of(id)).await?;
        Ok(credential.map(|it| UserTokens {
            access_token: it.token,
            access_expires_at: it.expires_at,
            refresh_token: it.refresh_token,
            refresh_expires_at: it.refresh_expires_at,
            customer_id: None,
        }))
    }

    /// Names the credential: one user of one wallet, as one merchant knows them.
    fn name_of(&self, id: &str) -> CredentialName {
        let client = &self.merchant.config.client_id;
        CredentialName::new(KIND, &[&self.merchant.base().to_string(), client, "user", id])
    }

    /// What is kept for this user, and whether its access token can be used.
    async fn found(&self, id: &str, refused: Option<&Secret>) -> Option<(UserTokens, bool)> {
        let tokens = told("read", self.kept(id).await).flatten()?;
        let is_over = tokens.access_expires_at.is_some_and(|end| self.merchant.now() >= end);
        let is_good = !is_over && refused != Some(&tokens.access_token);
        Some((tokens, is_good))
    }
}

#[async_trait]
impl SignIn for AlipayPlus {
    async fn demand(&self) -> Result<Demand> {
        Ok(Demand::Code)
    }

    async fn sign_in(&self, brought: Brought) -> Result<SignedIn> {
        let Brought::Code(code) = brought else {
            return Err(Error::invalid_input(
                KIND,
                "a login takes the code that the wallet gave to the user",
            ));
        };
        let (user, tokens) = self.login(&code).await?;
        let kept = told("saved", self.keep(&user.id, &tokens).await).is_some();
        Ok(SignedIn::new(tokens.access_expires_at, kept).with_user(user))
    }

    async fn token_of(&self, id: &str, refused: Option<&Secret>) -> Result<Option<Secret>> {
        match self.found(id, refused).await {
            None => return Ok(None),
            Some((tokens, true)) => return Ok(Some(tokens.access_token)),
            Some((_, false)) => {}
        }
        // A refresh token is good once: of several processes, one gives it away and the others find what it got.
        let lock = told("locked", self.merchant.config.credentials.lock(&self.name_of(id)).await);
        let old = match self.found(id, refused).await {
            None => return Ok(None),
            Some((tokens, true)) => return Ok(Some(tokens.access_token)),
            Some((old, false)) => old,
        };
        let tokens = self.refresh(&old).await?;
        told("saved", self.keep(id, &tokens).await);
        drop(lock);
        Ok(Some(tokens.access_token))
    }
}

/// Tells operators of a store that fails: it costs a login, no more.
fn told<T>(what: &'static str, outcome: io::Result<T>) -> Option<T> {
    outcome
        .map_err(|error| tracing::warn!(provider = KIND, %error, "the tokens of a user cannot be {what}"))
        .ok()
}
