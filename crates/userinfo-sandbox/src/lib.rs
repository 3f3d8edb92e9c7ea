#![doc = include_str!("../README.md")]

mod alipay_body;
mod alipay_plus;
mod alipay_record;
mod anqicms;
mod answer;
mod call;
mod chunked;
mod control;
pub mod credentials;
mod dialect;
mod directory;
mod fault;
mod fault_parse;
mod gzip;
mod journal;
mod json;
mod keys;
mod moment;
mod people;
mod people_file;
mod quectel;
mod query;
mod receive;
mod record;
mod refusal;
mod sandbox;
mod script;
mod seal;
mod secrets;
mod seed;
mod send;
mod server;
mod sign;
mod tianyin;
mod twist;
mod vendor;
mod wire_fault;

pub use crate::{
    fault::{Fault, RetryAfter, VendorCode},
    fault_parse::FaultError,
    journal::Entry,
    moment::Moment,
    people::{Address, Gender, Group, Ids, Linked, Login, Organization, Person, Role, Status, Unset},
    people_file::{PeopleError, people_from_json},
    sandbox::Sandbox,
    script::{Rule, Script, ScriptError},
    server::{Running, Server},
    vendor::{UnknownVendor, Vendor},
    wire_fault::WireFault,
};
