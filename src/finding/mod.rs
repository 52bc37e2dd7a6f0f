//! What was observed, where, by which rule, and how grave; the table of rules; the counts of a run.
//!
//! What belongs here: plain data. A finding names its rule, its place and its remedy; printing it is elsewhere.
//! Imports `message` and `document`. Not here: wording for a terminal, files, HTTP.

mod covered;
mod difference;
mod event;
mod figures;
mod place;
mod rules;
mod run;
mod severity;
mod suggest;
mod summary;
mod verdict;
mod verdicts;
mod violation;

use std::sync::Arc;

use crate::document::{Problem, ProblemKind, Source};

pub use covered::{Covered, CoveredExample, CoveredOperation, CoveredStatus, Share};
pub use difference::{Difference, RecordId};
pub use event::{Event, Failure, Judged, Start};
pub use figures::{Grouped, Took, plural};
pub use place::Place;
pub use rules::{RULES, Rule, rule};
pub use run::{Conclusion, Ended, Floor, Kind, Kinds, Measure, Refused, Run, Seeds, Sessions, Unmade, Unmatched};
pub use severity::Severity;
pub use suggest::did_you_mean;
pub use summary::{Counted, OperationCounts, Records, Summary};
pub use verdict::Verdict;
pub use verdicts::{Broken, CallMade, Ending, Expected, Verdicts};
pub use violation::{Part, Violation};

/// One thing that is wrong, or worth knowing, about a document, a scenario or an answer.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Which rule saw it; an entry of [`RULES`].
    pub rule: &'static Rule,
    /// How grave; usually the rule's own severity.
    pub severity: Severity,
    /// Where in a document or scenario, when there is such a place.
    pub place: Option<Place>,
    /// The operation it is about: its operationId, or `METHOD /template`.
    pub operation: Option<Arc<str>>,
    /// What is the case: a lower-case sentence fragment without a full stop, the user's text in backticks.
    pub sentence: String,
    /// What to do about it, when that can be said.
    pub help: Option<String>,
}

impl Finding {
    /// A finding of the rule with this id, at the rule's own severity.
    ///
    /// # Panics
    /// In debug builds, when no rule has that id; a release build files it under the first rule.
    pub fn new(id: &'static str, sentence: impl Into<String>) -> Finding {
        let rule = rule(id);
        debug_assert!(rule.is_some(), "no rule `{id}` in the table");
        let rule = rule.unwrap_or(&RULES[0]);
        Finding { rule, severity: rule.severity, place: None, operation: None, sentence: sentence.into(), help: None }
    }

    /// What is wrong with a text.
    pub fn of(source: &Arc<Source>, problem: &Problem) -> Finding {
        let rule = match problem.kind {
            ProblemKind::Syntax | ProblemKind::Unavailable => "syntax",
            ProblemKind::DuplicateKey => "duplicate-key",
            ProblemKind::Limit => "limits",
        };
        let place = Place { source: source.clone(), span: problem.span };
        Finding { help: problem.help.clone(), ..Finding::new(rule, problem.message.clone()).at(Some(place)) }
    }

    /// The same finding, at a place.
    #[must_use = "a finding is a value: keep what this returns"]
    pub fn at(mut self, place: Option<Place>) -> Finding {
        self.place = place;
        self
    }

    /// The same finding, about an operation.
    #[must_use = "a finding is a value: keep what this returns"]
    pub fn about(mut self, operation: Arc<str>) -> Finding {
        self.operation = Some(operation);
        self
    }

    /// The same finding, with its remedy.
    #[must_use = "a finding is a value: keep what this returns"]
    pub fn help(mut self, help: impl Into<String>) -> Finding {
        self.help = Some(help.into());
        self
    }

    /// The same finding, at another severity.
    #[must_use = "a finding is a value: keep what this returns"]
    pub fn as_severity(mut self, severity: Severity) -> Finding {
        self.severity = severity;
        self
    }
}
