use std::io;

/// Where secrets come from that are not written in the configuration itself.
///
/// The core reads neither environment nor files; an application says how.
pub trait SecretSources {
    /// Returns an environment variable; `None` if it is not set.
    fn env(&self, name: &str) -> Option<String>;

    /// Reads a text file.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    fn file(&self, path: &str) -> io::Result<String>;
}

/// Says whether a name can be shown: who writes the secret itself where its name belongs must not see it here.
pub(crate) fn is_variable(name: &str) -> bool {
    name.len() <= 64 && name.bytes().all(|it| matches!(it, b'A'..=b'Z' | b'0'..=b'9' | b'_'))
}

/// The path, unless it is a key in PEM or base64 that stands where a path belongs.
pub(crate) fn shown_path(path: &str) -> &str {
    let is_path = path.len() <= 256 && !path.contains("-----") && !path.contains(char::is_control);
    if is_path { path } else { "that it names" }
}
