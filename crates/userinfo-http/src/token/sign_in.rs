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

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
        time::SystemTime,
    };

    use super::*;
    use crate::{Credential, CredentialName, CredentialStore, MemoryCredentials};

    /// Issues `t1`, `t2` and so on, or locks out.
    #[derive(Debug, Default)]
    struct Desk {
        issued: AtomicUsize,
        is_locked: bool,
    }

    #[async_trait]
    impl Issuer for Desk {
        async fn issue(&self) -> Result<Credential> {
            let number = self.issued.fetch_add(1, Ordering::SeqCst) + 1;
            if self.is_locked {
                return Err(Error::new(ErrorKind::LockedOut, "acme", "login", "locked"));
            }
            Ok(Credential::new(format!("t{number}"), SystemTime::now()))
        }
    }

    /// Keeps nothing, or always has something else.
    #[derive(Debug)]
    struct Forgetful(Option<&'static str>);

    #[async_trait]
    impl CredentialStore for Forgetful {
        async fn load(&self, _: &CredentialName) -> io::Result<Option<Credential>> {
            Ok(self.0.map(|token| Credential::new(token, SystemTime::now())))
        }

        async fn save(&self, _: &CredentialName, _: &Credential) -> io::Result<()> {
            Err(io::Error::other("the disk is full"))
        }

        async fn lock(&self, _: &CredentialName) -> io::Result<Box<dyn Send>> {
            Ok(Box::new(()))
        }
    }

    fn tokens(desk: &Arc<Desk>) -> Tokens {
        let issuer: Arc<dyn Issuer> = Arc::<Desk>::clone(desk);
        Tokens::new("acme", CredentialName::new("acme", &["a"]), issuer)
    }

    #[tokio::test]
    async fn a_login_that_is_ordered_says_whether_it_is_kept() {
        let desk = Arc::default();
        let stores: [(Arc<dyn CredentialStore>, bool); 3] = [
            (Arc::new(MemoryCredentials::new()), true),
            (Arc::new(Forgetful(None)), false),
            (Arc::new(Forgetful(Some("another's"))), false),
        ];
        for (store, expected) in stores {
            let tokens = tokens(&desk).with_store(store);
            assert!(matches!(tokens.demand().await, Ok(Demand::Nothing)));
            let signed_in = tokens.sign_in(Brought::Nothing).await.expect("a login");
            assert_eq!((signed_in.kept, signed_in.user, signed_in.expires_at), (expected, None, None));
        }
        assert_eq!(desk.issued.load(Ordering::SeqCst), 3);
    }

    #[tokio::test]
    async fn a_key_takes_nothing_from_a_person() {
        let desk = Arc::default();
        let error = tokens(&desk).sign_in(Brought::Code("c".into())).await.expect_err("no code");
        assert_eq!((error.kind(), desk.issued.load(Ordering::SeqCst)), (ErrorKind::InvalidInput, 0));
    }

    #[tokio::test]
    async fn a_given_token_leaves_nothing_to_log_in_with() {
        let given = Tokens::given("acme", CredentialName::new("acme", &["a"]), "t");
        assert_eq!(given.demand().await.expect_err("nothing").kind(), ErrorKind::Unsupported);
        let error = given.sign_in(Brought::Nothing).await.expect_err("nothing");
        assert_eq!(error.kind(), ErrorKind::Unsupported);
    }

    #[tokio::test]
    async fn a_pardon_reaches_the_token_behind_it() {
        let desk = Arc::new(Desk { is_locked: true, ..Desk::default() });
        let tokens = tokens(&desk);
        let sign_in: &dyn SignIn = &tokens;
        for logins in [1, 2] {
            for _ in 0..2 {
                tokens.get().await.expect_err("locked out");
            }
            assert_eq!(desk.issued.load(Ordering::SeqCst), logins);
            sign_in.pardon();
        }
    }
}
