//! Quectel passes every case of the conformance suite.

mod subject;

use userinfo_testkit::{Layered, Neutral, conformance};

use crate::subject::QuectelSubject;

conformance!(quectel, QuectelSubject);
conformance!(behind_a_neutral_layer, Layered::new(QuectelSubject, Neutral));
