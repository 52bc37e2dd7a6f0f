//! Parameters and header fields: from the text on the wire to a value, and what the document says of it.
//!
//! A text can often be read in more than one way (a number or a string; one value or a list of one). Every way that the
//! schema's types allow is tried, lists and objects first, and the first one that the schema accepts is meant.

use std::sync::Arc;

use serde_json::Value;

use super::checked::{Checked, quoted, shortened};
use super::codec::{Unread, tree, typed};
use super::content::Content;
use super::response::Judged;
use super::style::{Gathered, fields, gather, separator};
use super::{Call, In};
use crate::document::Location;
use crate::finding::{Part, Place, Verdict, Violation};
use crate::message::{HeaderMap, header};
use crate::schema::Schema;
use crate::spec::{self, Example, Style};

/// A parameter of a request, or a header field of a response.
#[derive(Debug)]
pub struct Parameter {
    /// Its name; header names in lower case.
    pub name: Arc<str>,
    /// Where it travels.
    pub place: In,
    /// Whether a message without it is invalid.
    pub required: bool,
    /// Declared as deprecated.
    pub deprecated: bool,
    /// Its examples.
    pub examples: Vec<Example>,
    /// Where it stands.
    pub at: Location,
    pub(super) style: Style,
    pub(super) explode: bool,
    pub(super) allow_empty: bool,
    pub(super) allow_reserved: bool,
    schema: Option<Schema>,
    pub(super) content: Option<Content>,
    pub(super) shape: Shape,
    item: Option<Schema>,
    /// What the first items are, where each has a schema of its own.
    first: Vec<Schema>,
    /// How items that are lists themselves are written, from the outside in, and what theirs are.
    pub(super) nested: Vec<(Style, Option<Schema>)>,
}

/// Which forms of value the schema admits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub(super) scalar: bool,
    pub(super) array: bool,
    pub(super) object: bool,
}

impl Parameter {
    pub(super) fn new(read: spec::Parameter, schema: Option<Schema>, content: Option<Content>) -> Parameter {
        let types = schema.as_ref().map(Schema::types);
        let (array, object, scalar) =
            types.map_or((false, false, true), |types| (types.array(), types.object(), types.scalar()));
        // A schema without a type says nothing about the form: a parameter is a text then.
        let shape = if array && object && scalar {
            Shape { scalar, array: false, object: false }
        } else {
            Shape { scalar, array, object }
        };
        let item = schema.as_ref().filter(|_| shape.array).and_then(Schema::items);
        let first = schema.as_ref().filter(|_| shape.array).map(Schema::first_items).unwrap_or_default();
        let mut lists = item.clone();
        let nested = read.nested.into_iter().map(|style| {
            lists = lists.as_ref().and_then(Schema::items);
            (style, lists.clone())
        });
        Parameter {
            nested: nested.collect(),
            name: read.name,
            place: read.place,
            required: read.required,
            deprecated: read.deprecated,
            examples: read.examples,
            at: read.at,
            style: read.style,
            explode: read.explode,
            allow_empty: read.allow_empty,
            allow_reserved: read.allow_reserved,
            schema,
            content,
            shape,
            item,
            first,
        }
    }

    /// The schema of its value, unless it is written as content.
    pub fn schema(&self) -> Option<&Schema> {
        self.schema.as_ref().or_else(|| self.content.as_ref().and_then(|content| content.schema.as_ref()))
    }

    /// How its value is written, where that is content.
    pub fn content(&self) -> Option<&Content> {
        self.content.as_ref()
    }

    /// The schema of a member of its value.
    pub(super) fn member(&self, name: &str) -> Option<Schema> {
        self.schema.as_ref()?.member(name)
    }

    /// The names of the members that its schema describes.
    pub(super) fn members(&self) -> Vec<String> {
        self.schema.as_ref().map(Schema::property_names).unwrap_or_default()
    }

    /// Whether it is the one field that comes several times and is no list (RFC 6265 §3).
    pub(super) fn is_set_cookie(&self) -> bool {
        self.place == In::Header && &*self.name == "set-cookie"
    }

    fn part(&self) -> Part {
        match self.place {
            In::Path => Part::Path,
            In::Query | In::QueryString => Part::Query,
            In::Header => Part::Header,
            In::Cookie => Part::Cookie,
        }
    }

    fn violation(&self, keyword: &'static str, sentence: impl Into<String>, got: Option<String>) -> Violation {
        Violation {
            part: self.part(),
            name: self.name.clone(),
            pointer: String::new(),
            keyword,
            sentence: sentence.into(),
            expected: None,
            got,
            place: Some(Place::of(&self.at.document, &self.at.pointer)),
        }
    }

    /// Whether a value leaves nothing on the wire: an object without members, where each member is a pair of its own.
    fn may_be_unseen(&self) -> bool {
        let spread = matches!((self.style, self.explode), (Style::Form, true) | (Style::DeepObject, _));
        let empty = Value::Object(serde_json::Map::new());
        spread && self.shape.object && self.schema.as_ref().is_some_and(|schema| schema.check(&empty) == Verdict::Valid)
    }

    /// Whether it says how a message travels, which is for the client's library to decide (RFC 9110 §6.4, RFC 9112 §6): without content there is
    /// no `Content-Length`.
    fn is_of_transport(&self) -> bool {
        self.place == In::Header && ["content-length", "transfer-encoding", "connection"].contains(&&*self.name)
    }

    /// Holds what was found on the wire to the document.
    fn judge(&self, gathered: Gathered<'_>, outcome: &mut Outcome<'_>) {
        let gathered = match gathered {
            Gathered::Absent => {
                if self.required && !self.may_be_unseen() && !self.is_of_transport() {
                    outcome.violations.push(self.violation("missing", "required, and not there", None));
                }
                return;
            }
            Gathered::Broken(text) => {
                let sentence = "not decodable: percent-encoding that is no UTF-8";
                outcome.violations.push(self.violation("unparsable", sentence, Some(shortened(&text))));
                return;
            }
            found => found,
        };
        if let Some(content) = &self.content {
            return self.judge_content(content, &gathered, outcome);
        }
        let Some(schema) = &self.schema else { return };
        // The usual one takes no list.
        let scalar = match &gathered {
            Gathered::One(text) if !self.shape.object && !self.shape.array => Some(typed(schema, text)),
            _ => None,
        };
        let several = if scalar.is_some() { Vec::new() } else { self.candidates(schema, &gathered) };
        let mut first: Option<(Verdict, Value)> = None;
        for candidate in scalar.into_iter().chain(several) {
            match schema.check(&candidate) {
                Verdict::Valid => return,
                verdict => {
                    // A reading that could not be decided counts before one that is wrong.
                    if first
                        .as_ref()
                        .is_none_or(|(known, _)| (*known, verdict) == (Verdict::Invalid, Verdict::NotDecided))
                    {
                        first = Some((verdict, candidate));
                    }
                }
            }
        }
        match first {
            Some((Verdict::Invalid, value)) => {
                outcome.violations.extend(schema.explain(&value).into_iter().map(|violation| {
                    let got = violation.got.clone().or_else(|| value.pointer(&violation.pointer).map(quoted));
                    Violation { part: self.part(), name: self.name.clone(), got, ..violation }
                }))
            }
            Some(_) => *outcome.undecided = true,
            None => {}
        }
    }

    fn judge_content(&self, content: &Content, gathered: &Gathered<'_>, outcome: &mut Outcome<'_>) {
        let Some(text) = gathered.text() else { return };
        let value = match content.read(content.codec, content.sent.as_ref(), text.as_bytes()) {
            Ok(reading) => {
                let flaws = reading.flaws.into_iter();
                outcome.violations.extend(flaws.map(|flaw| Violation {
                    part: self.part(),
                    name: self.name.clone(),
                    ..flaw
                }));
                *outcome.undecided |= !reading.open.is_empty();
                reading.value
            }
            Err(Unread::Broken(sentence)) => {
                let sentence = sentence.split(':').next().unwrap_or_default();
                outcome.violations.push(self.violation("unparsable", sentence, Some(shortened(text))));
                return;
            }
            Err(Unread::Open(_)) => {
                *outcome.undecided = true;
                return;
            }
        };
        let Some(schema) = &content.schema else { return };
        match schema.check(&value) {
            Verdict::Valid => {}
            Verdict::NotDecided => *outcome.undecided = true,
            Verdict::Invalid => {
                outcome.violations.extend(schema.explain(&value).into_iter().map(|violation| Violation {
                    part: self.part(),
                    name: self.name.clone(),
                    ..violation
                }))
            }
        }
    }

    /// Every value that the text can stand for, the most telling first.
    fn candidates(&self, schema: &Schema, gathered: &Gathered<'_>) -> Vec<Value> {
        let mut candidates = Vec::new();
        if let Gathered::Tree(texts) = gathered {
            candidates.push(tree(texts.clone(), Some(schema.clone())));
        }
        if self.shape.object
            && let Some(pairs) = gathered.pairs()
        {
            let members = pairs.into_iter().map(|(name, text)| {
                let value =
                    self.member(&name).map_or_else(|| Value::String(text.to_string()), |schema| typed(&schema, &text));
                (name.into_owned(), value)
            });
            candidates.push(Value::Object(members.collect()));
        }
        if self.shape.array
            && let Some(texts) = gathered.list()
        {
            // One empty text may be meant as a list of nothing, where it is no item.
            let none = texts.len() == 1 && texts[0].is_empty();
            let items = texts.into_iter().enumerate().map(|(place, text)| {
                match (self.first.get(place).or(self.item.as_ref()), self.nested.as_slice()) {
                    (item, nested @ [_, ..]) => list_of_lists(&text, item, nested),
                    (Some(schema), _) => typed(schema, &text),
                    (None, _) => Value::String(text.into_owned()),
                }
            });
            candidates.push(Value::Array(items.collect()));
            candidates.extend(none.then(|| Value::Array(Vec::new())));
        }
        if (self.shape.scalar || candidates.is_empty())
            && let Some(text) = gathered.text()
        {
            candidates.push(typed(schema, text));
        }
        candidates
    }
}

/// An item that is a list. It was decoded with the list around it: its own delimiter cannot be hidden in it.
fn list_of_lists(text: &str, item: Option<&Schema>, nested: &[(Style, Option<Schema>)]) -> Value {
    match nested.split_first() {
        Some(((style, items), deeper)) => {
            let texts = text.split(separator(*style)).filter(|_| !text.is_empty());
            Value::Array(texts.map(|text| list_of_lists(text, items.as_ref(), deeper)).collect())
        }
        None => item.map_or_else(|| Value::String(text.to_owned()), |schema| schema.coerce(text)),
    }
}

struct Outcome<'o> {
    violations: &'o mut Vec<Violation>,
    undecided: &'o mut bool,
}

/// Holds every parameter of a request to the document.
pub(super) fn check(call: &Call, checked: &mut Checked) {
    let operation = call.operation();
    let Checked { violations, notes, undecided, .. } = checked;
    for parameter in &operation.parameters {
        let gathered = gather(parameter, call);
        if parameter.deprecated && !matches!(gathered, Gathered::Absent) {
            notes.push(format!("{} `{}` is deprecated", parameter.part(), parameter.name));
        }
        parameter.judge(gathered, &mut Outcome { violations, undecided });
    }
}

/// Holds the header fields of a response to the document.
pub(super) fn check_fields(parameters: &[Parameter], headers: &HeaderMap, judged: &mut Judged) {
    for parameter in parameters {
        let mut undecided = false;
        let mut found = Vec::new();
        parameter.judge(fields(parameter, headers), &mut Outcome { violations: &mut found, undecided: &mut undecided });
        // Each cookie comes in a field of its own; that one of them is as described is all that can be asked.
        if !found.is_empty() && parameter.is_set_cookie() && !parameter.shape.array {
            let another = headers.get_all(&*parameter.name).iter().skip(1).any(|value| {
                let alone = HeaderMap::from_iter([(header::SET_COOKIE, value.clone())]);
                let mut found = Vec::new();
                let mut outcome = Outcome { violations: &mut found, undecided: &mut undecided };
                parameter.judge(fields(parameter, &alone), &mut outcome);
                found.is_empty()
            });
            if another {
                continue;
            }
        }
        judged.violations.append(&mut found);
        if undecided {
            judged.undecided.push(format!("header `{}` could not be looked into", parameter.name));
        }
    }
}
