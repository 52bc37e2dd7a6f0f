//! Lists of values that may go on without end: JSON lines, JSON text sequences (RFC 7464), server-sent events (HTML §9.2.6).

use serde_json::{Map, Value};

use super::text::plain;
use super::{Reader, Unread, json};
use crate::schema::{Schema, Type};

/// How many values are read of one message.
const MOST: usize = 100_000;

/// JSON texts, one a line; empty lines are passed over.
pub(super) fn lines(bytes: &[u8]) -> Result<Value, Unread> {
    texts(bytes.split(|byte| *byte == b'\n'), "line")
}

/// JSON texts, each behind a record separator.
pub(super) fn records(bytes: &[u8]) -> Result<Value, Unread> {
    if bytes.first().is_some_and(|first| *first != 0x1e) {
        return Err(Unread::Broken("a sequence begins with a record separator (RFC 7464 §2.1)".to_owned()));
    }
    texts(bytes.split(|byte| *byte == 0x1e), "record")
}

fn texts<'b>(texts: impl Iterator<Item = &'b [u8]>, what: &str) -> Result<Value, Unread> {
    let mut items = Vec::new();
    for (number, text) in texts.enumerate().filter(|(_, text)| !text.trim_ascii().is_empty()) {
        if items.len() == MOST {
            return Err(Unread::Broken(format!("more than {MOST} values")));
        }
        items.push(json(text).map_err(|unread| match unread {
            // Record 0 is what stands before the first separator.
            Unread::Broken(why) => {
                let number = if what == "line" { number + 1 } else { number };
                Unread::Broken(format!("{what} {number}: {}", why.replace("(line 1, ", "(")))
            }
            open => open,
        })?);
    }
    Ok(Value::Array(items))
}

/// Each event is an object of the fields it has (OpenAPI 3.2.0 §4.14.5); a text where the schema speaks of one text.
pub(super) fn events(reader: &Reader<'_>, bytes: &[u8]) -> Result<Value, Unread> {
    let text = std::str::from_utf8(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes));
    let text = text.map_err(|_| Unread::Broken("an event stream is UTF-8, and this is not".to_owned()))?;
    let types = reader.schema.map(Schema::types);
    if reader.items.is_none() && types.is_some_and(|types| !types.array()) {
        if types.is_some_and(|types| types.contains(Type::String)) && !reader.schema.is_some_and(is_event) {
            return Ok(Value::String(text.to_owned()));
        }
        if !reader.schema.is_some_and(is_event) {
            let why = "what the schema of an event stream speaks of is not said: write `itemSchema`, for each event";
            return Err(Unread::Open(why.to_owned()));
        }
    }
    let each = each(reader.schema, reader.items);
    let payload = each.as_ref().filter(|each| is_payload(each));
    let data = payload.cloned().or_else(|| each.as_ref().and_then(|each| each.property("data")));
    let data = data.filter(|data| payload.is_some() || !data.types().contains(Type::String));
    let mut items = Vec::new();
    let mut event = Map::new();
    let text = text.replace("\r\n", "\n");
    for line in text.split(['\n', '\r']) {
        if items.len() == MOST {
            return Err(Unread::Broken(format!("more than {MOST} events")));
        }
        if line.is_empty() {
            let mut whole = std::mem::take(&mut event);
            match (whole.get_mut("data"), &data) {
                (None, _) => continue,
                // The usual word for the end, where data are values otherwise.
                (Some(Value::String(text)), Some(schema))
                    if text == "[DONE]" && !schema.types().contains(Type::String) =>
                {
                    continue;
                }
                (Some(text), Some(schema)) if payload.is_some() => {
                    items.push(valued(text, schema));
                    continue;
                }
                (Some(text), Some(schema)) => *text = valued(text, schema),
                (Some(_), None) => {}
            }
            items.push(Value::Object(whole));
            continue;
        }
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "data" => match event.get_mut("data") {
                Some(Value::String(data)) => {
                    data.push('\n');
                    data.push_str(value);
                }
                _ => drop(event.insert(name.to_owned(), value.into())),
            },
            "id" if value.contains('\0') => {}
            "event" | "id" => drop(event.insert(name.to_owned(), value.into())),
            "retry" if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) => {
                if let Ok(number) = value.parse::<u64>() {
                    event.insert(name.to_owned(), number.into());
                }
            }
            // A comment, or a field that nobody knows.
            _ => {}
        }
    }
    // What no empty line ends was cut off, and is no event.
    Ok(Value::Array(items))
}

/// The schema of one event.
fn each(schema: Option<&Schema>, items: Option<&Schema>) -> Option<Schema> {
    items.cloned().or_else(|| {
        schema.and_then(|schema| if schema.types().array() { schema.items() } else { Some(schema.clone()) })
    })
}

/// Whether a schema describes an event, and not what its data is.
fn is_event(schema: &Schema) -> bool {
    schema.types().object() && schema.property("data").is_some()
}

/// Whether a schema for an event can only mean its data: no event has a member of those that it describes, or is no object.
fn is_payload(schema: &Schema) -> bool {
    let types = schema.types();
    let names = || schema.property_names();
    let fields = ["data", "event", "id", "retry"];
    !types.object() || (!names().is_empty() && !names().iter().any(|name| fields.contains(&name.as_str())))
}

/// Data by what its schema says: what it is as JSON, but for a text that may be one.
fn valued(text: &Value, schema: &Schema) -> Value {
    let Value::String(text) = text else { return text.clone() };
    let types = schema.types();
    let read = serde_json::from_str(text).ok();
    let read = read.filter(|read: &Value| !types.contains(Type::String) || read.is_object() || read.is_array());
    read.filter(|read| !types.contains(Type::String) || types.contains(Type::of(read)))
        .unwrap_or_else(|| schema.coerce(text))
}

/// Writes values, one a line; behind record separators where they are asked for.
pub(super) fn write(value: &Value, separated: bool) -> Vec<u8> {
    let items = match value {
        Value::Array(items) => items.as_slice(),
        other => std::slice::from_ref(other),
    };
    let mut out = String::new();
    for item in items {
        if separated {
            out.push('\u{1e}');
        }
        out.push_str(&format!("{item}\n"));
    }
    out.into_bytes()
}

/// Writes events; what is no event to its schema is the data of one, as JSON.
pub(super) fn write_events(schema: Option<&Schema>, items: Option<&Schema>, value: &Value) -> Vec<u8> {
    let whole = each(schema, items).is_none_or(|each| !is_payload(&each));
    let items = match value {
        Value::Array(items) => items.as_slice(),
        // A stream that is shown as a text.
        Value::String(text) if is_stream(text) => return text.clone().into_bytes(),
        other => std::slice::from_ref(other),
    };
    let mut out = String::new();
    for item in items {
        let fields = item.as_object().filter(|event| whole && event.contains_key("data"));
        let Some(event) = fields else {
            field(&mut out, "data", &plain(item));
            out.push('\n');
            continue;
        };
        for name in ["event", "id", "retry", "data"] {
            if let Some(value) = event.get(name).filter(|value| !value.is_null()) {
                field(&mut out, name, &plain(value));
            }
        }
        out.push('\n');
    }
    out.into_bytes()
}

/// Whether a text is a stream, and not the data of an event.
fn is_stream(text: &str) -> bool {
    let begins = |line: &str| ["data:", "event:", "id:", "retry:", ":"].iter().any(|begin| line.starts_with(begin));
    text.lines().find(|line| !line.is_empty()).is_some_and(begins)
}

fn field(out: &mut String, name: &str, value: &str) {
    for line in value.split('\n') {
        out.push_str(&format!("{name}: {}\n", line.trim_end_matches('\r')));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::{Reader, Unread};
    use super::{events, lines, records, write, write_events};

    fn read(text: &str) -> Value {
        let reader = Reader { media: None, schema: None, items: None, fields: None, named: true, depth: 0 };
        events(&reader, text.as_bytes()).unwrap()
    }

    #[test]
    fn events_are_read_by_the_rules_of_html() {
        let stream = ": hello\n\ndata: a\ndata:b\ndata\nid: 7\nretry: 10\nretry: soon\nevent: add\nother: x\n\n\
                      id: 8\n\ndata:  two\r\n\r\ndata: {}\r\rdata: cut";
        assert_eq!(
            read(stream),
            json!([{"data": "a\nb\n", "id": "7", "retry": 10, "event": "add"}, {"data": " two"}, {"data": "{}"}])
        );
    }

    #[test]
    fn what_is_written_is_read_again() {
        let value = json!([{"event": "a", "id": "1", "retry": 3, "data": "x\ny"}, {"data": ""}]);
        assert_eq!(read(std::str::from_utf8(&write_events(None, None, &value)).unwrap()), value);
        let value = json!([{"a": 1}, "x\ny", null]);
        assert_eq!(lines(&write(&value, false)).unwrap(), value);
        assert_eq!(records(&write(&value, true)).unwrap(), value);
    }

    #[test]
    fn what_is_no_value_is_named_by_its_number() {
        let sentence = |read: Result<Value, Unread>| match read {
            Err(Unread::Broken(sentence)) => sentence,
            other => panic!("{other:?}"),
        };
        assert!(sentence(lines(b"{}\n\n{\n")).starts_with("line 3: not well-formed JSON"));
        assert!(sentence(records(b"\x1e{}\n\x1e{\n")).starts_with("record 2: not well-formed JSON"));
        assert!(sentence(records(b"{}")).contains("record separator"));
        assert_eq!(lines(b"\r\n{}\r\n").unwrap(), json!([{}]));
    }
}
