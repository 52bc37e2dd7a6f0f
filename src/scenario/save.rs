//! What is kept of a call, under a name, for templates of later calls.

use std::sync::Arc;

use super::Template;

/// What a rule keeps of the calls that it decides: names, and where each value is from. In the order of the text.
pub type Saves = Vec<(Arc<str>, SaveFrom)>;

/// Where a value is from.
#[derive(Debug)]
pub enum SaveFrom {
    /// The content of the answer: a JSON Pointer to a value in it. What is not there is not kept.
    Answer(Box<str>),
    /// What a template makes of the call.
    Template(Box<Template>),
}
