use std::time::{Duration, SystemTime};

use userinfo_core::{Error, ErrorKind, Retry, Timestamp};

use super::Issuer;

/// Why a vendor lets an account, an address or a key log in no more, and until when: what processes tell each other.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// The kind of the error.
    pub kind: ErrorKind,
    /// What the error says, in one line without secrets.
    pub message: String,
    /// The vendor's own code.
    pub vendor_code: Option<String>,
    /// Which key was refused, where it is about a key; it holds for those who have the same one.
    pub fingerprint: Option<String>,
    /// When the vendor said so, by the clock of this machine.
    pub since: SystemTime,
    /// Until when other processes heed it.
    pub until: SystemTime,
}

/// How long others heed a lock-out whose end nobody states: as long as the shortest lock that a vendor documents.
const LOCK: Duration = Duration::from_secs(20 * 60);

/// Whatever a vendor says: as long as the longest lock that one documents.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// How long others who have the same key heed that it was refused. Vendors allow a clock to be off by ten minutes or
/// more: setting one right that they refused for it moves it out of so short a time.
const WRONG_KEY: Duration = Duration::from_secs(5 * 60);

/// By how much the clocks of those who share a store may differ.
const TOLERANCE: Duration = Duration::from_secs(5 * 60);

const ADVICE: &str = "another process was told so: `userinfo check --online` says what to do about it, and \
                      `userinfo login INSTANCE` or `pardon` tries at once";

impl Refusal {
    /// Describes a refusal without a code.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>, since: SystemTime, until: SystemTime) -> Self {
        Self { kind, message: message.into(), vendor_code: None, fingerprint: None, since, until }
    }

    /// Reads what a login failed with; `None` if that is nobody else's business.
    pub(super) fn of(error: &Error, issuer: &dyn Issuer, now: SystemTime) -> Option<Self> {
        let mut refusal = Self::new(error.kind(), error.message(), now, now);
        refusal.vendor_code = error.vendor_code().map(str::to_owned);
        let lasts = match (error.kind(), error.retry()) {
            // Another status is that of a gateway, which judges no key.
            (kind, _) if is_about_a_key(kind) => {
                if !matches!(error.http_status(), None | Some(200 | 400 | 401)) {
                    return None;
                }
                refusal.fingerprint = issuer.fingerprint();
                WRONG_KEY
            }
            (ErrorKind::LockedOut, retry) => {
                let documented = issuer.lock_out(error).unwrap_or(LOCK);
                if let Retry::After(stated) = retry { stated.max(documented) } else { documented }
            }
            (_, Retry::After(pause)) => pause,
            _ => return None,
        };
        refusal.until = now.checked_add(lasts.min(refusal.longest()?))?;
        Some(refusal)
    }

    /// Returns how long it lasts from now on; nothing once it is over, before its time, or if no process tells such a
    /// thing.
    pub(super) fn left(&self, now: SystemTime) -> Option<Duration> {
        let lasts = self.until.duration_since(self.since).ok()?;
        let is_void = self.is_of_the_future(now) || lasts > self.longest()?;
        let left = self.until.duration_since(now).ok().map(|left| left.min(lasts));
        left.filter(|left| !is_void && !left.is_zero())
    }

    /// Says whether the clock was set back since, by more than clocks differ.
    pub(super) fn is_of_the_future(&self, now: SystemTime) -> bool {
        self.since.duration_since(now).is_ok_and(|ahead| ahead > TOLERANCE)
    }

    /// Says whether this, which is kept already, is to be kept in place of another one that came later.
    pub(super) fn outlasts(&self, other: &Self, now: SystemTime) -> bool {
        let left = self.left(now);
        let holds_for_all = self.fingerprint.is_none() && left.is_some();
        holds_for_all && (other.fingerprint.is_some() || left >= other.left(now))
    }

    /// How long others heed it at most; `None` if it is nobody else's business.
    fn longest(&self) -> Option<Duration> {
        let is_told = self.kind == ErrorKind::LockedOut || self.kind.default_retry() != Retry::Never;
        match &self.fingerprint {
            Some(_) => is_about_a_key(self.kind).then_some(WRONG_KEY),
            None => is_told.then_some(LONGEST),
        }
    }

    /// Says it again.
    pub(super) fn error(&self, provider: &'static str, left: Duration) -> Error {
        let until = self.until.duration_since(SystemTime::UNIX_EPOCH).ok();
        let until = until.and_then(|it| Timestamp::from_unix_seconds(i64::try_from(it.as_secs()).ok()?));
        let message = match until {
            Some(until) => format!("{} (no login before {until})", self.message),
            None => self.message.clone(),
        };
        let error = Error::new(self.kind, provider, "login", message).with_advice(ADVICE);
        let error = match &self.vendor_code {
            Some(code) => error.with_vendor_code(code),
            None => error,
        };
        if error.retry() == Retry::Never { error } else { error.with_retry(Retry::After(left)) }
    }
}

/// Says whether another key may help, and time does not.
fn is_about_a_key(kind: ErrorKind) -> bool {
    use ErrorKind::{Config, InvalidInput, Signature, Unauthenticated};

    matches!(kind, Unauthenticated | Signature | Config | InvalidInput)
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use userinfo_core::Result;

    use super::{super::Credential, *};

    const NOW: SystemTime = SystemTime::UNIX_EPOCH;
    const MINUTE: Duration = Duration::from_secs(60);

    /// What a vendor's documents say, and what it is asked with.
    #[derive(Debug, Default)]
    struct Desk {
        lock_out: Option<Duration>,
        fingerprint: Option<&'static str>,
    }

    #[async_trait]
    impl Issuer for Desk {
        async fn issue(&self) -> Result<Credential> {
            Err(Error::new(ErrorKind::Unsupported, "acme", "login", "nobody asks"))
        }

        fn lock_out(&self, _: &Error) -> Option<Duration> {
            self.lock_out
        }

        fn fingerprint(&self) -> Option<String> {
            self.fingerprint.map(str::to_owned)
        }
    }

    fn told(desk: &Desk, kind: ErrorKind, retry: Option<Retry>) -> Option<Refusal> {
        let error = Error::new(kind, "acme", "login", "so");
        let error = retry.map_or(error.clone(), |it| error.with_retry(it));
        Refusal::of(&error, desk, NOW)
    }

    fn lasting(kind: ErrorKind, retry: Option<Retry>) -> Option<Duration> {
        told(&Desk::default(), kind, retry)?.left(NOW)
    }

    #[test]
    fn a_lock_out_lasts_as_long_as_the_vendor_documents() {
        let lasting = |kind, hours: u64| {
            let lock_out = Some(Duration::from_secs(hours * 3600));
            told(&Desk { lock_out, ..Desk::default() }, kind, None)?.left(NOW)
        };
        assert_eq!(lasting(ErrorKind::LockedOut, 2), Some(120 * MINUTE));
        assert_eq!(lasting(ErrorKind::LockedOut, 25), Some(LONGEST));
        assert_eq!(lasting(ErrorKind::Rejected, 2), None);
    }

    #[test]
    fn lock_outs_and_what_has_an_end_are_told_and_a_wrong_password_is_not() {
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
    fn a_wrong_key_is_told_to_who_has_it_and_a_lock_out_to_all() {
        use ErrorKind::{Config, InvalidInput, LockedOut, RateLimited, Signature, Unauthenticated};

        let desk = Desk { fingerprint: Some("f"), ..Desk::default() };
        for kind in [Unauthenticated, Signature, Config, InvalidInput] {
            for retry in [None, Some(Retry::After(60 * MINUTE))] {
                let refusal = told(&desk, kind, retry).expect("told");
                assert_eq!((refusal.left(NOW), refusal.fingerprint.as_deref()), (Some(WRONG_KEY), Some("f")));
                let later = Refusal { until: NOW + WRONG_KEY + Duration::from_secs(1), ..refusal };
                assert_eq!(later.left(NOW), None);
            }
        }
        // No vendor's lock is shorter than a documented one, whatever a header says.
        for (kind, lasts) in [(LockedOut, LOCK), (RateLimited, MINUTE)] {
            let refusal = told(&desk, kind, Some(Retry::After(MINUTE))).expect("told");
            assert_eq!((refusal.left(NOW), refusal.fingerprint.as_deref()), (Some(lasts), None));
            let odd = Refusal { fingerprint: Some("f".to_owned()), ..refusal };
            assert_eq!(odd.left(NOW), None);
        }
    }

    #[test]
    fn a_gateway_judges_no_key() {
        let desk = Desk { fingerprint: Some("f"), ..Desk::default() };
        let of = |status| {
            let error =
                Error::new(ErrorKind::Unauthenticated, "acme", "login", "so").with_http_status(status);
            Refusal::of(&error, &desk, NOW).is_some()
        };
        assert_eq!([200, 400, 401, 403, 404, 407].map(of), [true, true, true, false, false, false]);
    }

    #[test]
    fn what_holds_for_all_and_longer_is_not_replaced() {
        let at = |minutes: u32, fingerprint: Option<&str>| {
            let fingerprint = fingerprint.map(str::to_owned);
            let kind = if fingerprint.is_some() { ErrorKind::Unauthenticated } else { ErrorKind::LockedOut };
            Refusal { fingerprint, ..Refusal::new(kind, "so", NOW, NOW + minutes * MINUTE) }
        };
        assert!(at(20, None).outlasts(&at(10, None), NOW));
        assert!(!at(10, None).outlasts(&at(20, None), NOW));
        assert!(at(1, None).outlasts(&at(5, Some("f")), NOW), "a key's refusal holds for fewer");
        assert!(!at(1, None).outlasts(&at(5, Some("f")), NOW + MINUTE), "it is over");
        assert!(!at(5, Some("f")).outlasts(&at(1, Some("g")), NOW));
    }

    #[test]
    fn it_lasts_to_its_end_and_not_at_all_before_its_time() {
        let refusal = Refusal::new(ErrorKind::LockedOut, "so", NOW, NOW + MINUTE);
        assert_eq!(refusal.left(NOW), Some(MINUTE));
        assert_eq!(refusal.left(NOW + MINUTE - Duration::from_secs(1)), Some(Duration::from_secs(1)));
        assert_eq!(refusal.left(NOW + MINUTE), None);
        assert_eq!(refusal.left(NOW - TOLERANCE), Some(MINUTE));
        assert_eq!(refusal.left(NOW - TOLERANCE - Duration::from_secs(1)), None);
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
        let again = Refusal::of(&error, &Desk::default(), NOW).expect("told").error("acme", MINUTE);
        let text = "acme: login: locked (no login before 1970-01-01T00:20:00Z) (vendor code 5147)";
        assert_eq!(
            (again.to_string().as_str(), again.kind(), again.retry()),
            (text, ErrorKind::LockedOut, Retry::Never)
        );
        assert!(again.advice().contains("userinfo login INSTANCE"));
        let error =
            Error::new(ErrorKind::RateLimited, "acme", "login", "slow").with_retry(Retry::After(9 * MINUTE));
        let again = Refusal::of(&error, &Desk::default(), NOW).expect("told").error("acme", MINUTE);
        assert_eq!(again.message(), "slow (no login before 1970-01-01T00:09:00Z)");
        assert_eq!(again.retry(), Retry::After(MINUTE));
    }
}
