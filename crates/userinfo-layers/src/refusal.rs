use userinfo_core::{Error, ErrorKind, Retry};

/// What the message of every refusal begins with.
const NOT_ASKED: &str = "not asked: ";
/// The operation of an error when nothing was sent, as [`Error::operation`] has it.
const NOTHING_SENT: &str = "user";

/// Makes the error of a layer that asks nobody; a retry finds the same layer.
pub(crate) fn refusal(kind: ErrorKind, provider: &'static str, why: &str) -> Error {
    Error::new(kind, provider, NOTHING_SENT, format!("{NOT_ASKED}{why}")).with_retry(Retry::Never)
}

/// Says whether a layer refused; a vendor that chooses the same words does so in an operation of its own.
pub(crate) fn is_refusal(error: &Error) -> bool {
    error.operation() == NOTHING_SENT && error.message().starts_with(NOT_ASKED)
}
