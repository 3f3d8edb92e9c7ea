//! People from a JSON file, with one clear line per fault.

use std::collections::HashMap;

use serde_json::Value;

use crate::people::Person;

/// The faults of a file of people, one clear line each.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .faults.join("\n"))]
pub struct PeopleError {
    faults: Vec<String>,
}

impl PeopleError {
    /// The faults, one line each.
    #[must_use]
    pub fn faults(&self) -> &[String] {
        &self.faults
    }
}

/// Reads people from a JSON list of objects; the format is in the crate's documentation.
///
/// # Errors
///
/// [`PeopleError`] with every fault of the text: no JSON, no list, an unknown or ill-typed member, an empty
/// or repeated key or id.
pub fn people_from_json(json: &str) -> Result<Vec<Person>, PeopleError> {
    let list = match serde_json::from_str(json) {
        Ok(Value::Array(list)) => list,
        Ok(_) => return Err(PeopleError { faults: vec!["people must be a JSON list of objects".into()] }),
        Err(error) => return Err(PeopleError { faults: vec![format!("people are no JSON: {error}")] }),
    };
    let mut faults = Vec::new();
    let mut people = Vec::new();
    for (place, value) in list.into_iter().enumerate() {
        let name = format!("people[{place}] ({})", value.get("key").unwrap_or(&Value::Null));
        match serde_json::from_value::<Person>(value) {
            Ok(person) => {
                faults.extend(gaps(&person).into_iter().map(|gap| format!("{name}: {gap}")));
                people.push((name, person));
            }
            Err(error) => faults.push(format!("{name}: {error}")),
        }
    }
    faults.extend(twins(&people));
    if faults.is_empty() {
        Ok(people.into_iter().map(|(_, person)| person).collect())
    } else {
        Err(PeopleError { faults })
    }
}

fn gaps(person: &Person) -> Vec<String> {
    let ids = &person.ids;
    let plain = |it: char| it.is_ascii_alphanumeric() || it == '-' || it == '_';
    let date = |it: &String| it.parse::<jiff::civil::Date>().is_err();
    let checks = [
        (person.key.is_empty() || person.key.len() > 64, "`key` must have 1 to 64 characters"),
        (!person.key.chars().all(plain), "`key` may hold letters, digits, `-` and `_` only"),
        (ids.quectel.is_empty(), "`ids.quectel` is missing or empty"),
        (ids.alipay_plus.is_empty(), "`ids.alipay_plus` is missing or empty"),
        (ids.alipay_plus.chars().count() > 64, "`ids.alipay_plus` is longer than 64 characters"),
        (ids.anqicms == 0, "`ids.anqicms` is missing or 0"),
        (ids.tianyin <= 0, "`ids.tianyin` is missing or not positive"),
        (person.birth_date.as_ref().is_some_and(date), "`birth_date` is no date, such as 2020-07-25"),
    ];
    checks.into_iter().filter(|(wrong, _)| *wrong).map(|(_, gap)| gap.to_owned()).collect()
}

fn twins(people: &[(String, Person)]) -> Vec<String> {
    let mut seen: HashMap<(&str, String), &str> = HashMap::new();
    let mut faults = Vec::new();
    for (name, person) in people {
        let ids = &person.ids;
        let unique = [
            ("key", person.key.clone()),
            ("ids.quectel", ids.quectel.clone()),
            ("ids.alipay_plus", ids.alipay_plus.clone()),
            ("ids.anqicms", ids.anqicms.to_string()),
            ("ids.tianyin", ids.tianyin.to_string()),
        ];
        for (member, value) in unique {
            if value.is_empty() || value == "0" {
                continue;
            }
            if let Some(first) = seen.insert((member, value.clone()), name) {
                faults.push(format!("{name}: `{member}` {value:?} is already that of {first}"));
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_of_a_file_is_one_line() {
        let json = r#"[
            {"key": "a", "ids": {"quectel": "C1", "alipay_plus": "1", "anqicms": 1, "tianyin": 1}},
            {"key": "a", "ids": {"quectel": "C1", "alipay_plus": "2", "tianyin": -2}, "birth_date": "soon"},
            {"key": "b", "nickName": "B"},
            {"key": "c", "created_at": "yesterday"}
        ]"#;
        let error = people_from_json(json).unwrap_err();
        let faults = error.faults().join("\n");
        assert_eq!(error.faults().len(), 7, "{faults}");
        assert!(faults.contains(r#"people[1] ("a"): `ids.anqicms` is missing or 0"#), "{faults}");
        assert!(faults.contains("not positive"), "{faults}");
        assert!(faults.contains("`birth_date` is no date"), "{faults}");
        assert!(faults.contains(r#"`ids.quectel` "C1" is already that of people[0]"#), "{faults}");
        assert!(faults.contains(r#"people[2] ("b"): unknown field `nickName`"#), "{faults}");
        assert!(faults.contains(r#"people[3] ("c"): "yesterday" is no RFC 3339 time"#), "{faults}");
    }

    #[test]
    fn a_text_that_is_no_list_is_refused() {
        assert_eq!(people_from_json("{}").unwrap_err().to_string(), "people must be a JSON list of objects");
        assert!(people_from_json("[").unwrap_err().to_string().starts_with("people are no JSON: "));
    }

    #[test]
    fn people_survive_the_way_to_json_and_back() {
        let people = crate::seed::people();
        let json = serde_json::to_string(&people).unwrap();
        assert_eq!(people_from_json(&json).unwrap(), people);
    }
}
