//! The cases: one function for each line of the contract, in files of one idea.
//!
//! A case gets a subject and a wire of its own, knows no vendor, and panics where the subject breaks the
//! contract. The list of them is in [`conformance!`](crate::conformance).
#![expect(clippy::missing_panics_doc, reason = "to panic is how a case fails")]

pub mod bodies;
pub mod connection;
pub mod credentials;
pub mod errors;
pub mod explained;
pub mod facts;
pub mod forms;
pub mod identity;
pub mod journal;
pub mod lookups;
pub mod nobody;
pub mod raw;
pub mod refusals;
pub mod secrets;
pub mod statuses;
pub mod tasks;
pub mod values;
