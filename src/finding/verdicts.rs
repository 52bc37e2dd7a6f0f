//! What a run came to for what its scenarios expect of the client.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::{Counted, Grouped};

/// What became of everything that scenarios expect of the client, one verdict for each session that an expectation was put to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdicts {
    /// Each expectation, in the order of the scenarios and their texts, with its counts.
    pub expectations: Vec<Expected>,
    /// What was broken, in the order in which it was: the first of them, each with the calls that broke it.
    pub broken: Vec<Broken>,
    /// Broken verdicts that are counted and no longer told call by call.
    pub not_shown: u64,
}

/// One expectation, and how it went over all sessions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// The scenario that has it.
    pub scenario: Arc<str>,
    /// The line of its file where the expectation stands, from 1.
    pub line: u32,
    /// The operation it is about; `None`: all of them, `"*"`.
    pub operation: Option<Arc<str>>,
    /// The expectation as it is written: `at-most: 4`.
    pub expectation: String,
    /// Sessions in which the client did as expected.
    pub kept: u64,
    /// Sessions in which it did not.
    pub broken: u64,
    /// Sessions in which there was no occasion to find out, or no means.
    pub not_decided: u64,
    /// Why it was not decided, as lower-case sentence fragments.
    pub reasons: Vec<Counted>,
}

/// An expectation that a client broke in one session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Broken {
    /// The session.
    pub session: Arc<str>,
    /// The scenario that has the expectation.
    pub scenario: Arc<str>,
    /// The line of its file where the expectation stands, from 1.
    pub line: u32,
    /// The operation it is about; `None`: all of them.
    pub operation: Option<Arc<str>>,
    /// The expectation by its key: `honours-retry-after`.
    pub expectation: Arc<str>,
    /// The expectation as it is written, which is how an [`Expected`] has it: `at-most: 4`.
    pub written: String,
    /// What is wrong, where that is not with one call: `429 was never answered`.
    pub what: Option<String>,
    /// What happened, call by call, the first time that it was broken; of many calls the last ones.
    pub calls: Vec<CallMade>,
    /// How often it was broken.
    pub times: u64,
}

/// A call, as a broken verdict tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallMade {
    /// Its operation; `None` where there is none for it.
    pub operation: Option<Arc<str>>,
    /// Its number in its session and operation, from 1; 0 where there is no operation.
    pub number: u64,
    /// When its head came, counted from the first call of the session that something was expected of.
    pub at: Duration,
    /// How it went.
    pub ending: Ending,
    /// How long it took from its head to the last byte of its answer.
    pub took: Duration,
    /// The `Retry-After` of its answer, as written.
    pub retry_after: Option<Arc<str>>,
    /// For a retry: how long after the end of the answer before it came.
    pub waited: Option<Duration>,
    /// What was wrong with it, as a lower-case sentence fragment: `1.69 s too early`.
    pub wrong: Option<String>,
}

/// How a call went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ending {
    /// Answered, with this status.
    Answered(u16),
    /// Answered with this status, and cut off before its end.
    CutOff(u16),
    /// There was no answer: a fault, or the client did not wait for it.
    #[default]
    Unanswered,
}

impl fmt::Display for Ending {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ending::Answered(status) => write!(out, "{status}"),
            Ending::CutOff(status) => write!(out, "{status}, cut off"),
            Ending::Unanswered => out.write_str("no answer"),
        }
    }
}

impl Expected {
    /// Whether it is the one that was broken there. Several may stand on one line.
    pub fn is_of(&self, broken: &Broken) -> bool {
        self.scenario == broken.scenario && self.operation == broken.operation && self.expectation == broken.written
    }
}

impl Verdicts {
    /// How many verdicts are *kept*.
    pub fn kept(&self) -> u64 {
        self.expectations.iter().map(|expected| expected.kept).sum()
    }

    /// How many verdicts are *broken*.
    pub fn broken(&self) -> u64 {
        self.expectations.iter().map(|expected| expected.broken).sum()
    }

    /// How many are *not decided*.
    pub fn not_decided(&self) -> u64 {
        self.expectations.iter().map(|expected| expected.not_decided).sum()
    }

    /// Whether nothing was expected.
    pub fn is_empty(&self) -> bool {
        self.expectations.is_empty()
    }

    /// Why verdicts are not decided, over all expectations, the most frequent reason first.
    pub fn reasons(&self) -> Vec<Counted> {
        let mut all: Vec<Counted> = Vec::new();
        for reason in self.expectations.iter().flat_map(|expected| &expected.reasons) {
            match all.iter_mut().find(|known| known.what == reason.what) {
                Some(known) => known.count += reason.count,
                None => all.push(reason.clone()),
            }
        }
        all.sort_by_key(|reason| std::cmp::Reverse(reason.count));
        all
    }
}

/// One line: `11 kept, 1 broken, 2 not decided (no answer asked for a wait)`.
impl fmt::Display for Verdicts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kept, broken, open) = (Grouped(self.kept()), Grouped(self.broken()), Grouped(self.not_decided()));
        write!(out, "{kept} kept, {broken} broken, {open} not decided")?;
        let reasons = self.reasons();
        let told: Vec<&str> = reasons.iter().take(3).map(|reason| reason.what.as_str()).collect();
        if told.is_empty() {
            return Ok(());
        }
        let more = if reasons.len() > told.len() { "; …" } else { "" };
        write!(out, " ({}{more})", told.join("; "))
    }
}

/// One line: `t08  honours-retry-after  invite #3 at 4.210 s: 429, Retry-After 2  #4 at 4.520 s: 1.69 s too early`.
impl fmt::Display for Broken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}  {}", self.session, self.expectation)?;
        if let Some(what) = &self.what {
            write!(out, "  {what}")?;
        }
        let mut before = None;
        for call in &self.calls {
            match &call.operation {
                // Numbers are of an operation.
                Some(operation) if before != Some(operation) => write!(out, "  {operation} {call}")?,
                _ => write!(out, "  {call}")?,
            }
            before = call.operation.as_ref();
        }
        match self.times {
            0 | 1 => Ok(()),
            2 => out.write_str("  and once more"),
            times => write!(out, "  and {} more times", Grouped(times - 1)),
        }
    }
}

/// `#3 at 4.210 s: 429, Retry-After 2`, or `#4 at 4.520 s: 1.69 s too early`.
impl fmt::Display for CallMade {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.number > 0 {
            write!(out, "#{} ", self.number)?;
        }
        write!(out, "at {}.{:03} s: ", self.at.as_secs(), self.at.subsec_millis())?;
        match (&self.wrong, &self.retry_after) {
            (Some(wrong), _) => out.write_str(wrong),
            (None, Some(after)) => write!(out, "{}, Retry-After {after}", self.ending),
            (None, None) => write!(out, "{}", self.ending),
        }
    }
}
