//! How likely something is.

use std::fmt;

use super::duration::{decimal, trimmed};

/// A share of all draws. Holds for a hash below its threshold, out of 2^64; exact for `0%` and `100%`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chance {
    threshold: u128,
    /// The percentage as written: a whole number and how many of its digits stand after the point.
    amount: u128,
    decimals: u32,
}

impl Chance {
    /// Reads `20%` or `0.5%`.
    ///
    /// # Errors
    /// What is wrong, and what to write instead, as two sentence fragments.
    pub fn parse(text: &str) -> Result<Chance, (String, String)> {
        let shown = super::reader::excerpt(text);
        let number = text.strip_suffix('%');
        let Some((amount, decimals)) = decimal(number.unwrap_or(text).trim_end()) else {
            return Err((format!("`{shown}` is no percentage"), "write `0%` to `100%`, such as `20%`".to_owned()));
        };
        let one = 10_u128.pow(decimals);
        if number.is_none() {
            // `0.2` is as likely meant as a share as `20` is as a percentage.
            let percent = if amount <= one { trimmed(amount * 100, decimals) } else { trimmed(amount, decimals) };
            return Err((format!("`{shown}` has no `%`"), format!("write `{percent}%`")));
        }
        if amount > 100 * one {
            return Err((format!("`{shown}` is more than always"), "write `0%` to `100%`".to_owned()));
        }
        // At most 14 digits: the product stays below 2^128.
        Ok(Chance { threshold: (amount << 64) / (100 * one), amount, decimals })
    }

    /// Whether a draw hits: `hash` is one of all values of 64 bits, evenly likely.
    pub fn drawn(&self, hash: u64) -> bool {
        u128::from(hash) < self.threshold
    }

    /// Whether every draw hits.
    pub(super) fn certain(&self) -> bool {
        self.threshold > u128::from(u64::MAX)
    }
}

/// As it would be written: `20%`.
impl fmt::Display for Chance {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}%", trimmed(self.amount, self.decimals))
    }
}

#[cfg(test)]
mod tests {
    use super::Chance;

    #[test]
    fn never_always_and_between_are_exact() {
        assert!(!Chance::parse("0%").unwrap().drawn(0));
        assert!(Chance::parse("100%").unwrap().drawn(u64::MAX));
        let quarter = Chance::parse("25%").unwrap();
        assert!(quarter.drawn((1 << 62) - 1) && !quarter.drawn(1 << 62));
        let rare = Chance::parse("0.000000000001%").unwrap();
        assert!(rare.drawn(184_466) && !rare.drawn(184_467));
    }

    #[test]
    fn it_is_written_as_it_was_read() {
        for (written, again) in [("20%", "20%"), ("20.0%", "20%"), ("12.5%", "12.5%"), ("0%", "0%"), ("100%", "100%")] {
            assert_eq!(Chance::parse(written).unwrap().to_string(), again);
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_what_to_write() {
        let help = |text| Chance::parse(text).map_err(|(_, help)| help).unwrap_err();
        assert_eq!(help("0.2"), "write `20%`");
        assert_eq!(help("1"), "write `100%`");
        assert_eq!(help("20"), "write `20%`");
        assert_eq!(help("101%"), "write `0%` to `100%`");
        for text in ["", "%", "-1%", "x%", "1e2%", "0.0000000000001%"] {
            assert_eq!(help(text), "write `0%` to `100%`, such as `20%`");
        }
    }
}
