#![doc = include_str!("../README.md")]

mod ask;
pub mod cases;
mod clock;
mod faults;
mod in_process;
mod layered;
mod list;
mod pointer;
pub mod renewal;
mod renewing;
mod run;
mod shown;
mod subject;
mod transports;
mod tries;
mod wire;

pub use crate::{
    clock::SandboxClock,
    in_process::InProcess,
    layered::{Layered, Neutral},
    list::CASES,
    renewing::Renewing,
    run::{Case, CaseFuture, run},
    subject::{Deviation, Subject},
    tries::Tries,
    wire::{Road, Wire},
};
