//! The answer is kept as received, and odd answers are read as they are meant.

use std::sync::Arc;

use userinfo_sandbox::Fault;

use crate::{
    Subject, Wire,
    ask::{self, EVERYTHING},
    transports::Recorder,
};

/// `raw` holds the bytes that came, of a plain answer and of odd ones.
pub async fn the_raw_bytes_are_as_received(subject: &dyn Subject, wire: &Wire) {
    for fault in [None, Some(Fault::Bom), Some(Fault::UnknownMembers), Some(Fault::DuplicateKeys)] {
        let wire = wire.again();
        let recorder = Recorder::new(wire.transport());
        let road = wire.through(|_| Arc::clone(&recorder) as _);
        if let Some(fault) = &fault {
            wire.sandbox().fail_next(fault.clone());
        }
        let user = ask::user(subject, &road, EVERYTHING).await;
        let received = recorder.last().expect("an answer came");
        assert_eq!(user.raw.as_bytes(), received, "{:?}", fault.as_ref().map(Fault::name));
    }
}

/// A byte order mark stands before the right answer.
pub async fn a_byte_order_mark_is_passed_over(subject: &dyn Subject, wire: &Wire) {
    ask::succeeds(subject, wire, Fault::Bom).await;
}

/// The record has the id twice, the right one last.
pub async fn of_a_repeated_name_the_last_one_wins(subject: &dyn Subject, wire: &Wire) {
    ask::succeeds(subject, wire, Fault::DuplicateKeys).await;
}

/// The right answer comes as `text/plain`.
pub async fn a_wrong_content_type_is_no_failure(subject: &dyn Subject, wire: &Wire) {
    ask::succeeds(subject, wire, Fault::WrongContentType).await;
}

/// The right answer, in UTF-8, comes as `charset=gbk`.
pub async fn a_wrong_charset_is_no_failure(subject: &dyn Subject, wire: &Wire) {
    ask::succeeds(subject, wire, Fault::WrongCharset).await;
}

/// The right answer comes in pieces.
pub async fn a_slow_answer_is_whole(subject: &dyn Subject, wire: &Wire) {
    ask::succeeds(subject, wire, Fault::Slow { pause_ms: Some(1) }).await;
}

/// What was saved of an answer gives the same user without the network.
pub async fn a_saved_answer_maps_to_the_same_user(subject: &dyn Subject, wire: &Wire) {
    for (person, user) in ask::everyone(subject, wire).await {
        let again = subject.replay(user.raw.as_bytes());
        let again = again.unwrap_or_else(|error| panic!("{} is not read again: {error:?}", person.key));
        assert_eq!(ask::json(&again), ask::json(&user), "{}", person.key);
        assert_eq!(again.raw, user.raw, "{}", person.key);
    }
}
