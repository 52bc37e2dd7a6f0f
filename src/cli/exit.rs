//! How a run ends: the exit codes, and what is said when something stands in the way.

use std::process::ExitCode;

use crate::finding::Finding;
use crate::report::{self, Text, Tone, clean};

/// The findings that are told at most, but for where they are the result.
pub(crate) const FINDINGS: usize = 20;

/// The exit codes, named once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Nothing to complain of.
    Clean,
    /// There are findings at or above the threshold.
    Findings,
    /// Wrong usage or configuration.
    Usage,
    /// The document or a scenario cannot be used.
    Unusable,
    /// Input or output failed, or the target cannot be reached.
    Unreachable,
    /// With the code of the command that `exec` ran, or that a shell has for one that it cannot run.
    Command(u8),
}

impl Exit {
    /// The code.
    pub(crate) fn code(self) -> u8 {
        match self {
            Exit::Clean => 0,
            Exit::Findings => 1,
            Exit::Usage => 2,
            Exit::Unusable => 3,
            Exit::Unreachable => 4,
            Exit::Command(code) => code,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}

/// Why a command could not do its work.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    /// With what the process ends.
    pub(crate) exit: Exit,
    /// What is the case: a lower-case sentence fragment, the user's text in backticks.
    pub(crate) sentence: String,
    /// What to do about it, one remedy each.
    pub(crate) help: Vec<String>,
    /// A text that the last remedy speaks of, shown below it.
    pub(crate) quote: Option<String>,
    /// What is wrong in detail, told first.
    details: Option<Box<Details>>,
}

#[derive(Clone, Debug)]
struct Details {
    findings: Vec<Finding>,
    rest: String,
}

impl Failure {
    /// A failure without a remedy.
    pub(crate) fn new(exit: Exit, sentence: impl Into<String>) -> Failure {
        Failure { exit, sentence: sentence.into(), help: Vec::new(), quote: None, details: None }
    }

    /// Wrong usage.
    pub(crate) fn usage(sentence: impl Into<String>) -> Failure {
        Failure::new(Exit::Usage, sentence)
    }

    /// The same failure, with one more remedy.
    #[must_use = "a failure is a value: keep what this returns"]
    pub(crate) fn help(mut self, help: impl Into<String>) -> Failure {
        self.help.push(help.into());
        self
    }

    /// The same failure, for these findings; `rest` says how to see those that are left out when there are too many.
    #[must_use = "a failure is a value: keep what this returns"]
    pub(crate) fn because(mut self, findings: Vec<Finding>, rest: String) -> Failure {
        self.details = (!findings.is_empty()).then(|| Box::new(Details { findings, rest }));
        self
    }

    /// What is wrong in detail.
    pub(crate) fn findings(&self) -> &[Finding] {
        self.details.as_ref().map(|details| details.findings.as_slice()).unwrap_or_default()
    }

    /// The findings, `error: sentence`, and a line for each remedy.
    pub(crate) fn text(&self) -> Text {
        let mut text = Text::default();
        if let Some(details) = &self.details {
            text.append(report::list(&details.findings, FINDINGS, &details.rest));
            text.plain("\n");
        }
        text.push(Tone::Error, "error");
        text.push(Tone::Strong, format!(": {}\n", clean(&self.sentence)));
        for help in &self.help {
            text.push(Tone::Faint, "help: ");
            text.plain(format!("{}\n", clean(help)));
        }
        for line in self.quote.iter().flat_map(|quote| quote.lines()) {
            text.plain(format!("    {}\n", clean(line)));
        }
        text
    }
}
