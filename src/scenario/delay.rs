//! How long an answer is held back.

use std::fmt;
use std::time::Duration;

use super::duration::{self, LONGEST};
use crate::generate::Seed;

/// How long an answer is held back before its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delay {
    /// Always this long.
    Fixed(Duration),
    /// At least the first and less than the second, evenly likely.
    Between(Duration, Duration),
    /// As real services are slow: half of the draws take less than the median, one in a hundred more than `p99`.
    LogNormal {
        /// Half of the draws take less.
        median: Duration,
        /// Ninety-nine in a hundred take less; not less than the median.
        p99: Duration,
    },
}

/// The 99th percentile of the standard normal distribution.
const Z99: f64 = 2.326_347_874_040_841;

impl Delay {
    /// Reads `300ms` or `200ms..2s`.
    ///
    /// # Errors
    /// What is wrong, and what to write instead, as two sentence fragments.
    pub fn parse(text: &str) -> Result<Delay, (String, String)> {
        let Some((from, to)) = text.split_once("..") else { return duration::parse(text).map(Delay::Fixed) };
        let (from, to) = (duration::parse(from.trim_end())?, duration::parse(to.trim_start())?);
        if from >= to {
            let shown = super::reader::excerpt(text);
            return Err((format!("`{shown}` ends before it starts"), "write the shorter duration first".to_owned()));
        }
        Ok(Delay::Between(from, to))
    }

    /// The delay of one answer. The same seed gives the same delay; never more than a day.
    pub fn draw(&self, seed: Seed) -> Duration {
        match *self {
            Delay::Fixed(duration) => duration,
            Delay::Between(from, to) => {
                let width = u64::try_from(to.saturating_sub(from).as_nanos()).unwrap_or(u64::MAX);
                from + Duration::from_nanos(seed.nth(0).below(width))
            }
            Delay::LogNormal { median, p99 } => {
                if median.is_zero() {
                    return median;
                }
                let sigma = (p99.as_secs_f64() / median.as_secs_f64()).ln() / Z99;
                let seconds = median.as_secs_f64() * (sigma * normal(seed)).exp();
                // Whole microseconds, so that the last bit of a platform's logarithm does not show.
                Duration::from_micros((seconds.min(LONGEST.as_secs_f64()) * 1e6).round() as u64)
            }
        }
    }
}

/// A draw from the standard normal distribution, after Box and Muller.
fn normal(seed: Seed) -> f64 {
    // Above zero, and at most one: 53 bits, which a double holds exactly.
    let even = |number: u64| ((seed.nth(number).0 >> 11) + 1) as f64 / (1_u64 << 53) as f64;
    (-2.0 * even(0).ln()).sqrt() * (std::f64::consts::TAU * even(1)).cos()
}

/// As it would be written.
impl fmt::Display for Delay {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Delay::Fixed(duration) => out.write_str(&duration::text(*duration)),
            Delay::Between(from, to) => write!(out, "{}..{}", duration::text(*from), duration::text(*to)),
            Delay::LogNormal { median, p99 } => {
                write!(out, "{{ median: {}, p99: {} }}", duration::text(*median), duration::text(*p99))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Delay;
    use crate::generate::Seed;

    #[test]
    fn draws_stay_where_they_belong_and_repeat() {
        let between = Delay::parse("200ms..2s").unwrap();
        assert_eq!(between.to_string(), "200ms..2s");
        let drawn: Vec<Duration> = (0..1000).map(|number| between.draw(Seed(7).nth(number))).collect();
        assert!(drawn.iter().all(|drawn| (200..2000).contains(&drawn.as_millis())));
        assert!(
            drawn.iter().any(|drawn| drawn.as_millis() < 300) && drawn.iter().any(|drawn| drawn.as_millis() > 1900)
        );
        assert_eq!(drawn[3], between.draw(Seed(7).nth(3)));
        assert_eq!(Delay::parse("1s").unwrap().draw(Seed(1)), Duration::from_secs(1));
    }

    #[test]
    fn median_and_tail_are_what_they_are_called() {
        let (median, p99) = (Duration::from_millis(300), Duration::from_secs(2));
        let slow = Delay::LogNormal { median, p99 };
        let drawn: Vec<Duration> = (0..20_000).map(|number| slow.draw(Seed(0).nth(number))).collect();
        let above = |limit: Duration| drawn.iter().filter(|drawn| **drawn > limit).count();
        assert!((9_700..10_300).contains(&above(median)), "{}", above(median));
        assert!((150..250).contains(&above(p99)), "{}", above(p99));
        let still = Delay::LogNormal { median, p99: median };
        assert_eq!(still.draw(Seed(9)), median);
        let none = Delay::LogNormal { median: Duration::ZERO, p99 };
        assert_eq!(none.draw(Seed(9)), Duration::ZERO);
    }

    #[test]
    fn a_range_runs_forward() {
        assert!(Delay::parse("2s..200ms").is_err());
        assert!(Delay::parse("1s..1s").is_err());
        assert!(Delay::parse("..").is_err());
        assert_eq!(Delay::parse("1..2s").map_err(|(sentence, _)| sentence), Err("`1` has no unit".to_owned()));
    }
}
