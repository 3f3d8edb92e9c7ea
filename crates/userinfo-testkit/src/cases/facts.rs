//! What the vendor said is canonical or in `extra`: nothing is dropped.

use serde_json::Value;
use userinfo_core::{Descriptor, User};
use userinfo_sandbox::Fault;

use crate::{
    Subject, Wire,
    ask::{self, EVERYTHING},
    pointer,
};

/// Every pointer of [`Subject::documented`] names a member that somebody's answer has.
pub async fn the_documented_members_are_sent(subject: &dyn Subject, wire: &Wire) {
    let people = ask::everyone(subject, wire).await;
    let answers: Vec<_> = people.iter().filter_map(|(_, user)| user.raw.json().ok()).collect();
    let documented = subject.documented();
    assert!(!documented.is_empty(), "list the members that the vendor page documents");
    for pattern in documented {
        let sent = answers.iter().any(|answer| !pointer::expand(answer, pattern).is_empty());
        assert!(sent, "no answer has {pattern}: is it misspelt?");
    }
}

/// A change of any member of the record, or of a documented one, changes the canonical JSON.
pub async fn what_the_vendor_said_is_canonical_or_in_extra(subject: &dyn Subject, wire: &Wire) {
    let descriptor = subject.provider(wire).descriptor();
    let user = ask::user(subject, wire, EVERYTHING).await;
    let answer = user.raw.json().expect("the answer is JSON");
    let mut places = pointer::leaves(&answer, pointer::parent(&place_of_id(&user)));
    for pattern in subject.documented() {
        let documented = pointer::expand(&answer, pattern);
        places.extend(documented.iter().flat_map(|place| pointer::leaves(&answer, place)));
    }
    places.sort();
    places.dedup();
    for place in places {
        let alone = without_rivals(&answer, descriptor, &place);
        let kept = matters(subject, &answer, &place) || matters(subject, &alone, &place);
        assert!(kept, "{place} is dropped: {:?}", answer.pointer(&place));
    }
}

/// Members that nobody documents are in `extra`, digit for digit.
pub async fn unknown_members_are_kept_exactly(subject: &dyn Subject, wire: &Wire) {
    let outcome = ask::under(subject, wire, &Fault::UnknownMembers).await;
    let user = outcome.unwrap_or_else(|error| panic!("unknown members are no failure: {error:?}"));
    let raw = std::str::from_utf8(user.raw.as_bytes()).expect("the answer is UTF-8");
    let answer = user.raw.json().expect("the answer is JSON");
    let record = answer.pointer(pointer::parent(&place_of_id(&user))).and_then(Value::as_object);
    let unknown =
        record.into_iter().flatten().filter(|(name, _)| name.is_empty() || name.starts_with("sandbox"));
    let mut seen = 0;
    for (name, sent) in unknown.filter(|(_, sent)| !sent.is_null()) {
        seen += 1;
        let kept = user.extra.get(name).unwrap_or_else(|| panic!("{name:?} is dropped"));
        if sent.is_number() {
            assert!(raw.contains(&format!("\"{name}\":{}", kept.get())), "{name:?} became {kept}");
        } else {
            let kept: Value = serde_json::from_str(kept.get()).expect("a fact is JSON");
            assert_eq!(&kept, sent, "{name:?}");
        }
    }
    assert!(seen >= 8, "only {seen} unknown members were sent");
    assert!(user.extra.get("sandboxNull").is_none(), "null is not a fact");
    let canonical = ask::json(&user);
    assert!(canonical.contains("18446744073709551617"), "a large integer is rounded: {canonical}");
}

/// Says whether another value in this place makes another user.
fn matters(subject: &dyn Subject, answer: &Value, place: &str) -> bool {
    let Some(changed) = changed(answer, place) else { return false };
    let read = |answer: &Value| subject.replay(answer.to_string().as_bytes()).map(|it| ask::json(&it)).ok();
    read(answer) != read(&changed)
}

/// The answer with another value in this place, of the same type.
fn changed(answer: &Value, place: &str) -> Option<Value> {
    let mut changed = answer.clone();
    let value = changed.pointer_mut(place)?;
    *value = match &*value {
        Value::Bool(it) => Value::Bool(!it),
        Value::Number(it) => Value::from(it.as_i64().map_or(1, |it| it.wrapping_add(1))),
        Value::String(it) => Value::String(format!("x{it}")),
        _ => return None,
    };
    Some(changed)
}

/// The answer without the other sources of the fields that this place is a source of.
fn without_rivals(answer: &Value, descriptor: &Descriptor, place: &str) -> Value {
    let mut alone = answer.clone();
    let shares =
        |sources: &[userinfo_core::Source]| sources.iter().any(|it| pointer::matches(it.path, place));
    for field in descriptor.fields.iter().filter(|it| shares(it.sources)) {
        let rivals = field.sources.iter().flat_map(|it| pointer::expand(answer, it.path));
        for rival in rivals.filter(|it| it != place) {
            pointer::remove(&mut alone, &rival);
        }
    }
    alone
}

fn place_of_id(user: &User) -> String {
    let id = user.explain().into_iter().find(|it| it.field == "id");
    id.and_then(|it| it.from.into_iter().next()).expect("the id says where it came from")
}
