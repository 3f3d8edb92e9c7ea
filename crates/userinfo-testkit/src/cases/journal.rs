//! One look-up is one request: retries belong to a layer.

use std::sync::Arc;

use crate::{
    Subject, Wire,
    ask::{self, EVERYTHING},
    faults,
    transports::Recorder,
};

/// A look-up that ends well sends one request, and each further one sends one more; for a person who was told
/// of before it sends none if the subject states that it remembers.
pub async fn one_lookup_is_one_request(subject: &dyn Subject, wire: &Wire) {
    let recorder = Recorder::new(wire.transport());
    let provider = subject.provider(&wire.through(|_| Arc::clone(&recorder) as _));
    for (at, person) in wire.sandbox().people().iter().enumerate() {
        let outcome = provider.user(&subject.lookup(person)).await;
        outcome.unwrap_or_else(|error| panic!("{} is not found: {error:?}", person.key));
        assert_eq!((recorder.sent(), wire.sandbox().journal().len()), (at + 1, at + 1));
    }
    let asked = recorder.sent() + usize::from(!subject.remembers());
    let again = provider.user(&subject.lookup(ask::person(wire, EVERYTHING))).await;
    again.unwrap_or_else(|error| panic!("{EVERYTHING} is not found again: {error:?}"));
    assert_eq!((recorder.sent(), wire.sandbox().journal().len()), (asked, asked), "for one known already");
}

/// A look-up that fails sends one request, also where another try could help, unless the subject states that
/// it tries again: then it sends as many as stated.
pub async fn a_failed_lookup_is_one_request(subject: &dyn Subject, wire: &Wire) {
    for fault in faults::all(wire) {
        let wire = wire.again();
        let road = if faults::is_silent(&fault) { wire.impatient() } else { wire.through(|inner| inner) };
        let recorder = Recorder::new(road.transport());
        let provider = subject.provider(&road.through(|_| Arc::clone(&recorder) as _));
        ask::spoil(subject, &wire, &fault);
        let outcome = provider.user(&subject.lookup(ask::person(&wire, EVERYTHING))).await;
        let stated = ask::requests(subject, &outcome);
        let requests = (recorder.sent(), wire.sandbox().journal().len());
        assert_eq!(requests, (stated, stated), "requests sent and received under {}", fault.name());
    }
}

/// The vendor's operators see who calls; compression, which hides a bomb, is not asked for.
pub async fn a_request_names_its_client_and_asks_for_no_compression(subject: &dyn Subject, wire: &Wire) {
    ask::user(subject, wire, EVERYTHING).await;
    let asked = wire.sandbox().journal();
    for entry in &asked {
        let client = entry.header("user-agent").unwrap_or_default();
        assert!(client.starts_with("userinfo/"), "the client calls itself {client:?}");
        assert_eq!(entry.header("accept-encoding"), None);
        assert_eq!(entry.header("referer"), None);
        assert!(
            entry.path().starts_with(wire.mount()),
            "the prefix of the base URL is lost: {}",
            entry.path()
        );
    }
    assert_eq!(asked.len(), 1);
}

/// A provider can be built where the network is not up yet.
pub async fn building_a_provider_asks_nothing(subject: &dyn Subject, wire: &Wire) {
    let recorder = Recorder::new(wire.transport());
    let provider = subject.provider(&wire.through(|_| Arc::clone(&recorder) as _));
    assert!(!provider.descriptor().kind.is_empty());
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    assert_eq!((recorder.sent(), wire.sandbox().journal().len()), (0, 0));
}
