//! Media Type, Example and Request Body Objects (OpenAPI 3.1.2 §4.8.13, §4.8.14, §4.8.19).

use std::sync::Arc;

use serde_json::Value;

use super::element::Element;
use super::outline::{self, Part};
use super::parameter::{Parameter, Style, header};
use crate::document::Location;
use crate::finding::Finding;
use crate::message::{MediaRange, MediaType};

/// How deep Encoding Objects stand in each other.
const NESTED: usize = 4;

/// One entry of a `content` map.
#[derive(Clone, Debug)]
pub struct Content {
    /// The key: a media type or range, as written.
    pub media: String,
    /// The schema, if there is one.
    pub schema: Option<Location>,
    /// The schema of each item of a sequence (`itemSchema`, OpenAPI 3.2.0 §4.14).
    pub items: Option<Location>,
    /// How its members or parts are written.
    pub encodings: Encodings,
    /// Its examples: `example` first, then `examples` in order.
    pub examples: Vec<Example>,
    /// Where it stands.
    pub at: Location,
}

/// How the members of a form are written, or the parts of a message.
#[derive(Clone, Debug, Default)]
pub struct Encodings {
    /// By name (`encoding`).
    pub named: Vec<Encoding>,
    /// By place: the first ones (`prefixEncoding`, OpenAPI 3.2).
    pub first: Vec<Encoding>,
    /// The others (`itemEncoding`, OpenAPI 3.2).
    pub rest: Option<Box<Encoding>>,
}

/// An Encoding Object: how one member of a form is written.
#[derive(Clone, Debug)]
pub struct Encoding {
    /// The member; empty where position counts.
    pub name: Arc<str>,
    /// Media types and ranges, as written: a list with commas.
    pub content_type: Option<String>,
    /// `style`, where it is said.
    pub style: Option<Style>,
    /// `explode`, where it is said.
    pub explode: Option<bool>,
    /// `allowReserved`, where it is said.
    pub allow_reserved: Option<bool>,
    /// The fields of its part, names in lower case, without `content-type`.
    pub headers: Vec<Parameter>,
    /// How what is inside of it is written, where it is a form or a message of parts itself (OpenAPI 3.2).
    pub inner: Encodings,
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

impl Content {
    /// A value under a media type, of which nothing more is said.
    pub(super) fn new(media: &str, schema: Option<Location>, examples: Vec<Example>, at: Location) -> Content {
        Content { media: media.to_owned(), schema, items: None, encodings: Encodings::default(), examples, at }
    }
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
    outline::look_at(&body, Part::RequestBody, true, findings);
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
            Ok(content) => {
                outline::look_at(&content, Part::MediaType, true, findings);
                contents.push(Content {
                    media: media.to_owned(),
                    schema: content.member("schema").map(|schema| schema.location()),
                    items: content.member("itemSchema").map(|schema| schema.location()),
                    encodings: encodings_of(media, &content, findings),
                    examples: examples(&content, Some(media), findings),
                    at: content.location(),
                });
            }
            Err(finding) => findings.push(finding),
        }
    }
    contents
}

/// Reads what is said of the members or parts of a media type, and tells where it has no effect.
fn encodings_of(media: &str, content: &Element<'_>, findings: &mut Vec<Finding>) -> Encodings {
    let read = encodings(content, NESTED, findings);
    let Some(named) = content.member("encoding").filter(|_| !read.named.is_empty()) else { return read };
    let mut told = |sentence: String, help: &str| {
        findings.push(Finding::new("encoding", sentence).at(named.key_place()).help(help));
    };
    if !read.first.is_empty() || read.rest.is_some() {
        let sentence = "`encoding` goes by name, and beside it parts are described by place: it is not looked at";
        told(sentence.to_owned(), "keep `encoding`, or `prefixEncoding` and `itemEncoding`");
        return Encodings { named: Vec::new(), ..read };
    }
    let essence = MediaType::parse(media).map(|media| media.essence().to_owned()).unwrap_or_default();
    if !essence.contains('*') && essence != "application/x-www-form-urlencoded" && !essence.starts_with("multipart/") {
        let sentence = format!("`encoding` says nothing of `{media}`, which is neither a form nor made of parts");
        told(sentence, "take it away");
    }
    read
}

/// Reads `encoding`, `prefixEncoding` and `itemEncoding`.
fn encodings(holder: &Element<'_>, deeper: usize, findings: &mut Vec<Finding>) -> Encodings {
    if deeper == 0 {
        return Encodings::default();
    }
    let named = holder.member("encoding");
    let named = named.iter().flat_map(Element::members).filter(|(name, _)| !name.starts_with("x-"));
    let named = named.map(|(name, one)| encoding(name, &one, deeper - 1, findings)).collect();
    let first = holder.member("prefixEncoding");
    let first = first.iter().flat_map(Element::items).map(|one| encoding("", &one, deeper - 1, findings)).collect();
    let rest = holder.member("itemEncoding").map(|one| Box::new(encoding("", &one, deeper - 1, findings)));
    Encodings { named, first, rest }
}

/// Reads an Encoding Object (OpenAPI 3.1.2 §4.8.15).
fn encoding(name: &str, element: &Element<'_>, deeper: usize, findings: &mut Vec<Finding>) -> Encoding {
    let flag = |key: &str| element.value().get(key).and_then(Value::as_bool);
    let style = element.text("style").and_then(|said| match said {
        "form" => Some(Style::Form),
        "spaceDelimited" => Some(Style::SpaceDelimited),
        "pipeDelimited" => Some(Style::PipeDelimited),
        // Only Swagger 2.0 has it (`collectionFormat: tsv`), under this name once it is read as OpenAPI 3.
        "tabDelimited" => Some(Style::TabDelimited),
        "deepObject" => Some(Style::DeepObject),
        _ => {
            findings.push(
                Finding::new("parameter", format!("`style: {said}` does not exist here; read as `form`"))
                    .at(element.member("style").and_then(|style| style.place()))
                    .help("see the table of styles in OpenAPI, Encoding Object: those of a query"),
            );
            None
        }
    });
    let mut headers = Vec::new();
    for (name, element) in element.member("headers").iter().flat_map(Element::members) {
        if !name.eq_ignore_ascii_case("content-type") {
            headers.extend(header(name, element, findings));
        }
    }
    Encoding {
        name: name.into(),
        content_type: element.text("contentType").map(str::to_owned),
        style,
        explode: flag("explode"),
        allow_reserved: flag("allowReserved"),
        headers,
        inner: encodings(element, deeper, findings),
        at: element.location(),
    }
}

/// The value that a text shows for a media type: of JSON what it is read as, of all else the text, which is what is sent.
fn serialized(media: &str, written: &Element<'_>, findings: &mut Vec<Finding>) -> Option<Value> {
    let text = written.value().as_str()?;
    let json = MediaType::parse(media).is_some_and(|media| {
        let essence = media.essence();
        essence == "application/json" || essence == "text/json" || essence.ends_with("+json")
    });
    if !json {
        return Some(written.value().clone());
    }
    let read = serde_json::from_str(text).map_err(|error| {
        let finding = Finding::new("example-invalid", format!("the example is not JSON: {error}")).at(written.place());
        findings.push(finding.help("mend the text; until then it is not served"));
    });
    read.ok()
}

/// Reads `example` and `examples` of a Media Type or Parameter Object; `media` is the media type of the former.
pub(super) fn examples(holder: &Element<'_>, media: Option<&str>, findings: &mut Vec<Finding>) -> Vec<Example> {
    let mut found = Vec::new();
    if let Some(example) = holder.member("example") {
        found.push(Example { name: None, value: example.value().clone(), at: example.location() });
    }
    let Some(listed) = holder.member("examples") else { return found };
    for (name, element) in listed.members() {
        match element.follow() {
            Ok(example) => {
                // `value` goes before what 3.2 has for it: `dataValue`, and `serializedValue` for how it is written.
                let value = example.member("value").or_else(|| example.member("dataValue"));
                if value.is_none()
                    && let Some(written) = example.member("serializedValue")
                {
                    let value = media.and_then(|media| serialized(media, &written, findings));
                    found.extend(value.map(|value| Example { name: Some(name.into()), value, at: written.location() }));
                    continue;
                }
                // A value in a file of its own is read with the document, where it is YAML or JSON.
                let value = match (value, example.text("externalValue")) {
                    (Some(value), _) => Some(value),
                    (None, Some(file)) => example.elsewhere(file).map_err(|finding| findings.push(finding)).ok(),
                    (None, None) => None,
                };
                if let Some(value) = value {
                    let at = value.location();
                    found.push(Example { name: Some(name.into()), value: value.value().clone(), at });
                }
            }
            Err(finding) => findings.push(finding),
        }
    }
    found
}
