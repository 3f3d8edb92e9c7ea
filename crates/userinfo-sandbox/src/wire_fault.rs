//! Faults below HTTP.

use std::time::Duration;

/// A fault below HTTP. It rides in the extensions of the answer, for whoever owns the connection to play.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WireFault {
    /// No connection.
    Refused,
    /// The connection is reset in the middle of the answer's head.
    Reset,
    /// Never answers.
    Stall,
    /// Half of the body, then silence.
    StallBody,
    /// `Content-Length` promises more than comes, then the connection closes.
    Truncated,
    /// The answer in eight pieces, with a pause before each.
    Slow {
        /// The pause before each piece.
        pause: Duration,
    },
    /// The right answer; the connection then closes while the next request on it waits for its answer.
    DropIdle,
}
