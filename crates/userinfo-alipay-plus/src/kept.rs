//! Tokens that are kept for users who logged in: one credential for each.

use std::io;

use async_trait::async_trait;
use userinfo_core::{Brought, Demand, Error, ErrorKind, Result, Secret, SignIn, SignedIn};
use userinfo_http::{Credential, CredentialName, CredentialStore};

use crate::{AlipayPlus, UserTokens, error, grant, provider::KIND, renewals::to_its_end};

impl AlipayPlus {
    /// Keeps the tokens of this user where the configuration says, in place of those before.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub async fn keep(&self, id: &str, tokens: &UserTokens) -> io::Result<()> {
        let name = self.name_of(id);
        // A refresh that is under way elsewhere would put what it obtains in place of these.
        let lock = self.store().lock(&name).await?;
        self.save(&name, tokens).await?;
        drop(lock);
        Ok(())
    }

    /// Returns the tokens that are kept for this user, be they over or not.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub async fn kept(&self, id: &str) -> io::Result<Option<UserTokens>> {
        let credential = self.store().load(&self.name_of(id)).await?;
        Ok(credential.map(|it| UserTokens {
            access_token: it.token,
            access_expires_at: it.expires_at,
            refresh_token: it.refresh_token,
            refresh_expires_at: it.refresh_expires_at,
            customer_id: Some(id.to_owned()),
        }))
    }

    /// Forgets the tokens of this user that are kept, if they are these.
    pub(crate) async fn forget(&self, id: &str, tokens: &UserTokens) -> io::Result<()> {
        let name = self.name_of(id);
        let lock = self.store().lock(&name).await?;
        if self.kept(id).await?.is_some_and(|kept| kept.access_token == tokens.access_token) {
            self.store().remove(&name).await?;
        }
        drop(lock);
        Ok(())
    }

    fn store(&self) -> &dyn CredentialStore {
        &*self.merchant.config.credentials
    }

    async fn save(&self, name: &CredentialName, tokens: &UserTokens) -> io::Result<()> {
        let mut credential = Credential::new(tokens.access_token.clone(), self.merchant.now());
        credential.expires_at = tokens.access_expires_at;
        credential.accepted = true;
        credential.refresh_token.clone_from(&tokens.refresh_token);
        credential.refresh_expires_at = tokens.refresh_expires_at;
        self.store().save(name, &credential).await
    }

    /// Names the credential: one user of one wallet, as one client of one merchant knows them.
    fn name_of(&self, id: &str) -> CredentialName {
        let config = &self.merchant.config;
        let client = config.auth_client_id.as_deref().unwrap_or_default();
        CredentialName::new(KIND, &[&self.merchant.base().to_string(), &config.client_id, client, "user", id])
    }

    /// What is kept for this user, and whether its access token can be used.
    async fn found(&self, id: &str, refused: Option<&Secret>) -> Result<Option<(UserTokens, bool)>> {
        let kept = self.kept(id).await.map_err(|error| store_error("cannot be read", error))?;
        Ok(kept.map(|tokens| {
            let is_over = tokens.access_expires_at.is_some_and(|end| self.merchant.now() >= end);
            let is_good = !is_over && refused != Some(&tokens.access_token);
            (tokens, is_good)
        }))
    }

    /// Renews what is kept, unless another process has done so meanwhile. A refresh token is good once: without the
    /// lock that keeps others from giving it away too, it is not given away.
    async fn renew_kept(&self, id: &str, refused: Option<&Secret>) -> Result<Option<Secret>> {
        let name = self.name_of(id);
        let lock = self.store().lock(&name).await.map_err(|error| {
            let error = store_error("cannot be locked, which their renewal needs", error);
            error.with_kind(ErrorKind::Unavailable)
        })?;
        let old = match self.found(id, refused).await? {
            None => return Ok(None),
            Some((tokens, true)) => return Ok(Some(tokens.access_token)),
            Some((old, false)) => old,
        };
        let tokens = match self.refresh(&old).await {
            Ok(tokens) => tokens,
            Err(error) => {
                // Nothing will come of them any more.
                if old.refresh_token.is_none() || error::is_of_refresh_token(&error) {
                    told("forgotten", self.store().remove(&name).await);
                }
                return Err(error);
            }
        };
        told("saved", self.save(&name, &tokens).await);
        drop(lock);
        Ok(Some(tokens.access_token))
    }
}

#[async_trait]
impl SignIn for AlipayPlus {
    async fn demand(&self) -> Result<Demand> {
        Ok(Demand::Code)
    }

    /// Keeps the tokens as soon as the wallet says whose they are, for the code is used up.
    async fn sign_in(&self, brought: Brought) -> Result<SignedIn> {
        let Brought::Code(code) = brought else {
            return Err(Error::invalid_input(
                KIND,
                "a login takes the code that the wallet gave to the user",
            ));
        };
        let tokens = self.tokens_of(&code).await?;
        let early = match &tokens.customer_id {
            Some(id) => told("saved", self.keep(id, &tokens).await).is_some(),
            None => false,
        };
        let user = self.owner_once(&tokens, &code).await.map_err(|error| match error.kind() {
            ErrorKind::IdMismatch => error,
            _ if early => {
                error.with_advice("the code is used up and the tokens are kept: look the user up by its id")
            }
            _ => error.with_advice("the code is used up: let the user authorise again"),
        })?;
        let is_kept = early && tokens.customer_id.as_ref() == Some(&user.id);
        let is_kept = is_kept || told("saved", self.keep(&user.id, &tokens).await).is_some();
        Ok(SignedIn::new(tokens.access_expires_at, is_kept).with_user(user))
    }

    async fn token_of(&self, id: &str, refused: Option<(&Secret, &Error)>) -> Result<Option<Secret>> {
        if refused.is_some_and(|(_, error)| !error::is_of_access_token(error)) {
            return Ok(None);
        }
        let refused = refused.map(|(token, _)| token);
        match self.found(id, refused).await? {
            None => return Ok(None),
            Some((tokens, true)) => return Ok(Some(tokens.access_token)),
            Some((_, false)) => {}
        }
        let (provider, id, refused) = (self.clone(), id.to_owned(), refused.cloned());
        // What is obtained cannot be obtained again, so it is kept even if everyone stops waiting.
        to_its_end(async move { provider.renew_kept(&id, refused.as_ref()).await }).await
    }
}

fn store_error(what: &str, error: io::Error) -> Error {
    let message = format!("the tokens that are kept for this user {what}");
    Error::new(ErrorKind::Unauthenticated, KIND, grant::OPERATION, message)
        .with_source(error)
        .with_advice("mend the folder of `credentials`, or bring the user's token")
}

/// Tells operators of a store that fails where the answer counts more.
pub(crate) fn told<T>(what: &'static str, outcome: io::Result<T>) -> Option<T> {
    outcome
        .map_err(|error| tracing::warn!(provider = KIND, %error, "the tokens of a user cannot be {what}"))
        .ok()
}
