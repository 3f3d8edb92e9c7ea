//! The built program against the simulator, over TCP: no internet, no sleeps, no fixed ports.

mod answers;
mod commands;
mod configuration;
mod credentials;
mod failures;
mod house;
mod layers;
mod login;
mod secrets;
