//! What a call was told of a rate.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::written::{Text, nanoseconds};

/// Where a rate stood once a call was through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The scenario that has the rate.
    pub scenario: Arc<str>,
    /// The id of its rule.
    pub rule: Arc<str>,
    /// How many calls can follow one on the other.
    pub limit: u64,
    /// How many more are allowed without waiting.
    pub remaining: u64,
    /// How long until more are allowed; `None`: as many as there can be already are.
    pub more_in: Option<Duration>,
    /// Whether it allowed this call.
    pub allowed: bool,
}

impl Limit {
    /// How long until more are allowed, in whole seconds: waiting that long is enough.
    pub fn seconds(&self) -> u64 {
        self.more_in.map_or(0, seconds)
    }
}

/// Whole seconds that are no less.
fn seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

/// How it is written in a line of recorded traffic.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Told<'a> {
    #[serde(borrow)]
    scenario: Text<'a>,
    #[serde(borrow)]
    rule: Text<'a>,
    limit: u64,
    remaining: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    more_in_ns: Option<u64>,
    allowed: bool,
}

impl<'a> Told<'a> {
    pub(super) fn of(limit: &'a Limit) -> Told<'a> {
        Told {
            scenario: (&*limit.scenario).into(),
            rule: (&*limit.rule).into(),
            limit: limit.limit,
            remaining: limit.remaining,
            more_in_ns: limit.more_in.map(nanoseconds),
            allowed: limit.allowed,
        }
    }

    pub(super) fn into_limit(self) -> Limit {
        Limit {
            scenario: Arc::from(&*self.scenario.0),
            rule: Arc::from(&*self.rule.0),
            limit: self.limit,
            remaining: self.remaining,
            more_in: self.more_in_ns.map(Duration::from_nanos),
            allowed: self.allowed,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    #[test]
    fn waiting_whole_seconds_is_enough() {
        for (ns, seconds) in [(0, 0), (1, 1), (1_000_000_000, 1), (1_000_000_001, 2), (3_333_333_334, 4)] {
            assert_eq!(super::seconds(Duration::from_nanos(ns)), seconds);
        }
    }
}
