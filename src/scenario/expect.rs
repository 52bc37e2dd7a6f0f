//! What a scenario expects of the client: what stands under `expect`, as plain data.

use std::fmt;
use std::sync::Arc;

use crate::finding::Place;

/// What is expected of a client that calls an operation.
#[derive(Clone, Debug)]
pub struct Expect {
    /// The operation, as [`crate::contract::Head::key`]; `None`: all of them together, `"*"`.
    pub operation: Option<Arc<str>>,
    /// What is expected, in the order of the text.
    pub all: Vec<Expected>,
}

/// One expectation, and where it stands.
#[derive(Clone, Debug)]
pub struct Expected {
    /// The expectation.
    pub what: Expectation,
    /// The line it stands on, from 1.
    pub line: u32,
    /// Where it stands.
    pub place: Place,
}

/// Something that can be expected of a client. `Display` writes it as a scenario does.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Expectation {
    /// A retry comes no sooner than the answer before it asked for.
    HonoursRetryAfter,
    /// Of several retries of one call, none waits less than the one before it.
    BacksOff,
    /// No more calls than this in a session.
    AtMost(u64),
    /// A retry carries the idempotency key of the first try.
    SameIdempotencyKey,
    /// What may have been carried out is not sent again, unless its method is idempotent or it carries an idempotency key.
    NoUnsafeRetry,
    /// No request has anything that the document does not know or forbids.
    NothingUndocumented,
    /// Each of these statuses was answered at least once.
    Meets(Arc<[u16]>),
}

impl Expectation {
    /// Its key.
    pub fn key(&self) -> &'static str {
        match self {
            Expectation::HonoursRetryAfter => "honours-retry-after",
            Expectation::BacksOff => "backs-off",
            Expectation::AtMost(_) => "at-most",
            Expectation::SameIdempotencyKey => "same-idempotency-key",
            Expectation::NoUnsafeRetry => "no-unsafe-retry",
            Expectation::NothingUndocumented => "nothing-undocumented",
            Expectation::Meets(_) => "meets",
        }
    }

    /// Whether it is about calls that are tried again.
    pub fn is_on_retries(&self) -> bool {
        use Expectation::{BacksOff, HonoursRetryAfter, NoUnsafeRetry, SameIdempotencyKey};
        matches!(self, HonoursRetryAfter | BacksOff | SameIdempotencyKey | NoUnsafeRetry)
    }
}

impl fmt::Display for Expectation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.key())?;
        match self {
            Expectation::AtMost(most) => write!(out, ": {most}"),
            Expectation::Meets(statuses) => {
                let statuses: Vec<String> = statuses.iter().map(u16::to_string).collect();
                write!(out, ": [{}]", statuses.join(", "))
            }
            _ => Ok(()),
        }
    }
}
