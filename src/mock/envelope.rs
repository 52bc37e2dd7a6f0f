//! Coherent envelopes: what an error body says of its status is the status of the answer.
//!
//! Applies to examples that stand on a schema and to generated bodies; an example of that very response is served as written.
//! Each edit stands only if the body's schema still admits the body.

use serde_json::{Number, Value};

use super::{items, words};
use crate::contract::{Contract, Response};
use crate::finding::Verdict;
use crate::message::StatusCode;
use crate::schema::Schema;

/// Members that hold a status.
const NUMBERS: [&str; 8] =
    ["code", "status", "statusCode", "status_code", "httpStatusCode", "http_status_code", "httpStatus", "http_status"];

/// Members in which an envelope may stand one level down.
const INSIDE: [&str; 2] = ["error", "errors"];

/// Members that say in a sentence what happened.
const SENTENCES: [&str; 8] =
    ["detail", "message", "title", "error_description", "errorMessage", "error_message", "msg", "reason"];

/// The extension that says, status by status, what an envelope's other members are.
const TABLE: &str = "x-standin-envelope";

/// What an envelope should agree with.
pub(super) struct Told<'a> {
    pub(super) status: StatusCode,
    /// The body is an example, not generated.
    pub(super) shown: bool,
    pub(super) response: &'a Response,
    pub(super) schema: &'a Schema,
    pub(super) contract: &'a Contract,
}

/// Whether a body has a member that should agree with its status.
pub(super) fn speaks_of_a_status(value: &Value) -> bool {
    let has = |value: &Value| NUMBERS.iter().chain(&SENTENCES).any(|name| value.get(name).is_some());
    has(value)
        || INSIDE.iter().any(|name| value.get(name).is_some_and(|inside| has(inside) || inside.get(0).is_some_and(has)))
}

/// Makes a body agree with its status.
pub(super) fn cohere(value: &mut Value, told: &Told<'_>) {
    if from_table(value, told) {
        return;
    }
    if told.status.as_u16() >= 400 && !told.shown {
        without_made_up_items(value, told);
    }
    each(value, &mut |value, way| envelope(value, way, told));
}

/// Sets only the numbers: what is told of a request's mistakes stays.
pub(super) fn number_items(value: &mut Value, told: &Told<'_>) {
    each(value, &mut |value, way| {
        number(value, way, told);
    });
}

/// The most items of a list that are looked at.
const ITEMS: usize = 100;

/// Every place where an envelope may stand: the body itself, `error`, and each item of `errors`.
fn each(value: &mut Value, visit: &mut impl FnMut(&mut Value, &[&str])) {
    visit(value, &[]);
    for name in INSIDE {
        match value.get(name) {
            Some(Value::Object(_)) => visit(value, &[name]),
            Some(Value::Array(items)) => {
                for index in 0..items.len().min(ITEMS) {
                    visit(value, &[name, &index.to_string()]);
                }
            }
            _ => {}
        }
    }
}

/// Takes away a list of mistakes that nobody made, where the schema can do without it.
fn without_made_up_items(value: &mut Value, told: &Told<'_>) {
    for name in items::LISTS {
        let tells = |item: &Value| items::PLACES.iter().any(|place| item.get(place).is_some());
        if !value.get(name).and_then(|listed| listed.get(0)).is_some_and(tells) {
            continue;
        }
        let mut without = value.clone();
        if let Some(members) = without.as_object_mut() {
            members.shift_remove(name);
        }
        if told.schema.check(&without) == Verdict::Valid {
            *value = without;
        }
    }
}

/// Takes everything from the document's own table, where it has one.
fn from_table(value: &mut Value, told: &Told<'_>) -> bool {
    let status = told.status.as_u16().to_string();
    for at in told.contract.schema_locations(told.schema) {
        let row = at
            .document
            .at(&at.pointer)
            .and_then(|schema| schema.get(TABLE))
            .and_then(|table| table.get(&status))
            .and_then(Value::as_object);
        let Some(row) = row else { continue };
        number(value, &[], told);
        for (name, member) in row.iter().filter(|(name, _)| !name.starts_with("x-")) {
            edit(value, &[], name, member.clone(), told);
        }
        return true;
    }
    false
}

/// One envelope: its number, its type, its sentence.
fn envelope(value: &mut Value, way: &[&str], told: &Told<'_>) {
    let changed = number(value, way, told);
    let error = told.status.as_u16() >= 400;
    // An example that named this very status all along says what it should; a success says what it likes.
    if !error || (told.shown && !changed) {
        return;
    }
    kind(value, way, told);
    for name in SENTENCES {
        let known = inside(value, way).and_then(|inside| inside.get(name));
        if known.is_some_and(Value::is_string) {
            let sentence = match name {
                "title" => words::phrase(told.status).to_owned(),
                _ if !told.response.description.trim().is_empty() => {
                    told.response.description.trim().lines().next().unwrap_or_default().to_owned()
                }
                _ => words::phrase(told.status).to_owned(),
            };
            edit(value, way, name, Value::String(sentence), told);
        }
    }
}

/// Sets the members that hold a status; whether any of them held another one.
fn number(value: &mut Value, way: &[&str], told: &Told<'_>) -> bool {
    let mut changed = false;
    for name in NUMBERS {
        let Some(known) = inside(value, way).and_then(|inside| inside.get(name)) else { continue };
        let status = told.status.as_u16();
        let stated = lists_statuses(told, way, name);
        let (is_status, new) = match known {
            Value::Number(number) => (
                number.as_u64().is_some_and(|number| (100..=599).contains(&number)),
                Value::Number(Number::from(status)),
            ),
            Value::String(text) => (
                text.len() == 3 && text.parse().is_ok_and(|number: u16| (100..=599).contains(&number)),
                Value::String(status.to_string()),
            ),
            _ => continue,
        };
        // A generated number is no example: only where the name can mean nothing else, and only in an error.
        let meant = stated || (is_status && told.shown);
        let meant = meant || (!told.shown && status >= 400 && name != "code" && known.is_number());
        if meant && *known != new {
            changed |= edit(value, way, name, new, told);
        }
    }
    changed
}

/// Whether the schema of a member lists statuses, or shows one.
fn lists_statuses(told: &Told<'_>, way: &[&str], name: &str) -> bool {
    let Some(raw) = member_schema(told, way, name) else { return false };
    let is_status = |value: &Value| {
        let number = value.as_u64().or_else(|| value.as_str().and_then(|text| text.parse().ok()));
        number.is_some_and(|number| (100..=599).contains(&number))
    };
    let shown = raw.get("example").into_iter().chain(raw.get("examples").and_then(|listed| listed.get(0)));
    let listed = raw.get("enum").and_then(Value::as_array).into_iter().flatten();
    shown.chain(raw.get("default")).chain(raw.get("const")).chain(listed).any(is_status)
}

/// Sets `type` (and `error`, where that is a word) to what belongs to the status, out of the list that the schema has.
fn kind(value: &mut Value, way: &[&str], told: &Told<'_>) {
    for name in ["type", "code", "error", "error_code", "errorCode"] {
        let known = inside(value, way).and_then(|inside| inside.get(name));
        if !known.is_some_and(Value::is_string) {
            continue;
        }
        // A made-up address would name a problem that nobody has described (RFC 9457 §4.2.1).
        if name == "type" && !told.shown && known.and_then(Value::as_str).is_some_and(|text| text.contains("://")) {
            edit(value, way, name, Value::String("about:blank".to_owned()), told);
            continue;
        }
        let listed = member_schema(told, way, name).and_then(|raw| raw.get("enum").and_then(Value::as_array).cloned());
        if let Some(word) = listed.as_ref().and_then(|listed| words::fitting(told.status.as_u16(), listed)) {
            edit(value, way, name, Value::String(word.to_owned()), told);
        }
    }
}

/// The raw schema of a member, through references.
fn member_schema(told: &Told<'_>, way: &[&str], name: &str) -> Option<Value> {
    let mut schema = told.schema.clone();
    for step in way {
        schema = if is_index(step) { schema.items()? } else { schema.property(step)? };
    }
    let member = schema.property(name)?;
    let at = told.contract.schema_locations(&member).pop()?;
    at.document.at(&at.pointer).cloned()
}

fn inside<'v>(value: &'v Value, way: &[&str]) -> Option<&'v Value> {
    way.iter().try_fold(value, |value, step| match step.parse::<usize>() {
        Ok(index) => value.get(index),
        Err(_) => value.get(step),
    })
}

fn inside_mut<'v>(value: &'v mut Value, way: &[&str]) -> Option<&'v mut Value> {
    way.iter().try_fold(value, |value, step| match step.parse::<usize>() {
        Ok(index) => value.get_mut(index),
        Err(_) => value.get_mut(step),
    })
}

fn is_index(step: &str) -> bool {
    step.parse::<usize>().is_ok()
}

/// Sets a member, unless the schema forbids what comes of it; whether it was set.
fn edit(value: &mut Value, way: &[&str], name: &str, new: Value, told: &Told<'_>) -> bool {
    let before = told.schema.check(value);
    let Some(member) = inside_mut(value, way).and_then(|inside| inside.get_mut(name)) else { return false };
    let old = std::mem::replace(member, new);
    if before == Verdict::Invalid || told.schema.check(value) != Verdict::Invalid {
        return true;
    }
    if let Some(member) = inside_mut(value, way).and_then(|inside| inside.get_mut(name)) {
        *member = old;
    }
    false
}
