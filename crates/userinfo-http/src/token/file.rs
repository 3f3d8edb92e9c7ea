mod text;

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use async_trait::async_trait;
use fs4::fs_std::FileExt as _;
use tokio::runtime::Handle;
use userinfo_core::Secret;

use super::{Credential, CredentialName, CredentialStore, Refusal};

/// Keeps each credential in a file of its own, for processes that come and go.
///
/// Only the owner can read the files. One is replaced as a whole or not at all, and processes that need the same
/// credential at once take turns, so that one of them logs in and the others find what it saved. A refusal is kept in a
/// file beside it.
///
/// The folder is made when the first credential is saved.
#[derive(Clone, Debug)]
pub struct FileCredentials {
    folder: PathBuf,
}

/// How often a lock that another process has is tried again.
const PAUSE: Duration = Duration::from_millis(50);

/// How long another process may take to log in; then this one does so too.
const PATIENCE: Duration = Duration::from_secs(30);

/// How the name of a file begins that is not yet whole.
const UNFINISHED: &str = ".userinfo-new-";

/// Nobody who is alive takes that long to write a file.
const LEFT_BEHIND: Duration = Duration::from_secs(60 * 60);

/// Far more than any credential.
const LARGEST: u64 = 64 << 10;

impl FileCredentials {
    /// Keeps files in this folder.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    fn file(&self, name: &CredentialName) -> PathBuf {
        self.folder.join(format!("{}.json", name.as_str()))
    }

    fn refusal_file(&self, name: &CredentialName) -> PathBuf {
        self.folder.join(format!("{}.refusal.json", name.as_str()))
    }

    /// Replaces a file as a whole, or not at all.
    fn replace(&self, path: &Path, text: &Secret) -> io::Result<()> {
        self.make_folder()?;
        let mut file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(&self.folder)?;
        file.write_all(text.expose().as_bytes())?;
        file.as_file().sync_all()?;
        let file = file.persist(path)?;
        // The time of the file itself: that of its neighbours comes from the same clock.
        if let Ok(now) = file.metadata().and_then(|it| it.modified()) {
            self.sweep(now);
        }
        Ok(())
    }

    /// Removes what killed processes left unfinished, as far as that can be.
    fn sweep(&self, now: SystemTime) {
        for file in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let is_unfinished = file.file_name().to_string_lossy().starts_with(UNFINISHED);
            let written = file.metadata().and_then(|it| it.modified()).ok();
            let age = written.and_then(|at| now.duration_since(at).ok()).unwrap_or_default();
            if is_unfinished && age > LEFT_BEHIND {
                // Another process may be sweeping too.
                drop(fs::remove_file(file.path()));
            }
        }
    }

    /// Says of an error which folder it is about.
    fn within<T>(&self, act: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        act().map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", self.folder.display())))
    }

    fn make_folder(&self) -> io::Result<()> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.folder)
    }
}

#[async_trait]
impl CredentialStore for FileCredentials {
    async fn load(&self, name: &CredentialName) -> io::Result<Option<Credential>> {
        self.within(|| {
            let Some(text) = read_private(&self.file(name))? else { return Ok(None) };
            let credential = text::read(&text);
            credential.map(Some).ok_or_else(|| invalid("a file of credentials does not hold one"))
        })
    }

    async fn save(&self, name: &CredentialName, credential: &Credential) -> io::Result<()> {
        self.within(|| self.replace(&self.file(name), &text::write(credential)))
    }

    async fn remove(&self, name: &CredentialName) -> io::Result<()> {
        self.within(|| remove(&self.file(name)))
    }

    async fn load_refusal(&self, name: &CredentialName) -> io::Result<Option<Refusal>> {
        self.within(|| {
            let Some(text) = read_private(&self.refusal_file(name))? else { return Ok(None) };
            let refusal = text::read_refusal(&text);
            refusal.map(Some).ok_or_else(|| invalid("a file of refusals does not hold one"))
        })
    }

    async fn save_refusal(&self, name: &CredentialName, refusal: &Refusal) -> io::Result<()> {
        self.within(|| self.replace(&self.refusal_file(name), &text::write_refusal(refusal)))
    }

    async fn remove_refusal(&self, name: &CredentialName) -> io::Result<()> {
        self.within(|| remove(&self.refusal_file(name)))
    }

    async fn lock(&self, name: &CredentialName) -> io::Result<Box<dyn Send>> {
        let file = self.within(|| {
            self.make_folder()?;
            lock_file(&self.folder.join(format!("{}.lock", name.as_str())))
        })?;
        let mut waited = Duration::ZERO;
        while !self.within(|| file.try_lock_exclusive())? {
            // Without a runtime there is no timer to wait with.
            if waited >= PATIENCE || Handle::try_current().is_err() {
                let late =
                    io::Error::new(io::ErrorKind::TimedOut, "another process holds on to the credential");
                return self.within(|| Err(late));
            }
            tokio::time::sleep(PAUSE).await;
            waited += PAUSE;
        }
        // The lock goes with the file, and with the process at the latest.
        Ok(Box::new(file))
    }
}

fn lock_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Removes a file, if there is one.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Returns the text of a file that only its owner can read, if there is one.
fn read_private(path: &Path) -> io::Result<Option<Secret>> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    is_private(&file)?;
    io::read_to_string(io::Read::take(file, LARGEST)).map(|text| Some(text.into()))
}

/// Passes a file that only its owner can read: what others could read, others may have written too.
#[cfg(unix)]
fn is_private(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;

    let mode = file.metadata()?.permissions().mode();
    if mode.trailing_zeros() >= 6 {
        Ok(())
    } else {
        Err(invalid("a file of credentials is open to others; chmod it to 600"))
    }
}

/// Nothing is known of it elsewhere.
#[cfg(not(unix))]
fn is_private(_: &File) -> io::Result<()> {
    Ok(())
}

fn invalid(message: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

#[cfg(test)]
mod tests;
