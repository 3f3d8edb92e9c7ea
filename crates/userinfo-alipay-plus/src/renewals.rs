//! One refresh at a time for each user, and none twice.

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use futures_util::{
    FutureExt as _,
    future::{BoxFuture, Shared},
};
use tokio::runtime::Handle;
use userinfo_core::{Error, ErrorKind, Result, Retry, Secret};
use userinfo_http::CredentialName;

use crate::{UserTokens, grant::OPERATION, provider::KIND};

/// The refreshes that are under way, and those that succeeded a moment ago.
#[derive(Default)]
pub(crate) struct Renewals(Mutex<Vec<Renewal>>);

struct Renewal {
    /// Digests: neither an id nor a token that is used up is kept.
    owner: CredentialName,
    spent: CredentialName,
    begun: SystemTime,
    outcome: Outcome,
}

type Outcome = Shared<BoxFuture<'static, Result<UserTokens>>>;

/// How long whoever still holds the old tokens is given the new ones.
const REMEMBERED: Duration = Duration::from_secs(60);
/// Beyond this many, the oldest are forgotten.
const MOST: usize = 1000;

impl Renewals {
    /// Joins the refresh that uses up this refresh token, or begins one with `exchange`, after any other of this user.
    ///
    /// A refresh that is begun comes to its end even if everyone stops waiting, where there is a tokio runtime: what it
    /// obtains cannot be obtained again.
    pub(crate) async fn renew(
        &self,
        tokens: &UserTokens,
        refresh_token: &Secret,
        now: SystemTime,
        exchange: impl Future<Output = Result<UserTokens>> + Send + 'static,
    ) -> Result<UserTokens> {
        let spent = CredentialName::new(KIND, &["refresh token", refresh_token.expose()]);
        let owner = match &tokens.customer_id {
            Some(id) => CredentialName::new(KIND, &["customer", id]),
            None => spent.clone(),
        };
        let outcome = {
            let mut kept = self.kept(now);
            match kept.iter().find(|it| it.spent == spent) {
                Some(same) => same.outcome.clone(),
                None => begin(&mut kept, owner, spent, now, exchange),
            }
        };
        outcome.await
    }

    /// Forgets tokens that were cancelled.
    pub(crate) fn forget(&self, cancelled: &UserTokens, now: SystemTime) {
        self.kept(now).retain(|it| match it.outcome.peek() {
            Some(Ok(tokens)) => tokens.access_token != cancelled.access_token,
            _ => true,
        });
    }

    /// What is still of use.
    fn kept(&self, now: SystemTime) -> MutexGuard<'_, Vec<Renewal>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|it| match it.outcome.peek() {
            None => true,
            Some(Err(_)) => false,
            Some(Ok(_)) => now.duration_since(it.begun).unwrap_or_default() < REMEMBERED,
        });
        kept
    }
}

fn begin(
    kept: &mut Vec<Renewal>,
    owner: CredentialName,
    spent: CredentialName,
    begun: SystemTime,
    exchange: impl Future<Output = Result<UserTokens>> + Send + 'static,
) -> Outcome {
    let before = kept.iter().rev().find(|it| it.owner == owner).map(|it| it.outcome.clone());
    let turn = async move {
        if let Some(before) = before {
            // Whatever became of it, it is this one's turn.
            drop(before.await);
        }
        exchange.await
    };
    let outcome = to_its_end(turn).shared();
    if kept.len() >= MOST
        && let Some(oldest) = kept.iter().position(|it| it.outcome.peek().is_some())
    {
        kept.remove(oldest);
    }
    kept.push(Renewal { owner, spent, begun, outcome: outcome.clone() });
    outcome
}

/// Comes to its end even if everyone stops waiting, where there is a tokio runtime.
pub(crate) fn to_its_end<T: Send + 'static>(
    turn: impl Future<Output = Result<T>> + Send + 'static,
) -> BoxFuture<'static, Result<T>> {
    let Ok(runtime) = Handle::try_current() else { return turn.boxed() };
    let task = runtime.spawn(turn);
    let outcome = async move {
        task.await.unwrap_or_else(|stopped| {
            let error = Error::new(ErrorKind::Unavailable, KIND, OPERATION, "the refresh was stopped");
            Err(error.with_retry(Retry::Never).with_source(stopped))
        })
    };
    outcome.boxed()
}

/// Counts; what was obtained is nobody's business.
impl fmt::Debug for Renewals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).len();
        f.debug_struct("Renewals").field("kept", &kept).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: SystemTime = SystemTime::UNIX_EPOCH;

    /// Whether what was obtained before is still known.
    async fn is_known(renewals: &Renewals, number: usize) -> bool {
        let (tokens, token) = (UserTokens::new("a"), Secret::new(number.to_string()));
        let asked = async { Err(Error::new(ErrorKind::Timeout, KIND, OPERATION, "asked again")) };
        renewals.renew(&tokens, &token, NOW, asked).await.is_ok()
    }

    #[tokio::test]
    async fn no_more_are_kept_than_there_is_room_for() {
        let renewals = Renewals::default();
        for number in 0..=MOST {
            let (tokens, token) = (UserTokens::new("a"), Secret::new(number.to_string()));
            let exchange = async { Ok(UserTokens::new("b")) };
            renewals.renew(&tokens, &token, NOW, exchange).await.expect("tokens");
        }
        assert_eq!(renewals.kept(NOW).len(), MOST);
        assert!(is_known(&renewals, 1).await && is_known(&renewals, MOST).await);
        assert!(!is_known(&renewals, 0).await, "the oldest is forgotten");
    }
}
