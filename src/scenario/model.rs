//! A scenario, read and checked.

use std::sync::Arc;

use serde_json::Value;

use super::{Between, Calls, Chance, Delay, Expect, Move, Rate, Saves, Step, Template, When};
use crate::document::{Document, Source, pointer};
use crate::finding::Place;
use crate::message::{HeaderName, HeaderValue, MediaType, header};
use crate::traffic::Fault;

/// One story: what is answered otherwise than the document says, and when.
#[derive(Debug)]
pub struct Scenario {
    /// Its name, in commands, fields and logs.
    pub name: Arc<str>,
    /// What happens in it, in a sentence; may be empty.
    pub summary: String,
    /// The seed of its draws, where nothing else gives one.
    pub seed: Option<u64>,
    /// Whether answers that the document does not allow are errors.
    pub strict: bool,
    /// The state that it begins in, where it has states.
    pub state: Option<Arc<str>>,
    /// The text it was read from.
    pub source: Arc<Source>,
    /// The texts that it includes, in the order in which they were reached.
    pub included: Vec<Arc<Source>>,
    /// Operation keys, as [`crate::contract::Head::key`], and the rules for each, in the order of the text.
    pub operations: Vec<(Arc<str>, Vec<Rule>)>,
    /// The rules for every operation, which follow an operation's own.
    pub any: Vec<Rule>,
    /// What is expected of the client, in the order of the text.
    pub expect: Vec<Expect>,
    /// The story as a client tells it: calls, in their order.
    pub steps: Vec<Step>,
    pub(super) document: Arc<Document>,
}

/// When something is answered otherwise, and how.
#[derive(Debug)]
pub struct Rule {
    /// Its name within the scenario: its own, or its operation and number (`get_org#2`).
    pub id: Arc<str>,
    /// The line it starts on.
    pub line: u32,
    /// What a request must be like.
    pub when: When,
    /// Whether a request must be valid, or must not; `None`: either.
    pub valid: Option<bool>,
    /// The states in one of which the scenario must be; `None`: in any.
    pub states: Option<Arc<[Arc<str>]>>,
    /// When it holds, after its scenario became active; `None`: always.
    pub between: Option<Between>,
    /// How often it holds of those times when everything else does; `None`: always.
    pub chance: Option<Chance>,
    /// What happens then.
    pub then: Then,
    /// What is kept of the calls that it decides.
    pub saves: Saves,
    /// The states that it goes to.
    pub moves: Option<Arc<[Move]>>,
    pub(super) pointer: String,
}

/// What a rule that decides comes to.
#[derive(Debug)]
pub enum Then {
    /// The same for every call.
    Reply(Arc<Reply>),
    /// By the number of the call.
    Calls(Calls),
    /// Calls beyond a limit are refused. Asked before anybody decides; what it allows is for others to decide.
    Rate(Rate),
}

/// What is answered. Everything that is left out is as the document and the validation of the request say.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status; `None`: that of the answer that would be given anyway.
    pub status: Option<u16>,
    /// The document's example to answer with, by name.
    pub example: Option<Arc<str>>,
    /// The content.
    pub body: Option<Value>,
    /// What to change in the content, as a JSON merge patch (RFC 7396). Never together with `body`.
    pub merge: Option<Value>,
    /// What the content is made of, call by call. Never together with `body`, `merge` or `example`.
    pub template: Option<Template>,
    /// Header fields whose values are made call by call, in addition to `headers`.
    pub filled: Vec<(HeaderName, Vec<Template>)>,
    /// Header fields to set, once for each value; without values: to leave out.
    pub headers: Vec<(HeaderName, Vec<HeaderValue>)>,
    /// How long the answer is held back.
    pub delay: Option<Delay>,
    /// What becomes of the answer on the wire; `None`: it is sent. With a fault that sends nothing, nothing else is set but the delay.
    pub fault: Option<Fault>,
    /// The state that the scenario is in afterwards; `None`: the same.
    pub go: Option<Arc<str>>,
    /// Answer an invalid request like a valid one.
    pub force: bool,
    /// Its name, where it has one that rules use it by.
    pub name: Option<Arc<str>>,
    /// The line of its key, or the line it starts on where it has none.
    pub line: u32,
    /// Where it stands.
    pub place: Place,
    pub(super) pointer: String,
    /// The text it stands in, which need not be the scenario's own.
    pub(super) document: Option<Arc<Document>>,
}

impl Scenario {
    /// The rules that a call of an operation meets, in their order: its own, then those for every operation.
    pub fn rules(&self, operation: &str) -> impl Iterator<Item = &Rule> {
        let own = self.operations.iter().find(|(key, _)| &**key == operation);
        own.into_iter().flat_map(|(_, rules)| rules).chain(&self.any)
    }

    /// Every rule, with the operation it is for; `None`: for every one.
    pub(super) fn all(&self) -> impl Iterator<Item = (Option<&Arc<str>>, &Rule)> {
        let own = self.operations.iter().flat_map(|(key, rules)| rules.iter().map(move |rule| (Some(key), rule)));
        own.chain(self.any.iter().map(|rule| (None, rule)))
    }

    /// Where a part of a reply stands, such as `/merge/detail`; the nearest thing around it where it is not written.
    pub(super) fn place(&self, reply: &Reply, part: &str) -> Place {
        let document = reply.document.as_ref().unwrap_or(&self.document);
        Place::of(document, &format!("{}{part}", reply.pointer))
    }

    /// Where the key of a part of a reply stands.
    pub(super) fn key_place(&self, reply: &Reply, key: &str) -> Place {
        let document = reply.document.as_ref().unwrap_or(&self.document);
        Place::of_key(document, &pointer::join(&reply.pointer, key))
    }
}

impl Reply {
    /// Whether it is what the document says, and nothing else.
    pub fn is_ok(&self) -> bool {
        !self.is_other() && self.delay.is_none() && self.fault.is_none() && self.go.is_none() && !self.force
    }

    /// The media type that its own content is of, where it says so with a `Content-Type` beside a `body` or a `template`.
    pub fn media_type(&self) -> Option<MediaType> {
        let own = self.body.is_some() || self.template.is_some();
        let (_, values) = self.headers.iter().find(|(name, _)| own && *name == header::CONTENT_TYPE)?;
        MediaType::parse(values.first()?.to_str().ok()?)
    }

    /// Whether the answer itself is another than the document's, and not just late or broken.
    pub fn is_other(&self) -> bool {
        let Reply { status, example, body, merge, headers, .. } = self;
        let content = example.is_some() || body.is_some() || merge.is_some();
        status.is_some() || content || !headers.is_empty() || self.is_filled()
    }

    /// Whether there are templates in it.
    pub fn is_filled(&self) -> bool {
        self.template.is_some() || !self.filled.is_empty()
    }
}

impl Then {
    /// The reply to the call with this number among those that the rule decided; `None`: what the document says.
    pub fn reply(&self, number: u64) -> Option<&Arc<Reply>> {
        match self {
            Then::Reply(reply) => Some(reply),
            Then::Calls(calls) => calls.at(number),
            Then::Rate(_) => None,
        }
    }
}

impl Rule {
    /// Whether nothing is asked of a call but chance.
    pub(super) fn unconditional(&self) -> bool {
        self.when.is_empty() && self.valid.is_none() && self.states.is_none() && self.between.is_none()
    }

    /// The states that it asks for, by their number in its list.
    pub(super) fn states(&self) -> impl Iterator<Item = (usize, &str)> {
        self.states.iter().flat_map(|states| states.iter()).map(|state| &**state).enumerate()
    }

    /// Whether it decides every call that it meets: nothing asks anything of the request, of state, time or chance.
    pub fn always(&self) -> bool {
        self.unconditional() && self.rate().is_none() && self.chance.as_ref().is_none_or(Chance::certain)
    }

    /// The rate that it is.
    pub fn rate(&self) -> Option<&Rate> {
        match &self.then {
            Then::Rate(rate) => Some(rate),
            Then::Reply(_) | Then::Calls(_) => None,
        }
    }

    /// Every reply that it can come to.
    pub(super) fn replies(&self) -> Vec<&Arc<Reply>> {
        match &self.then {
            Then::Reply(reply) => vec![reply],
            Then::Calls(calls) => calls.replies().collect(),
            Then::Rate(rate) => vec![&rate.refusal],
        }
    }
}
