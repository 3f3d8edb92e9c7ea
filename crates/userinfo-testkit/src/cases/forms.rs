//! The forms that a user takes.

use serde_json::Value;
use userinfo_core::{Layer, User};

use crate::{
    Neutral, Subject, Wire,
    ask::{self, EVERYTHING},
    faults,
};

/// What was written as canonical JSON is read as the same user.
pub async fn canonical_json_reads_back_as_the_same_user(subject: &dyn Subject, wire: &Wire) {
    for (person, user) in ask::everyone(subject, wire).await {
        let written = ask::json(&user);
        let read: User = serde_json::from_str(&written).expect("canonical JSON is read");
        assert_eq!(ask::json(&read), written, "{}", person.key);
        let mut bare = user;
        bare.raw = userinfo_core::Raw::default();
        assert_eq!(read, bare, "{}", person.key);
    }
}

/// OpenID Connect claims and the SCIM resource name the same user.
pub async fn the_other_forms_keep_the_id(subject: &dyn Subject, wire: &Wire) {
    for (person, user) in ask::everyone(subject, wire).await {
        let id = Value::String(subject.id(person));
        assert_eq!(user.to_oidc_claims().get("sub"), Some(&id), "{}", person.key);
        let scim = user.to_scim();
        assert_eq!((scim.get("id"), scim.get("externalId")), (Some(&id), Some(&id)), "{}", person.key);
    }
}

/// `Debug` and the masked copy show nothing that identifies the person.
pub async fn debug_masks_personal_data(subject: &dyn Subject, wire: &Wire) {
    let user = ask::user(subject, wire, EVERYTHING).await;
    let person = ask::person(wire, EVERYTHING);
    let texts = [
        &person.username,
        &person.nickname,
        &person.full_name,
        &person.email,
        &person.phone,
        &person.avatar,
        &person.bio,
        &person.birth_date,
        &person.profile_url,
    ];
    let masked = ask::json(&user.to_masked());
    for shown in [format!("{user:?}"), format!("{user:#?}"), masked] {
        for text in texts.into_iter().flatten() {
            assert!(!shown.contains(text.as_str()), "{text:?} is in {shown}");
        }
    }
}

/// A layer that does nothing changes neither a user nor an error.
pub async fn a_neutral_layer_changes_nothing(subject: &dyn Subject, wire: &Wire) {
    for (person, user) in ask::everyone(subject, wire).await {
        let wrapped = Neutral.wrap(subject.provider(wire));
        let again = wrapped.user(&subject.lookup(person)).await;
        assert_eq!(again.unwrap_or_else(|error| panic!("{}: {error:?}", person.key)), user);
    }
    for fault in faults::failures().into_iter().filter(|it| !faults::is_silent(it)) {
        let plain = ask::under(subject, wire, &fault).await;
        let plain = ask::no_user(plain, fault.name());
        let wire = wire.again();
        ask::spoil(subject, &wire, &fault);
        let wrapped = Neutral.wrap(subject.provider(&wire));
        let error =
            ask::no_user(wrapped.user(&subject.lookup(ask::person(&wire, EVERYTHING))).await, fault.name());
        assert_eq!((error.kind(), error.retry()), (plain.kind(), plain.retry()), "{}", fault.name());
    }
}
