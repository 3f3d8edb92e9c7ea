use std::time::{Duration, SystemTime};

use userinfo_core::Timestamp;

/// How `Request-Time` is written; each form is met at some wallet. All are in UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TimeFormat {
    /// `2024-01-10T04:12:12.000+00:00`, as the documents have it.
    #[default]
    Milliseconds,
    /// `2024-01-10T04:12:12+00:00`
    Seconds,
    /// `2024-01-10T04:12:12.000Z`
    Utc,
    /// `1704859932000`
    Epoch,
}

impl TimeFormat {
    pub(crate) fn write(self, time: SystemTime) -> String {
        // A clock that stands before the year -9999 is refused by the wallet, as any other wrong clock is.
        let time = jiff::Timestamp::try_from(time).unwrap_or_default();
        match self {
            Self::Milliseconds => time.strftime("%Y-%m-%dT%H:%M:%S%.3f+00:00").to_string(),
            Self::Seconds => time.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string(),
            Self::Utc => time.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
            Self::Epoch => time.as_millisecond().to_string(),
        }
    }
}

/// Reads a `Response-Time` in any of the forms and with any offset, as milliseconds since the epoch.
pub(crate) fn read(text: &str) -> Option<i64> {
    let is_number = !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    let time = if is_number { Timestamp::from_unix_millis(text.parse().ok()?) } else { text.parse().ok() };
    time.map(Timestamp::unix_millis)
}

/// The time that is so many milliseconds after the epoch, or before it.
pub(crate) fn from_millis(millis: i64) -> Option<SystemTime> {
    let magnitude = Duration::from_millis(millis.unsigned_abs());
    if millis < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(magnitude)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(magnitude)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_in_any_form_is_read_again() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_millis(1_704_859_932_345);
        for (format, text, millis) in [
            (TimeFormat::Milliseconds, "2024-01-10T04:12:12.345+00:00", 1_704_859_932_345),
            (TimeFormat::Seconds, "2024-01-10T04:12:12+00:00", 1_704_859_932_000),
            (TimeFormat::Utc, "2024-01-10T04:12:12.345Z", 1_704_859_932_345),
            (TimeFormat::Epoch, "1704859932345", 1_704_859_932_345),
        ] {
            assert_eq!(format.write(time), text);
            assert_eq!(read(text), Some(millis));
        }
    }

    #[test]
    fn milliseconds_are_written_where_there_are_none() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_704_859_932);
        assert_eq!(TimeFormat::Milliseconds.write(time), "2024-01-10T04:12:12.000+00:00");
    }

    #[test]
    fn any_offset_is_read_and_anything_else_is_no_time() {
        assert_eq!(read("2024-01-10T12:12:12.345+08:00"), Some(1_704_859_932_345));
        assert_eq!(read("2024-01-10T09:42:12+05:30"), Some(1_704_859_932_000));
        for no in ["", "soon", "2024-01-10T12:12:12", "2024-13-10T12:12:12Z", "-1", "99999999999999999999"] {
            assert_eq!(read(no), None, "{no}");
        }
    }
}
