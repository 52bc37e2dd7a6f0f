//! Parameter and Header Objects (OpenAPI 3.1.2 §4.8.12, §4.8.21).

use std::collections::HashSet;
use std::sync::Arc;

use super::content::{Content, Example, contents, examples};
use super::element::Element;
use super::outline::{self, Part};
use crate::document::Location;
use crate::finding::{Finding, Place};
use crate::message::HeaderName;

/// Where a parameter travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum In {
    /// In the path template.
    Path,
    /// In the query.
    Query,
    /// It is the whole query (OpenAPI 3.2).
    QueryString,
    /// In a header field.
    Header,
    /// In the `Cookie` field.
    Cookie,
}

/// How a value is written (OpenAPI 3.1.2 §4.8.12.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `;color=blue`
    Matrix,
    /// `.blue`
    Label,
    /// `blue,black`
    Simple,
    /// `color=blue&color=black`
    Form,
    /// `color=blue%20black`
    SpaceDelimited,
    /// `color=blue|black`
    PipeDelimited,
    /// `color[R]=100`
    DeepObject,
    /// `color=blue; color=black`, and nothing encoded: as cookies are written (OpenAPI 3.2).
    Cookie,
    /// `blue%09black`: a list with tabs, which only Swagger 2.0 has (`collectionFormat: tsv`).
    TabDelimited,
}

/// A parameter, or a header of a response (a parameter in all but `name` and `in`).
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name; header names in lower case.
    pub name: Arc<str>,
    /// Where it travels.
    pub place: In,
    /// Whether a message without it is invalid. Always so in a path.
    pub required: bool,
    /// How it is written, when it has a schema.
    pub style: Style,
    /// Whether arrays and objects are spread over several values.
    pub explode: bool,
    /// How the items of its list are written that are lists themselves, and theirs, and so on. Swagger 2.0 alone says so.
    pub nested: Vec<Style>,
    /// `?name=` counts as absent (query only).
    pub allow_empty: bool,
    /// Reserved characters stand for themselves, `+` among them (RFC 6570, reserved expansion).
    pub allow_reserved: bool,
    /// Declared as deprecated.
    pub deprecated: bool,
    /// The schema, unless `content` says more.
    pub schema: Option<Location>,
    /// The one media type of its value, when it is written as content.
    pub content: Option<Content>,
    /// Its examples.
    pub examples: Vec<Example>,
    /// Where it stands.
    pub at: Location,
}

/// Reads a Parameter Object. `None`, with a finding, when it lacks what makes it one.
pub(super) fn parameter(element: Element<'_>, findings: &mut Vec<Finding>) -> Option<Parameter> {
    let element = match element.follow() {
        Ok(element) => element,
        Err(finding) => {
            findings.push(finding);
            return None;
        }
    };
    if element.text("in") == Some("querystring") {
        // Its name is written nowhere, so it may do without.
        return Some(query_string(&element, element.text("name").unwrap_or("query"), findings));
    }
    let places = match element.text("in") {
        Some("body") => "in OpenAPI 3 a body is `requestBody`: `{ content: { application/json: { schema: … } } }`",
        Some("formData" | "form") => {
            "in OpenAPI 3 a form is `requestBody`: `{ content: { application/x-www-form-urlencoded: { schema: … } } }`"
        }
        _ => "write `in: path`, `query`, `querystring`, `header` or `cookie`",
    };
    let (name, place) = identity(&element, places, findings)?;
    outline::look_at(&element, Part::Parameter, true, findings);
    Some(shape(&element, name, place, findings))
}

/// Reads a parameter that is the whole query.
fn query_string(element: &Element<'_>, name: &str, findings: &mut Vec<Finding>) -> Parameter {
    let mut read = shape(element, name, In::QueryString, findings);
    if read.content.is_none() {
        findings.push(
            Finding::new(
                "parameter",
                format!("the whole query (`{name}`) is described without `content`; read as a form"),
            )
            .at(element.place())
            .help("put its schema under `content: { application/x-www-form-urlencoded: … }`"),
        );
        let schema = read.schema.take();
        read.content = Some(Content::new("application/x-www-form-urlencoded", schema, Vec::new(), read.at.clone()));
    }
    read
}

/// One query has one description: as a whole, by one parameter, or by its parts.
pub(super) fn whole_query(parameters: &mut Vec<Parameter>, findings: &mut Vec<Finding>) {
    let Some(first) = parameters.iter().position(|parameter| parameter.place == In::QueryString) else { return };
    let place = |parameter: &Parameter| Some(Place::of(&parameter.at.document, &parameter.at.pointer));
    let known = parameters[first].name.clone();
    if let Some(part) = parameters.iter().find(|parameter| parameter.place == In::Query) {
        let sentence =
            format!("the query parameter `{}` is a part of the whole query, `{known}`; it is held to both", part.name);
        let help = "describe it in the one or the other, OpenAPI 3.2 does not allow both";
        findings.push(Finding::new("parameter", sentence).at(place(part)).help(help));
    }
    let mut index = 0;
    parameters.retain(|parameter| {
        let again = parameter.place == In::QueryString && index != first;
        index += 1;
        if again {
            let sentence = format!("`{}` is the whole query, as `{known}` is; it is not looked at", parameter.name);
            findings.push(Finding::new("parameter", sentence).at(place(parameter)).help("keep one of them"));
        }
        !again
    });
}

/// One list describes a parameter once (OpenAPI 3.1.2 §4.8.10): the first description counts.
pub(super) fn each_once(parameters: &mut Vec<Parameter>, findings: &mut Vec<Finding>) {
    let mut seen = HashSet::new();
    parameters.retain(|parameter| {
        let first = seen.insert((parameter.place, parameter.name.clone()));
        if !first {
            let sentence =
                format!("`{}` is described above already; this description is not looked at", parameter.name);
            let place = Place::of(&parameter.at.document, &parameter.at.pointer);
            findings.push(Finding::new("parameter", sentence).at(Some(place)).help("keep one of the two"));
        }
        first
    });
}

/// What makes it a parameter: its name, and where it travels. `None`, with a finding, when it says neither.
pub(super) fn identity<'a>(element: &Element<'a>, places: &str, findings: &mut Vec<Finding>) -> Option<(&'a str, In)> {
    let place = match element.text("in") {
        Some("path") => In::Path,
        Some("query") => In::Query,
        Some("header") => In::Header,
        Some("cookie") => In::Cookie,
        other => {
            let said = other.map_or("no `in`".to_owned(), |other| format!("`in: {other}`"));
            findings.push(
                Finding::new("parameter", format!("a parameter with {said} is not looked at"))
                    .at(element.place())
                    .help(places),
            );
            return None;
        }
    };
    match element.text("name") {
        Some(name) if is_sendable(name, place) => Some((name, place)),
        Some(name) => {
            findings.push(unsendable("parameter", name, place).at(element.place()));
            None
        }
        None => {
            findings.push(
                Finding::new("parameter", "a parameter without a name is not looked at")
                    .at(element.place())
                    .help("give it a `name`"),
            );
            None
        }
    }
}

/// Whether a message can carry something of this name: the names of fields are tokens (RFC 9110 §5.1), those of cookies end
/// where a pair does (RFC 6265 §4.2.1).
pub(super) fn is_sendable(name: &str, place: In) -> bool {
    match place {
        In::Header => HeaderName::try_from(name).is_ok(),
        In::Cookie => !name.is_empty() && !name.contains(|c: char| c.is_ascii_control() || " =;,\"".contains(c)),
        _ => true,
    }
}

/// What is told of a name that no message can carry.
pub(super) fn unsendable(rule: &'static str, name: &str, place: In) -> Finding {
    let what = if place == In::Cookie { "cookie" } else { "header field" };
    Finding::new(rule, format!("no message can carry a {what} of the name `{name}`: it is not looked at"))
        .help("write the name as it is sent: letters, digits and `-`")
}

/// Reads a Header Object under its name.
pub(super) fn header(name: &str, element: Element<'_>, findings: &mut Vec<Finding>) -> Option<Parameter> {
    if !is_sendable(name, In::Header) {
        findings.push(unsendable("parameter", name, In::Header).at(element.key_place()));
        return None;
    }
    match element.follow() {
        Ok(element) => Some(shape(&element, name, In::Header, findings)),
        Err(finding) => {
            findings.push(finding);
            None
        }
    }
}

fn shape(element: &Element<'_>, name: &str, place: In, findings: &mut Vec<Finding>) -> Parameter {
    let style = style(element, place, findings);
    let explode = element
        .value()
        .get("explode")
        .and_then(|explode| explode.as_bool())
        .unwrap_or(matches!(style, Style::Form | Style::Cookie));
    let name = if place == In::Header { name.to_ascii_lowercase() } else { name.to_owned() };
    one_description(element, &name, findings);
    Parameter {
        name: name.into(),
        place,
        required: place == In::Path || element.flag("required"),
        style,
        explode,
        nested: Vec::new(),
        allow_empty: element.flag("allowEmptyValue"),
        allow_reserved: element.flag("allowReserved"),
        deprecated: element.flag("deprecated"),
        schema: element.member("schema").map(|schema| schema.location()),
        content: contents(element, findings).into_iter().next(),
        examples: examples(element, None, findings),
        at: element.location(),
    }
}

/// A value has one description: a schema, or content of one media type.
fn one_description(element: &Element<'_>, name: &str, findings: &mut Vec<Finding>) {
    let Some(content) = element.member("content") else { return };
    let mut told = |sentence: String, at: Option<Place>, help: &str| {
        findings.push(Finding::new("parameter", sentence).at(at).help(help));
    };
    if let Some(schema) = element.member("schema") {
        let sentence = format!("`{name}` has `content` and `schema`; `content` counts");
        told(sentence, schema.key_place(), "keep one of them");
    }
    if let Some((media, second)) = content.members().filter(|(media, _)| !media.starts_with("x-")).nth(1) {
        let sentence = format!("`{name}` is of one media type, the first; `{media}` is not looked at");
        told(sentence, second.key_place(), "keep one of them");
    }
}

fn style(element: &Element<'_>, place: In, findings: &mut Vec<Finding>) -> Style {
    let default = match place {
        In::Path | In::Header => Style::Simple,
        In::Query | In::QueryString | In::Cookie => Style::Form,
    };
    let Some(said) = element.text("style") else { return default };
    let style = match said {
        "matrix" => Style::Matrix,
        "label" => Style::Label,
        "simple" => Style::Simple,
        "form" => Style::Form,
        "spaceDelimited" => Style::SpaceDelimited,
        "pipeDelimited" => Style::PipeDelimited,
        "deepObject" => Style::DeepObject,
        "cookie" => Style::Cookie,
        _ => default,
    };
    let fits = match place {
        In::Path => matches!(style, Style::Simple | Style::Label | Style::Matrix),
        In::Header => style == Style::Simple,
        In::Cookie => matches!(style, Style::Form | Style::Cookie),
        In::QueryString => false,
        In::Query => matches!(style, Style::Form | Style::SpaceDelimited | Style::PipeDelimited | Style::DeepObject),
    };
    if fits && (style != default || said == word(default)) {
        return style;
    }
    findings.push(
        Finding::new("parameter", format!("`style: {said}` does not exist here; read as `{}`", word(default)))
            .at(element.member("style").and_then(|style| style.place()))
            .help("see the table of styles in OpenAPI, Parameter Object"),
    );
    default
}

/// The style as a document writes it.
pub(super) fn word(style: Style) -> &'static str {
    match style {
        Style::Matrix => "matrix",
        Style::Label => "label",
        Style::Simple => "simple",
        Style::Form => "form",
        Style::SpaceDelimited => "spaceDelimited",
        Style::PipeDelimited => "pipeDelimited",
        Style::DeepObject => "deepObject",
        Style::Cookie => "cookie",
        Style::TabDelimited => "tabDelimited",
    }
}
