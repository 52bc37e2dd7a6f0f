//! Dates in fields (RFC 9110 §5.6.7) and `Retry-After` (§10.2.3).

use std::time::Duration;

use http::{HeaderMap, header};
use jiff::Timestamp;
use jiff::fmt::{rfc2822, strtime};

use super::{Moment, fields};

/// The moment as fields write it: `Sun, 06 Nov 1994 08:49:37 GMT`. Parts of a second are dropped.
pub fn http_date(moment: Moment) -> String {
    const PRINTER: rfc2822::DateTimePrinter = rfc2822::DateTimePrinter::new();
    // Only years before 0 have no such form, and a `Moment` does not reach them.
    PRINTER.timestamp_to_rfc9110_string(&moment.timestamp()).unwrap_or_default()
}

/// Reads a date in the preferred form or in one of the two obsolete ones that a recipient must still know.
///
/// The day of the week is not compared with the date. Of a two-digit year, 69 to 99 are taken as the 1900s.
pub fn parse_http_date(text: &str) -> Option<Timestamp> {
    const FORMS: [&str; 3] = ["%d %b %Y %H:%M:%S GMT", "%d-%b-%y %H:%M:%S GMT", "%b %e %H:%M:%S %Y"];
    let (day, date) = text.trim().split_once(' ')?;
    let long = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    let (day, forms) = match day.strip_suffix(',') {
        Some(day) => (day, &FORMS[..2]),
        None => (day, &FORMS[2..]),
    };
    if !long.iter().any(|name| *name == day || &name[..3] == day) {
        return None;
    }
    let read = |form: &&str| strtime::parse(form, date.trim_start()).and_then(|parts| parts.to_datetime()).ok();
    let civil = forms.iter().find_map(read)?;
    jiff::tz::Offset::UTC.to_timestamp(civil).ok()
}

/// How long to wait before the next attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// This long from the answer on.
    Delay(Duration),
    /// Until this moment.
    Date(Timestamp),
}

impl RetryAfter {
    /// Reads the value of the field. `None` when it is neither whole seconds nor a date.
    pub fn parse(text: &str) -> Option<RetryAfter> {
        let text = text.trim();
        if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
            // More seconds than fit are as good as for ever.
            return Some(RetryAfter::Delay(Duration::from_secs(text.parse().unwrap_or(u64::MAX))));
        }
        parse_http_date(text).map(RetryAfter::Date)
    }

    /// The wait that is left at `now`, for an answer that ended then; zero when the date has passed.
    pub fn wait(self, now: Moment) -> Duration {
        match self {
            RetryAfter::Delay(delay) => delay,
            RetryAfter::Date(date) => Duration::try_from(date.duration_since(now.timestamp())).unwrap_or_default(),
        }
    }
}

/// The `Retry-After` of an answer, when it can be read; the first one where there are several.
pub fn retry_after(headers: &HeaderMap) -> Option<RetryAfter> {
    fields::lines(headers, &header::RETRY_AFTER).next().and_then(RetryAfter::parse)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::{HeaderMap, HeaderValue, header};

    use super::{RetryAfter, http_date, parse_http_date, retry_after};
    use crate::message::Moment;

    const SECOND: i64 = 784_111_777;

    fn moment(second: i64) -> Moment {
        Moment { wall_ns: second * 1_000_000_000 + 999_999_999, mono_ns: 0 }
    }

    #[test]
    fn the_example_of_the_standard_in_its_three_forms() {
        assert_eq!(http_date(moment(SECOND)), "Sun, 06 Nov 1994 08:49:37 GMT");
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            " Mon, 06 Nov 1994 08:49:37 GMT ",
        ] {
            assert_eq!(parse_http_date(text).map(|date| date.as_second()), Some(SECOND), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 +0200",
            "Sun, 31 Feb 1994 08:49:37 GMT",
            "Xyz, 06 Nov 1994 08:49:37 GMT",
            "06 Nov 1994 08:49:37 GMT",
            "1994-11-06T08:49:37Z",
            "Sun, 06 Nov 1994 08:49:37 GMT and more",
        ] {
            assert_eq!(parse_http_date(text), None, "{text}");
        }
    }

    #[test]
    fn every_printed_date_is_read_again() {
        for second in [i64::MIN / 1_000_000_000, -1, 0, 951_782_400, 4_102_444_800, 9_000_000_000] {
            let moment = Moment { wall_ns: second * 1_000_000_000, mono_ns: 0 };
            assert_eq!(parse_http_date(&http_date(moment)).map(|date| date.as_second()), Some(second));
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let read = |text: &'static str| {
            retry_after(&HeaderMap::from_iter([(header::RETRY_AFTER, HeaderValue::from_static(text))]))
        };
        assert_eq!(read("120"), Some(RetryAfter::Delay(Duration::from_secs(120))));
        let date = read("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        let now = Moment { wall_ns: (SECOND - 5) * 1_000_000_000, mono_ns: 0 };
        assert_eq!(date.wait(now), Duration::from_secs(5));
        assert_eq!(date.wait(moment(SECOND + 5)), Duration::ZERO);
        assert_eq!(read("99999999999999999999999").map(|r| r.wait(now)), Some(Duration::from_secs(u64::MAX)));
        for text in ["", "-1", "2.5", "soon"] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
