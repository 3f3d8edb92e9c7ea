//! Users who log in: a code, tokens, a profile.

use userinfo_core::{Error, ErrorKind, Result, Retry, Secret, User};
use userinfo_http::log_store_failure;

use crate::{
    AlipayPlus, UserTokens, error,
    grant::{self, Grant},
    provider::KIND,
    tokens::{self, LONGEST_TOKEN},
    wire::{CancelToken, Envelope},
};

impl AlipayPlus {
    /// Gives the code of a user who authorised for tokens, and looks the user up.
    ///
    /// A code is good once. Where the look-up fails, the tokens are lost with it: [`tokens_of`](Self::tokens_of) and
    /// [`user_of`](Self::user_of), one after the other, keep them.
    ///
    /// # Errors
    ///
    /// Those of both; no retry of a login can help. [`IdMismatch`](ErrorKind::IdMismatch) if the wallet issued the
    /// tokens to another `customerId` than the `userId` that it tells.
    pub async fn login(&self, auth_code: &Secret) -> Result<(User, UserTokens)> {
        let tokens = self.tokens_of(auth_code).await?;
        match self.owner(&tokens, Some(auth_code)).await {
            Ok(user) => Ok((user, tokens)),
            Err(error) => Err(used_up(
                error,
                "the code is used up: let the user authorise again; tokens_of and user_of would keep the tokens",
            )),
        }
    }

    /// Gives the code of a user who authorised for tokens: `applyToken` with `AUTHORIZATION_CODE`.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) for a code that cannot be sent: empty, with control characters, or
    /// longer than 64 characters, 32 in the first version of the API;
    /// [`Unauthenticated`](ErrorKind::Unauthenticated) for one that is invalid, expired or used;
    /// [`Protocol`](ErrorKind::Protocol) for a success without an access token. Where the wallet may have taken the
    /// code, such as after a timeout or with the status `U`, no retry is allowed.
    pub async fn tokens_of(&self, auth_code: &Secret) -> Result<UserTokens> {
        grant::apply(&self.merchant, Grant::Code(auth_code.clone())).await
    }

    /// Looks up the user whose tokens these are.
    ///
    /// If the wallet refuses the access token as invalid or expired, and there is a refresh token, the tokens are
    /// renewed once, in place, and the look-up is made once more. They are the new ones even where that one fails.
    ///
    /// # Errors
    ///
    /// Those of a look-up, and those of [`refresh`](Self::refresh). [`IdMismatch`](ErrorKind::IdMismatch) for another
    /// user than `customer_id`.
    pub async fn user_of(&self, tokens: &mut UserTokens) -> Result<User> {
        match self.owner(tokens, None).await {
            Err(error) if error::is_of_access_token(&error) && tokens.refresh_token.is_some() => {}
            outcome => return outcome,
        }
        *tokens = self.refresh(tokens).await?;
        self.owner(tokens, None).await
    }

    /// Gets new tokens for old ones: `applyToken` with `REFRESH_TOKEN`.
    ///
    /// A refresh token is good once, so there is one refresh at a time for each user, over all clones of this
    /// provider. Whoever comes with the same old tokens meanwhile, or within a minute, gets what that one obtained.
    /// What the wallet does not tell anew stays as it was, the refresh token too.
    ///
    /// # Errors
    ///
    /// [`Unauthenticated`](ErrorKind::Unauthenticated) without a refresh token, or with one that is invalid, expired or
    /// used: the user must authorise again. [`IdMismatch`](ErrorKind::IdMismatch) if the new tokens are another
    /// customer's. Where the wallet may have taken the refresh token, no retry is allowed.
    pub async fn refresh(&self, tokens: &UserTokens) -> Result<UserTokens> {
        let refresh_token = tokens.refresh_token.as_ref().ok_or_else(|| {
            Error::new(ErrorKind::Unauthenticated, KIND, grant::OPERATION, "there is no refresh token")
                .with_advice("let the user authorise again")
        })?;
        let (merchant, grant) = (self.merchant.clone(), Grant::Refresh(refresh_token.clone()));
        let exchange = async move { grant::apply(&merchant, grant).await };
        let now = self.merchant.now();
        let issued = self.renewals.renew(tokens, refresh_token, now, exchange).await?;
        tokens.renewed(issued).ok_or_else(|| {
            let message = "the new tokens are another customer's than the old ones";
            Error::new(ErrorKind::IdMismatch, KIND, grant::OPERATION, message)
        })
    }

    /// Takes the merchant's access back: `cancelToken`. The refresh token is of no use after it either.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) for an access token that cannot be sent, and what the wallet says. It
    /// does no harm to cancel again.
    pub async fn cancel(&self, tokens: &UserTokens) -> Result<()> {
        tokens::check(&tokens.access_token, "access token", LONGEST_TOKEN)?;
        let config = &self.merchant.config;
        let body = CancelToken {
            access_token: tokens.access_token.expose(),
            extend_info: config.extend_info.as_ref(),
            extra: &config.extra_body,
        };
        let call = self.merchant.call("cancelToken", &config.cancel_path, &body).await?;
        let call = tokens.secrets().fold(call, userinfo_http::Call::knowing);
        let reply = self.merchant.ask(call).await?;
        let body = reply.object().map_err(|error| error::of_http(&reply, error))?;
        Envelope::read(body).pass(&reply)?;
        self.renewals.forget(tokens, self.merchant.now());
        if let Some(id) = &tokens.customer_id {
            log_store_failure(
                KIND,
                "the tokens of a user cannot be forgotten",
                self.forget(id, tokens).await,
            );
        }
        Ok(())
    }

    /// Looks up whose tokens these are, and once more if that may help, for the code cannot be given again; `advice` is
    /// for what time alone would mend.
    pub(crate) async fn owner_by_code(
        &self,
        tokens: &UserTokens,
        code: &Secret,
        advice: &'static str,
    ) -> Result<User> {
        let outcome = match self.owner(tokens, Some(code)).await {
            Err(error) if error.retry() == Retry::Backoff => self.owner(tokens, Some(code)).await,
            outcome => outcome,
        };
        outcome.map_err(|error| used_up(error, advice))
    }

    /// Looks up whose tokens these are; `code` is what they were given for.
    async fn owner(&self, tokens: &UserTokens, code: Option<&Secret>) -> Result<User> {
        tokens::check(&tokens.access_token, "access token", LONGEST_TOKEN)?;
        let known: Vec<_> = tokens.secrets().chain(code).collect();
        self.inquire(&tokens.access_token, tokens.customer_id.as_deref(), &known).await
    }
}

/// Forbids a retry of what took a code; an error that time does not mend has advice of its own.
fn used_up(error: Error, advice: &'static str) -> Error {
    match error.retry() {
        Retry::Never => error,
        _ => error.with_retry(Retry::Never).with_advice(advice),
    }
}
