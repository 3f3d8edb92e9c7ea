//! Tianyin passes every case of the conformance suite.

mod subject;

use userinfo_testkit::{Layered, Neutral, conformance};

use crate::subject::TianyinSubject;

conformance!(tianyin, TianyinSubject);
conformance!(behind_a_neutral_layer, Layered::new(TianyinSubject, Neutral));
