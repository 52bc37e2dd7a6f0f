//! Whether the parts of a document are what stands at their place: a mapping, a list, a flag; and what stands one level off, where nobody
//! looks for it. Readers take what they can use and pass over the rest: that they did is told here.

use serde_json::Value;

use super::element::Element;
use crate::finding::{Finding, Severity};
use crate::message::StatusRange;

/// What a part of a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Document,
    PathItem,
    Operation,
    Parameter,
    RequestBody,
    Response,
    MediaType,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Mapping,
    List,
    Flag,
}

impl Kind {
    fn holds(self, value: &Value) -> bool {
        match self {
            Kind::Mapping => value.is_object(),
            Kind::List => value.is_array(),
            Kind::Flag => value.is_boolean(),
        }
    }

    fn words(self) -> &'static str {
        match self {
            Kind::Mapping => "a mapping",
            Kind::List => "a list",
            Kind::Flag => "true or false",
        }
    }
}

impl Part {
    fn words(self) -> &'static str {
        match self {
            Part::Document => "a document",
            Part::PathItem => "the entry of a path",
            Part::Operation => "an operation",
            Part::Parameter => "a parameter",
            Part::RequestBody => "a request body",
            Part::Response => "a response",
            Part::MediaType => "the entry of a media type",
        }
    }

    /// The fields that others read, and what they are. What readers tell of themselves is not here.
    fn fields(self) -> &'static [(&'static str, Kind)] {
        use Kind::{Flag, List, Mapping};
        match self {
            Part::Document => &[("paths", Mapping), ("components", Mapping), ("servers", List), ("security", List)],
            Part::PathItem => &[("parameters", List), ("servers", List)],
            Part::Operation => &[
                ("parameters", List),
                ("responses", Mapping),
                ("security", List),
                ("servers", List),
                ("deprecated", Flag),
            ],
            Part::Parameter => &[("required", Flag), ("content", Mapping), ("examples", Mapping)],
            Part::RequestBody => &[("content", Mapping), ("required", Flag)],
            Part::Response => &[("content", Mapping), ("headers", Mapping), ("links", Mapping)],
            Part::MediaType => &[("examples", Mapping), ("encoding", Mapping)],
        }
    }

    /// Where a member of this name belongs, if it is one that authors put here and nobody reads.
    fn stray(self, name: &str, whole: &Value) -> Option<&'static str> {
        match (self, name) {
            (Part::Document, _) if name.starts_with('/') => Some("indent it, as a member of `paths`"),
            (Part::Document, "basePath" | "host") => Some("in OpenAPI 3 it is a part of a URL under `servers`"),
            (Part::Operation, _) if !name.is_empty() && StatusRange::parse(name).is_some() && name != "default" => {
                Some("indent it, as a member of `responses`")
            }
            (Part::Response, "schema" | "example" | "examples") => {
                Some("in OpenAPI 3 it stands under a media type: `content: { application/json: { schema: … } }`")
            }
            (Part::Parameter, "type" | "enum" | "format")
                if whole.get("schema").is_none() && whole.get("content").is_none() =>
            {
                Some("in OpenAPI 3 it is a part of the parameter's `schema`")
            }
            (Part::RequestBody, "schema") => {
                Some("it stands under a media type: `content: { application/json: { schema: … } }`")
            }
            (Part::MediaType, "type" | "properties" | "items" | "allOf" | "oneOf" | "anyOf")
                if whole.get("schema").is_none() =>
            {
                Some("indent it, as a part of `schema`")
            }
            _ => None,
        }
    }
}

/// How much of a value a message shows.
const SHOWN: usize = 40;

/// Tells what of a part is not what stands there. `Document` and `Response` are those of OpenAPI 3 where `three`.
pub(super) fn look_at(element: &Element<'_>, part: Part, three: bool, findings: &mut Vec<Finding>) {
    let Some(members) = element.value().as_object() else {
        let sentence = format!("{} is a mapping, and this is {}", part.words(), short(element.value()));
        let help = "write it as one; until then it says nothing";
        findings.push(Finding::new("structure", sentence).at(element.place()).help(help));
        return;
    };
    for (name, kind) in part.fields() {
        let Some(value) = members.get(*name).filter(|value| !kind.holds(value)) else { continue };
        let sentence = format!("`{name}` of {} is {}, and this is {}", part.words(), kind.words(), short(value));
        let (place, severity) = match value {
            // Nothing is lost.
            Value::Null => (element.member(name).and_then(|member| member.key_place()), Severity::Note),
            _ => (element.member(name).and_then(|member| member.place()), Severity::Warning),
        };
        let help = match (value, kind) {
            (Value::Null, _) => format!("write it, or take `{name}` away"),
            (Value::Object(_), Kind::List) if *name != "parameters" => {
                "put `- ` before it; it is read as the only one of a list".to_owned()
            }
            (_, Kind::List) => "begin each of its entries with `- `".to_owned(),
            _ => "write it so; until then it says nothing".to_owned(),
        };
        findings.push(Finding::new("structure", sentence).as_severity(severity).at(place).help(help));
    }
    for name in members.keys().filter(|_| three) {
        if let Some(help) = part.stray(name, element.value()) {
            let place = element.member(name).and_then(|member| member.key_place());
            let sentence = format!("`{name}` is no field of {}: it is not looked at", part.words());
            findings.push(Finding::new("structure", sentence).at(place).help(help));
        }
    }
}

/// The entries of a list; a mapping in the place of one is its only entry.
pub(super) fn entries<'a>(list: &Element<'a>) -> Vec<Element<'a>> {
    if list.value().is_object() { vec![list.clone()] } else { list.items().collect() }
}

fn short(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a mapping".to_owned(),
        other => {
            let text = other.to_string();
            let shown: String = text.chars().take(SHOWN).collect();
            if shown.len() < text.len() { format!("{shown}…") } else { shown }
        }
    }
}
