#![doc = include_str!("../README.md")]

mod alipay_body;
mod alipay_plus;
mod alipay_record;
mod alipay_token;
mod anqicms;
mod anqicms_captcha;
mod anqicms_login;
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
mod issued;
mod issuing;
mod journal;
mod json;
mod keys;
mod members;
mod mint;
mod moment;
mod operation;
mod people;
mod people_file;
mod plan;
mod quectel;
mod quectel_login;
mod query;
mod receive;
mod record;
mod refusal;
mod response;
mod route;
mod sandbox;
mod script;
mod seal;
mod secrets;
mod seed;
mod send;
mod server;
mod sign;
mod tianyin;
mod tianyin_cas;
mod token_call;
mod twist;
mod vendor;
mod wire_fault;
mod world;

pub use crate::{
    fault::{Fault, RetryAfter, VendorCode},
    fault_parse::FaultError,
    journal::Entry,
    moment::Moment,
    operation::{Operation, UnknownOperation},
    people::{Address, Gender, Group, Ids, Linked, Login, Organization, Person, Role, Status, Unset},
    people_file::{PeopleError, people_from_json},
    sandbox::Sandbox,
    script::{Rule, Script, ScriptError},
    server::{Running, Server},
    vendor::{UnknownVendor, Vendor},
    wire_fault::WireFault,
};
