use std::fmt;

use crate::one_line;

/// One thing that is wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFault {
    /// The key, such as `providers.site.token`; empty for the file as a whole.
    pub path: String,
    /// What is wrong with it, in one line, without its value.
    pub message: String,
}

/// Something worth telling about a setting that works, such as the size of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The key, such as `providers.wallet.private_key`.
    pub path: String,
    /// What is to be told, in one line.
    pub message: String,
}

/// A configuration that cannot work, with every fault in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The faults, in the order of the file's tables.
    pub faults: Vec<ConfigFault>,
}

impl fmt::Display for ConfigFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_str() {
            "" => f.write_str(&self.message),
            path => write!(f, "{}: {}", one_line(path), self.message),
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, fault) in self.faults.iter().enumerate() {
            write!(f, "{}{fault}", if at == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}
