//! What every error has, whatever went wrong.

use std::{collections::BTreeMap, error::Error as StdError};

use userinfo_core::Error;
use userinfo_sandbox::{Fault, Person};

use crate::{
    Road, Subject, Wire,
    ask::{self, EVERYTHING},
    faults, shown,
};

/// `Display` fits a line of a log, and says something.
pub async fn an_error_is_one_line(subject: &dyn Subject, wire: &Wire) {
    for (name, error) in each_failure(subject, wire).await {
        let line = error.to_string();
        assert!(!line.chars().any(char::is_control), "{name}: {line:?}");
        assert!(!error.message().is_empty() && line.chars().count() < 800, "{name}: {line:?}");
        assert!(line.contains(error.message()), "{name}: {line:?}");
    }
}

/// Among several instances one wants to know which it was.
pub async fn an_error_names_its_provider(subject: &dyn Subject, wire: &Wire) {
    let kind = subject.provider(wire).descriptor().kind;
    for (name, error) in each_failure(subject, wire).await {
        assert_eq!(error.provider(), kind, "{name}");
        assert!(!error.operation().is_empty(), "{name}: {error:?}");
        assert!(error.to_string().starts_with(kind), "{name}: {error}");
    }
}

/// A reporter that walks the sources prints no sentence twice.
pub async fn an_error_does_not_repeat_its_source(subject: &dyn Subject, wire: &Wire) {
    for (name, error) in each_failure(subject, wire).await {
        if let Some(source) = error.source() {
            let (line, source) = (error.to_string(), source.to_string());
            assert!(!line.contains(&source), "{name}: {line:?} repeats {source:?}");
        }
    }
}

/// Errors go to logs; what the vendor told of a person does not.
pub async fn an_error_shows_no_personal_data(subject: &dyn Subject, wire: &Wire) {
    let person = ask::person(wire, EVERYTHING);
    let mut faults = faults::failures();
    faults.extend([Fault::ForeignUser, Fault::ListData]);
    faults.extend([200, 400, 403, 500].map(|status| page_about(person, status)));
    for fault in faults {
        let outcome = ask::under(subject, wire, &fault).await;
        for text in outcome.as_ref().err().map(shown::of_error).unwrap_or_default() {
            for private in private(person) {
                assert!(!text.contains(private), "{} shows {private:?}: {text}", fault.name());
            }
        }
    }
}

/// The next look-up on the same provider finds the person again.
pub async fn a_failure_leaves_the_provider_usable(subject: &dyn Subject, wire: &Wire) {
    for fault in faults::failures() {
        // Over a socket a silent vendor needs a deadline that is too short for an answer to count on.
        let road = if faults::is_silent(&fault) { Road::InProcess } else { wire.road() };
        let wire = Wire::new(road, wire.mount());
        let provider = subject.provider(&wire);
        let lookup = subject.lookup(ask::person(&wire, EVERYTHING));
        ask::spoil(subject, &wire, &fault);
        let outcome = provider.user(&lookup).await;
        let requests = ask::requests(subject, &outcome);
        ask::no_user(outcome, fault.name());
        assert_eq!(wire.sandbox().journal().len(), requests, "requests under {}", fault.name());
        wire.sandbox().clear_faults();
        let next = provider.user(&lookup).await;
        next.unwrap_or_else(|error| panic!("after {} nobody is found: {error:?}", fault.name()));
    }
}

async fn each_failure(subject: &dyn Subject, wire: &Wire) -> Vec<(&'static str, Error)> {
    let mut all = Vec::new();
    for fault in faults::failures() {
        let outcome = ask::under(subject, wire, &fault).await;
        all.push((fault.name(), ask::no_user(outcome, fault.name())));
    }
    all
}

/// JSON of another shape that tells of a person, as a debugging proxy would.
fn page_about(person: &Person, status: u16) -> Fault {
    let told: BTreeMap<_, _> = private(person).into_iter().enumerate().collect();
    let body = serde_json::to_string(&told).expect("texts are JSON");
    let content_type = Some("application/json".to_owned());
    Fault::HttpStatus { status, body: Some(body), content_type, headers: BTreeMap::new() }
}

fn private(person: &Person) -> Vec<&str> {
    let texts = [&person.email, &person.phone, &person.full_name, &person.username, &person.bio];
    texts.into_iter().flatten().map(String::as_str).collect()
}
