//! JSON Pointers: places in a vendor's answer.

use serde_json::Value;

/// Every place in `value` that the pattern names; `*` is every index of a list.
pub(crate) fn expand(value: &Value, pattern: &str) -> Vec<String> {
    let mut places = vec![String::new()];
    for step in pattern.split('/').skip(1) {
        places = places.iter().flat_map(|place| below(value, place, step)).collect();
    }
    places
}

fn below(value: &Value, place: &str, step: &str) -> Vec<String> {
    let found = match (value.pointer(place), step) {
        (Some(Value::Array(list)), "*") => (0..list.len()).map(|at| format!("{place}/{at}")).collect(),
        _ => vec![format!("{place}/{step}")],
    };
    found.into_iter().filter(|it| value.pointer(it).is_some()).collect()
}

/// Says whether a pattern names this place.
pub(crate) fn matches(pattern: &str, place: &str) -> bool {
    let (mut steps, mut at) = (pattern.split('/'), place.split('/'));
    loop {
        match (steps.next(), at.next()) {
            (None, None) => return true,
            (Some(step), Some(here)) if step == here || step == "*" => {}
            _ => return false,
        }
    }
}

/// Every text, number and boolean below a place, with its own place.
pub(crate) fn leaves(value: &Value, place: &str) -> Vec<String> {
    match value.pointer(place) {
        Some(Value::Array(list)) => {
            (0..list.len()).flat_map(|at| leaves(value, &format!("{place}/{at}"))).collect()
        }
        Some(Value::Object(members)) => {
            let inner = members.keys().map(|name| format!("{place}/{}", escaped(name)));
            inner.flat_map(|it| leaves(value, &it)).collect()
        }
        Some(it) if is_set(it) => vec![place.to_owned()],
        _ => Vec::new(),
    }
}

/// Says whether a member says anything.
pub(crate) fn is_set(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Object(members) => !members.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

/// Takes a member away.
pub(crate) fn remove(value: &mut Value, place: &str) {
    let Some((parent, name)) = place.rsplit_once('/') else { return };
    let name = name.replace("~1", "/").replace("~0", "~");
    if let Some(Value::Object(members)) = value.pointer_mut(parent) {
        members.remove(&name);
    }
}

/// The place that a member stands in.
pub(crate) fn parent(place: &str) -> &str {
    place.rsplit_once('/').map_or("", |(parent, _)| parent)
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
