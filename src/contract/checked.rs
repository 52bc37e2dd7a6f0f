//! What a check of a message comes to.

use serde_json::Value;

use crate::finding::{Verdict, Violation};

/// The most characters of a value that a violation quotes.
const QUOTED: usize = 80;

/// The outcome of checking a request.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// Everything that the document forbids, in the order in which it was met.
    pub violations: Vec<Violation>,
    /// What is worth a line in a log and forbids nothing.
    pub notes: Vec<String>,
    /// Names of query parameters that the document does not have.
    pub undocumented: Vec<String>,
    /// Some part could not be decided.
    pub undecided: bool,
}

impl Checked {
    /// All of it in one value.
    pub fn verdict(&self) -> Verdict {
        if !self.violations.is_empty() {
            Verdict::Invalid
        } else if self.undecided {
            Verdict::NotDecided
        } else {
            Verdict::Valid
        }
    }
}

/// A value as a violation quotes it: JSON, cut to a sensible length.
pub(super) fn quoted(value: &Value) -> String {
    shortened(&value.to_string())
}

/// A text cut to a sensible length.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(QUOTED) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text.to_owned(),
    }
}
