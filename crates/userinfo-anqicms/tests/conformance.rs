//! AnqiCMS passes every case of the conformance suite.

mod subject;

use userinfo_testkit::{Layered, Neutral, conformance};

use crate::subject::AnqiCmsSubject;

conformance!(anqicms, AnqiCmsSubject);
conformance!(behind_a_neutral_layer, Layered::new(AnqiCmsSubject, Neutral));
