//! One person's record on its way to a vendor's wire names.

use crate::{json::Json, people::Unset};

/// A record whose unset members are written in the person's way: left out, null, or empty.
#[derive(Debug)]
pub(crate) struct Record {
    members: Json,
    unset: Unset,
    nulls: bool,
}

impl Record {
    /// A record of a vendor that sends nulls.
    pub(crate) const fn new(unset: Unset) -> Self {
        Self { members: Json::empty(), unset, nulls: true }
    }

    /// A record of a vendor that leaves null members out.
    pub(crate) const fn without_nulls(unset: Unset) -> Self {
        Self { members: Json::empty(), unset, nulls: false }
    }

    /// A member that is always sent.
    pub(crate) fn always(mut self, name: &str, value: impl Into<Json>) -> Self {
        self.members.push(name, value);
        self
    }

    /// A text; empty is `""`.
    pub(crate) fn text(self, name: &str, value: Option<&str>) -> Self {
        self.put(name, value.map(Json::from), "".into())
    }

    /// A number where 0 means "not set".
    pub(crate) fn number(self, name: &str, value: Option<i64>) -> Self {
        self.put(name, value.map(Json::from), Json::Int(0))
    }

    /// A member for which no value means "not set": when it is unset it is left out, or null.
    pub(crate) fn value<T: Into<Json>>(self, name: &str, value: Option<T>) -> Self {
        self.put(name, value.map(Into::into), Json::Null)
    }

    /// A member, and what an empty one looks like.
    pub(crate) fn put(mut self, name: &str, value: Option<Json>, empty: Json) -> Self {
        let value = match (value, self.unset) {
            (Some(value), _) => value,
            (None, Unset::Missing) => return self,
            (None, Unset::Null) => Json::Null,
            (None, Unset::Empty) => empty,
        };
        if value != Json::Null || self.nulls {
            self.members.push(name, value);
        }
        self
    }

    pub(crate) fn done(self) -> Json {
        self.members
    }
}
