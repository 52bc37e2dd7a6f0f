//! Text: a string to its schema; a number, a truth value, an object, where the schema speaks of one.

use serde_json::Value;

use super::{Reader, Unread, charset};
use crate::document::{Document, Source};
use crate::finding::Verdict;
use crate::schema::{Schema, Type, TypeSet};

pub(super) fn read(reader: &Reader<'_>, bytes: &[u8]) -> Result<Value, Unread> {
    let text = charset::decode(reader.media, bytes)?;
    let Some(schema) = reader.schema else { return Ok(Value::String(text.into_owned())) };
    if schema.types().contains(Type::String) {
        return Ok(typed(schema, &text));
    }
    let value = schema.coerce(text.trim());
    if !value.is_string() {
        return Ok(value);
    }
    if let Ok(value) = serde_json::from_str(&text) {
        return Ok(value);
    }
    // What comes under a range such as `*/*` is no such form: there, a page is as wrong as it looks.
    let plain = reader.media.is_none_or(|media| media.essence() == "text/plain");
    let types = schema.types();
    if !reader.named || plain || !(types.array() || types.object()) {
        return Ok(Value::String(text.into_owned()));
    }
    let form = reader.media.map_or("text", |media| media.essence());
    Err(Unread::Open(format!("how `{form}` writes what the schema describes is not known")))
}

/// YAML 1.2, one document of it.
pub(super) fn yaml(reader: &Reader<'_>, bytes: &[u8]) -> Result<Value, Unread> {
    let text = charset::decode(reader.media, bytes)?;
    let read = Document::read(Source::new("", text.into_owned()));
    let problem = read.problems.into_iter().next().map(|problem| problem.message);
    match (read.document, problem) {
        (Some(document), None) => Ok(document.root().clone()),
        (_, problem) => Err(Unread::Broken(format!("not well-formed YAML: {}", problem.unwrap_or_default()))),
    }
}

/// A text as the value that its schema speaks of. A string where the schema admits that very string; where it does not, and
/// admits other types, what the text is as one of them, if that is right. Nothing, where strings are not admitted and null is.
pub(in crate::contract) fn typed(schema: &Schema, text: &str) -> Value {
    let types = schema.types();
    if !types.contains(Type::String) {
        let empty = text.trim().is_empty() && types.contains(Type::Null);
        return if empty { Value::Null } else { schema.coerce(text) };
    }
    let plain = Value::String(text.to_owned());
    if types.without(Type::String).is_empty() || types == TypeSet::ANY || schema.check(&plain) != Verdict::Invalid {
        return plain;
    }
    let other = serde_json::from_str(text).ok().filter(|value| schema.check(value) != Verdict::Invalid);
    other.unwrap_or(plain)
}

/// A value as text: a string as it is, anything else as JSON writes it.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
