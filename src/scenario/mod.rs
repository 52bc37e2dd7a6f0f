//! Scenarios: stories told on top of a document, in files of their own.
//!
//! What belongs here: the file format and its checks, conditions on requests, delays and chances as plain data, the timeline;
//! the steps of a story, what each sends, and whether its answer is as it says.
//! Pure: no input or output, no clock, no chance but what a seed gives. Imports `message`, `document`, `finding`, `contract`,
//! `generate`, `traffic`. Not here: counters, drawing, building answers (`mock`).

mod between;
mod calls;
mod chance;
mod check;
mod delay;
mod duration;
mod editor;
mod everywhere;
mod expect;
mod field;
mod merge;
mod model;
mod rate;
mod read;
mod reader;
mod save;
mod shipped;
mod state;
mod step;
mod template;
mod timeline;
mod unmet;
mod when;

pub use between::Between;
pub use calls::{Calls, Count};
pub use chance::Chance;
pub use delay::Delay;
pub use duration::parse as duration;
pub use editor::editor_schema;
pub use everywhere::Fail;
pub use expect::{Expect, Expectation, Expected};
pub use merge::merge_patch;
pub use model::{Reply, Rule, Scenario, Then};
pub use rate::{By, Kind, LimitFields, Quota, Rate, Standing};
pub use read::operation_named;
pub use save::{SaveFrom, Saves};
pub use shipped::shipped;
pub use state::Move;
pub use step::{Break, Came, Judgement, Miss, Step, Telling, Wait};
pub use template::{Context, Facts, Failed, Syntax, Template};
pub use timeline::timeline;
pub use unmet::Unmet;
pub use when::When;
