//! From the resolved model to the compiled operation.

use std::sync::Arc;

use super::content::{self, Codec, Content};
use super::operation::{Operation, RequestBody, Response};
use super::{Alternative, Parameter, template};
use crate::message::{Direction, HeaderValue, MediaRange};
use crate::schema::Schemas;
use crate::spec::{self, Head};

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
    read.into_iter().map(|content| one(schemas, content, direction)).collect()
}

fn one(schemas: &Arc<Schemas>, content: spec::Content, direction: Direction) -> Content {
    let sent = content::sent(&content.media);
    let text = sent.as_ref().map_or_else(|| content.media.clone(), ToString::to_string);
    Content {
        content_type: HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("application/octet-stream")),
        sent,
        range: MediaRange::parse(&content.media),
        codec: Codec::of(&content.media),
        schema: content.schema.as_ref().map(|at| schemas.schema(at, direction)),
        examples: content.examples,
        media: content.media.into(),
        at: content.at,
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
