//! A finding of a check: where an API's answers differ from its document.

use std::fmt;

use super::{Finding, Part};

/// What an API answers and its document does not say, seen once or many times.
///
/// Holds no secret: texts of messages are here only after secrets were taken out of them.
#[derive(Clone, Debug)]
pub struct Difference {
    /// Rule, severity, operation, the place in the document, the sentence that says what is the case, and the remedy.
    pub finding: Finding,
    /// The operation as a request line names it: `GET /api/v1/org/{org}/members`. Empty when it is about no operation.
    pub request: String,
    /// The status of the answer; `None` when there was none, or when it is about the run.
    pub status: Option<u16>,
    /// Which part of the answer; `None` when it is about the answer as a whole.
    pub part: Option<Part>,
    /// The header field, in lower case; empty for other parts.
    pub name: String,
    /// JSON Pointer into the body, or into the field's value, of the first answer it was seen in.
    pub pointer: String,
    /// What failed: a keyword of the schema, or `missing`, `unparsable`, `undocumented`, …
    pub keyword: &'static str,
    /// What the document asks for, when it is short enough to say.
    pub expected: Option<String>,
    /// What was there, cut to a sensible length; `None` when nothing was there.
    pub got: Option<String>,
    /// The first answer it was seen in, on one line: status, media type, the beginning of the content. Empty when there was none.
    pub answer: String,
    /// A command for a POSIX shell that asks for that answer again; credentials are variables in it.
    pub again: Option<String>,
    /// How many answers it was seen in.
    pub seen: u64,
    /// Of how many that could have had it.
    pub of: u64,
    /// Six hexadecimal digits that stay the same from run to run, whatever the values were and however sentences are worded.
    pub fingerprint: String,
    /// The record it was first seen in.
    pub record: Option<RecordId>,
}

/// A record of recorded traffic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordId {
    /// The file's name.
    pub file: String,
    /// Its number there, from 1, lost ones included.
    pub number: u64,
}

/// `record 12 of traffic.har`.
impl fmt::Display for RecordId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "record {} of {}", self.number, self.file)
    }
}
