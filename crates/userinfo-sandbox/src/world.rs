//! What the simulated vendors share: their people, the tokens they gave out, and how they were set up.

use std::{sync::atomic::AtomicBool, time::Duration};

use crate::{directory::Directory, issued::Issued, people::Person};

/// What every vendor of a sandbox knows.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) directory: Directory,
    pub(crate) issued: Issued,
    pub(crate) settings: Settings,
    /// Whether AnqiCMS demands a captcha at its login; it may change at any time.
    pub(crate) captcha: AtomicBool,
}

/// How a sandbox was set up.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Settings {
    /// How long issued access tokens live; as at the vendor by default.
    pub(crate) lifetime: Option<Duration>,
    /// Whether Alipay+ tells expiries as the seconds that are left.
    pub(crate) expiry_in_seconds: bool,
}

impl World {
    pub(crate) fn new(people: Vec<Person>) -> Self {
        Self {
            directory: Directory::new(people),
            issued: Issued::default(),
            settings: Settings::default(),
            captcha: AtomicBool::new(false),
        }
    }
}
