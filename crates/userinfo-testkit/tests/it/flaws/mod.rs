//! The planted flaws, one table for each part of the contract.

mod around;
mod failures;
mod lookups;
mod users;

use crate::plant::Flaw;

pub(crate) fn all() -> Vec<Flaw> {
    [users::flaws(), lookups::flaws(), failures::flaws(), around::flaws()].into_iter().flatten().collect()
}
