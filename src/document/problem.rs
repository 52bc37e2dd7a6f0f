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

    /// Says more behind the help, if there is any.
    pub(super) fn more_help(mut self, more: &str) -> Problem {
        self.help = self.help.map(|help| help + more);
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

/// The problems of one text: the first are told, what remains is counted.
#[derive(Debug, Default)]
pub(super) struct Problems {
    told: Vec<Problem>,
    more: usize,
    last: Option<(ProblemKind, Span)>,
}

impl Problems {
    pub(super) fn push(&mut self, problem: Problem) {
        if self.full() {
            self.one_more(problem.kind, problem.span);
        } else {
            self.told.push(problem);
        }
    }

    /// Whether as many are told as will be: what is said of the next is not read.
    pub(super) fn full(&self) -> bool {
        self.told.len() >= limits::PROBLEMS
    }

    /// One more, counted only.
    pub(super) fn one_more(&mut self, kind: ProblemKind, span: Span) {
        (self.more, self.last) = (self.more + 1, Some((kind, span)));
    }

    /// A key stands in the same mapping a second time.
    pub(super) fn repeated_key(&mut self, text: &str, key: &str, first: Span, again: Span) {
        if self.full() {
            return self.one_more(ProblemKind::DuplicateKey, again);
        }
        let line = text.get(..first.start).map_or(0, |before| before.matches('\n').count()) + 1;
        let message = format!("the key `{}` is here a second time", excerpt(key));
        let help = format!("the first one, on line {line}, counts: keep one of them");
        self.told.push(Problem::new(ProblemKind::DuplicateKey, again, message).help(help));
    }

    pub(super) fn finish(mut self) -> Vec<Problem> {
        if let Some((kind, span)) = self.last {
            self.told.push(Problem::new(kind, span, format!("{} more problems, the last of them here", self.more)));
        }
        self.told
    }
}
