//! From the resolved model to the compiled operation.

use std::sync::{Arc, OnceLock};

use super::codec::{BOUNDARY, Encoding, Encodings};
use super::content::{self, Codec, Content};
use super::mark::Mark;
use super::operation::{Operation, RequestBody, Response};
use super::{Alternative, Parameter, template};
use crate::message::{Direction, HeaderValue, MediaRange, MediaType};
use crate::schema::Schemas;
use crate::spec::{self, Head, Style};

/// Compiles an operation; schemas are only named here, and compiled when a value meets them.
///
/// `schemes` is what is added to the indices of the document's security schemes, where it is one of several.
pub(super) fn operation(schemas: &Arc<Schemas>, head: &Head, schemes: usize, read: spec::Operation) -> Operation {
    let request = read.request_body.map(|body| RequestBody {
        required: body.required,
        content: contents(schemas, body.content, Direction::Request),
        at: body.at,
    });
    let responses = read.responses.into_iter().map(|response| Response {
        range: response.range,
        description: response.description,
        headers: parameters(schemas, response.headers, Direction::Response),
        content: contents(schemas, response.content, Direction::Response),
        at: response.at,
    });
    Operation {
        key: head.key.clone(),
        method: head.method.clone(),
        template: head.template.clone(),
        segments: template::segments(&head.template),
        marks: Mark::all(&head.template),
        parameters: parameters(schemas, read.parameters, Direction::Request),
        request,
        responses: responses.collect(),
        security: read.security.into_iter().map(|requirement| Alternative::new(requirement, schemes)).collect(),
        summary: read.summary,
        deprecated: read.deprecated,
        at: head.at.clone(),
    }
}

fn contents(schemas: &Arc<Schemas>, read: Vec<spec::Content>, direction: Direction) -> Vec<Content> {
    let mut contents: Vec<Content> = read.into_iter().map(|content| one(schemas, content, direction)).collect();
    for index in 0..contents.len() {
        let content = &contents[index];
        let covered = |media: &MediaType| {
            content::fitting(&contents, media).is_some_and(|closest| !std::ptr::eq(closest, content))
        };
        // What is usually meant by a range is what another entry describes: the range stands for something else.
        if content.media.contains('*') && content.sent.as_ref().is_some_and(covered) {
            let usual = content.range.as_ref().map(content::usual).into_iter().flatten();
            let sent = usual.filter(|media| !covered(media)).find(|media| content.can_write(media));
            contents[index].send_as(sent);
        }
    }
    contents
}

/// What is said of content of which nothing better can be said (RFC 9110 §8.3).
const BYTES: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// What is sent most.
const USUAL: [&str; 6] = [
    "application/json",
    "application/problem+json",
    "application/json; charset=utf-8",
    "application/json;charset=utf-8",
    "application/xml",
    "text/plain",
];

impl Content {
    fn send_as(&mut self, sent: Option<MediaType>) {
        self.content_type = sent.as_ref().map_or(BYTES, content_type);
        self.codec = sent.as_ref().map_or(Codec::Binary, Codec::of_type);
        self.sent = sent;
    }
}

fn one(schemas: &Arc<Schemas>, content: spec::Content, direction: Direction) -> Content {
    let sent = content::sent(&content.media);
    // What is no media type is sent as it is written: the document promises nothing better.
    let written = || HeaderValue::from_str(&content.media).ok().filter(|_| !content.media.contains('*'));
    Content {
        content_type: sent.as_ref().map_or_else(|| written().unwrap_or(BYTES), content_type),
        codec: sent.as_ref().map_or(Codec::Binary, Codec::of_type),
        sent,
        range: MediaRange::parse(&content.media),
        schema: content.schema.as_ref().map(|at| schemas.schema(at, direction)),
        items: content.items.as_ref().map(|at| schemas.schema(at, direction)),
        encodings: encodings(schemas, content.encodings, direction),
        members: OnceLock::new(),
        examples: content.examples,
        media: content.media.into(),
        at: content.at,
    }
}

/// The field value of a media type; the parts of a message need a boundary between them.
pub(super) fn content_type(media: &MediaType) -> HeaderValue {
    let mut text = media.to_string();
    // What is static is not counted: copies of it are free, and all connections make them all the time.
    if let Some(known) = USUAL.iter().find(|known| **known == text) {
        return HeaderValue::from_static(known);
    }
    if Codec::of_type(media) == Codec::Multipart && media.param("boundary").is_none() {
        text.push_str(&format!("; boundary={BOUNDARY}"));
    }
    HeaderValue::from_str(&text).unwrap_or(BYTES)
}

fn encodings(schemas: &Arc<Schemas>, read: spec::Encodings, direction: Direction) -> Encodings {
    let one = |read: spec::Encoding| {
        let said = read.style.is_some() || read.explode.is_some() || read.allow_reserved.is_some();
        let style = read.style.unwrap_or(Style::Form);
        let listed = read.content_type.unwrap_or_default();
        Arc::new(Encoding {
            name: read.name,
            ranges: listed.split(',').filter_map(MediaRange::parse).collect(),
            listed,
            style: said.then(|| (style, read.explode.unwrap_or(style == Style::Form))),
            reserved: read.allow_reserved.unwrap_or(false),
            headers: parameters(schemas, read.headers, direction),
            inner: encodings(schemas, read.inner, direction),
            at: read.at,
        })
    };
    Encodings {
        named: read.named.into_iter().map(one).collect(),
        first: read.first.into_iter().map(one).collect(),
        rest: read.rest.map(|rest| one(*rest)),
    }
}

fn parameters(schemas: &Arc<Schemas>, read: Vec<spec::Parameter>, direction: Direction) -> Vec<Parameter> {
    read.into_iter()
        .map(|mut parameter| {
            let content = parameter.content.take().map(|content| one(schemas, content, direction));
            let schema = parameter.schema.as_ref().map(|at| schemas.schema(at, direction));
            Parameter::new(parameter, schema, content)
        })
        .collect()
}
