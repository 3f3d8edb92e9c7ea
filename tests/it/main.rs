//! The whole house, tested from outside.

mod architecture;
mod layers;
mod readme;
mod same_person;
mod workspace;
