//! A user that does not exist is an error, never an empty `User`.

use userinfo_core::{ErrorKind, Retry};
use userinfo_sandbox::Fault;

use crate::{Subject, Wire, ask};

/// Nobody is `NotFound`, or what the subject states for a vendor without such a word.
pub async fn a_user_that_does_not_exist_is_an_error(subject: &dyn Subject, wire: &Wire) {
    let stated = subject.deviations().iter().find(|it| it.fault == "not-found");
    let kind = stated.map_or(Some(ErrorKind::NotFound), |it| it.outcome);
    let kind = kind.expect("a deviation cannot make a user out of nobody");
    ask::fails(subject, wire, Fault::NotFound, kind).await;
    match subject.nobody() {
        Ok(lookup) => {
            let error = ask::no_user(subject.provider(wire).user(&lookup).await, "nobody");
            assert_eq!((error.kind(), error.retry()), (kind, Retry::Never), "nobody: {error:?}");
        }
        Err(why) => assert!(why.len() >= 20, "say why nobody cannot be asked for, not {why:?}"),
    }
}

/// A success whose record is null.
pub async fn null_in_place_of_a_user_is_an_error(subject: &dyn Subject, wire: &Wire) {
    ask::fails_in_its_way(subject, wire, Fault::NullData, ErrorKind::Protocol).await;
}

/// A success whose record is `{}`.
pub async fn an_empty_record_is_never_an_empty_user(subject: &dyn Subject, wire: &Wire) {
    ask::fails_in_its_way(subject, wire, Fault::EmptyData, ErrorKind::Protocol).await;
}

/// A success whose record is in a list, where the vendor's page knows no list.
pub async fn a_list_in_place_of_a_user_is_an_error(subject: &dyn Subject, wire: &Wire) {
    ask::fails_in_its_way(subject, wire, Fault::ListData, ErrorKind::Protocol).await;
}
