//! Text: a string to its schema; a number, a truth value, an object, where the schema speaks of one.

use serde_json::Value;

use super::{Reader, Unread, charset};
use crate::schema::Type;

pub(super) fn read(reader: &Reader<'_>, bytes: &[u8]) -> Result<Value, Unread> {
    let text = charset::decode(reader.media, bytes)?;
    let Some(schema) = reader.schema.filter(|schema| !schema.types().contains(Type::String)) else {
        return Ok(Value::String(text.into_owned()));
    };
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

/// A value as text: a string as it is, anything else as JSON writes it.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
