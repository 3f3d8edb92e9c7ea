//! HTTP 200 with a body that is no answer.

use userinfo_core::ErrorKind;
use userinfo_sandbox::Fault;

use crate::{Subject, Wire, ask};

/// An HTML page, as of a login wall or a closed site.
pub async fn a_page_is_protocol(subject: &dyn Subject, wire: &Wire) {
    fails(subject, wire, Fault::Html).await;
}

/// Nothing at all.
pub async fn an_empty_body_is_protocol(subject: &dyn Subject, wire: &Wire) {
    fails(subject, wire, Fault::Empty).await;
}

/// One byte is enough.
pub async fn bytes_that_are_not_utf_8_are_protocol(subject: &dyn Subject, wire: &Wire) {
    fails(subject, wire, Fault::InvalidUtf8).await;
}

/// Lists within lists, as deep as the body is long.
pub async fn a_nesting_bomb_is_protocol(subject: &dyn Subject, wire: &Wire) {
    fails(subject, wire, Fault::NestingBomb { depth: None }).await;
    fails(subject, wire, Fault::NestingBomb { depth: Some(1000) }).await;
}

/// Nobody asked for gzip.
pub async fn a_compressed_body_is_protocol(subject: &dyn Subject, wire: &Wire) {
    fails(subject, wire, Fault::Gzip).await;
}

/// A small body that would grow large is not unpacked.
pub async fn a_compressed_bomb_is_protocol(subject: &dyn Subject, wire: &Wire) {
    fails(subject, wire, Fault::GzipBomb { bytes: None }).await;
}

/// More than the cap.
pub async fn an_oversized_body_is_protocol(subject: &dyn Subject, wire: &Wire) {
    fails(subject, wire, Fault::Oversized { bytes: None }).await;
    fails(subject, wire, Fault::Oversized { bytes: Some(1 << 20) }).await;
}

async fn fails(subject: &dyn Subject, wire: &Wire, fault: Fault) {
    ask::fails(subject, wire, fault, ErrorKind::Protocol).await;
}
