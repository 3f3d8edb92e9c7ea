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
mod tries;
mod wire;

pub use crate::{
    clock::SandboxClock,
    in_process::InProcess,
    layered::{Layered, Neutral},
    list::CASES,
    run::{Case, CaseFuture, run},
    subject::{Deviation, Subject},
    tries::Tries,
    wire::{Road, Wire},
};
