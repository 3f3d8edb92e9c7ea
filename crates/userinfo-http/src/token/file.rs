use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use async_trait::async_trait;
use fs4::fs_std::FileExt as _;
use serde_json::{Map, Value, json};
use userinfo_core::Secret;

use super::{Credential, CredentialName, CredentialStore};

/// Keeps each credential in a file of its own, for processes that come and go.
///
/// Only the owner can read the files. One is replaced as a whole or not at all, and processes that need the same
/// credential at once take turns, so that one of them logs in and the others find what it saved.
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
        let file = match File::open(self.file(name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        is_private(&file)?;
        let text = io::read_to_string(io::Read::take(file, LARGEST))?;
        let credential = read(&Secret::new(text));
        credential.map(Some).ok_or_else(|| invalid("a file of credentials does not hold one"))
    }

    async fn save(&self, name: &CredentialName, credential: &Credential) -> io::Result<()> {
        self.make_folder()?;
        let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(&self.folder)?;
        file.write_all(write(credential).expose().as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(self.file(name))?;
        Ok(())
    }

    async fn lock(&self, name: &CredentialName) -> io::Result<Box<dyn Send>> {
        self.make_folder()?;
        let file = lock_file(&self.folder.join(format!("{}.lock", name.as_str())))?;
        let mut waited = Duration::ZERO;
        while !file.try_lock_exclusive()? {
            if waited >= PATIENCE {
                return Err(io::Error::new(
                    io::ErrorKind::TimedOut,
                    "another process holds on to the credential",
                ));
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

fn write(credential: &Credential) -> Secret {
    let Credential { token, issued_at, expires_at, accepted, refresh_token, refresh_expires_at } = credential;
    let millis = |at: &SystemTime| {
        let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    };
    let mut value = json!({
        "token": token.expose(),
        "issued_at_ms": millis(issued_at),
        "expires_at_ms": expires_at.as_ref().map(millis),
        "accepted": accepted,
    });
    if let Some(token) = refresh_token {
        value["refresh_token"] = json!(token.expose());
        value["refresh_expires_at_ms"] = json!(refresh_expires_at.as_ref().map(millis));
    }
    value.to_string().into()
}

fn read(text: &Secret) -> Option<Credential> {
    let value: Map<String, Value> = serde_json::from_str(text.expose()).ok()?;
    let time = |name| match value.get(name)? {
        Value::Null => Some(None),
        millis => {
            let since = Duration::from_millis(millis.as_u64()?);
            Some(Some(SystemTime::UNIX_EPOCH.checked_add(since)?))
        }
    };
    let secret = |name| value.get(name)?.as_str().filter(|it| !it.is_empty()).map(Secret::new);
    let mut credential = Credential::new(secret("token")?, time("issued_at_ms")??);
    credential.expires_at = time("expires_at_ms")?;
    credential.accepted = value.get("accepted")?.as_bool()?;
    if value.contains_key("refresh_token") {
        credential.refresh_token = Some(secret("refresh_token")?);
        credential.refresh_expires_at = time("refresh_expires_at_ms")?;
    }
    Some(credential)
}

#[cfg(test)]
mod tests;
