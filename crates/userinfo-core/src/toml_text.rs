use serde_json::{Map, Value};

use crate::{ConfigError, ConfigFault};

/// Reads a TOML text as the table that [`Registry::from_table`](crate::Registry::from_table) takes.
///
/// # Errors
///
/// If it is not TOML: the line and what is wrong with it, without the text itself. Every date and every
/// number that JSON does not know is a fault: they want quotes.
pub fn parse_toml(text: &str) -> Result<Map<String, Value>, ConfigError> {
    let table: toml::Table = toml::from_str(text).map_err(|error: toml::de::Error| {
        let at = error.span().map_or(0, |span| span.start);
        let line = text.get(..at).unwrap_or_default().matches('\n').count() + 1;
        let message = format!("line {line}: not TOML: {}", error.message());
        ConfigError { faults: vec![ConfigFault { path: String::new(), message }] }
    })?;
    let mut faults = Vec::new();
    let table = members(table, "", &mut faults);
    if faults.is_empty() { Ok(table) } else { Err(ConfigError { faults }) }
}

fn members(table: toml::Table, path: &str, faults: &mut Vec<ConfigFault>) -> Map<String, Value> {
    let dot = if path.is_empty() { "" } else { "." };
    let member = |(key, value)| {
        let value = json(value, &format!("{path}{dot}{key}"), faults);
        (key, value)
    };
    table.into_iter().map(member).collect()
}

fn json(value: toml::Value, path: &str, faults: &mut Vec<ConfigFault>) -> Value {
    match value {
        toml::Value::String(text) => text.into(),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) if number.is_finite() => number.into(),
        toml::Value::Float(_) | toml::Value::Datetime(_) => {
            let message = "must be in quotes, like every date and every number that is not finite".to_owned();
            faults.push(ConfigFault { path: path.to_owned(), message });
            Value::Null
        }
        toml::Value::Boolean(flag) => flag.into(),
        toml::Value::Array(list) => list.into_iter().map(|it| json(it, path, faults)).collect(),
        toml::Value::Table(table) => Value::Object(members(table, path, faults)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_json_does_not_know_is_a_fault_of_its_key() {
        let table = parse_toml("a = 1.5\nb = [{ c = true, d = 9007199254740993 }]").expect("TOML");
        let expected = serde_json::json!({"a": 1.5, "b": [{"c": true, "d": 9_007_199_254_740_993_i64}]});
        assert_eq!(Value::Object(table), expected);
        let faults =
            parse_toml("a = 2020-01-01\nb.c = [{ d = 07:32:00, e = nan }]").expect_err("faults").faults;
        let paths: Vec<_> = faults.iter().map(|it| it.path.as_str()).collect();
        assert_eq!(paths, ["a", "b.c.d", "b.c.e"]);
    }
}
