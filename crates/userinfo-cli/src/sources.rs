//! Where a configuration's secrets come from: the environment, and files beside it.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use userinfo_core::SecretSources;

/// The most that a secret or a certificate file may hold.
const MOST: u64 = 1 << 20;

/// The environment, and files whose paths are relative to the configuration's folder.
pub(crate) struct Sources<'a> {
    pub(crate) env: &'a dyn Fn(&str) -> Option<String>,
    pub(crate) folder: PathBuf,
}

impl SecretSources for Sources<'_> {
    fn env(&self, name: &str) -> Option<String> {
        (self.env)(name)
    }

    fn file(&self, path: &str) -> io::Result<String> {
        read_text(&self.folder.join(path), MOST)
    }
}

/// Reads a text file of a bounded size: `/dev/zero` has no end.
pub(crate) fn read_text(path: &Path, most: u64) -> io::Result<String> {
    let bytes = read_bounded(File::open(path)?, most)?;
    String::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.utf8_error()))
}

/// Reads to the end, which must come in time.
pub(crate) fn read_bounded(from: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        let message = format!("it is larger than {most} bytes");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    Ok(bytes)
}

/// Says who else may read a file: its group, or everyone.
#[cfg(unix)]
pub(crate) fn other_readers(path: &Path) -> Option<(&'static str, u32)> {
    use std::os::unix::fs::PermissionsExt;

    let mode = path.metadata().ok()?.permissions().mode() & 0o777;
    match mode {
        _ if mode & 0o004 != 0 => Some(("everyone", mode)),
        _ if mode & 0o040 != 0 => Some(("its group", mode)),
        _ => None,
    }
}

/// Nothing is known of it elsewhere.
#[cfg(not(unix))]
pub(crate) fn other_readers(_: &Path) -> Option<(&'static str, u32)> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_end_is_refused() {
        assert_eq!(read_bounded(&b"12345"[..], 5).expect("it fits"), b"12345");
        let error = read_bounded(io::repeat(b'x'), 5).expect_err("it has no end");
        assert_eq!(error.to_string(), "it is larger than 5 bytes");
    }

    #[cfg(unix)]
    #[test]
    fn readers_are_told_from_the_mode() {
        use std::os::unix::fs::PermissionsExt;

        let file = tempfile::NamedTempFile::new().expect("a file");
        let readers = |mode| {
            std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(mode)).expect("chmod");
            other_readers(file.path())
        };
        assert_eq!(readers(0o600), None);
        assert_eq!(readers(0o640), Some(("its group", 0o640)));
        assert_eq!(readers(0o644), Some(("everyone", 0o644)));
    }
}
