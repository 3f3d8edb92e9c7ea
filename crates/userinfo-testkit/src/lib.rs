#![doc = include_str!("../README.md")]

mod ask;
pub mod cases;
mod clock;
mod faults;
mod in_process;
mod layered;
mod list;
mod pointer;
mod run;
mod shown;
mod subject;
mod transports;
mod wire;

pub use crate::{
    clock::SandboxClock,
    in_process::InProcess,
    layered::{Layered, Neutral},
    list::CASES,
    run::{Case, CaseFuture, run},
    subject::{Deviation, Subject},
    wire::{Road, Wire},
};
