use std::{sync::Arc, time::Duration};

use userinfo_core::{ErrorKind, Lookup, Secret, UserInfoProvider};
use userinfo_http::CredentialStore;
use userinfo_sandbox::Person;

use crate::Wire;

/// What the author of a provider writes that obtains its token by itself: how the cases get hold of it.
pub trait Renewing: Send + Sync {
    /// Returns where the sandbox answers for this vendor, such as `"/anqicms"`.
    fn mount(&self) -> &'static str;

    /// Builds the provider with what the sandbox lets it log in with.
    ///
    /// Base URL, transport and clock are those of the wire. The person `everything` must be found.
    fn provider(&self, wire: &Wire, credentials: Arc<dyn CredentialStore>) -> Arc<dyn UserInfoProvider>;

    /// Builds the same with a key or a password that the sandbox does not know.
    fn misconfigured(&self, wire: &Wire, credentials: Arc<dyn CredentialStore>) -> Arc<dyn UserInfoProvider>;

    /// Says how this person is looked up, without a token of its own.
    fn lookup(&self, person: &Person) -> Lookup;

    /// Returns for how long the provider uses a token at most.
    fn lifetime(&self) -> Duration;

    /// Returns what a login may say that is final, as the sandbox's fault `locked-out` has it.
    ///
    /// # Errors
    ///
    /// The reason, where the vendor has no word for it at a login.
    fn locked_out(&self) -> Result<ErrorKind, &'static str> {
        Ok(ErrorKind::LockedOut)
    }

    /// Says that processes tell each other of a key that the vendor refused.
    ///
    /// # Errors
    ///
    /// The reason, where they do not, such as a password, which may be too weak to keep a digest of.
    fn wrong_key_is_shared(&self) -> Result<(), &'static str> {
        Ok(())
    }

    /// Lists what the provider logs in with, which nothing may show.
    fn secrets(&self) -> Vec<Secret>;
}
