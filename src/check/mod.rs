//! Traffic in, findings out: a recording is judged, or replayed against a live API and its answers judged.
//!
//! What belongs here: where exchanges come from, which of them are sent and how, keeping secrets out of what is told, folding alike
//! findings, counting. It tells what happens as [`Event`]s. Imports every module below it but `document`, `spec` and `mock`. Not
//! here: rules over an answer, sockets, reports, exit codes.

mod address;
mod command;
mod describe;
mod fold;
mod live;
mod outgoing;
mod overall;
mod plan;
mod run;
mod scan;
mod source;
mod tally;
mod veil;

pub use plan::{Live, Mode, Plan, World};
pub use source::Source;

use crate::finding::{Event, Failure, Severity};

/// Checks, and tells what happens as it happens.
///
/// Requests go out one after the other, in recorded order, over one connection; so this has to run inside a tokio runtime, unless
/// nothing is sent.
pub async fn run(plan: &Plan, world: World<'_>, sink: &mut dyn FnMut(Event)) -> Outcome {
    run::run(plan, world, sink).await
}

/// How a check ended.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The gravest finding.
    pub worst: Option<Severity>,
    /// Some records could not be read.
    pub lost: bool,
    /// The user ended it.
    pub stopped: bool,
    /// Why it could not go on.
    pub failure: Option<Failure>,
}

/// What a check comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All is well.
    Clean,
    /// There are findings at or above the threshold.
    Findings,
    /// Not everything was looked at: records were lost, or the user ended it. Whatever was found was told.
    Incomplete,
    /// The target cannot be reached, or a file cannot be read.
    Failed,
}

impl Outcome {
    /// What it comes to, where findings from `fail_on` on count. A run that is not complete never counts as clean, nor as only
    /// having findings: what it did not see could be worse.
    pub fn ending(&self, fail_on: Severity) -> Ending {
        match () {
            () if self.failure.is_some() => Ending::Failed,
            () if self.lost || self.stopped => Ending::Incomplete,
            () if self.worst.is_some_and(|worst| worst >= fail_on) => Ending::Findings,
            () => Ending::Clean,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Ending, Outcome};
    use crate::finding::{Failure, Severity};

    #[test]
    fn the_gravest_thing_decides() {
        let warned = Outcome { worst: Some(Severity::Warning), ..Outcome::default() };
        assert_eq!(warned.ending(Severity::Error), Ending::Clean);
        assert_eq!(warned.ending(Severity::Note), Ending::Findings);
        let lost = Outcome { lost: true, ..warned };
        assert_eq!(lost.ending(Severity::Note), Ending::Incomplete);
        let failure = Some(Failure { sentence: "gone".into(), help: None });
        assert_eq!(Outcome { failure, ..lost }.ending(Severity::Error), Ending::Failed);
    }
}
