//! Why a mock answered as it did.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use super::{Draw, Fault, Limit, Trace};
use crate::finding::Violation;

/// What was found out about a call, and what was decided on it.
#[derive(Clone, Debug, Default)]
pub struct Decision {
    /// The operation it was routed to: its operationId, or `METHOD /template`.
    pub operation: Option<Arc<str>>,
    /// The number of the call in its session and operation, from 1; 0 where there is no operation.
    pub call: u64,
    /// Who decided.
    pub why: Why,
    /// What the request has against the document.
    pub violations: Vec<Violation>,
    /// What else is worth knowing: lower-case sentence fragments, such as ``query `dry` is not in the document; ignored``.
    pub notes: Vec<String>,
    /// Where there is no operation: those that come nearest, best first.
    pub nearest: Vec<Nearest>,
    /// Why the answer could not be made as was decided, with what to do about it: the scenario is at fault, and what was answered is this
    /// program's own. Recordings have it among the notes alone.
    pub failed: Option<String>,
    /// Names of query parameters that the request has and the document does not.
    pub undocumented: Vec<String>,
    /// The documented example that the answer's content is, by name.
    pub example: Option<Arc<str>>,
    /// Preferences that were honoured, as `Preference-Applied` writes them: `code=404`.
    pub applied: Vec<String>,
    /// How long the answer was held back.
    pub delay: Duration,
    /// What became of the answer on the wire; `None`: it was sent as it was.
    pub fault: Option<Fault>,
    /// What chance had a say in, in the order it was asked.
    pub draws: Vec<Draw>,
    /// Where each rate stands that the call had to ask, in the order of the scenarios.
    pub limits: Vec<Limit>,
    /// By what was decided, as far as the mock is still there that did. Not written down with the rest.
    pub trace: Trace,
}

impl Decision {
    /// About how many bytes of memory it takes beyond its own size.
    pub(super) fn weight(&self) -> usize {
        let violation = |violation: &Violation| {
            let texts = violation.sentence.len() + violation.pointer.len() + violation.name.len();
            let values =
                violation.expected.as_ref().map_or(0, String::len) + violation.got.as_ref().map_or(0, String::len);
            size_of::<Violation>() + texts + values
        };
        let text = |text: &String| size_of::<String>() + text.len();
        self.failed.as_ref().map_or(0, String::len)
            + self.violations.iter().map(violation).sum::<usize>()
            + self.notes.iter().chain(&self.applied).chain(&self.undocumented).map(text).sum::<usize>()
            + self.nearest.iter().map(|nearest| size_of::<Nearest>() + nearest.difference.len()).sum::<usize>()
            + self.limits.len() * size_of::<Limit>()
            + self.trace.weight()
            + self.draws.iter().map(|draw| size_of::<Draw>() + draw.of.len()).sum::<usize>()
    }
}

/// An operation that a request without one may have meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nearest {
    /// `METHOD /template`.
    pub operation: Arc<str>,
    /// What is different, as a sentence fragment: `` `invitation`, not `invitations` ``.
    pub difference: String,
}

/// Who decided on an answer. `Display` and `FromStr` are the text of the `Standin-Why` field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Why {
    /// Nothing but the document.
    #[default]
    Document,
    /// The request has no credentials that the document asks for.
    Credentials,
    /// The request is not what the document asks for.
    InvalidRequest,
    /// The client asked for it, with `Prefer` or in the query.
    Prefer,
    /// A rule of a scenario.
    Scenario {
        /// The scenario.
        name: Arc<str>,
        /// The line of its file where the deciding rule stands, from 1.
        line: u32,
        /// The number of the call, from 1: among those that the rule decided, where these are what it counts; else in its session and
        /// operation.
        call: u64,
    },
    /// What the session keeps (`--stateful`).
    State,
    /// A rate of a scenario, which refused the call.
    Rate {
        /// The scenario.
        name: Arc<str>,
        /// The line of its file where the rate stands, from 1.
        line: u32,
    },
    /// No path template matches.
    NoOperation,
    /// A path template matches, and the document has no such method for it.
    MethodNotAllowed,
    /// The document has no answer in a media type that the client accepts.
    NotAcceptable,
    /// A browser asked for leave to send the request proper.
    Preflight,
    /// The request is malformed, or beyond a limit.
    Limits,
    /// What another version of this program wrote.
    Other(Arc<str>),
}

/// The variants that are one word.
const WORDS: &[(&str, Why)] = &[
    ("document", Why::Document),
    ("credentials", Why::Credentials),
    ("invalid-request", Why::InvalidRequest),
    ("prefer", Why::Prefer),
    ("state", Why::State),
    ("no-operation", Why::NoOperation),
    ("method-not-allowed", Why::MethodNotAllowed),
    ("not-acceptable", Why::NotAcceptable),
    ("preflight", Why::Preflight),
    ("limits", Why::Limits),
];

impl Why {
    /// Its text, where that is one word.
    pub fn word(&self) -> Option<&'static str> {
        WORDS.iter().find(|(_, why)| why == self).map(|(word, _)| *word)
    }

    /// What kind it is: its text, without which scenario it was.
    pub fn kind(&self) -> &str {
        match self {
            Why::Scenario { .. } => "scenario",
            Why::Rate { .. } => "rate",
            Why::Other(text) => text,
            why => why.word().unwrap_or_default(),
        }
    }

    /// Every kind that this version knows.
    pub fn kinds() -> impl Iterator<Item = &'static str> {
        WORDS.iter().map(|(word, _)| *word).chain(["scenario", "rate"])
    }

    /// Whether the document, or a limit, refused the request.
    pub fn is_refused(&self) -> bool {
        matches!(self, Why::Credentials | Why::InvalidRequest | Why::NotAcceptable | Why::Limits)
    }

    /// Whether the document has no operation for the request.
    pub fn is_unmatched(&self) -> bool {
        matches!(self, Why::NoOperation | Why::MethodNotAllowed)
    }
}

impl fmt::Display for Why {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::Scenario { name, line, call } => write!(out, "scenario {name}:{line} call {call}"),
            Why::Rate { name, line } => write!(out, "rate {name}:{line}"),
            Why::Other(text) => out.write_str(text),
            why => why.word().map_or(Err(fmt::Error), |word| out.write_str(word)),
        }
    }
}

impl FromStr for Why {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Why, Infallible> {
        if let Some((_, why)) = WORDS.iter().find(|(word, _)| *word == text) {
            return Ok(why.clone());
        }
        Ok(scenario(text).or_else(|| rate(text)).unwrap_or_else(|| Why::Other(text.into())))
    }
}

/// Reads `scenario NAME:LINE call N` from its end, because a name may hold a colon.
fn scenario(text: &str) -> Option<Why> {
    let (rest, call) = text.strip_prefix("scenario ")?.rsplit_once(" call ")?;
    let (name, line) = rest.rsplit_once(':')?;
    Some(Why::Scenario { name: name.into(), line: line.parse().ok()?, call: call.parse().ok()? })
}

/// Reads `rate NAME:LINE`, likewise.
fn rate(text: &str) -> Option<Why> {
    let (name, line) = text.strip_prefix("rate ")?.rsplit_once(':')?;
    Some(Why::Rate { name: name.into(), line: line.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::{WORDS, Why};

    fn scenario(name: &str) -> Why {
        Why::Scenario { name: name.into(), line: 6, call: 3 }
    }

    #[test]
    fn the_field_is_written_as_documented() {
        assert_eq!(scenario("throttled").to_string(), "scenario throttled:6 call 3");
        assert_eq!(Why::InvalidRequest.to_string(), "invalid-request");
        assert_eq!(Why::Document.to_string(), "document");
    }

    #[test]
    fn what_is_written_is_read_back() {
        let rate = |name: &str| Why::Rate { name: name.into(), line: 7 };
        let scenarios = [scenario("a"), scenario("a:1 call 2"), scenario(""), rate("a"), rate("a:1 call 2")];
        for why in WORDS.iter().map(|(_, why)| why).chain(&scenarios).chain(&[Why::Other("rate".into())]) {
            assert_eq!(why.to_string().parse(), Ok(why.clone()), "{why}");
        }
    }
}
