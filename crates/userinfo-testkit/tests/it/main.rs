//! The suite itself under test: an honest provider passes, and every planted flaw is caught.

mod acme;
mod flaws;
mod layered;
mod layers;
mod list;
mod plant;
mod planted;

use userinfo_testkit::{Layered, Neutral, conformance};

use crate::acme::Acme;

conformance!(honest, Acme::default());
conformance!(honest_behind_a_layer, Layered::new(Acme::default(), Neutral));
