//! Tokens that are kept for users who logged in: one credential for each.

use std::io;

use async_trait::async_trait;
use serde_json::Value;
use userinfo_core::{Brought, Demand, Error, ErrorKind, Result, Secret, SignIn, SignedIn};
use userinfo_http::{Credential, CredentialName, CredentialStore, log_store_failure};

use crate::{AlipayPlus, UserTokens, error, grant, provider::KIND, renewals::to_its_end};

const KEPT: &str = "the code is used up and the tokens are kept: look the user up by its id";
const UNSAVED: &str = "the tokens of a user cannot be saved";
const LOST: &str = "the code is used up: let the user authorise again";

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
        let is_kept = async || {
            let kept = self.kept(id).await?;
            Ok::<_, io::Error>(kept.is_some_and(|it| it.access_token == tokens.access_token))
        };
        if !is_kept().await? {
            return Ok(());
        }
        let name = self.name_of(id);
        let lock = self.store().lock(&name).await?;
        if is_kept().await? {
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

    /// Names the credential: one user of one wallet, as one mini program of one merchant knows them.
    fn name_of(&self, id: &str) -> CredentialName {
        let config = &self.merchant.config;
        let client = config.auth_client_id.as_deref().unwrap_or_default();
        let (base, body) =
            (self.merchant.base().to_string(), Value::Object(config.extra_body.clone()).to_string());
        CredentialName::new(KIND, &[&base, &config.client_id, client, &body, "user", id])
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

    /// Gives the code for tokens, and keeps them as soon as it is known whose they are.
    async fn log_in(&self, code: &Secret) -> Result<SignedIn> {
        let tokens = self.tokens_of(code).await?;
        let Some(id) = &tokens.customer_id else {
            let user = self.owner_by_code(&tokens, code, LOST).await?;
            let kept = self.keep(&user.id, &tokens).await;
            let kept = log_store_failure(KIND, UNSAVED, kept).is_some();
            return Ok(SignedIn::new(tokens.access_expires_at, kept).with_user(user));
        };
        let before =
            log_store_failure(KIND, "the tokens of a user cannot be read", self.kept(id).await).flatten();
        let kept = log_store_failure(KIND, UNSAVED, self.keep(id, &tokens).await).is_some();
        let user = self.owner_by_code(&tokens, code, if kept { KEPT } else { LOST }).await;
        if user.as_ref().is_err_and(|error| error.kind() == ErrorKind::IdMismatch) {
            // They are not that user's after all.
            let restored = match &before {
                Some(before) => self.keep(id, before).await,
                None => self.forget(id, &tokens).await,
            };
            log_store_failure(KIND, "the tokens of a user cannot be restored", restored);
        }
        Ok(SignedIn::new(tokens.access_expires_at, kept).with_user(user?))
    }

    /// Renews what is kept, unless another process has done so meanwhile. A refresh token is good once: it is not given
    /// away without the lock that keeps others from giving it away too, nor where its successor could not be kept.
    async fn renew_kept(&self, id: &str, refused: Option<&Secret>) -> Result<Option<Secret>> {
        let name = self.name_of(id);
        let unfit = |what, error| store_error(what, error).with_kind(ErrorKind::Unavailable);
        let lock = self.store().lock(&name).await;
        let lock = lock.map_err(|error| unfit("cannot be locked, which their renewal needs", error))?;
        let old = match self.found(id, refused).await? {
            None => return Ok(None),
            Some((tokens, true)) => return Ok(Some(tokens.access_token)),
            Some((old, false)) => old,
        };
        let saved = self.save(&name, &old).await;
        saved.map_err(|error| unfit("cannot be written, which their renewal needs", error))?;
        let tokens = match self.refresh(&old).await {
            Ok(tokens) => tokens,
            Err(error) => {
                // Nothing will come of them any more, unless it is but our clock that says so.
                let is_spent = old.refresh_token.is_none() && refused.is_some();
                if is_spent || error::is_of_refresh_token(&error) {
                    log_store_failure(
                        KIND,
                        "the tokens of a user cannot be forgotten",
                        self.store().remove(&name).await,
                    );
                }
                return Err(error);
            }
        };
        log_store_failure(KIND, UNSAVED, self.save(&name, &tokens).await);
        drop(lock);
        Ok(Some(tokens.access_token))
    }
}

#[async_trait]
impl SignIn for AlipayPlus {
    async fn demand(&self) -> Result<Demand> {
        Ok(Demand::Code)
    }

    /// What the wallet issues for a code cannot be obtained again, so this comes to its end even if everyone stops
    /// waiting.
    async fn sign_in(&self, brought: Brought) -> Result<SignedIn> {
        let Brought::Code(code) = brought else {
            return Err(Error::invalid_input(
                KIND,
                "a login takes the code that the wallet gave to the user",
            ));
        };
        let provider = self.clone();
        to_its_end(async move { provider.log_in(&code).await }).await
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
