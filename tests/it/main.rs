//! The whole house, tested from outside.

mod architecture;
mod readme;
mod same_person;
mod workspace;
