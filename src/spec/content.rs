//! Media Type, Example and Request Body Objects (OpenAPI 3.1.2 §4.8.13, §4.8.14, §4.8.19).

use std::sync::Arc;

use serde_json::Value;

use super::element::Element;
use crate::document::Location;
use crate::finding::Finding;
use crate::message::MediaRange;

/// One entry of a `content` map.
#[derive(Clone, Debug)]
pub struct Content {
    /// The key: a media type or range, as written.
    pub media: String,
    /// The schema, if there is one.
    pub schema: Option<Location>,
    /// Its examples: `example` first, then `examples` in order.
    pub examples: Vec<Example>,
    /// Where it stands.
    pub at: Location,
}

/// A value that the document shows for a message.
#[derive(Clone, Debug)]
pub struct Example {
    /// Its key under `examples`; `None` for `example`.
    pub name: Option<Arc<str>>,
    /// The value.
    pub value: Value,
    /// Where the value stands.
    pub at: Location,
}

/// A Request Body Object.
#[derive(Clone, Debug)]
pub struct RequestBody {
    /// Whether a request without content is invalid; the specification's default is `false`.
    pub required: bool,
    /// What it may be.
    pub content: Vec<Content>,
    /// Where it stands.
    pub at: Location,
}

/// Reads the `requestBody` member.
pub(super) fn request_body(operation: &Element<'_>, findings: &mut Vec<Finding>) -> Option<RequestBody> {
    let body = match operation.member("requestBody")?.follow() {
        Ok(body) => body,
        Err(finding) => {
            findings.push(finding);
            return None;
        }
    };
    Some(RequestBody { required: body.flag("required"), content: contents(&body, findings), at: body.location() })
}

/// Reads the `content` member.
pub(super) fn contents(holder: &Element<'_>, findings: &mut Vec<Finding>) -> Vec<Content> {
    let Some(listed) = holder.member("content") else { return Vec::new() };
    let mut contents = Vec::new();
    for (media, element) in listed.members() {
        if media.starts_with("x-") && !media.contains('/') {
            continue;
        }
        if MediaRange::parse(media).is_none() {
            findings.push(
                Finding::new("media-type", format!("`{media}` is no media type"))
                    .at(element.key_place())
                    .help("write one such as `application/json`, or a range such as `text/*`"),
            );
        }
        match element.follow() {
            Ok(content) => contents.push(Content {
                media: media.to_owned(),
                schema: content.member("schema").map(|schema| schema.location()),
                examples: examples(&content, findings),
                at: content.location(),
            }),
            Err(finding) => findings.push(finding),
        }
    }
    contents
}

/// Reads `example` and `examples` of a Media Type or Parameter Object.
pub(super) fn examples(holder: &Element<'_>, findings: &mut Vec<Finding>) -> Vec<Example> {
    let mut found = Vec::new();
    if let Some(example) = holder.member("example") {
        found.push(Example { name: None, value: example.value().clone(), at: example.location() });
    }
    let Some(listed) = holder.member("examples") else { return found };
    for (name, element) in listed.members() {
        match element.follow() {
            Ok(example) => {
                if let Some(value) = example.member("value") {
                    let at = value.location();
                    found.push(Example { name: Some(name.into()), value: value.value().clone(), at });
                }
            }
            Err(finding) => findings.push(finding),
        }
    }
    found
}
