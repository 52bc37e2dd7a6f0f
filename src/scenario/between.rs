//! A stretch of time in which a rule holds.

use std::fmt;
use std::time::Duration;

use super::duration;

/// From one duration after the scenario became active, and before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Between {
    from: Duration,
    to: Duration,
}

impl Between {
    /// Reads `30s..45s`.
    ///
    /// # Errors
    /// What is wrong, and what to write instead, as two sentence fragments.
    pub fn parse(text: &str) -> Result<Between, (String, String)> {
        let shown = super::reader::excerpt(text);
        let Some((from, to)) = text.split_once("..") else {
            let help = "write when it starts and when it ends, such as `30s..45s`";
            return Err((format!("`{shown}` is no stretch of time"), help.to_owned()));
        };
        if to.trim().is_empty() {
            let help = "name one that is late enough, such as `30s..24h`";
            return Err((format!("`{shown}` says no end"), help.to_owned()));
        }
        let (from, to) = (duration::parse(from.trim_end())?, duration::parse(to.trim_start())?);
        if from == to {
            let help = "name a later end: the end does not belong to it";
            return Err((format!("`{shown}` ends when it starts, and never holds"), help.to_owned()));
        }
        if from > to {
            return Err((format!("`{shown}` ends before it starts"), "write the earlier time first".to_owned()));
        }
        Ok(Between { from, to })
    }

    /// Whether it holds so long after the scenario became active: the start belongs to it, the end does not.
    pub fn holds(&self, after: Duration) -> bool {
        (self.from..self.to).contains(&after)
    }
}

/// As it would be written.
impl fmt::Display for Between {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}..{}", duration::text(self.from), duration::text(self.to))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Between;

    #[test]
    fn the_start_belongs_to_it_and_the_end_does_not() {
        let between = Between::parse("30s .. 45s").unwrap();
        assert_eq!(between.to_string(), "30s..45s");
        let holds = |ns: u64| between.holds(Duration::from_nanos(ns));
        assert!(holds(30_000_000_000) && holds(44_999_999_999));
        assert!(!holds(29_999_999_999) && !holds(45_000_000_000));
    }

    #[test]
    fn what_is_wrong_is_told_with_what_to_write() {
        for (text, sentence) in [
            ("30s", "`30s` is no stretch of time"),
            ("30s..", "`30s..` says no end"),
            ("30..45s", "`30` has no unit"),
            ("45s..30s", "`45s..30s` ends before it starts"),
            ("1s..1s", "`1s..1s` ends when it starts, and never holds"),
        ] {
            assert_eq!(Between::parse(text).map_err(|(told, _)| told), Err(sentence.to_owned()));
        }
    }
}
