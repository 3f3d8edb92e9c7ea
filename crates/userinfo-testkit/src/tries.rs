use userinfo_core::Retry;

/// What becomes of one look-up that fails: the requests that it is, and the retry of its error.
///
/// A provider makes one request. A layer that tries again makes more of them, and its last error is final, so
/// that a layer further out cannot multiply the tries:
///
/// ```
/// use std::time::Duration;
///
/// use userinfo_core::Retry;
/// use userinfo_testkit::Tries;
///
/// let stated = |retry| Tries::up_to(3, retry);
/// assert_eq!(stated(Retry::Backoff), Tries { requests: 3, retry: Retry::Never });
/// let later = Retry::After(Duration::from_secs(7));
/// assert_eq!(stated(later), Tries { requests: 1, retry: later });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tries {
    /// How many requests are made; at least one.
    pub requests: usize,
    /// What the error says in the end.
    pub retry: Retry,
}

impl Tries {
    /// States one request, whose error comes out as it is.
    #[must_use]
    pub fn once(retry: Retry) -> Self {
        Self { requests: 1, retry }
    }

    /// States up to `most` requests without a wait between them.
    ///
    /// Where the vendor names a time to wait, the error comes out as it is: cases do not wait.
    #[must_use]
    pub fn up_to(most: usize, retry: Retry) -> Self {
        match retry {
            Retry::Backoff => Self { requests: most, retry: Retry::Never },
            Retry::After(pause) if pause.is_zero() => Self { requests: most, retry: Retry::Never },
            _ => Self::once(retry),
        }
    }
}
