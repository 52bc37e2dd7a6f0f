//! What chance had a say in, and with which numbers: enough to do it again.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::written::{Text, nanoseconds};

/// A draw. What went into it besides: the session of the exchange, its operation, and the number of the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draw {
    /// The scenario and the id of the rule that it was for; `None`: a preference of the client.
    pub rule: Option<(Arc<str>, Arc<str>)>,
    /// What was drawn from, as a file has it: `10%`, `200ms..2s`.
    pub of: String,
    /// The seed.
    pub seed: u64,
    /// What was drawn.
    pub drawn: Drawn,
}

/// What was drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drawn {
    /// Whether a rule holds.
    Chance {
        /// One of 2^64 numbers, evenly likely: below the chance, as a share of them, it hits.
        number: u64,
        /// Whether it hit.
        hit: bool,
    },
    /// How long to wait.
    Delay(Duration),
}

/// A share of 2^64 as a percentage: six digits after the point, the rest cut off.
pub fn percent(number: u64) -> String {
    let millionths = (u128::from(number) * 100_000_000) >> 64;
    format!("{}.{:06}%", millionths / 1_000_000, millionths % 1_000_000)
}

/// How it is written in a line of recorded traffic.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Told<'a> {
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    scenario: Option<Text<'a>>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    rule: Option<Text<'a>>,
    #[serde(borrow)]
    of: Text<'a>,
    #[serde(default)]
    seed: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    number: Option<u64>,
    /// The number again, for people.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    share: Option<Text<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hit: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    delay_ns: Option<u64>,
}

impl<'a> Told<'a> {
    pub(super) fn of(draw: &'a Draw) -> Told<'a> {
        let (scenario, rule) = draw.rule.as_ref().map(|(scenario, rule)| (&**scenario, &**rule)).unzip();
        let (number, hit, delay) = match draw.drawn {
            Drawn::Chance { number, hit } => (Some(number), Some(hit), None),
            Drawn::Delay(delay) => (None, None, Some(delay)),
        };
        Told {
            scenario: scenario.map(Text::from),
            rule: rule.map(Text::from),
            of: draw.of.as_str().into(),
            seed: draw.seed,
            number,
            share: number.map(|number| percent(number).into()),
            hit,
            delay_ns: delay.map(nanoseconds),
        }
    }

    pub(super) fn into_draw(self) -> Draw {
        let drawn = match (self.number, self.delay_ns) {
            (Some(number), _) => Drawn::Chance { number, hit: self.hit.unwrap_or_default() },
            (None, delay_ns) => Drawn::Delay(Duration::from_nanos(delay_ns.unwrap_or_default())),
        };
        let rule = self.scenario.zip(self.rule).map(|(scenario, rule)| (Arc::from(&*scenario.0), Arc::from(&*rule.0)));
        Draw { rule, of: self.of.0.into_owned(), seed: self.seed, drawn }
    }
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn a_number_is_shown_as_the_share_that_it_is() {
        assert_eq!(percent(0), "0.000000%");
        assert_eq!(percent(u64::MAX), "99.999999%");
        assert_eq!(percent(1 << 62), "25.000000%");
    }
}
