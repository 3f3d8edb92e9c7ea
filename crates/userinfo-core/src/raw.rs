use std::fmt;

use bytes::Bytes;
use serde_json::{Value, value::RawValue};

use crate::{Field, extra::exact};

/// The vendor's answer as received, with secrets blanked, parsed only on demand.
///
/// Holds a slice of the buffer that the answer was read into. `Debug` shows its length alone.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Raw {
    bytes: Bytes,
    fields: Fields,
}

/// Wrapped, so that comparing two answers does not compare tables.
#[derive(Clone, Copy, Default)]
struct Fields(&'static [Field]);

impl Raw {
    /// Keeps `bytes`, which hold no secret, with the table that says what came from where.
    #[must_use]
    pub fn new(bytes: Bytes, fields: &'static [Field]) -> Self {
        Self { bytes, fields: Fields(fields) }
    }

    /// Returns the bytes; none for a user that did not come from a provider.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Parses the answer.
    ///
    /// # Errors
    ///
    /// If there are no bytes, or they are not JSON after an optional byte order mark.
    pub fn json(&self) -> Result<Value, serde_json::Error> {
        serde_json::from_slice(self.json_bytes())
    }

    /// Parses the answer even where one of its numbers is beyond any JSON value; null if there is none.
    pub(crate) fn exact(&self) -> Value {
        serde_json::from_slice::<&RawValue>(self.json_bytes()).map(exact).unwrap_or_default()
    }

    fn json_bytes(&self) -> &[u8] {
        self.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.bytes)
    }

    pub(crate) fn fields(&self) -> &'static [Field] {
        self.fields.0
    }
}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Raw({} bytes)", self.bytes.len())
    }
}

impl PartialEq for Fields {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Fields {}
