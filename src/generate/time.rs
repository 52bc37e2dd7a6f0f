//! Moments around `now`, in the order in which things happen: created, updated, now, due.

use std::fmt;

use jiff::Timestamp;

use super::Seed;
use super::draw::Draws;
use super::json::Text;

/// What a moment is the moment of. Within one object they lie in this order, but for the last four.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Occasion {
    /// It came to be: before everything else.
    Created,
    /// Something goes from here to [`Occasion::End`].
    Start,
    /// It changed: not before it was created, and before now.
    Updated,
    /// It was last seen, completed, removed: after the last change, and before now.
    Done,
    /// The end of what started: after now.
    End,
    /// It is due, expires, comes next: after now and after the end.
    Due,
    /// Somebody's birthday.
    Born,
    /// Nothing is known about it: some time before now, and not before it was created.
    Some,
}

/// How a moment is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Precision {
    /// RFC 3339 date-time, in UTC.
    DateTime,
    /// `full-date` of RFC 3339.
    Date,
    /// `full-time` of RFC 3339, in UTC.
    Time,
    /// An HTTP date (RFC 9110, 5.6.7).
    Http,
    /// Seconds since 1970.
    Seconds,
    /// Milliseconds since 1970.
    Millis,
}

const HOUR: i128 = 3_600;
const DAY: i128 = 24 * HOUR;

/// Seconds since 1970 of an occasion in the life of the object whose seed is `scope`; `own` is the seed of the value itself.
///
/// Each is a function of the scope, not of the other moments written: leaving one member out moves none of the others.
pub(super) fn moment(occasion: Occasion, scope: Seed, own: Seed, now: i64) -> i64 {
    let mut draws = Draws::of(scope, LIFE);
    let age = draws.between(2 * DAY, 60 * DAY);
    let started = draws.between(age * 6 / 10, age * 8 / 10);
    let changed = draws.between(HOUR, age * 4 / 10);
    let end = draws.between(2 * HOUR, 7 * DAY);
    let mut own = Draws::new(own);
    let offset = match occasion {
        Occasion::Created => -age,
        Occasion::Start => -started,
        Occasion::Updated => -changed,
        Occasion::Done => -own.between(60, changed.min(2 * DAY)),
        Occasion::End => end,
        Occasion::Due => end + draws.between(DAY, 21 * DAY),
        Occasion::Born => -own.between(22 * 365 * DAY, 65 * 365 * DAY),
        Occasion::Some => -own.between(60, age),
    };
    now.saturating_add(i64::try_from(offset).unwrap_or(0))
}

/// Tells this use of a scope's seed from others.
const LIFE: u64 = 0x6c69_6665;

/// Writes a moment.
pub(super) fn write(out: &mut dyn Text, seconds: i64, precision: Precision) -> fmt::Result {
    let least = Timestamp::MIN.as_second();
    let most = Timestamp::MAX.as_second();
    let moment = Timestamp::from_second(seconds.clamp(least, most)).unwrap_or(Timestamp::UNIX_EPOCH);
    let of_day = seconds.rem_euclid(86_400);
    let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
    match precision {
        Precision::DateTime => {
            let mut text = *b"0000-00-00T00:00:00Z";
            put_date(&mut text, moment);
            put_time(&mut text[11..], hour, minute, second);
            out.write_plain(&text)
        }
        Precision::Date => {
            let mut text = *b"0000-00-00";
            put_date(&mut text, moment);
            out.write_plain(&text)
        }
        Precision::Time => {
            let mut text = *b"00:00:00Z";
            put_time(&mut text, hour, minute, second);
            out.write_plain(&text)
        }
        Precision::Http => {
            const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
            const MONTHS: [&str; 12] =
                ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
            let weekday = seconds.div_euclid(86_400).rem_euclid(7);
            let date = civil(moment);
            let name = MONTHS.get(usize::from(date.month().unsigned_abs()).wrapping_sub(1)).unwrap_or(&"Jan");
            let weekday = DAYS.get(usize::try_from(weekday).unwrap_or(0)).unwrap_or(&"Thu");
            let (day, year) = (date.day(), date.year());
            write!(out, "{weekday}, {day:02} {name} {year:04} {hour:02}:{minute:02}:{second:02} GMT")
        }
        Precision::Seconds => write!(out, "{seconds}"),
        Precision::Millis => write!(out, "{}", seconds.saturating_mul(1_000)),
    }
}

fn civil(moment: Timestamp) -> jiff::civil::Date {
    jiff::tz::Offset::UTC.to_datetime(moment).date()
}

fn put_date(text: &mut [u8], moment: Timestamp) {
    let date = civil(moment);
    // Years before 0 have no RFC 3339 form; nothing real lies there.
    let year = i64::from(date.year().max(0));
    put(text, 0, year / 100);
    put(text, 2, year % 100);
    put(text, 5, date.month().into());
    put(text, 8, date.day().into());
}

fn put_time(text: &mut [u8], hour: i64, minute: i64, second: i64) {
    put(text, 0, hour);
    put(text, 3, minute);
    put(text, 6, second);
}

/// Two digits at a place that is there.
fn put(text: &mut [u8], at: usize, number: i64) {
    if let Some([tens, ones]) = text.get_mut(at..at + 2) {
        // Both are below ten.
        (*tens, *ones) = (b'0' + (number / 10 % 10) as u8, b'0' + (number % 10) as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::super::Seed;
    use super::{Occasion, Precision, moment, write};

    const NOW: i64 = 1_795_000_000;

    #[test]
    fn things_happen_in_order() {
        for number in 0..500 {
            let scope = Seed(5).nth(number);
            let own = |name| moment(name, scope, scope.nth(name as u64), NOW);
            let order = [Occasion::Created, Occasion::Start, Occasion::Updated, Occasion::Done].map(own);
            assert!(order.windows(2).all(|pair| pair[0] < pair[1]), "{order:?}");
            assert!(order[3] < NOW && NOW < own(Occasion::End) && own(Occasion::End) < own(Occasion::Due));
            assert!((own(Occasion::Created)..NOW).contains(&own(Occasion::Some)));
            assert!(own(Occasion::Born) < NOW - 20 * 365 * 86_400);
        }
    }

    #[test]
    fn moments_are_written_as_the_standards_ask() {
        let text = |precision| {
            let mut out = String::new();
            write(&mut out, 1_784_111_777, precision).unwrap();
            out
        };
        assert_eq!(text(Precision::DateTime), "2026-07-15T10:36:17Z");
        assert_eq!(text(Precision::Date), "2026-07-15");
        assert_eq!(text(Precision::Time), "10:36:17Z");
        assert_eq!(text(Precision::Http), "Wed, 15 Jul 2026 10:36:17 GMT");
        assert_eq!(text(Precision::Millis), "1784111777000");
        assert!(write(&mut String::new(), i64::MIN, Precision::DateTime).is_ok());
    }
}
