//! Secrets and files, which come through the sources that the application gives.

use serde_json::{Map, Value};

use super::Settings;
use crate::{
    Secret,
    sources::{is_variable, shown_path},
};

impl Settings<'_> {
    /// Reads a secret: `"literal"`, `{ env = "NAME" }` or `{ file = "path" }`.
    pub fn secret(&mut self, name: &'static str) -> Option<Secret> {
        let value = self.read(name)?;
        self.resolve(name, value)
    }

    /// Reads a secret without which the instance cannot work.
    pub fn required_secret(&mut self, name: &'static str) -> Option<Secret> {
        self.require(name)?;
        self.secret(name)
    }

    /// Reads the text file that a key names.
    pub fn file(&mut self, name: &'static str) -> Option<String> {
        let path = self.text(name)?;
        self.open(name, &path)
    }

    /// Reads a table of secrets under names of the user's choice, such as extra headers.
    pub fn secrets(&mut self, name: &'static str) -> Vec<(String, Secret)> {
        let mut found = Vec::new();
        match self.read(name) {
            None => {}
            Some(Value::Object(table)) => {
                for (key, value) in table {
                    let path = format!("{name}.{key}");
                    found.extend(self.resolve(&path, value).map(|secret| (key, secret)));
                }
            }
            Some(_) => self.fault(name, "must be a table"),
        }
        found
    }

    fn resolve(&self, name: &str, value: Value) -> Option<Secret> {
        let table = match value {
            Value::String(text) => return self.unless_empty(name, "must not be empty", text),
            Value::Object(table) => table,
            _ => Map::new(),
        };
        let mut members = table.into_iter();
        match (members.next(), members.next()) {
            (Some((kind, Value::String(from))), None) if kind == "env" => self.of_variable(name, &from),
            (Some((kind, Value::String(from))), None) if kind == "file" => self.of_file(name, &from),
            _ => self.wrong(name, "must be \"text\", { env = \"NAME\" } or { file = \"path\" }"),
        }
    }

    fn of_variable(&self, name: &str, variable: &str) -> Option<Secret> {
        let shown = if is_variable(variable) { variable } else { "that it names" };
        match self.shared.sources.env(variable) {
            Some(text) => {
                self.unless_empty(name, &format!("the environment variable {shown} is empty"), text)
            }
            None => self.wrong(name, &format!("the environment variable {shown} is not set")),
        }
    }

    fn of_file(&self, name: &str, path: &str) -> Option<Secret> {
        let text = Secret::new(self.open(name, path)?);
        let trimmed = text.expose().trim_end_matches(['\r', '\n']).to_owned();
        self.unless_empty(name, &format!("the file {} is empty", shown_path(path)), trimmed)
    }

    fn open(&self, name: &str, path: &str) -> Option<String> {
        match self.shared.sources.file(path) {
            Ok(text) => Some(text),
            Err(error) => self.wrong(name, &format!("the file {} cannot be read: {error}", shown_path(path))),
        }
    }

    fn unless_empty(&self, name: &str, empty: &str, text: String) -> Option<Secret> {
        if text.is_empty() { self.wrong(name, empty) } else { Some(Secret::new(text)) }
    }
}
