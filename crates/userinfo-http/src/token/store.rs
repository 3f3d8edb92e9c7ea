use std::{
    collections::HashMap,
    fmt, io,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use userinfo_core::Settings;

use super::{Credential, CredentialName, FileCredentials, Refusal};

/// Keeps what vendors issued, so that it need not be asked for again.
///
/// It is asked when a provider has no token yet or needs another, not on the way of a usual call. Where a login can be
/// made again, a store that fails does no harm but to speed: its error is logged, and the vendor is asked. Where it
/// takes a person, the error is theirs.
#[async_trait]
pub trait CredentialStore: fmt::Debug + Send + Sync {
    /// Returns what is kept under a name.
    async fn load(&self, name: &CredentialName) -> io::Result<Option<Credential>>;

    /// Keeps a credential, in place of the one with the same name.
    async fn save(&self, name: &CredentialName, credential: &Credential) -> io::Result<()>;

    /// Forgets the credential with this name, if there is one, and leaves the refusal beside it.
    ///
    /// A store that does not implement it keeps the credential, and says so.
    async fn remove(&self, _name: &CredentialName) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Returns the refusal that is kept under a name, over or not.
    async fn load_refusal(&self, _name: &CredentialName) -> io::Result<Option<Refusal>> {
        Ok(None)
    }

    /// Keeps a refusal beside the credential, in place of the one with the same name.
    ///
    /// A store that keeps none leaves each process to find out for itself, which may prolong a lock-out.
    async fn save_refusal(&self, _name: &CredentialName, _refusal: &Refusal) -> io::Result<()> {
        Ok(())
    }

    /// Forgets the refusal with this name, if there is one.
    async fn remove_refusal(&self, _name: &CredentialName) -> io::Result<()> {
        Ok(())
    }

    /// Waits until nobody else who shares the store obtains this credential, and keeps others out until the value
    /// is dropped.
    ///
    /// Whoever comes second finds what the first one saved. A lock that is free is given at once, and who drops the
    /// future has given up on it: that is how one is taken that must not be waited for.
    async fn lock(&self, name: &CredentialName) -> io::Result<Box<dyn Send>>;
}

/// The target of what is logged of a store that fails, for those who listen to nothing else.
pub const STORE_TARGET: &str = "userinfo::credentials";

/// Logs what a store failed with, where the answer counts more.
pub fn log_store_failure<T>(provider: &'static str, what: &'static str, outcome: io::Result<T>) -> Option<T> {
    let log = |error| tracing::warn!(target: STORE_TARGET, provider, %error, "{what}");
    outcome.map_err(log).ok()
}

/// Keeps credentials in the memory of this process: the store that is used unless another is given.
#[derive(Default)]
pub struct MemoryCredentials {
    kept: Mutex<HashMap<CredentialName, Credential>>,
    refusals: Mutex<HashMap<CredentialName, Refusal>>,
    locks: Mutex<HashMap<CredentialName, Arc<tokio::sync::Mutex<()>>>>,
}

impl MemoryCredentials {
    /// Makes an empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

#[async_trait]
impl CredentialStore for MemoryCredentials {
    async fn load(&self, name: &CredentialName) -> io::Result<Option<Credential>> {
        Ok(self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned())
    }

    async fn save(&self, name: &CredentialName, credential: &Credential) -> io::Result<()> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(name.clone(), credential.clone());
        Ok(())
    }

    async fn remove(&self, name: &CredentialName) -> io::Result<()> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
        Ok(())
    }

    async fn load_refusal(&self, name: &CredentialName) -> io::Result<Option<Refusal>> {
        Ok(self.refusals.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned())
    }

    async fn save_refusal(&self, name: &CredentialName, refusal: &Refusal) -> io::Result<()> {
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        refusals.insert(name.clone(), refusal.clone());
        Ok(())
    }

    async fn remove_refusal(&self, name: &CredentialName) -> io::Result<()> {
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
        Ok(())
    }

    async fn lock(&self, name: &CredentialName) -> io::Result<Box<dyn Send>> {
        let lock = {
            let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(locks.entry(name.clone()).or_default())
        };
        Ok(Box::new(lock.lock_owned().await))
    }
}

/// Counts; what is kept is nobody's business.
impl fmt::Debug for MemoryCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).len();
        f.debug_struct("MemoryCredentials").field("credentials", &kept).finish_non_exhaustive()
    }
}

/// Reads the table `credentials` of an instance, which falls back on the one for all: `dir = "path"` keeps tokens
/// in files; without it, or with `dir = "off"`, they are kept in memory.
pub fn credential_store(settings: &mut Settings<'_>) -> Arc<dyn CredentialStore> {
    settings.within("credentials", |table| match table.text("dir") {
        Some(dir) if dir != "off" => {
            if dir.eq_ignore_ascii_case("off") {
                table.fault("dir", "must be written \"off\" to keep none");
            } else if dir.starts_with('~') {
                table.fault("dir", "begins with `~`, which nothing replaces here; write the path out");
            }
            Arc::new(FileCredentials::new(dir)) as Arc<dyn CredentialStore>
        }
        _ => Arc::new(MemoryCredentials::new()),
    })
}
