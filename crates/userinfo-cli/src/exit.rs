//! What the shell is told.

use userinfo_core::ErrorKind;

/// It worked.
pub(crate) const SUCCESS: u8 = 0;
/// The machine failed: the answer could not be written, or no thread was to be had.
pub(crate) const MACHINE: u8 = 1;
/// The command line is wrong.
pub(crate) const USAGE: u8 = 2;

/// The exit code of a kind of error; people script against it.
pub(crate) fn code(kind: ErrorKind) -> u8 {
    match kind {
        ErrorKind::Config | ErrorKind::InvalidInput | ErrorKind::Unsupported => USAGE,
        ErrorKind::Unauthenticated => 3,
        ErrorKind::PermissionDenied | ErrorKind::LockedOut => 4,
        ErrorKind::NotFound => 5,
        ErrorKind::RateLimited | ErrorKind::Unavailable | ErrorKind::Timeout | ErrorKind::Transport => 6,
        ErrorKind::Protocol | ErrorKind::Signature | ErrorKind::IdMismatch => 7,
        // `Rejected`, and any kind that is younger than this program.
        _ => 8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_those_of_the_table() {
        let codes: Vec<_> = ErrorKind::ALL.into_iter().map(code).collect();
        assert_eq!(codes, [2, 2, 2, 3, 4, 4, 5, 6, 6, 6, 6, 7, 7, 7, 8]);
    }
}
