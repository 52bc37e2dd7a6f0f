//! Findings to text and to JSON, one file a format.
//!
//! What belongs here: functions from what was found to what is shown. Text is made of pieces with a [`Tone`] each; whoever
//! prints it decides on colours. Imports `message`, `finding`, `traffic`. Not here: files, terminals, verdicts.
//!
//! The reports of a check are functions from its stream of events to bytes: each format is a file beside these, and shows
//! a single finding as [`diagnostic`] and `json` do. Those of `exec` are functions of a [`Run`](crate::finding::Run).

mod check_json;
mod check_junit;
mod check_text;
mod counts;
mod diagnostic;
mod json;
mod list;
mod run_json;
mod run_junit;
mod run_markdown;
mod run_text;
mod text;
mod width;

pub use check_json::CheckJson;
pub use check_junit::CheckJunit;
pub use check_text::CheckText;
pub use counts::Counts;
pub use diagnostic::diagnostic;
pub use json::{finding, findings};
pub use list::list;
pub use run_json::{run_json, verdicts_json};
pub use run_junit::run_junit;
pub use run_markdown::run_markdown;
pub use run_text::run_text;
pub use text::{Text, Tone, clean};
