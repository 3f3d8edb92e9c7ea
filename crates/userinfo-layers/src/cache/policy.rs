use std::time::Duration;

/// How long an answer is good, and for what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Policy {
    pub(super) ttl: Duration,
    /// Zero: that there is no such user is not remembered.
    pub(super) negative_ttl: Duration,
    pub(super) stale_while_revalidate: Duration,
    pub(super) stale_if_error: Duration,
    pub(super) hard_ttl: Option<Duration>,
}

/// What an entry says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Who the user is.
    User,
    /// That there is no such user.
    Negative,
}

/// What an entry of some age is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// It is the answer.
    Fresh,
    /// It is the answer, while another is fetched.
    Stale,
    /// It is the answer only if the upstream has none.
    LastResort,
    /// It is no answer.
    Gone,
}

/// More than a process lives, and less than a clock overflows by.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// The share of the time to live that luck may take: what was fetched together does not expire together.
const JITTER: f64 = 0.1;

impl Policy {
    /// Judges an entry whose own time to live is `soft`.
    pub(super) fn judge(&self, kind: Kind, soft: Duration, age: Duration) -> Use {
        let within = |window| age < soft.saturating_add(window);
        if self.hard_ttl.is_some_and(|hard| age >= hard) {
            Use::Gone
        } else if within(Duration::ZERO) {
            Use::Fresh
        } else if kind == Kind::Negative {
            Use::Gone
        } else if within(self.stale_while_revalidate) {
            Use::Stale
        } else if within(self.stale_if_error) {
            Use::LastResort
        } else {
            Use::Gone
        }
    }

    /// Returns how long an entry is good for anything, whose own time to live is `soft`.
    pub(super) fn life(&self, kind: Kind, soft: Duration) -> Duration {
        let window = match kind {
            Kind::User => self.stale_while_revalidate.max(self.stale_if_error),
            Kind::Negative => Duration::ZERO,
        };
        soft.saturating_add(window).min(self.hard_ttl.unwrap_or(LONGEST)).min(LONGEST)
    }

    /// Returns the time to live of a new entry; `unit` is luck, from 0 to 1.
    pub(super) fn soft(&self, kind: Kind, unit: f64) -> Duration {
        let most = match kind {
            Kind::User => self.ttl,
            Kind::Negative => self.negative_ttl,
        };
        // A duration that a float cannot hold is as good as endless: it is left as it is.
        Duration::try_from_secs_f64(most.as_secs_f64() * (1.0 - JITTER * unit))
            .map_or(most, |it| it.min(most))
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            ttl: Duration::from_secs(60),
            negative_ttl: Duration::ZERO,
            stale_while_revalidate: Duration::ZERO,
            stale_if_error: Duration::ZERO,
            hard_ttl: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const fn seconds(it: u64) -> Duration {
        Duration::from_secs(it)
    }

    fn policy(ttl: u64, swr: u64, sie: u64, hard: Option<u64>) -> Policy {
        Policy {
            ttl: seconds(ttl),
            negative_ttl: seconds(ttl),
            stale_while_revalidate: seconds(swr),
            stale_if_error: seconds(sie),
            hard_ttl: hard.map(seconds),
        }
    }

    #[test]
    fn each_age_has_one_use() {
        use Use::{Fresh, Gone, LastResort, Stale};

        let table: &[(Policy, &[(u64, Use)])] = &[
            (policy(60, 0, 0, None), &[(0, Fresh), (59, Fresh), (60, Gone)]),
            (policy(60, 30, 0, None), &[(59, Fresh), (60, Stale), (89, Stale), (90, Gone)]),
            (policy(60, 0, 30, None), &[(59, Fresh), (60, LastResort), (89, LastResort), (90, Gone)]),
            (policy(60, 30, 90, None), &[(89, Stale), (90, LastResort), (149, LastResort), (150, Gone)]),
            (policy(60, 90, 30, None), &[(60, Stale), (90, Stale), (149, Stale), (150, Gone)]),
            (policy(60, 30, 90, Some(100)), &[(89, Stale), (90, LastResort), (99, LastResort), (100, Gone)]),
            (policy(60, 30, 90, Some(70)), &[(60, Stale), (69, Stale), (70, Gone), (95, Gone)]),
            (policy(60, 30, 90, Some(20)), &[(19, Fresh), (20, Gone), (70, Gone)]),
            (policy(60, 30, 90, Some(900)), &[(149, LastResort), (150, Gone)]),
            (policy(0, 30, 0, None), &[(0, Stale), (29, Stale), (30, Gone)]),
            (policy(0, 0, 0, None), &[(0, Gone)]),
        ];
        for (policy, ages) in table {
            for (age, expected) in *ages {
                let judged = policy.judge(Kind::User, policy.ttl, seconds(*age));
                assert_eq!(judged, *expected, "{policy:?} at {age}");
            }
        }
    }

    #[test]
    fn that_there_is_no_such_user_is_never_stale() {
        let policy = policy(60, 600, 600, None);
        assert_eq!(policy.judge(Kind::Negative, seconds(5), seconds(4)), Use::Fresh);
        assert_eq!(policy.judge(Kind::Negative, seconds(5), seconds(5)), Use::Gone);
        let policy = Policy { hard_ttl: Some(seconds(3)), ..policy };
        assert_eq!(policy.judge(Kind::Negative, seconds(5), seconds(3)), Use::Gone);
    }

    #[test]
    fn luck_takes_a_tenth_of_the_time_to_live_at_most() {
        let policy = Policy { negative_ttl: seconds(10), ..Policy::default() };
        assert_eq!(policy.soft(Kind::User, 0.0), seconds(60));
        assert_eq!(policy.soft(Kind::User, 0.5), seconds(57));
        assert_eq!(policy.soft(Kind::User, 1.0), seconds(54));
        assert_eq!(policy.soft(Kind::Negative, 0.5), Duration::from_millis(9500));
    }

    #[test]
    fn no_luck_and_no_duration_is_too_odd() {
        let endless = Policy { ttl: Duration::MAX, stale_if_error: Duration::MAX, ..Policy::default() };
        assert_eq!(endless.soft(Kind::User, 0.0), Duration::MAX);
        assert_eq!(endless.judge(Kind::User, Duration::MAX, seconds(1)), Use::Fresh);
        for unit in [f64::NAN, f64::INFINITY, -1.0, 11.0] {
            assert!(Policy::default().soft(Kind::User, unit) <= seconds(60), "{unit}");
        }
    }

    proptest! {
        #[test]
        fn an_older_entry_is_never_good_for_more(
            windows in (0..9_u64, 0..9_u64, 0..9_u64, proptest::option::of(0..30_u64)),
            negative: bool,
            (age, more) in (0..40_u64, 0..40_u64),
        ) {
            let uses = [Use::Fresh, Use::Stale, Use::LastResort, Use::Gone];
            let rank = |it| uses.iter().position(|other| *other == it);
            let policy = policy(windows.0, windows.1, windows.2, windows.3);
            let kind = if negative { Kind::Negative } else { Kind::User };
            let judge = |age| policy.judge(kind, policy.ttl, seconds(age));
            prop_assert!(rank(judge(age)) <= rank(judge(age + more)));
            if windows.3.is_some_and(|hard| age >= hard) {
                prop_assert_eq!(judge(age), Use::Gone);
            }
        }
    }

    #[test]
    fn an_entry_lives_as_long_as_it_is_good_for_anything_and_no_longer() {
        for (swr, sie, hard) in
            [(0, 0, None), (5, 50, None), (50, 5, None), (5, 50, Some(20)), (0, 0, Some(99))]
        {
            let policy = policy(10, swr, sie, hard);
            for kind in [Kind::User, Kind::Negative] {
                let life = policy.life(kind, seconds(10));
                let before = life.saturating_sub(Duration::from_millis(1));
                assert_ne!(policy.judge(kind, seconds(10), before), Use::Gone, "{policy:?}");
                assert_eq!(policy.judge(kind, seconds(10), life), Use::Gone, "{policy:?}");
            }
        }
        let endless = policy(u64::MAX, u64::MAX, 0, None);
        assert_eq!(endless.life(Kind::User, Duration::MAX), LONGEST);
    }
}
