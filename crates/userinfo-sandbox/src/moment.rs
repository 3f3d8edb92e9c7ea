//! A point in time, to the millisecond.

use std::{
    fmt,
    str::FromStr,
    time::{Duration, SystemTime},
};

use jiff::{
    Timestamp,
    tz::{Offset, TimeZone},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A point in time, to the millisecond; RFC 3339 in UTC as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Moment(i64);

impl Moment {
    /// A moment from epoch milliseconds.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Epoch milliseconds.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole epoch seconds.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// `YYYY-MM-DD HH:MM:SS` on a clock in UTC+8, as two of the vendors write it.
    pub(crate) fn china_text(self) -> String {
        self.format(8, "%Y-%m-%d %H:%M:%S")
    }

    /// `2019-04-04T12:08:56.253+08:00`.
    pub(crate) fn china_iso(self) -> String {
        self.format(8, "%Y-%m-%dT%H:%M:%S%.3f%:z")
    }

    /// `2019-04-04T12:08:56+08:00`.
    pub(crate) fn china_iso_seconds(self) -> String {
        self.format(8, "%Y-%m-%dT%H:%M:%S%:z")
    }

    /// `Wed, 10 Jan 2024 04:12:12 GMT`, as HTTP writes a date.
    pub(crate) fn http_date(self) -> String {
        self.format(0, "%a, %d %b %Y %H:%M:%S GMT")
    }

    /// The moment this much later.
    pub(crate) fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }

    pub(crate) fn from_clock(now: SystemTime) -> Self {
        Self(Timestamp::try_from(now).map_or(i64::MAX, Timestamp::as_millisecond))
    }

    fn format(self, hours: i8, format: &str) -> String {
        let zone = TimeZone::fixed(Offset::constant(hours));
        match Timestamp::from_millisecond(self.0) {
            Ok(it) => it.to_zoned(zone).strftime(format).to_string(),
            Err(_) => String::new(),
        }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_millisecond(self.0) {
            Ok(it) => it.fmt(f),
            Err(_) => write!(f, "{} ms", self.0),
        }
    }
}

impl FromStr for Moment {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<Timestamp>().map(|it| Self(it.as_millisecond()))
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|error| {
            serde::de::Error::custom(format_args!(
                "{text:?} is no RFC 3339 time, such as 2024-01-10T04:12:12Z: {error}"
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_told_in_utc_and_in_china() {
        let moment: Moment = "2025-04-16T05:16:20.133Z".parse().unwrap();
        assert_eq!(moment.millis(), 1_744_780_580_133);
        assert_eq!(moment.seconds(), 1_744_780_580);
        assert_eq!(moment.china_text(), "2025-04-16 13:16:20");
        assert_eq!(moment.china_iso(), "2025-04-16T13:16:20.133+08:00");
        assert_eq!(moment.http_date(), "Wed, 16 Apr 2025 05:16:20 GMT");
        assert_eq!(moment.to_string(), "2025-04-16T05:16:20.133Z");
    }
}
