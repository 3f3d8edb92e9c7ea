//! What the vendor did not say is absent, and what it said means what it meant.

use serde_json::Value;
use userinfo_core::{Status, Timestamp, User};
use userinfo_sandbox::{Moment, Person};

use crate::{
    Subject, Wire,
    ask::{self, EVERYTHING},
    pointer,
};

/// Every value is that of the person, in the field that it belongs to.
pub async fn the_values_are_the_persons(subject: &dyn Subject, wire: &Wire) {
    for (person, user) in ask::everyone(subject, wire).await {
        let key = &person.key;
        for (field, value, truth) in texts(&user, person) {
            if value.is_some() {
                assert_eq!(value, truth, "{field} of {key}");
            }
        }
        let contacts = user.emails.iter().map(|it| (&it.value, &person.email));
        for (value, truth) in contacts.chain(user.phones.iter().map(|it| (&it.value, &person.phone))) {
            assert_eq!(Some(value), truth.as_ref(), "a contact of {key}");
        }
        if let Some(gender) = &user.gender {
            assert_eq!(Some(gender.as_str()), person.gender.map(word), "gender of {key}");
        }
    }
    let disabled = ask::user(subject, wire, "disabled").await.into_profile().status;
    assert_ne!(disabled, Some(Status::Active), "disabled is in use");
    let active = ask::user(subject, wire, EVERYTHING).await.into_profile().status;
    assert!(active.is_none_or(|it| it == Status::Active), "everything is not in use");
}

/// The person of whom the vendor knows an id alone has no other field.
pub async fn only_an_id_gives_only_an_id(subject: &dyn Subject, wire: &Wire) {
    let user = ask::user(subject, wire, "minimal").await;
    let canonical = ask::canonical(&user);
    let names: Vec<_> = canonical.as_object().into_iter().flat_map(|it| it.keys()).collect();
    assert_eq!(names, ["id", "provider"], "{canonical}");
}

/// `""`, null, `[]` and `{}` are nowhere in the canonical JSON, and not a fact of `extra`.
pub async fn empty_text_and_null_are_not_values(subject: &dyn Subject, wire: &Wire) {
    for (person, user) in ask::everyone(subject, wire).await {
        let mut canonical = ask::canonical(&user);
        let extra = canonical.as_object_mut().and_then(|it| it.remove("extra")).unwrap_or_default();
        expect_set(&canonical, &person.key);
        for (name, fact) in extra.as_object().into_iter().flatten() {
            let says_nothing = fact.is_null() || fact == "";
            assert!(!says_nothing, "extra.{name} of {} says nothing: {fact}", person.key);
        }
    }
}

/// A value with a run of stars stays as it came, and its field is in `masked`; no other is.
pub async fn a_masked_value_is_kept_as_sent_and_named_in_masked(subject: &dyn Subject, wire: &Wire) {
    for (person, user) in ask::everyone(subject, wire).await {
        let canonical = ask::canonical(&user);
        let raw = user.raw.json().expect("the answer is JSON");
        let sent = texts_of(&raw);
        for field in User::FIELDS.into_iter().filter(|it| !matches!(*it, "masked" | "extra")) {
            let values = canonical.get(field).map(texts_of).unwrap_or_default();
            let masked: Vec<_> = values.iter().filter(|it| it.contains("**")).collect();
            assert_eq!(!masked.is_empty(), user.is_masked(field), "{field} of {}", person.key);
            for value in masked {
                assert!(sent.contains(value), "{field} of {} is not as sent: {value}", person.key);
            }
        }
        let expected = person.key == "masked";
        assert_eq!(!user.masked.is_empty(), expected, "masked of {}: {:?}", person.key, user.masked);
    }
}

/// `display_name` follows from the other names.
pub async fn the_display_name_is_the_nickname_else_the_name_else_the_username(
    subject: &dyn Subject,
    wire: &Wire,
) {
    for (person, user) in ask::everyone(subject, wire).await {
        let formatted = user.name.as_ref().and_then(|it| it.formatted.as_ref());
        let rule = user.nickname.as_ref().or(formatted).or(user.username.as_ref());
        assert_eq!(user.display_name.as_ref(), rule, "{}", person.key);
    }
}

/// Times are those of the person, to what the vendor gives, as RFC 3339 in UTC.
pub async fn times_are_the_persons(subject: &dyn Subject, wire: &Wire) {
    for (person, user) in ask::everyone(subject, wire).await {
        let canonical = ask::canonical(&user);
        for (field, value, truth) in times(&user, person) {
            let what = format!("{field} of {}", person.key);
            let Some(value) = value else { continue };
            assert_eq!(Some(value.unix_seconds()), truth.map(Moment::seconds), "{what}");
            let text = canonical[field].as_str().unwrap_or_else(|| panic!("{what} is no text"));
            assert!(is_rfc_3339(text), "{what}: {text}");
        }
    }
}

type Text<'a> = (&'static str, Option<&'a str>, Option<&'a str>);

fn texts<'a>(user: &'a User, person: &'a Person) -> Vec<Text<'a>> {
    let name = |part: fn(&userinfo_core::Name) -> &Option<String>| {
        user.name.as_ref().and_then(|it| part(it).as_deref())
    };
    let at = |part: fn(&userinfo_core::Address) -> &Option<String>| {
        user.address.as_ref().and_then(|it| part(it).as_deref())
    };
    let home = |part: fn(&userinfo_sandbox::Address) -> &Option<String>| {
        person.address.as_ref().and_then(|it| part(it).as_deref())
    };
    vec![
        ("username", user.username.as_deref(), person.username.as_deref()),
        ("nickname", user.nickname.as_deref(), person.nickname.as_deref()),
        ("name.formatted", name(|it| &it.formatted), person.full_name.as_deref()),
        ("name.given", name(|it| &it.given), person.given_name.as_deref()),
        ("name.middle", name(|it| &it.middle), person.middle_name.as_deref()),
        ("name.family", name(|it| &it.family), person.family_name.as_deref()),
        ("avatar_url", user.avatar_url.as_deref(), person.avatar.as_deref()),
        ("profile_url", user.profile_url.as_deref(), person.profile_url.as_deref()),
        ("bio", user.bio.as_deref(), person.bio.as_deref()),
        ("language", user.language.as_deref(), person.language.as_deref()),
        ("time_zone", user.time_zone.as_deref(), person.time_zone.as_deref()),
        ("nationality", user.nationality.as_deref(), person.nationality.as_deref()),
        ("tenant", user.tenant.as_deref(), person.tenant.as_deref()),
        ("address.formatted", at(|it| &it.formatted), home(|it| &it.formatted)),
        ("address.street", at(|it| &it.street), home(|it| &it.street)),
        ("address.locality", at(|it| &it.locality), home(|it| &it.locality)),
        ("address.region", at(|it| &it.region), home(|it| &it.region)),
        ("address.postal_code", at(|it| &it.postal_code), home(|it| &it.postal_code)),
        ("address.country", at(|it| &it.country), home(|it| &it.country)),
    ]
}

fn times(user: &User, person: &Person) -> [(&'static str, Option<Timestamp>, Option<Moment>); 4] {
    [
        ("created_at", user.created_at, person.created_at),
        ("updated_at", user.updated_at, person.updated_at),
        ("last_login_at", user.last_login_at, person.last_login_at),
        ("expires_at", user.expires_at, person.expires_at),
    ]
}

fn word(gender: userinfo_sandbox::Gender) -> &'static str {
    match gender {
        userinfo_sandbox::Gender::Male => "male",
        userinfo_sandbox::Gender::Female => "female",
        userinfo_sandbox::Gender::Undisclosed => "undisclosed",
    }
}

fn expect_set(value: &Value, what: &str) {
    assert!(pointer::is_set(value), "{what} has a value that says nothing: {value}");
    match value {
        Value::Array(list) => list.iter().for_each(|it| expect_set(it, what)),
        Value::Object(members) => {
            members.iter().for_each(|(name, it)| expect_set(it, &format!("{what}.{name}")));
        }
        _ => {}
    }
}

fn texts_of(value: &Value) -> Vec<String> {
    let places = pointer::leaves(value, "");
    let texts = places.iter().filter_map(|place| value.pointer(place).and_then(Value::as_str));
    texts.map(str::to_owned).collect()
}

fn is_rfc_3339(text: &str) -> bool {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    let is_time = match text.len() {
        20 => shape == "0000-00-00T00:00:00Z",
        24 => shape == "0000-00-00T00:00:00.000Z" && &text[20..23] != "000",
        _ => false,
    };
    is_time && text.parse::<Timestamp>().is_ok()
}
