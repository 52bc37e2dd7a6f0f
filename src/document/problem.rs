//! What is wrong with a text.

use super::{Span, limits};

/// Something wrong with a text, or with the getting of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Of which kind.
    pub kind: ProblemKind,
    /// Where in the text.
    pub span: Span,
    /// What is the case: a lower-case sentence fragment without a full stop, the user's text in backticks.
    pub message: String,
    /// What to do about it, where the cause can be recognised.
    pub help: Option<String>,
}

impl Problem {
    pub(super) fn new(kind: ProblemKind, span: Span, message: impl Into<String>) -> Problem {
        Problem { kind, span, message: message.into(), help: None }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Problem {
        self.help = Some(help.into());
        self
    }
}

/// Of which kind a [`Problem`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProblemKind {
    /// Not well-formed YAML or JSON, or not readable as one tree.
    Syntax,
    /// A mapping has the same key twice; the first one counts.
    DuplicateKey,
    /// Nested too deeply, aliases that grow too large, a number that nothing can hold, a file too long.
    Limit,
    /// The text could not be had at all.
    Unavailable,
}

/// The start of a text, on one line and short enough for a message.
pub(super) fn excerpt(text: &str) -> String {
    let line = text.lines().next().unwrap_or("");
    let mut cut: String = line.chars().take(40).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if cut.len() < line.len() || text.len() > line.len() + 2 {
        cut.push('…');
    }
    cut
}

/// The problems of one text, the first of them told, the rest of the same sort counted.
#[derive(Debug, Default)]
pub(super) struct Problems {
    told: Vec<Problem>,
    repeated: usize,
    last: Span,
}

impl Problems {
    pub(super) fn push(&mut self, problem: Problem) {
        if !self.full() {
            self.told.push(problem);
        }
    }

    /// Whether as many are told as will be.
    pub(super) fn full(&self) -> bool {
        self.told.len() >= limits::PROBLEMS
    }

    /// A key stands in the same mapping a second time.
    pub(super) fn repeated_key(&mut self, text: &str, key: &str, first: Span, again: Span) {
        if self.full() {
            return self.one_more_repeated(again);
        }
        let line = text.as_bytes().iter().take(first.start).filter(|byte| **byte == b'\n').count() + 1;
        let message = format!("the key `{}` is here a second time", excerpt(key));
        let help = format!("the first one, on line {line}, counts: keep one of them");
        self.told.push(Problem::new(ProblemKind::DuplicateKey, again, message).help(help));
    }

    /// One more key stands in the same mapping a second time: counted only.
    pub(super) fn one_more_repeated(&mut self, again: Span) {
        (self.repeated, self.last) = (self.repeated + 1, again);
    }

    pub(super) fn finish(mut self) -> Vec<Problem> {
        if self.repeated > 0 {
            let message = format!("{} more keys are there a second time, the last of them here", self.repeated);
            self.told.push(Problem::new(ProblemKind::DuplicateKey, self.last, message));
        }
        self.told
    }
}
