//! The steps of a scenario: the story as a client tells it. Plain data, the request that a step comes to, and what its answer has to be.
//!
//! A step is carried out elsewhere: by a mock against itself, or over a socket. Here are the two ends, what is sent ([`Step::request`]) and
//! what is said of what came ([`Step::judge`]).

mod judge;
mod request;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::duration;
use super::template::Template;
use super::when::{Part, Test};
use crate::contract::In;
use crate::finding::Place;
use crate::message::{HeaderName, StatusRange};
use crate::traffic::Fault;

pub use judge::{Came, Judgement, Miss};
pub use request::Telling;

/// The most times that one step may be taken.
pub(super) const TIMES: u32 = 1000;

/// The most calls that the steps of a scenario may come to.
pub(super) const CALLS: u64 = 10_000;

/// The most values that the steps of a scenario may keep, by name: whoever takes them looks at all of them for each template.
pub(super) const KEPT: usize = 100;

/// The most parameters that one step may name.
pub(super) const ARGUMENTS: usize = 1000;

/// One call, and what its answer is like.
#[derive(Debug)]
pub struct Step {
    /// Its number among the steps, from 1.
    pub number: usize,
    /// The key of the operation, as [`crate::contract::Head::key`].
    pub operation: Arc<str>,
    /// How long the client waits before each call.
    pub wait: Option<Wait>,
    /// How often the call is made.
    pub times: u32,
    /// The line it starts on.
    pub line: u32,
    /// Where its operation stands.
    pub place: Place,
    /// Whether the request carries the credentials that the document asks for.
    pub credentials: bool,
    pub(super) arguments: Vec<Argument>,
    pub(super) content: Option<Content>,
    pub(super) then: Wanted,
}

/// How long a client waits.
#[derive(Clone, Debug)]
pub enum Wait {
    /// So long.
    For(Duration),
    /// As long as `Retry-After` of the answer before says; and where that is asked for.
    RetryAfter(Place),
}

/// What is sent for a parameter.
#[derive(Debug)]
pub(super) struct Argument {
    pub(super) part: In,
    pub(super) name: Arc<str>,
    pub(super) value: Given,
    /// Where its name stands.
    pub(super) place: Place,
}

/// A value, as far as it is known beforehand.
#[derive(Debug)]
pub(super) enum Given {
    /// None: what the document would have is left out.
    Nothing,
    /// A text, as written.
    Text(Arc<str>),
    /// What a template comes to, or a tree of texts and templates.
    Made(Template),
}

/// What is sent as content.
#[derive(Debug)]
pub(super) enum Content {
    /// There is none.
    Nothing,
    /// This value.
    Value(Value),
    /// What a template comes to.
    Made(Template),
}

/// What an answer has to be like.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    /// The statuses of which it has one; none: one below 400. Each with its place.
    pub(super) statuses: Vec<(StatusRange, Place)>,
    /// How it breaks; `None`: it does not.
    pub(super) fault: Option<(Break, Place)>,
    /// What else is asked of it.
    pub(super) asked: Vec<Asked>,
    /// What is kept of it: names, where each is from, where that is said.
    pub(super) keeps: Vec<(Arc<str>, Keep, Place)>,
}

/// Something that is asked of a part of an answer: of a field, or of a value in the content.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) part: Part,
    pub(super) asks: Asks,
    /// Where the name of the part stands.
    pub(super) place: Place,
}

/// What is asked.
#[derive(Debug)]
pub(super) enum Asks {
    Test(Test),
    /// That it equals what a template comes to.
    Equals(Template),
}

/// Where in an answer a value is.
#[derive(Debug)]
pub(super) enum Keep {
    /// A JSON Pointer into the content.
    Pointer(Box<str>),
    /// A header field.
    Header(HeaderName),
}

/// How an answer breaks, as a client sees it. `Display` is its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Break {
    /// The connection was reset, and nothing came.
    Reset,
    /// The connection was closed, and nothing came.
    Empty,
    /// Nothing came, and the connection stayed open.
    Hang,
    /// The head came, and less content than it said.
    Truncate,
}

impl Break {
    /// Their words.
    pub(super) const WORDS: [(&'static str, Break); 4] =
        [("reset", Break::Reset), ("empty", Break::Empty), ("hang", Break::Hang), ("truncate", Break::Truncate)];

    /// How an answer breaks that meets a fault.
    pub fn of(fault: Fault) -> Break {
        match fault {
            Fault::Reset => Break::Reset,
            Fault::Empty => Break::Empty,
            Fault::Hang => Break::Hang,
            Fault::Truncate(_) => Break::Truncate,
        }
    }

    /// Whether something of the answer came: its head.
    pub fn answers(self) -> bool {
        self == Break::Truncate
    }
}

impl fmt::Display for Break {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(Break::WORDS.iter().find(|(_, known)| known == self).map_or("", |(word, _)| word))
    }
}

impl fmt::Display for Wait {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wait::For(time) => out.write_str(&duration::text(*time)),
            Wait::RetryAfter(_) => out.write_str("retry-after"),
        }
    }
}

impl Wanted {
    /// The statuses as a message names them: `429`, `200 or 2XX`, `a status below 400`.
    pub(super) fn told(&self) -> String {
        let texts: Vec<String> = self.statuses.iter().map(|(range, _)| range.to_string()).collect();
        if texts.is_empty() { "a status below 400".to_owned() } else { texts.join(" or ") }
    }

    /// Whether a status is one of them.
    pub(super) fn admits(&self, status: u16) -> bool {
        match self.statuses.as_slice() {
            [] => status < 400,
            statuses => statuses.iter().any(|(range, _)| range.covers(status)),
        }
    }

    /// Every template in it.
    pub(super) fn templates(&self) -> impl Iterator<Item = &Template> {
        self.asked.iter().filter_map(|asked| match &asked.asks {
            Asks::Equals(template) => Some(template),
            Asks::Test(_) => None,
        })
    }
}

impl Step {
    /// Every template in what is sent.
    pub(super) fn templates(&self) -> impl Iterator<Item = &Template> {
        let arguments = self.arguments.iter().filter_map(|argument| match &argument.value {
            Given::Made(template) => Some(template),
            Given::Nothing | Given::Text(_) => None,
        });
        let content = self.content.iter().filter_map(|content| match content {
            Content::Made(template) => Some(template),
            Content::Nothing | Content::Value(_) => None,
        });
        arguments.chain(content)
    }
}
