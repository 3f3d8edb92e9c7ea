//! Faults from text and JSON: unknown names and keys are refused, by name.

use std::str::FromStr;

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::fault::{Fault, VendorCode};

/// A text that is no fault; one clear line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FaultError(pub(crate) String);

/// Every fault's name.
const NAMES: [&str; 43] = [
    "vendor-code",
    "rate-limited",
    "unavailable",
    "dead-token",
    "not-found",
    "permission-denied",
    "locked-out",
    "http-status",
    "html",
    "empty",
    "wrong-content-type",
    "wrong-charset",
    "invalid-utf8",
    "bom",
    "nesting-bomb",
    "duplicate-keys",
    "redirect",
    "gzip",
    "gzip-bomb",
    "foreign-user",
    "no-id",
    "null-data",
    "empty-data",
    "list-data",
    "unknown-members",
    "echo-secret",
    "update-token",
    "unsigned",
    "bad-signature",
    "malformed-signature",
    "tampered-body",
    "stale-time",
    "unknown-key-version",
    "rotated-key",
    "other-client-id",
    "oversized",
    "refused",
    "reset",
    "stall",
    "stall-body",
    "truncated",
    "slow",
    "drop-idle",
];

impl Fault {
    /// The name of every fault.
    #[must_use]
    pub const fn names() -> &'static [&'static str] {
        &NAMES
    }

    /// Takes the fault out of a JSON object; every key must be known.
    pub(crate) fn from_map(mut map: Map<String, Value>) -> Result<Self, FaultError> {
        let name = take::<String>(&mut map, "fault", "fault")?
            .ok_or_else(|| FaultError("the key `fault` is missing".into()))?;
        let fault = Self::read(&name, &mut map)?;
        match map.keys().next() {
            Some(key) => Err(FaultError(format!("fault `{name}` has no key `{key}`"))),
            None => Ok(fault),
        }
    }

    fn read(name: &str, map: &mut Map<String, Value>) -> Result<Self, FaultError> {
        Ok(match name {
            "vendor-code" => Self::VendorCode(read_code(name, map)?),
            "rate-limited" => Self::RateLimited { retry_after: take(map, name, "retry_after")? },
            "http-status" => Self::HttpStatus {
                status: status(need(map, name, "status")?, name)?,
                body: take(map, name, "body")?,
                content_type: take(map, name, "content_type")?,
                headers: take(map, name, "headers")?.unwrap_or_default(),
            },
            "nesting-bomb" => Self::NestingBomb { depth: take(map, name, "depth")? },
            "redirect" => Self::Redirect {
                location: take(map, name, "location")?,
                status: take(map, name, "status")?.map(|it| status(it, name)).transpose()?,
            },
            "gzip-bomb" => Self::GzipBomb { bytes: take(map, name, "bytes")? },
            "update-token" => Self::UpdateToken { token: take(map, name, "token")? },
            "oversized" => Self::Oversized { bytes: take(map, name, "bytes")? },
            "slow" => Self::Slow { pause_ms: take(map, name, "pause_ms")? },
            _ => return Self::bare(name),
        })
    }

    /// A fault that is its name and no more.
    fn bare(name: &str) -> Result<Self, FaultError> {
        const BARE: [Fault; 34] = [
            Fault::Unavailable,
            Fault::DeadToken,
            Fault::NotFound,
            Fault::PermissionDenied,
            Fault::LockedOut,
            Fault::Html,
            Fault::Empty,
            Fault::WrongContentType,
            Fault::WrongCharset,
            Fault::InvalidUtf8,
            Fault::Bom,
            Fault::DuplicateKeys,
            Fault::Gzip,
            Fault::ForeignUser,
            Fault::NoId,
            Fault::NullData,
            Fault::EmptyData,
            Fault::ListData,
            Fault::UnknownMembers,
            Fault::EchoSecret,
            Fault::Unsigned,
            Fault::BadSignature,
            Fault::MalformedSignature,
            Fault::TamperedBody,
            Fault::StaleTime,
            Fault::UnknownKeyVersion,
            Fault::RotatedKey,
            Fault::OtherClientId,
            Fault::Refused,
            Fault::Reset,
            Fault::Stall,
            Fault::StallBody,
            Fault::Truncated,
            Fault::DropIdle,
        ];
        BARE.into_iter()
            .find(|it| it.name() == name)
            .ok_or_else(|| FaultError(format!("no fault is called `{name}`; known: {}", NAMES.join(", "))))
    }
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if !text.starts_with('{') {
            return Self::read(text, &mut Map::new());
        }
        let map = serde_json::from_str(text)
            .map_err(|error| FaultError(format!("the fault is no JSON: {error}")))?;
        Self::from_map(map)
    }
}

impl<'de> Deserialize<'de> for Fault {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_map(Map::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

fn read_code(name: &str, map: &mut Map<String, Value>) -> Result<VendorCode, FaultError> {
    let code = match need::<Value>(map, name, "code")? {
        Value::String(text) if !text.is_empty() => text,
        Value::Number(number) if number.is_i64() => number.to_string(),
        _ => return Err(FaultError(format!("fault `{name}`: `code` must be a text or an integer"))),
    };
    Ok(VendorCode {
        code,
        message: take(map, name, "message")?,
        status: take(map, name, "status")?,
        http_status: take(map, name, "http_status")?.map(|it| status(it, name)).transpose()?,
    })
}

fn need<T: DeserializeOwned>(map: &mut Map<String, Value>, name: &str, key: &str) -> Result<T, FaultError> {
    take(map, name, key)?.ok_or_else(|| FaultError(format!("fault `{name}` needs the key `{key}`")))
}

fn take<T: DeserializeOwned>(
    map: &mut Map<String, Value>,
    name: &str,
    key: &str,
) -> Result<Option<T>, FaultError> {
    map.remove(key)
        .map(|value| {
            serde_json::from_value(value).map_err(|it| FaultError(format!("fault `{name}`: `{key}`: {it}")))
        })
        .transpose()
}

fn status(status: u16, name: &str) -> Result<u16, FaultError> {
    if (200..=599).contains(&status) {
        Ok(status)
    } else {
        Err(FaultError(format!("fault `{name}`: {status} is no final HTTP status from 200 to 599")))
    }
}
