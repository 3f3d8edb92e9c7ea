use std::{fmt, str::FromStr};

use jiff::{civil, tz::Offset};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An instant, written as RFC 3339 in UTC: `2022-11-21T06:27:42Z`.
///
/// Precise to the millisecond; the fraction is written only where there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(jiff::Timestamp);

/// A day of the calendar, written `2020-07-25`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(civil::Date);

/// Text that is no time or no date; never repeats it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not {0}")]
pub struct TimeError(&'static str);

impl Timestamp {
    /// Reads seconds since the epoch; `None` outside the years 0 to 9999.
    #[must_use]
    pub fn from_unix_seconds(seconds: i64) -> Option<Self> {
        jiff::Timestamp::from_second(seconds).ok().and_then(Self::in_range)
    }

    /// Reads milliseconds since the epoch; `None` outside the years 0 to 9999.
    #[must_use]
    pub fn from_unix_millis(millis: i64) -> Option<Self> {
        jiff::Timestamp::from_millisecond(millis).ok().and_then(Self::in_range)
    }

    /// Reads `YYYY-MM-DD HH:MM:SS` as the time of a clock `offset_hours` east of UTC.
    #[must_use]
    pub fn from_civil(text: &str, offset_hours: i8) -> Option<Self> {
        let time = civil::DateTime::strptime("%Y-%m-%d %H:%M:%S", text).ok()?;
        let offset = Offset::from_hours(offset_hours).ok()?;
        offset.to_timestamp(time).ok().and_then(Self::in_range)
    }

    /// Returns whole seconds since the epoch, rounded down.
    #[must_use]
    pub fn unix_seconds(self) -> i64 {
        self.0.as_millisecond().div_euclid(1000)
    }

    /// Returns milliseconds since the epoch.
    #[must_use]
    pub fn unix_millis(self) -> i64 {
        self.0.as_millisecond()
    }

    fn in_range(time: jiff::Timestamp) -> Option<Self> {
        (Offset::UTC.to_datetime(time).year() >= 0).then_some(Self(time))
    }
}

impl Date {
    /// Reads the date that `text` begins with, as `2020-07-25` or `2020-07-25T00:00:00`.
    #[must_use]
    pub fn at_start_of(text: &str) -> Option<Self> {
        let (date, rest) = text.split_at_checked(10)?;
        let shaped = date.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
        if !shaped || rest.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        civil::Date::strptime("%Y-%m-%d", date).ok().map(Self)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = Offset::UTC.to_datetime(self.0);
        let (date, clock) = (time.date(), time.time());
        let (hour, minute, second) = (clock.hour(), clock.minute(), clock.second());
        write!(f, "{}T{hour:02}:{minute:02}:{second:02}", Date(date))?;
        match clock.millisecond() {
            0 => f.write_str("Z"),
            millis => write!(f, ".{millis:03}Z"),
        }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0.year(), self.0.month(), self.0.day())
    }
}

impl FromStr for Timestamp {
    type Err = TimeError;

    /// Reads RFC 3339 text in the years 0 to 9999; digits beyond the millisecond are dropped.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let time = text.parse::<jiff::Timestamp>().ok();
        time.and_then(|time| Self::from_unix_millis(time.as_millisecond()))
            .ok_or(TimeError("a time such as 2022-11-21T06:27:42Z in the years 0 to 9999"))
    }
}

impl FromStr for Date {
    type Err = TimeError;

    /// Reads `YYYY-MM-DD`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let whole = (text.len() == 10).then(|| Self::at_start_of(text)).flatten();
        whole.ok_or(TimeError("a date such as 2020-07-25"))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_in_utc_with_milliseconds_only_where_there_are_some() {
        let text = |millis| Timestamp::from_unix_millis(millis).expect("in range").to_string();
        assert_eq!(text(1_744_780_580_000), "2025-04-16T05:16:20Z");
        assert_eq!(text(1_744_780_781_133), "2025-04-16T05:19:41.133Z");
        assert_eq!(text(1_744_780_781_007), "2025-04-16T05:19:41.007Z");
        assert_eq!(
            Timestamp::from_unix_seconds(1_997_404_800).expect("2033").to_string(),
            "2033-04-18T02:40:00Z"
        );
        assert_eq!(text(-1), "1969-12-31T23:59:59.999Z");
    }

    #[test]
    fn no_number_panics() {
        for number in [i64::MIN, i64::MIN + 1, -1, 0, 1, i64::MAX] {
            let _ = Timestamp::from_unix_seconds(number).map(|it| it.to_string());
            let _ = Timestamp::from_unix_millis(number).map(|it| it.to_string());
        }
        assert_eq!(Timestamp::from_unix_seconds(i64::MAX), None);
        assert_eq!(Timestamp::from_unix_millis(-62_167_219_200_001), None);
    }

    #[test]
    fn a_clock_east_of_utc_is_taken_back() {
        let time = Timestamp::from_civil("2025-04-16 13:16:20", 8).expect("a time");
        assert_eq!(time.to_string(), "2025-04-16T05:16:20Z");
        for no in ["", "2025-04-16", "2025-02-30 00:00:00", "2025-04-16T13:16:20", "x2025-04-16 13:16:20"] {
            assert_eq!(Timestamp::from_civil(no, 8), None, "{no}");
        }
    }

    #[test]
    fn a_date_is_read_from_the_start_of_a_text() {
        let read = |text| Date::at_start_of(text).map(|date| date.to_string());
        assert_eq!(read("2020-07-25").as_deref(), Some("2020-07-25"));
        assert_eq!(read("2020-07-25T00:00:00Z").as_deref(), Some("2020-07-25"));
        for no in ["", "2020-7-25", "2020-02-30", "2020-07-251", "25.07.2020", "日本日本日本", "+2020-7-25"]
        {
            assert_eq!(read(no), None, "{no}");
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for text in ["2022-11-21T06:27:42Z", "2025-04-16T05:19:41.133Z"] {
            assert_eq!(text.parse::<Timestamp>().expect("RFC 3339").to_string(), text);
        }
    }

    #[test]
    fn a_time_that_is_read_is_as_precise_as_one_that_is_made() {
        let read: Timestamp = "2022-11-21T14:27:42.1239+08:00".parse().expect("RFC 3339");
        assert_eq!(Some(read), Timestamp::from_unix_millis(1_669_012_062_123));
        for no in ["-000001-01-01T00:00:00Z", "2022-11-21", "2022-11-21T06:27:42", ""] {
            assert!(no.parse::<Timestamp>().is_err(), "{no}");
        }
    }

    #[test]
    fn a_date_is_read_only_as_it_is_written() {
        assert_eq!("2020-07-25".parse::<Date>().ok(), Date::at_start_of("2020-07-25"));
        for no in ["2020-7-25", "2020-07-25T00:00:00", "-2020-07-25", "2020-02-30", ""] {
            assert!(no.parse::<Date>().is_err(), "{no}");
        }
    }
}
