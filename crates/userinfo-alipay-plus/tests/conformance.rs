//! Alipay+ passes every case of the conformance suite.

mod subject;

use userinfo_testkit::{Layered, Neutral, conformance};

use crate::subject::AlipayPlusSubject;

conformance!(alipay_plus, AlipayPlusSubject);
conformance!(behind_a_neutral_layer, Layered::new(AlipayPlusSubject, Neutral));
