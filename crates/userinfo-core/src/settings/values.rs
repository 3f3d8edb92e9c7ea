//! Values of one type each.

use std::{num::NonZeroU32, time::Duration};

use serde_json::Value;

use super::{Settings, quoted};
use crate::{parse_duration, parse_size};

/// How a duration is written.
const DURATION: &str = "a duration in quotes, such as \"500ms\", \"10s\", \"5m\" or \"24h\"";

impl Settings<'_> {
    /// Reads a text; an empty one is a fault.
    pub fn text(&mut self, name: &'static str) -> Option<String> {
        match self.read(name)? {
            Value::String(text) if text.is_empty() => self.wrong(name, "must not be empty"),
            Value::String(text) => Some(text),
            _ => self.wrong(name, "must be text in quotes"),
        }
    }

    /// Reads a text without which the instance cannot work.
    pub fn required_text(&mut self, name: &'static str) -> Option<String> {
        self.require(name)?;
        self.text(name)
    }

    /// Reads one of a few words.
    pub fn one_of(&mut self, name: &'static str, words: &[&'static str]) -> Option<&'static str> {
        let value = self.read(name)?;
        let Some(text) = value.as_str() else {
            return self.wrong(name, &format!("must be text in quotes, one of {}", quoted(words)));
        };
        let found = words.iter().find(|word| **word == text);
        found.copied().or_else(|| self.wrong(name, &format!("must be one of {}", quoted(words))))
    }

    /// Reads `true` or `false`.
    pub fn boolean(&mut self, name: &'static str) -> Option<bool> {
        match self.read(name)? {
            Value::Bool(value) => Some(value),
            _ => self.wrong(name, "must be true or false"),
        }
    }

    /// Reads a whole number that is not negative.
    pub fn integer(&mut self, name: &'static str) -> Option<u64> {
        let value = self.read(name)?;
        value.as_u64().or_else(|| self.wrong(name, "must be a whole number, 0 or more"))
    }

    /// Reads a whole number from 1 on.
    pub fn count(&mut self, name: &'static str) -> Option<NonZeroU32> {
        let value = self.read(name)?;
        let found = value.as_u64().and_then(|it| u32::try_from(it).ok()).and_then(NonZeroU32::new);
        found.or_else(|| self.wrong(name, "must be a whole number from 1 to 4294967295"))
    }

    /// Reads a whole number from 1 on without which the table cannot work.
    pub fn required_count(&mut self, name: &'static str) -> Option<NonZeroU32> {
        self.require(name)?;
        self.count(name)
    }

    /// Reads a whole number from 1 on that may be left out or switched off: `None` for both.
    pub fn count_or_off(&mut self, name: &'static str) -> Option<NonZeroU32> {
        if self.table.get(name).and_then(Value::as_str) == Some("off") {
            self.read(name);
            return None;
        }
        let value = self.read(name)?;
        let found = value.as_u64().and_then(|it| u32::try_from(it).ok()).and_then(NonZeroU32::new);
        found.or_else(|| self.wrong(name, "must be \"off\" or a whole number from 1 to 4294967295"))
    }

    /// Reads `true`, or `false` or `"off"`, which are the same.
    pub fn boolean_or_off(&mut self, name: &'static str) -> Option<bool> {
        match self.read(name)? {
            Value::Bool(value) => Some(value),
            Value::String(word) if word == "off" => Some(false),
            _ => self.wrong(name, "must be true, false or \"off\""),
        }
    }

    /// Reads a duration such as `"500ms"`, `"10s"`, `"5m"` or `"24h"`, longer than nothing.
    pub fn duration(&mut self, name: &'static str) -> Option<Duration> {
        let value = self.read(name)?;
        let found = value.as_str().and_then(parse_duration).filter(|it| !it.is_zero());
        found.or_else(|| self.wrong(name, &format!("must be {DURATION}")))
    }

    /// Reads a duration that may be switched off: `Some(None)` for `"off"`.
    pub fn duration_or_off(&mut self, name: &'static str) -> Option<Option<Duration>> {
        if self.table.get(name).and_then(Value::as_str) == Some("off") {
            self.read(name);
            return Some(None);
        }
        let value = self.read(name)?;
        match value.as_str().and_then(parse_duration).filter(|it| !it.is_zero()) {
            Some(duration) => Some(Some(duration)),
            None => self.wrong(name, &format!("must be \"off\" or {DURATION}")),
        }
    }

    /// Reads a size such as `"64KiB"` or `"1MiB"`, in bytes.
    pub fn size(&mut self, name: &'static str) -> Option<usize> {
        let value = self.read(name)?;
        let found = value.as_str().and_then(parse_size).filter(|it| *it > 0);
        found.or_else(|| self.wrong(name, "must be a size in quotes, such as \"64KiB\" or \"1MiB\""))
    }

    /// Reads whatever stands there, for a key that may be of several types.
    pub fn value(&mut self, name: &'static str) -> Option<Value> {
        self.read(name)
    }
}
