//! Exchanges, why they went as they did, and the places that keep them: journal, NDJSON, HAR.
//!
//! What belongs here: what was seen, as plain data; reading and writing it; taking secrets out of it. Imports `message`
//! and `finding`. Not here: judging an exchange, sending one, opening a file.

mod decision;
mod draw;
mod exchange;
mod fault;
mod fields;
pub mod har;
mod journal;
mod json;
mod limit;
pub mod ndjson;
mod records;
mod redact;
mod trace;
mod written;

pub use decision::{Decision, Nearest, Why};
pub use draw::{Draw, Drawn, percent};
pub use exchange::{CapturedBody, CapturedRequest, CapturedResponse, Exchange, Outcome};
pub use fault::{Fault, Share};
pub use fields::Fields;
pub use journal::{Journal, Limits};
pub use limit::Limit;
pub use records::{Format, Lost, LostKind, Records};
pub use redact::{Redactor, is_redacted, is_secret_name};
pub use trace::{Gated, Ruled, Trace};

#[cfg(test)]
mod samples;
