//! What keywords that were left out make undecided.

use serde_json::{Map, Value, json};

use super::Schemas;
use super::keyword::NOT_MONOTONE;
use super::normal::{REFERENCE, UNDECIDED, children};
use super::unit::Unit;

/// Whether something was left out of this unit itself.
pub(super) fn is_direct(schemas: &Schemas, unit: &Unit) -> bool {
    unit.normal(schemas).left_out
}

/// The normal form with every keyword left out whose answer could be either because of what is left out under it.
///
/// What remains gives a firm no if it refuses when all that was left out holds, and a firm yes if it admits when all that
/// was left out refuses.
pub(super) fn lifted(schemas: &Schemas, unit: &Unit) -> Value {
    lift(schemas, unit, &unit.normal(schemas).value)
}

fn lift(schemas: &Schemas, unit: &Unit, value: &Value) -> Value {
    let Value::Object(object) = value else { return value.clone() };
    let mut lifted = object.clone();
    let mut left_out: Vec<Value> = Vec::new();
    for name in NOT_MONOTONE {
        let in_doubt = match name {
            // They see what all the others have seen.
            "unevaluatedItems" | "unevaluatedProperties" => is_in_doubt(schemas, unit, value),
            name => is_under(schemas, unit, object, name),
        };
        if in_doubt && lifted.remove(name).is_some() {
            left_out.push(json!(name));
        }
    }
    children(object, |name, path, child| {
        if lifted.contains_key(name)
            && let Some(slot) = pointer_mut(&mut lifted, &path)
        {
            *slot = lift(schemas, unit, child);
        }
    });
    if !left_out.is_empty() {
        if let Some(before) = object.get(UNDECIDED).and_then(Value::as_array) {
            left_out.extend(before.iter().cloned());
        }
        lifted.insert(UNDECIDED.into(), Value::Array(left_out));
    }
    Value::Object(lifted)
}

fn pointer_mut<'a>(object: &'a mut Map<String, Value>, path: &str) -> Option<&'a mut Value> {
    let mut tokens = crate::document::pointer::tokens(path);
    let first = object.get_mut(tokens.next()?.as_ref())?;
    tokens.try_fold(first, |value, token| match value {
        Value::Object(members) => members.get_mut(token.as_ref()),
        Value::Array(items) => items.get_mut(token.parse::<usize>().ok()?),
        _ => None,
    })
}

fn is_under(schemas: &Schemas, unit: &Unit, object: &Map<String, Value>, keyword: &str) -> bool {
    let mut found = false;
    children(object, |name, _, child| found = found || (name == keyword && is_in_doubt(schemas, unit, child)));
    found
}

fn is_in_doubt(schemas: &Schemas, unit: &Unit, value: &Value) -> bool {
    let Value::Object(object) = value else { return false };
    if object.contains_key(UNDECIDED) {
        return true;
    }
    let target = object.get(REFERENCE).and_then(|reference| unit.follow(schemas, reference));
    if target.is_some_and(|target| target.in_doubt(schemas)) {
        return true;
    }
    let mut found = false;
    children(object, |_, _, child| found = found || is_in_doubt(schemas, unit, child));
    found
}
