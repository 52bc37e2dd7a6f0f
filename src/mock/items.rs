//! Telling in an error body what was wrong with a request: one item per violation, in the document's own shape.
//!
//! Shapes that are recognised: lists named `errors`, `detail`, `details`, `violations`, `issues` or `invalid_params` whose items
//! have members for the place, the sentence and the kind (FastAPI's `loc msg type`, RFC 9457's `pointer detail`, `field message
//! code`, plain sentences); and one sentence in `message` or `detail`, also inside `error`. What is written stands only if the
//! schema admits it.

use serde_json::{Map, Value, json};

use super::words::capitalised;
use crate::finding::{Part, Verdict, Violation};
use crate::generate::{Context, NoEcho, Plan, Seed, repair};
use crate::message::{Problem, Response, StatusCode};
use crate::schema::Schema;

/// The most violations that are told in one answer.
const MOST: usize = 100;

/// Members that list what was wrong.
pub(super) const LISTS: [&str; 7] =
    ["errors", "detail", "details", "violations", "issues", "invalid_params", "invalidParams"];

/// Members that say it in a sentence, the most telling first.
const SENTENCES: [&str; 7] =
    ["detail", "message", "error_description", "error_message", "errorMessage", "msg", "title"];

/// Fills an error body.
pub(super) fn fill(value: &mut Value, violations: &[Violation], schema: &Schema) {
    // Who asks is told by the challenge, not in a list of what is wrong with the content.
    if violations.iter().any(|violation| violation.part == Part::Credentials) {
        return;
    }
    let violations = &violations[..violations.len().min(MOST)];
    let mut listed = false;
    for name in LISTS {
        let Some(items) = schema.property(name).and_then(|list| list.items()) else { continue };
        let filled: Vec<Value> = violations.iter().map(|violation| item(violation, &items)).collect();
        listed |= set(value, &[], name, Value::Array(filled), schema);
    }
    if value.get("error").is_some_and(Value::is_object)
        && let Some(inner) = schema.property("error")
    {
        for name in LISTS {
            let Some(items) = inner.property(name).and_then(|list| list.items()) else { continue };
            let filled: Vec<Value> = violations.iter().map(|violation| item(violation, &items)).collect();
            listed |= set(value, &["error"], name, Value::Array(filled), schema);
        }
    }
    if listed {
        return;
    }
    // No list: one sentence has to do.
    let sentence = summary(violations);
    for way in [&[][..], &["error"][..]] {
        for name in SENTENCES {
            let known = way.iter().try_fold(&*value, |value, step| value.get(step)).and_then(|inside| inside.get(name));
            if known.is_some_and(Value::is_string) && set(value, way, name, Value::String(sentence.clone()), schema) {
                return;
            }
        }
    }
    if let Some(text) = first_text(value) {
        let before = std::mem::replace(text, sentence);
        if schema.check(value) == Verdict::Invalid
            && let Some(text) = first_text(value)
        {
            *text = before;
        }
    }
}

/// The first text at the top whose name sounds like a message.
fn first_text(value: &mut Value) -> Option<&mut String> {
    let sounds = |name: &str| {
        let name = name.to_ascii_lowercase();
        ["message", "detail", "description", "reason", "error", "text"].iter().any(|word| name.contains(word))
    };
    match value {
        Value::String(text) => Some(text),
        Value::Object(members) => members.iter_mut().find_map(|(name, value)| match value {
            Value::String(text) if sounds(name) => Some(text),
            _ => None,
        }),
        _ => None,
    }
}

/// One item, in the shape that its schema has.
fn item(violation: &Violation, schema: &Schema) -> Value {
    let sentence = Value::String(sentence(violation));
    let names = schema.property_names();
    if names.is_empty() {
        let text = Value::String(format!("{}: {}", dotted(violation), violation.sentence));
        return if schema.check(&text) == Verdict::Valid {
            text
        } else {
            json!({"loc": loc(violation), "msg": sentence, "type": violation.keyword})
        };
    }
    let mut members = Map::new();
    for name in &names {
        let folded: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
        let candidates: Vec<Value> = match folded.as_str() {
            "loc" | "location" | "path" | "source" => vec![
                Value::Array(loc(violation)),
                Value::String(dotted(violation)),
                json!({"pointer": violation.pointer}),
            ],
            "pointer" | "jsonpointer" | "instancepath" => {
                vec![Value::String(format!("#{}", violation.pointer)), Value::String(violation.pointer.clone())]
            }
            "field" | "name" | "param" | "parameter" | "property" | "key" | "attribute" | "target" => {
                vec![Value::String(field(violation))]
            }
            "msg" | "message" | "detail" | "details" | "reason" | "description" | "title" | "error" => {
                vec![sentence.clone()]
            }
            "type" | "code" | "kind" | "rule" | "keyword" | "constraint" => {
                vec![Value::String(violation.keyword.to_owned())]
            }
            "in" | "part" => vec![Value::String(violation.part.word().to_owned())],
            _ => continue,
        };
        let Some(member) = schema.property(name) else { continue };
        if let Some(value) = candidates.into_iter().find(|candidate| member.check(candidate) == Verdict::Valid) {
            members.insert(name.clone(), value);
        }
    }
    // What the schema requires beyond that, and a mock cannot know, is made up.
    let item = Value::Object(members);
    if schema.check(&item) == Verdict::Invalid { completed(item, schema) } else { item }
}

fn completed(item: Value, schema: &Schema) -> Value {
    let plan = Plan::new(schema, None);
    let context = Context { seed: Seed(0), now: jiff::Timestamp::UNIX_EPOCH, echo: &NoEcho, size: None, page: None };
    repair(schema, &plan, &item, &context).value
}

/// Where a violation is, as FastAPI writes it: the part, the name, the way into the value.
fn loc(violation: &Violation) -> Vec<Value> {
    let part = if violation.part == Part::MediaType { "header" } else { violation.part.word() };
    let mut loc = vec![Value::String(part.to_owned())];
    if !violation.name.is_empty() {
        loc.push(Value::String(violation.name.to_string()));
    }
    for token in crate::document::pointer::tokens(&violation.pointer) {
        loc.push(match token.parse::<u64>() {
            Ok(index) if token == "0" || !token.starts_with(['0', '+']) => json!(index),
            _ => Value::String(token.into_owned()),
        });
    }
    loc
}

fn dotted(violation: &Violation) -> String {
    let steps: Vec<String> =
        loc(violation).iter().map(|step| step.as_str().map_or_else(|| step.to_string(), str::to_owned)).collect();
    steps.join(".")
}

/// The member or parameter alone.
fn field(violation: &Violation) -> String {
    let steps: Vec<String> =
        crate::document::pointer::tokens(&violation.pointer).map(|token| token.into_owned()).collect();
    match (violation.name.is_empty(), steps.is_empty()) {
        (true, true) => violation.part.word().to_owned(),
        (true, false) => steps.join("."),
        (false, _) => violation.name.to_string(),
    }
}

fn sentence(violation: &Violation) -> String {
    match violation.keyword {
        "required" => "Required, but missing".to_owned(),
        _ => capitalised(&violation.sentence),
    }
}

/// All violations in one sentence.
fn summary(violations: &[Violation]) -> String {
    let told = violations.iter().take(3).map(|violation| format!("{}: {}", dotted(violation), violation.sentence));
    let mut text = told.collect::<Vec<_>>().join("; ");
    if violations.len() > 3 {
        text.push_str(&format!("; and {} more", violations.len() - 3));
    }
    text
}

/// The answer to an invalid request of which the document says nothing.
pub(super) fn problem(status: u16, violations: &[Violation]) -> Response {
    of_status(StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST), violations).to_response()
}

/// The content of a problem that the document says no member of, though its media type is that of problems: the standard's members,
/// where the schema admits them.
pub(super) fn undescribed(status: StatusCode, violations: &[Violation], schema: Option<&Schema>) -> Option<Value> {
    if schema.is_some_and(|schema| !schema.property_names().is_empty()) {
        return None;
    }
    let value = of_status(status, violations).to_value();
    schema.is_none_or(|schema| schema.check(&value) == Verdict::Valid).then_some(value)
}

/// A problem with one item for each violation (RFC 9457 §3.2 shows its `errors`).
fn of_status(status: StatusCode, violations: &[Violation]) -> Problem {
    if violations.is_empty() {
        return Problem::new(status);
    }
    let violations = &violations[..violations.len().min(MOST)];
    let errors: Vec<Value> = violations
        .iter()
        .map(|violation| json!({"loc": loc(violation), "msg": sentence(violation), "type": violation.keyword}))
        .collect();
    Problem::new(status).detail(summary(violations)).with("errors", Value::Array(errors))
}

fn set(value: &mut Value, way: &[&str], name: &str, new: Value, schema: &Schema) -> bool {
    let Some(Value::Object(inside)) = way.iter().try_fold(&mut *value, |value, step| value.get_mut(step)) else {
        return false;
    };
    let old = inside.insert(name.to_owned(), new);
    if schema.check(value) != Verdict::Invalid {
        return true;
    }
    if let Some(Value::Object(inside)) = way.iter().try_fold(value, |value, step| value.get_mut(step)) {
        match old {
            Some(old) => inside.insert(name.to_owned(), old),
            None => inside.shift_remove(name),
        };
    }
    false
}

/// Names of members that say where something is wrong: a list whose items have one tells of violations.
pub(super) const PLACES: [&str; 12] = [
    "loc",
    "location",
    "path",
    "pointer",
    "source",
    "field",
    "name",
    "param",
    "parameter",
    "property",
    "attribute",
    "key",
];
