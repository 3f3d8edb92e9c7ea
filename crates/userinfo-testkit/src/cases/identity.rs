//! An id is text from end to end.

use userinfo_core::{ErrorKind, Retry, User};
use userinfo_sandbox::Fault;

use crate::{
    Subject, Wire,
    ask::{self, EVERYTHING},
};

/// The user that comes back is the one that was asked for.
pub async fn the_user_that_comes_back_is_the_one_asked_for(subject: &dyn Subject, wire: &Wire) {
    let kind = subject.provider(wire).descriptor().kind;
    for (person, user) in ask::everyone(subject, wire).await {
        assert_eq!(user.id, subject.id(person), "{}", person.key);
        assert_eq!(user.provider, kind, "{}", person.key);
    }
}

/// The answer is `IdMismatch` where the vendor tells of somebody else.
pub async fn another_user_is_an_id_mismatch(subject: &dyn Subject, wire: &Wire) {
    let provider = subject.provider(wire);
    let Some(lookup) = ask::with_id(subject, &*provider, ask::person(wire, EVERYTHING)) else { return };
    wire.sandbox().fail_next(Fault::ForeignUser);
    let error = ask::no_user(provider.user(&lookup).await, "another user came back");
    assert_eq!((error.kind(), error.retry()), (ErrorKind::IdMismatch, Retry::Never), "{error:?}");
}

/// A success that does not say who the user is breaks the vendor's contract.
pub async fn a_record_without_an_id_is_protocol(subject: &dyn Subject, wire: &Wire) {
    ask::fails(subject, wire, Fault::NoId, ErrorKind::Protocol).await;
}

/// Every digit of an id comes back, also of one that a float would round.
pub async fn an_id_never_passes_through_a_float(subject: &dyn Subject, wire: &Wire) {
    let user = ask::user(subject, wire, EVERYTHING).await;
    for digits in ["9007199254740993", "619583637909737479", "9223372036854775783"] {
        for id in [digits.to_owned(), format!("\"{digits}\"")] {
            // A vendor with smaller ids, or ids of another type, may refuse; it may not round.
            if let Ok(other) = subject.replay(&with_id(&user, &id)) {
                assert_eq!(other.id, digits);
            }
        }
    }
    let digits = ask::user(subject, wire, "chinese").await.into_profile().id;
    assert_eq!(digits, subject.id(ask::person(wire, "chinese")));
}

/// An id that is empty or of another type is `Protocol`, never an id.
pub async fn what_is_no_id_is_never_an_id(subject: &dyn Subject, wire: &Wire) {
    let user = ask::user(subject, wire, EVERYTHING).await;
    for id in ["null", "\"\"", "true", "{}", "[]", "1.5", "1e3", "[\"1\"]"] {
        let error = ask::no_user(subject.replay(&with_id(&user, id)), &format!("the id is {id}"));
        assert_eq!(error.kind(), ErrorKind::Protocol, "the id is {id}: {error:?}");
    }
}

/// The answer of this user with another JSON in the place of the id.
fn with_id(user: &User, id: &str) -> Vec<u8> {
    const MARK: &str = "the place of the id";
    let place = user.explain().into_iter().find(|it| it.field == "id").map(|it| it.from);
    let place = place.and_then(|it| it.into_iter().next()).expect("the id says where it came from");
    let mut answer = user.raw.json().expect("the answer is JSON");
    *answer.pointer_mut(&place).expect("a pointer of explain() resolves") = MARK.into();
    answer.to_string().replace(&format!("\"{MARK}\""), id).into_bytes()
}
