//! The journal: what the vendors were asked, and what they answered.

use std::fmt;

use bytes::Bytes;
use http::Request;
use serde::{Serialize, Serializer, ser::SerializeStruct};
use serde_json::Value;

use crate::{Fault, Operation, Vendor, call::Call, query::Query, secrets};

/// One call. Accessors tell the whole; `Debug` and JSON hide every credential.
#[derive(Clone)]
pub struct Entry {
    vendor: Option<Vendor>,
    operation: Option<Operation>,
    method: String,
    path: String,
    asked: Option<String>,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    body: Bytes,
    status: u16,
    fault: Option<&'static str>,
    secrets: Vec<String>,
}

impl Entry {
    /// The vendor that was asked; `None` for a path outside the mounts.
    #[must_use]
    pub const fn vendor(&self) -> Option<Vendor> {
        self.vendor
    }

    /// What was asked of the vendor; `None` for a path outside the mounts.
    #[must_use]
    pub const fn operation(&self) -> Option<Operation> {
        self.operation
    }

    /// The verb.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The path as received, without the query.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The id that a look-up asks for, decoded as the vendor decodes it; `None` at Alipay+, where the token decides.
    #[must_use]
    pub fn asked(&self) -> Option<&str> {
        self.asked.as_deref()
    }

    /// The query, decoded, in the order received.
    #[must_use]
    pub fn query(&self) -> &[(String, String)] {
        &self.query
    }

    /// The headers in the order received; names in lower case.
    #[must_use]
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// The first header of a name, in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(it, _)| it.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The body as received.
    #[must_use]
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// The HTTP status of the answer.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// The name of the fault that was played.
    #[must_use]
    pub const fn fault(&self) -> Option<&'static str> {
        self.fault
    }
}

impl Entry {
    pub(crate) fn new(
        request: &Request<Bytes>,
        call: Option<&Call<'_>>,
        status: u16,
        fault: Option<&Fault>,
    ) -> Self {
        let uri = request.uri();
        let query = Query::parse(uri.query());
        let headers = request.headers();
        let pairs = headers.iter().map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        });
        Self {
            vendor: call.map(|it| it.vendor),
            operation: call.map(|it| it.operation),
            method: request.method().to_string(),
            path: uri.path().to_owned(),
            asked: call.and_then(Call::asked).map(str::to_owned),
            secrets: secrets::of(headers, &query, request.body()),
            query: query.pairs().to_vec(),
            headers: pairs.collect(),
            body: request.body().clone(),
            status,
            fault: fault.map(Fault::name),
        }
    }

    /// Pairs whose credentials are hidden.
    fn hidden<'a>(&self, pairs: &'a [(String, String)], names: &[&str]) -> Vec<(&'a str, String)> {
        let hide = |name: &str, value: &str| {
            if names.iter().any(|it| it.eq_ignore_ascii_case(name)) {
                "***".to_owned()
            } else {
                secrets::scrub(value, &self.secrets)
            }
        };
        pairs.iter().map(|(name, value)| (name.as_str(), hide(name, value))).collect()
    }

    /// The body when it is JSON, with its credentials hidden; else its length alone.
    fn hidden_body(&self) -> Value {
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(mut members)) => {
                for (name, value) in &mut members {
                    if secrets::MEMBERS.contains(&name.as_str()) {
                        *value = "***".into();
                    }
                }
                let text = secrets::scrub(&Value::Object(members).to_string(), &self.secrets);
                serde_json::from_str(&text)
                    .unwrap_or_else(|_| Value::String(format!("{} bytes", self.body.len())))
            }
            _ if self.body.is_empty() => Value::Null,
            _ => Value::String(format!("{} bytes", self.body.len())),
        }
    }

    fn scrubbed(&self, text: &str) -> String {
        secrets::scrub(text, &self.secrets)
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("vendor", &self.vendor)
            .field("operation", &self.operation)
            .field("method", &self.method)
            .field("path", &self.scrubbed(&self.path))
            .field("asked", &self.asked.as_deref().map(|it| self.scrubbed(it)))
            .field("query", &self.hidden(&self.query, &secrets::MEMBERS))
            .field("headers", &self.hidden(&self.headers, &secrets::HEADERS))
            .field("body", &self.hidden_body())
            .field("status", &self.status)
            .field("fault", &self.fault)
            .finish_non_exhaustive()
    }
}

impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut entry = serializer.serialize_struct("Entry", 10)?;
        entry.serialize_field("vendor", &self.vendor)?;
        entry.serialize_field("operation", &self.operation)?;
        entry.serialize_field("method", &self.method)?;
        entry.serialize_field("path", &self.scrubbed(&self.path))?;
        entry.serialize_field("asked", &self.asked.as_deref().map(|it| self.scrubbed(it)))?;
        entry.serialize_field("query", &self.hidden(&self.query, &secrets::MEMBERS))?;
        entry.serialize_field("headers", &self.hidden(&self.headers, &secrets::HEADERS))?;
        entry.serialize_field("body", &self.hidden_body())?;
        entry.serialize_field("status", &self.status)?;
        entry.serialize_field("fault", &self.fault)?;
        entry.end()
    }
}
