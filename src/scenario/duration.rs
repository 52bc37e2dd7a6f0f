//! Durations as they are written: a number and a unit.

use std::time::Duration;

/// The units, in nanoseconds. `ms` stands before `s`, which it ends in.
const UNITS: [(&str, u64); 4] =
    [("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000), ("h", 3_600_000_000_000)];

/// The longest that anything may take.
pub(super) const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Reads `300ms`, `1.5s`, `2m`, `1h`.
///
/// # Errors
/// What is wrong, and what to write instead.
pub fn parse(text: &str) -> Result<Duration, (String, String)> {
    let shown = super::reader::excerpt(text);
    let no_duration = || {
        (
            format!("`{shown}` is no duration"),
            "write a number and a unit, such as `300ms`, `1.5s`, `2m` or `1h`".to_owned(),
        )
    };
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
    let (number, unit) = text.split_at_checked(digits).unwrap_or((text, ""));
    let Some((amount, decimals)) = decimal(number) else { return Err(no_duration()) };
    if unit.is_empty() {
        return Err((format!("`{shown}` has no unit"), format!("write `{number}ms` or `{number}s`")));
    }
    let Some((_, unit_ns)) = UNITS.iter().find(|(known, _)| *known == unit) else {
        let near = match unit.trim().to_ascii_lowercase().as_str() {
            "sec" | "secs" | "second" | "seconds" => "s",
            "min" | "mins" | "minute" | "minutes" => "m",
            "msec" | "millis" | "milliseconds" => "ms",
            "hr" | "hour" | "hours" => "h",
            lower => match UNITS.iter().find(|(known, _)| *known == lower) {
                Some((known, _)) => known,
                None => return Err(no_duration()),
            },
        };
        return Err((format!("`{shown}` is no duration"), format!("write `{number}{near}`")));
    };
    let nanoseconds = amount * u128::from(*unit_ns) / 10_u128.pow(decimals);
    match u64::try_from(nanoseconds).map(Duration::from_nanos) {
        Ok(duration) if duration <= LONGEST => Ok(duration),
        _ => Err((format!("`{shown}` is longer than a day"), "write at most `24h`".to_owned())),
    }
}

/// A decimal number as a whole one and how many of its digits stand after the point. At most twelve digits on each side.
pub(super) fn decimal(text: &str) -> Option<(u128, u32)> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| (1..=12).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    let amount: u128 = format!("{whole}{fraction}").parse().ok()?;
    Some((amount, u32::try_from(fraction.len()).ok()?))
}

/// As it would be written.
pub(super) fn text(duration: Duration) -> String {
    let nanoseconds = duration.as_nanos();
    let seconds = duration.as_secs();
    if duration < Duration::from_secs(1) && !duration.is_zero() {
        format!("{}ms", trimmed(nanoseconds, 6))
    } else if seconds >= 3600 && nanoseconds.is_multiple_of(3_600_000_000_000) {
        format!("{}h", seconds / 3600)
    } else if seconds >= 60 && nanoseconds.is_multiple_of(60_000_000_000) {
        format!("{}m", seconds / 60)
    } else {
        format!("{}s", trimmed(nanoseconds, 9))
    }
}

/// A number with its last `decimals` digits after the point, without zeros at the end.
pub(super) fn trimmed(amount: u128, decimals: u32) -> String {
    let one = 10_u128.pow(decimals);
    let width = decimals as usize;
    let text = format!("{}.{:0width$}", amount / one, amount % one);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{parse, text};

    #[test]
    fn durations_are_read_and_written_back() {
        for (written, milliseconds, again) in [
            ("300ms", 300, "300ms"),
            ("0.5ms", 0, "0.5ms"),
            ("1.5s", 1500, "1.5s"),
            ("1500ms", 1500, "1.5s"),
            ("2m", 120_000, "2m"),
            ("90s", 90_000, "90s"),
            ("24h", 86_400_000, "24h"),
            ("0s", 0, "0s"),
        ] {
            let read = parse(written).unwrap();
            assert_eq!(read.as_millis(), milliseconds, "{written}");
            assert_eq!(text(read), again);
            assert_eq!(parse(&text(read)), Ok(read));
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_what_to_write() {
        for (written, sentence, help) in [
            ("300", "`300` has no unit", "write `300ms` or `300s`"),
            ("2 seconds", "`2 seconds` is no duration", "write `2s`"),
            ("5S", "`5S` is no duration", "write `5s`"),
            ("25h", "`25h` is longer than a day", "write at most `24h`"),
        ] {
            assert_eq!(parse(written), Err((sentence.to_owned(), help.to_owned())));
        }
        for written in ["", "ms", "-1s", "1.2.3s", "1e3s", ".5s", "5.s", "1d", "9999999999999999999h", "ü"] {
            assert!(parse(written).is_err(), "{written}");
        }
        assert_eq!(parse("999999999999h").map_err(|(sentence, _)| sentence).ok(), None::<Duration>);
    }
}
