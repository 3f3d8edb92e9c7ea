use std::time::{Duration, SystemTime};

use userinfo_core::{Error, ErrorKind, Retry};

/// Why a vendor lets an account or an address log in no more, and until when: what processes tell each other.
///
/// A wrong secret is none: who mends it wants to try at once.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// The kind of the error.
    pub kind: ErrorKind,
    /// What the error says, in one line without secrets.
    pub message: String,
    /// The vendor's own code.
    pub vendor_code: Option<String>,
    /// When the vendor said so, by the clock of this machine.
    pub since: SystemTime,
    /// Until when other processes heed it.
    pub until: SystemTime,
}

/// How long others heed a lock-out whose end nobody states: as long as the shortest lock that a vendor documents.
const LOCK: Duration = Duration::from_secs(20 * 60);

/// Whatever a vendor says: as long as the longest lock that one documents.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

const ADVICE: &str = "another process was told so; once the account is free, a person can order another login: \
                      `userinfo login INSTANCE`, or `pardon`";

impl Refusal {
    /// Describes a refusal without a code.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>, since: SystemTime, until: SystemTime) -> Self {
        Self { kind, message: message.into(), vendor_code: None, since, until }
    }

    /// Reads what a login failed with; `None` if that is nobody else's business.
    pub(super) fn of(error: &Error, lock_out: Option<Duration>, now: SystemTime) -> Option<Self> {
        let lasts = match (error.kind(), error.retry()) {
            (_, Retry::After(pause)) => pause,
            (ErrorKind::LockedOut, _) => lock_out.unwrap_or(LOCK),
            _ => return None,
        };
        let mut refusal = Self::new(error.kind(), error.message(), now, now);
        refusal.vendor_code = error.vendor_code().map(str::to_owned);
        refusal.until = now.checked_add(lasts.min(refusal.longest()?))?;
        Some(refusal)
    }

    /// Returns how long it lasts from now on; nothing once it is over, before its time, or if no process tells such a
    /// thing.
    pub(super) fn left(&self, now: SystemTime) -> Option<Duration> {
        let lasts = self.until.duration_since(self.since).ok()?;
        let is_void = self.is_of_the_future(now) || lasts > self.longest()?;
        self.until.duration_since(now).ok().filter(|left| !is_void && !left.is_zero())
    }

    /// Says whether the clock was set back since.
    pub(super) fn is_of_the_future(&self, now: SystemTime) -> bool {
        self.since > now
    }

    /// How long others heed it at most; `None` if it is nobody else's business.
    fn longest(&self) -> Option<Duration> {
        let is_told = self.kind == ErrorKind::LockedOut || self.kind.default_retry() != Retry::Never;
        is_told.then_some(LONGEST)
    }

    /// Says it again.
    pub(super) fn error(&self, provider: &'static str, left: Duration) -> Error {
        let error = Error::new(self.kind, provider, "login", &self.message).with_advice(ADVICE);
        let error = match &self.vendor_code {
            Some(code) => error.with_vendor_code(code),
            None => error,
        };
        if self.kind == ErrorKind::LockedOut { error } else { error.with_retry(Retry::After(left)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: SystemTime = SystemTime::UNIX_EPOCH;
    const MINUTE: Duration = Duration::from_secs(60);

    fn lasting(kind: ErrorKind, retry: Option<Retry>) -> Option<Duration> {
        let error = Error::new(kind, "acme", "login", "so");
        let error = retry.map_or(error.clone(), |it| error.with_retry(it));
        Refusal::of(&error, None, NOW)?.left(NOW)
    }

    #[test]
    fn a_lock_out_lasts_as_long_as_the_vendor_documents() {
        let lasting = |kind, hours: u64| {
            let lock_out = Some(Duration::from_secs(hours * 3600));
            Refusal::of(&Error::new(kind, "acme", "login", "so"), lock_out, NOW)?.left(NOW)
        };
        assert_eq!(lasting(ErrorKind::LockedOut, 2), Some(120 * MINUTE));
        assert_eq!(lasting(ErrorKind::LockedOut, 25), Some(LONGEST));
        assert_eq!(lasting(ErrorKind::Rejected, 2), None);
    }

    #[test]
    fn lock_outs_and_what_has_an_end_are_told_and_a_wrong_secret_is_not() {
        use ErrorKind::{Config, InvalidInput, Signature, Unauthenticated};

        let after = |pause| Some(Retry::After(pause));
        assert_eq!(lasting(ErrorKind::LockedOut, None), Some(20 * MINUTE));
        assert_eq!(lasting(ErrorKind::LockedOut, after(60 * MINUTE)), Some(60 * MINUTE));
        assert_eq!(lasting(ErrorKind::RateLimited, after(MINUTE)), Some(MINUTE));
        assert_eq!(lasting(ErrorKind::RateLimited, after(525_600 * MINUTE)), Some(24 * 60 * MINUTE));
        for kind in ErrorKind::ALL.into_iter().filter(|it| *it != ErrorKind::LockedOut) {
            assert_eq!(lasting(kind, None), None, "{kind}");
        }
        for kind in [Unauthenticated, Signature, Config, InvalidInput] {
            assert_eq!(lasting(kind, after(MINUTE)), None, "{kind}");
        }
    }

    #[test]
    fn it_lasts_to_its_end_and_not_at_all_before_its_time() {
        let refusal = Refusal::new(ErrorKind::LockedOut, "so", NOW, NOW + MINUTE);
        assert_eq!(refusal.left(NOW), Some(MINUTE));
        assert_eq!(refusal.left(NOW + MINUTE - Duration::from_secs(1)), Some(Duration::from_secs(1)));
        assert_eq!(refusal.left(NOW + MINUTE), None);
        assert_eq!(refusal.left(NOW - Duration::from_secs(1)), None);
    }

    #[test]
    fn what_no_process_tells_holds_for_none() {
        use ErrorKind::{LockedOut, RateLimited, Timeout, Transport, Unavailable};

        let left = |kind, lasts| Refusal::new(kind, "so", NOW, NOW + lasts).left(NOW);
        assert_eq!(left(LockedOut, LONGEST), Some(LONGEST));
        assert_eq!(left(LockedOut, LONGEST + Duration::from_millis(1)), None);
        let told: Vec<_> = ErrorKind::ALL.into_iter().filter(|it| left(*it, MINUTE).is_some()).collect();
        assert_eq!(told, [LockedOut, RateLimited, Unavailable, Timeout, Transport]);
        for kind in ErrorKind::ALL {
            let is_written = lasting(kind, Some(Retry::After(MINUTE))).is_some();
            assert_eq!(is_written, told.contains(&kind), "{kind}");
        }
    }

    #[test]
    fn it_says_again_what_the_error_said() {
        let error = Error::new(ErrorKind::LockedOut, "acme", "login", "locked").with_vendor_code("5147");
        let again = Refusal::of(&error, None, NOW).expect("told").error("acme", MINUTE);
        assert_eq!(
            (again.to_string(), again.kind(), again.retry()),
            (error.to_string(), error.kind(), Retry::Never)
        );
        assert!(again.advice().contains("userinfo login INSTANCE"));
        let error =
            Error::new(ErrorKind::RateLimited, "acme", "login", "slow").with_retry(Retry::After(9 * MINUTE));
        let again = Refusal::of(&error, None, NOW).expect("told").error("acme", MINUTE);
        assert_eq!((again.to_string(), again.retry()), (error.to_string(), Retry::After(MINUTE)));
    }
}
