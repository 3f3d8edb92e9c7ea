use std::time::Duration;

/// Reads a duration written `"500ms"`, `"10s"`, `"5m"` or `"24h"`; `None` for anything else.
#[must_use]
pub fn parse_duration(text: &str) -> Option<Duration> {
    let (number, unit) = number_and_unit(text)?;
    let millis = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    number.checked_mul(millis).map(Duration::from_millis)
}

/// Reads a size written `"512B"`, `"64KiB"`, `"1MiB"` or `"1GiB"`, in bytes; `None` for anything else.
#[must_use]
pub fn parse_size(text: &str) -> Option<usize> {
    let (number, unit) = number_and_unit(text)?;
    let bytes = match unit {
        "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    number.checked_mul(bytes).and_then(|it| it.try_into().ok())
}

fn number_and_unit(text: &str) -> Option<(u64, &str)> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
    Some((number.parse().ok()?, unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_sizes_are_read_as_they_are_written() {
        assert_eq!(parse_duration("500ms"), Some(Duration::from_millis(500)));
        assert_eq!(parse_duration("10s"), Some(Duration::from_secs(10)));
        assert_eq!(parse_duration("5m"), Some(Duration::from_secs(300)));
        assert_eq!(parse_duration("24h"), Some(Duration::from_secs(86_400)));
        for no in
            ["", "10", "s", "-1s", "1.5s", "10 s", "1d", "99999999999999999999h", "18446744073709551615h"]
        {
            assert_eq!(parse_duration(no), None, "{no}");
        }
        assert_eq!(parse_size("64KiB"), Some(65_536));
        assert_eq!(parse_size("1MiB"), Some(1 << 20));
        for no in ["", "1", "1MB", "1mib", "MiB", "99999999999999GiB"] {
            assert_eq!(parse_size(no), None, "{no}");
        }
    }
}
