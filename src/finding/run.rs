//! What a command came to that ran beside a mock: plain data. Every report of `standin exec` is a function of a [`Run`].

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::{Covered, Part, Share, Verdicts};

/// A command that ran beside a mock, and what was seen of it.
#[derive(Clone, Debug)]
pub struct Run {
    /// The documents, as they were named.
    pub document: String,
    /// The command, as it was typed.
    pub command: Vec<String>,
    /// How it ended.
    pub ended: Ended,
    /// How long it ran.
    pub took: Duration,
    /// Where chance came from.
    pub seeds: Seeds,
    /// The time that generated dates lay around.
    pub now: String,
    /// The scenarios that applied unasked, in order.
    pub scenarios: Vec<String>,
    /// How many different sessions made calls.
    pub sessions: Sessions,
    /// Calls, but for preflights and the server's own pages.
    pub calls: u64,
    /// Calls without an answer: cut off by the end, or not waited for.
    pub unanswered: u64,
    /// How often each status was answered.
    pub statuses: BTreeMap<u16, u64>,
    /// What was met of the documents.
    pub covered: Covered,
    /// What an operation is asked with, `METHOD /base/template`, by its key.
    pub requests: BTreeMap<Arc<str>, String>,
    /// How much of the documents there has to be met.
    pub floors: Vec<Floor>,
    /// What became of all that scenarios expect of the client.
    pub verdicts: Verdicts,
    /// Calls that were for no operation.
    pub unmatched: Kinds<Unmatched>,
    /// Calls that the document, or a limit, refused.
    pub refused: Kinds<Refused>,
    /// Calls whose answer could not be made.
    pub unmade: Kinds<Unmade>,
    /// Calls for an icon, which browsers make of themselves; they are none of the others.
    pub icons: u64,
    /// A command line that does the same again.
    pub again: String,
    /// The exit code, and why it is that.
    pub exit: Conclusion,
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// By itself, with this code.
    Code(i32),
    /// By this signal.
    Signal(i32),
}

/// Whose seeds hold: that of a run, and those that scenarios have of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seeds {
    /// The one of the run: for all that no scenario with a seed of its own decides.
    pub run: u64,
    /// Scenarios that apply unasked and have one, in order, each with it.
    pub own: Vec<(Arc<str>, u64)>,
    /// How many scenarios apply unasked.
    pub scenarios: usize,
}

/// `seed 0`; `seed 7 (chaos)` where that is the scenario; `seeds 0, 7 (chaos), 9 (slow)` where there are several.
impl fmt::Display for Seeds {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.own.as_slice() {
            [] => write!(out, "seed {}", self.run),
            [(scenario, seed)] if self.scenarios == 1 => write!(out, "seed {seed} ({scenario})"),
            own => {
                write!(out, "seeds {}", self.run)?;
                own.iter().try_for_each(|(scenario, seed)| write!(out, ", {seed} ({scenario})"))
            }
        }
    }
}

/// Signals by name, where the numbers are the same on all systems that have them.
const SIGNALS: [(i32, &str); 11] = [
    (1, "SIGHUP"),
    (2, "SIGINT"),
    (3, "SIGQUIT"),
    (4, "SIGILL"),
    (6, "SIGABRT"),
    (8, "SIGFPE"),
    (9, "SIGKILL"),
    (11, "SIGSEGV"),
    (13, "SIGPIPE"),
    (14, "SIGALRM"),
    (15, "SIGTERM"),
];

impl Ended {
    /// The code that says so: 128 and its number for a signal, as shells have it. What has no room in a byte becomes 1.
    pub fn code(self) -> u8 {
        match self {
            Ended::Code(code) => u8::try_from(code).unwrap_or(1),
            Ended::Signal(signal) => signal.checked_add(128).and_then(|code| u8::try_from(code).ok()).unwrap_or(1),
        }
    }
}

/// `ended 3`, `was killed by SIGTERM`.
impl fmt::Display for Ended {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ended::Code(code) => write!(out, "ended {code}"),
            Ended::Signal(signal) => match SIGNALS.iter().find(|(number, _)| number == signal) {
                Some((_, name)) => write!(out, "was killed by {name}"),
                None => write!(out, "was killed by signal {signal}"),
            },
        }
    }
}

/// How many different sessions there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sessions {
    /// As many as were told apart.
    pub known: u64,
    /// Whether there were more.
    pub more: bool,
}

/// `examples=50%`
impl fmt::Display for Floor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}={}%", self.what.word(), self.percent)
    }
}

/// What coverage is a share of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Operations.
    Operations,
    /// Documented statuses, those of each operation.
    Statuses,
    /// Named examples of answers.
    Examples,
}

impl Measure {
    /// All of them.
    pub const ALL: [Measure; 3] = [Measure::Operations, Measure::Statuses, Measure::Examples];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Measure::Operations => "operations",
            Measure::Statuses => "statuses",
            Measure::Examples => "examples",
        }
    }

    /// How much was met of it.
    pub fn share(self, covered: &Covered) -> Share {
        match self {
            Measure::Operations => covered.operations(),
            Measure::Statuses => covered.statuses(),
            Measure::Examples => covered.examples(),
        }
    }
}

/// How much there has to be met.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Floor {
    /// Of what.
    pub what: Measure,
    /// In percent.
    pub percent: f64,
}

impl Floor {
    /// Whether there is nothing of the kind: it asks for nothing then.
    pub fn is_of_nothing(self, covered: &Covered) -> bool {
        self.what.share(covered).of == 0
    }

    /// Whether less was met. Of nothing, everything was.
    pub fn is_missed(self, covered: &Covered) -> bool {
        let Share { met, of } = self.what.share(covered);
        // Multiplied out: a share that is just met is not missed by a rounded division.
        of > 0 && (met as f64) * 100.0 < self.percent * (of as f64)
    }
}

/// Calls by kind. The total is exact; kinds are told apart up to a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kinds<K> {
    /// All calls.
    pub total: u64,
    /// The kinds, the most frequent first.
    pub kinds: Vec<Kind<K>>,
    /// Calls of kinds beyond the limit.
    pub beyond: u64,
}

impl<K> Default for Kinds<K> {
    fn default() -> Self {
        Kinds { total: 0, kinds: Vec::new(), beyond: 0 }
    }
}

/// Calls that are alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind<K> {
    /// What they are.
    pub what: K,
    /// How many there were.
    pub count: u64,
    /// The sessions that they came from, in order; up to a limit.
    pub sessions: Vec<Arc<str>>,
    /// Whether they came from more.
    pub more_sessions: bool,
}

/// A call that is for no operation.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Unmatched {
    /// Its method.
    pub method: String,
    /// Its path, long segments cut.
    pub path: String,
    /// Whether the path is one of the document, and the method none of it.
    pub known_path: bool,
    /// The operation that it may have meant, `METHOD /template`.
    pub nearest: Option<String>,
    /// What is different there; may be empty.
    pub difference: String,
}

/// A call that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Refused {
    /// The status it was answered with.
    pub status: u16,
    /// Its operation, where that was found out before.
    pub operation: Option<Arc<str>>,
    /// Why, in one word: `credentials`, `invalid-request`, `not-acceptable`, `limits`.
    pub why: &'static str,
    /// The part of the request that stands first among what is wrong.
    pub part: Option<Part>,
    /// The parameter, field or cookie; empty for content.
    pub name: String,
    /// JSON Pointer into the content, or into the parameter's value.
    pub pointer: String,
    /// What is wrong there; empty where nothing is told.
    pub sentence: String,
}

impl Refused {
    /// Where it is wrong: `body /email`, `header x-api-key`.
    pub fn at(&self) -> Option<String> {
        let part = self.part?;
        let words = [part.word(), &self.name, &self.pointer];
        Some(words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" "))
    }
}

/// A call whose answer could not be made: the scenario that says what it is to be is at fault.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Unmade {
    /// The scenario; `None`: it was no scenario.
    pub scenario: Option<Arc<str>>,
    /// The line of its file where the deciding rule stands, from 1; 0 without a scenario.
    pub line: u32,
    /// The operation that was called.
    pub operation: Option<Arc<str>>,
    /// What went wrong, and what to do about it.
    pub sentence: String,
}

/// `tf:4 get_org`
impl fmt::Display for Unmade {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.scenario {
            Some(scenario) => write!(out, "{scenario}:{}", self.line)?,
            None => out.write_str("standin")?,
        }
        self.operation.iter().try_for_each(|operation| write!(out, " {operation}"))
    }
}

/// An exit code, and why it is that.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conclusion {
    /// The code.
    pub code: u8,
    /// What it comes from, the first the reason: `2 unmatched`, `1 verdict broken`.
    pub because: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::{Ended, Floor, Measure, Seeds};
    use crate::finding::{Covered, CoveredOperation};

    #[test]
    fn it_says_whose_seeds_hold() {
        let said = |own: &[(&str, u64)], scenarios| {
            let own = own.iter().map(|(name, seed)| ((*name).into(), *seed)).collect();
            Seeds { run: 3, own, scenarios }.to_string()
        };
        assert_eq!(said(&[], 2), "seed 3");
        assert_eq!(said(&[("chaos", 7)], 1), "seed 7 (chaos)");
        // The other one draws from the seed of the run.
        assert_eq!(said(&[("chaos", 7)], 2), "seeds 3, 7 (chaos)");
        assert_eq!(said(&[("chaos", 7), ("slow", 7)], 2), "seeds 3, 7 (chaos), 7 (slow)");
    }

    #[test]
    fn a_code_is_passed_on_and_a_signal_becomes_one() {
        for (ended, code, said) in [
            (Ended::Code(0), 0, "ended 0"),
            (Ended::Code(3), 3, "ended 3"),
            (Ended::Code(-1_073_741_510), 1, "ended -1073741510"),
            (Ended::Code(256), 1, "ended 256"),
            (Ended::Signal(15), 143, "was killed by SIGTERM"),
            (Ended::Signal(34), 162, "was killed by signal 34"),
            (Ended::Signal(i32::MAX), 1, "was killed by signal 2147483647"),
        ] {
            assert_eq!((ended.code(), ended.to_string().as_str()), (code, said));
        }
    }

    #[test]
    fn a_floor_that_is_just_met_is_not_missed() {
        let called = |calls| CoveredOperation { calls, ..CoveredOperation::default() };
        let covered = Covered { operations: vec![called(1), called(0), called(3)], unmatched: 0 };
        let missed = |what, percent| Floor { what, percent }.is_missed(&covered);
        assert!(missed(Measure::Operations, 67.0) && missed(Measure::Operations, 66.67));
        assert!(!missed(Measure::Operations, 66.66) && !missed(Measure::Operations, 0.0));
        assert!(!missed(Measure::Examples, 100.0), "there is none");
    }
}
