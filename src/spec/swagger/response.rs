//! Responses of Swagger 2.0: one schema for every type that is produced, examples by media type, headers that are their own
//! schemas.

use serde_json::Value;

use super::Element;
use super::media::{BYTES, JSON, serves};
use super::parameter;
use crate::finding::Finding;
use crate::message::MediaType;
use crate::spec::content::{Content, Example, contents};
use crate::spec::parameter::{In, Parameter};
use crate::spec::response::{Response, each};

/// Reads the `responses` member, in the order of the text.
pub(super) fn responses(operation: &Element<'_>, produced: &[&str], findings: &mut Vec<Finding>) -> Vec<Response> {
    each(operation, findings, |range, _, response, findings| Response {
        range,
        description: response.text("description").unwrap_or_default().to_owned(),
        headers: headers(response, findings),
        content: content(response, produced, findings),
        at: response.location(),
    })
}

fn headers(response: &Element<'_>, findings: &mut Vec<Finding>) -> Vec<Parameter> {
    let mut headers = Vec::new();
    for (name, element) in response.member("headers").iter().flat_map(Element::members) {
        if name.eq_ignore_ascii_case("content-type") {
            continue;
        }
        match element.follow() {
            Ok(header) => headers.push(parameter::read(&header, name, In::Header, findings)),
            Err(finding) => findings.push(finding),
        }
    }
    headers
}

fn content(response: &Element<'_>, produced: &[&str], findings: &mut Vec<Finding>) -> Vec<Content> {
    let schema = response.member("schema");
    let shown: Vec<(&str, Element<'_>)> = response.member("examples").iter().flat_map(Element::members).collect();
    let (shown, misplaced): (Vec<_>, Vec<_>) =
        shown.into_iter().partition(|(media, _)| MediaType::parse(media).is_some());
    for (name, element) in misplaced.iter().filter(|(name, _)| !name.starts_with("x-")) {
        findings.push(
            Finding::new("swagger-2", format!("`{name}` is no media type: this example is not served"))
                .at(element.key_place())
                .help("write the example under the media type that it is in"),
        );
    }
    if schema.is_none() && shown.is_empty() {
        return contents(response, findings);
    }
    let file = || schema.as_ref().is_some_and(|schema| schema.text("type") == Some("file"));
    let types: Vec<&str> = match produced {
        [] if !shown.is_empty() => shown.iter().map(|(media, _)| *media).collect(),
        [] => vec![if file() { BYTES } else { JSON }],
        produced => produced.to_vec(),
    };
    for (media, element) in &shown {
        if !types.iter().any(|produced| serves(media, produced).is_some()) {
            findings.push(
                Finding::new("swagger-2", format!("`{media}` is not produced: this example is not served"))
                    .at(element.key_place())
                    .help(format!("add `{media}` to `produces`")),
            );
        }
    }
    let content = types.iter().map(|media| {
        let schema = schema.as_ref().map(Element::location);
        let fits = shown.iter().filter_map(|(own, element)| Some((serves(own, media)?, element)));
        // `max_by_key` would keep the last of equals; the first in the text is meant.
        let best = fits.rev().max_by_key(|(fit, _)| *fit);
        Content::new(
            media,
            schema,
            best.map(|(_, element)| example(element, media)).into_iter().collect(),
            response.location(),
        )
    });
    content.collect()
}

/// An example. Some write JSON as a string with JSON in it.
fn example(element: &Element<'_>, media: &str) -> Example {
    let json = MediaType::parse(media).is_none_or(|media| media.is_json());
    let text = element.value().as_str().filter(|text| json && text.trim_start().starts_with(['{', '[']));
    let parsed = text.and_then(|text| serde_json::from_str::<Value>(text).ok());
    Example { name: None, value: parsed.unwrap_or_else(|| element.value().clone()), at: element.location() }
}
