use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use userinfo_core::Timestamp;
use userinfo_http::Clock;
use userinfo_sandbox::Sandbox;

/// The sandbox's time: stands at [`Sandbox::NOW`] until it is moved.
///
/// A clone shows the same time, so that a provider and a sandbox can share one:
///
/// ```
/// use userinfo_http::Clock;
/// use userinfo_sandbox::Sandbox;
/// use userinfo_testkit::SandboxClock;
///
/// let clock = SandboxClock::default();
/// let sandbox = Sandbox::new().with_clock(clock.reader());
/// clock.advance(std::time::Duration::from_secs(600));
/// # drop(sandbox);
/// ```
#[derive(Clone, Debug)]
pub struct SandboxClock {
    millis: Arc<AtomicU64>,
}

impl SandboxClock {
    /// Moves the time forward.
    pub fn advance(&self, by: Duration) {
        self.set(self.now() + by);
    }

    /// Sets the time, to the millisecond; one before 1970 becomes 1970.
    pub fn set(&self, now: SystemTime) {
        let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        self.millis.store(u64::try_from(since.as_millis()).unwrap_or(u64::MAX), Ordering::SeqCst);
    }

    /// Returns what [`Sandbox::with_clock`] takes.
    pub fn reader(&self) -> impl Fn() -> SystemTime + Send + Sync + 'static {
        let clock = self.clone();
        move || clock.now()
    }
}

impl Clock for SandboxClock {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(self.millis.load(Ordering::SeqCst))
    }
}

impl Default for SandboxClock {
    fn default() -> Self {
        let now: Timestamp = Sandbox::NOW.parse().expect("the sandbox writes RFC 3339");
        let millis = u64::try_from(now.unix_millis()).expect("the sandbox lives after 1970");
        Self { millis: Arc::new(AtomicU64::new(millis)) }
    }
}
