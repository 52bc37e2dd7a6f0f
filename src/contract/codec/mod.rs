//! Codecs: from the bytes of a message's content to the value that its schema speaks of, and back.
//!
//! One file a form. What every codec decides where the specification leaves it open is told in `docs/bodies.md`.

mod binary;
mod charset;
mod field;
mod form;
mod multipart;
mod sequence;
mod text;
mod write;
mod xml;

use serde_json::Value;

use super::content::Content;
use crate::finding::{Part, Violation};
use crate::message::{HeaderMap, MediaType};
use crate::schema::{Schema, Type};

pub(super) use field::{Encoding, Encodings, Fields};
pub(super) use form::tree;
pub(super) use multipart::BOUNDARY;
pub(super) use text::typed;

/// How deep messages stand in the parts of messages.
const NESTED: usize = 3;

/// How bytes become a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// JSON (RFC 8259): `application/json` and everything that ends in `+json`.
    Json,
    /// Text in one piece: a string to its schema, or what it reads as.
    Text,
    /// `application/x-www-form-urlencoded`: an object.
    Form,
    /// `multipart/form-data`: an object. Others of `multipart/`: an object where its schema speaks of one, else a list.
    Multipart,
    /// XML, read by its schema.
    Xml,
    /// YAML, of which JSON is a part: written as that.
    Yaml,
    /// JSON texts, one a line: a list.
    Lines,
    /// JSON texts behind record separators (RFC 7464): a list.
    Sequence,
    /// Server-sent events: a list of objects.
    Events,
    /// Bytes as they are: a string to its schema, one character each.
    Binary,
}

/// A value that was read, and what else came to light.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) value: Value,
    /// What is wrong beside what the schema says of the value.
    pub(super) flaws: Vec<Violation>,
    /// What could not be looked into.
    pub(super) open: Vec<String>,
}

/// Why there is no value.
#[derive(Debug)]
pub(super) enum Unread {
    /// It is not what its media type says, as a sentence fragment.
    Broken(String),
    /// Nothing can be said of it, as a sentence fragment.
    Open(String),
}

impl From<Value> for Reading {
    fn from(value: Value) -> Reading {
        Reading { value, flaws: Vec::new(), open: Vec::new() }
    }
}

impl Codec {
    /// The codec for a media type.
    pub fn of_type(media: &MediaType) -> Codec {
        let essence = media.essence();
        let (kind, subtype) = essence.split_once('/').unwrap_or_default();
        match (kind, subtype, media.suffix()) {
            _ if media.is_json() => Codec::Json,
            _ if media.is_json_lines() => Codec::Lines,
            ("application", "x-www-form-urlencoded", _) => Codec::Form,
            ("multipart", ..) => Codec::Multipart,
            ("text" | "application", "xml", _) | (_, _, Some("xml")) => Codec::Xml,
            ("application", "json-seq", _) | (_, _, Some("json-seq")) => Codec::Sequence,
            ("text", "event-stream", _) => Codec::Events,
            ("text" | "application", "yaml" | "x-yaml" | "vnd.yaml", _) | (_, _, Some("yaml")) => Codec::Yaml,
            ("text", ..) => Codec::Text,
            ("application", "javascript" | "x-javascript" | "ecmascript" | "graphql" | "sql", _) => Codec::Text,
            _ => Codec::Binary,
        }
    }

    /// Whether its content is a list of values, one after the other, which may go on without end.
    pub fn is_sequential(self) -> bool {
        matches!(self, Codec::Lines | Codec::Sequence | Codec::Events)
    }

    /// Whether it carries one whole value, and not a text or bytes alone, nor one value after the other.
    pub fn is_structured(self) -> bool {
        matches!(self, Codec::Json | Codec::Yaml | Codec::Xml | Codec::Form | Codec::Multipart)
    }
}

/// What bytes are read by.
#[derive(Clone, Copy)]
pub(super) struct Reader<'r> {
    pub(super) media: Option<&'r MediaType>,
    pub(super) schema: Option<&'r Schema>,
    /// The schema of each item of a sequence.
    pub(super) items: Option<&'r Schema>,
    /// The members of a form, where they are described.
    pub(super) fields: Option<&'r Fields>,
    /// Whether the document names the media type itself, and not a range with it in.
    pub(super) named: bool,
    /// How many messages it stands in.
    pub(super) depth: usize,
}

impl Reader<'_> {
    pub(super) fn read(&self, codec: Codec, bytes: &[u8]) -> Result<Reading, Unread> {
        let text_alone = self
            .schema
            .map(Schema::types)
            .is_some_and(|types| types.contains(Type::String) && !types.object() && !types.array());
        match codec {
            // A document that describes a form as one text means the text.
            Codec::Form | Codec::Multipart | Codec::Yaml if text_alone => text::read(self, bytes).map(Reading::from),
            Codec::Json => json(bytes).map(Reading::from),
            Codec::Text => text::read(self, bytes).map(Reading::from),
            Codec::Form => form::read(self, bytes).map(Reading::from),
            Codec::Multipart => multipart::read(self, bytes),
            Codec::Xml => xml::read(self, bytes),
            Codec::Yaml => text::yaml(self, bytes).map(Reading::from),
            Codec::Lines => sequence::lines(bytes).map(Reading::from),
            Codec::Sequence => sequence::records(bytes).map(Reading::from),
            Codec::Events => sequence::events(self, bytes).map(Reading::from),
            Codec::Binary => binary::read(self, bytes).map(Reading::from),
        }
    }
}

impl Content {
    /// Reads content of this media type, which the document's key covers.
    pub(super) fn read(&self, codec: Codec, media: Option<&MediaType>, bytes: &[u8]) -> Result<Reading, Unread> {
        if codec == Codec::Json {
            return json(bytes).map(Reading::from);
        }
        let fields = self.fields(codec);
        let named = !self.media.contains('*');
        let (schema, items) = (self.schema.as_ref(), self.items.as_ref());
        Reader { media, schema, items, fields, named, depth: 0 }.read(codec, bytes)
    }

    /// The value that an example stands for: itself, or what the text says that it shows.
    pub fn meant(&self, example: &Value) -> Value {
        match example {
            Value::String(text) if self.codec.is_structured() && self.codec != Codec::Json => {
                let read = self.read(self.codec, self.sent.as_ref(), text.as_bytes());
                read.map_or_else(|_| example.clone(), |reading| reading.value)
            }
            example => example.clone(),
        }
    }

    /// What is wrong with an example that shows the content as it is written.
    pub(super) fn wrong_text(&self, example: &Value) -> Vec<Violation> {
        let Value::String(text) = example else { return Vec::new() };
        if !matches!(
            self.codec,
            Codec::Form | Codec::Xml | Codec::Yaml | Codec::Lines | Codec::Sequence | Codec::Events
        ) {
            return Vec::new();
        }
        match self.read(self.codec, self.sent.as_ref(), text.as_bytes()) {
            Ok(Reading { value, flaws, .. }) => flaws.into_iter().chain(self.explain(self.codec, &value)).collect(),
            Err(Unread::Broken(sentence)) => vec![broken("", sentence)],
            Err(Unread::Open(_)) => Vec::new(),
        }
    }

    /// The members of a form, described once and kept; of other content nothing.
    pub(super) fn fields(&self, codec: Codec) -> Option<&Fields> {
        match codec {
            Codec::Form | Codec::Multipart => {
                let members = || Fields::of(self.schema.as_ref(), self.items.as_ref(), &self.encodings);
                Some(self.members.get_or_init(members))
            }
            _ => None,
        }
    }
}

/// That something is not what its media type says.
fn broken(at: &str, sentence: String) -> Violation {
    let (part, name, pointer) = (Part::Body, "".into(), at.to_owned());
    Violation { part, name, pointer, keyword: "unparsable", sentence, expected: None, got: None, place: None }
}

/// A parser may ignore a byte order mark, though nobody may send one (RFC 8259 §8.1). A `charset` means nothing here.
pub(super) fn json(bytes: &[u8]) -> Result<Value, Unread> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    // Knowing that all of it is text is less work than finding that out string by string.
    let read = match std::str::from_utf8(bytes) {
        Ok(text) => serde_json::from_str(text),
        // Fails where the text ends, or before.
        Err(_) => serde_json::from_slice(bytes),
    };
    read.map_err(|error| Unread::Broken(not_json(&error)))
}

/// serde_json's sentence ends in its own line and column; ours says them in words.
fn not_json(error: &serde_json::Error) -> String {
    let said = error.to_string();
    let what = said.split(" at line ").next().unwrap_or(&said);
    format!("not well-formed JSON: {what} (line {}, column {})", error.line(), error.column())
}

/// The media type that a part of a message says it has.
fn media_of(headers: &HeaderMap) -> Option<MediaType> {
    headers.get("content-type").and_then(|value| MediaType::parse(value.to_str().ok()?))
}
