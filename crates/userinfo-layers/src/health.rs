use userinfo_core::{ErrorKind, Result};

/// What one outcome says of the upstream behind a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It answered, and would answer others: a user, or a refusal that is the caller's own matter.
    Up,
    /// It is in trouble: it says so, is silent, or cannot be reached.
    Down,
    /// The outcome says nothing of it: nothing was sent, too much was sent, or the answer makes no sense.
    Unknown,
}

impl Health {
    /// Judges an outcome.
    #[must_use]
    pub fn of<T>(outcome: &Result<T>) -> Self {
        use ErrorKind as Kind;

        let Err(error) = outcome else { return Self::Up };
        match error.kind() {
            Kind::Unavailable | Kind::Timeout | Kind::Transport => Self::Down,
            Kind::NotFound | Kind::LockedOut | Kind::Rejected => Self::Up,
            // Found before anything was sent, these have no status.
            Kind::InvalidInput | Kind::Unauthenticated | Kind::PermissionDenied
                if error.http_status().is_some() =>
            {
                Self::Up
            }
            _ => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use userinfo_core::Error;

    use super::*;

    #[test]
    fn only_trouble_of_the_upstream_counts_against_it() {
        for kind in ErrorKind::ALL {
            let local = Error::new(kind, "acme", "user", "so");
            let told = Health::of::<()>(&Err(local.with_http_status(200)));
            let expected = match kind.as_str() {
                "unavailable" | "timeout" | "transport" => Health::Down,
                "not_found" | "locked_out" | "rejected" | "invalid_input" | "unauthenticated"
                | "permission_denied" => Health::Up,
                _ => Health::Unknown,
            };
            assert_eq!(told, expected, "{kind}");
        }
        assert_eq!(Health::of(&Ok(())), Health::Up);
    }

    #[test]
    fn what_was_refused_before_anything_was_sent_says_nothing_of_the_upstream() {
        for kind in [ErrorKind::InvalidInput, ErrorKind::Unauthenticated, ErrorKind::PermissionDenied] {
            assert_eq!(Health::of::<()>(&Err(Error::new(kind, "acme", "user", "so"))), Health::Unknown);
        }
    }
}
