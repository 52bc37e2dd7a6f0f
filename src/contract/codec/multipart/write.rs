//! Writing the parts of a message.

use serde_json::{Value, json};

use crate::contract::Parameter;
use crate::contract::codec::field::{Field, Fields};
use crate::contract::codec::form::deep;
use crate::contract::codec::text::plain;
use crate::contract::codec::{Codec, NESTED, binary};
use crate::finding::Verdict;
use crate::message::MediaType;
use crate::schema::Type;
use crate::spec::Style;

/// What stands between parts. Nothing that a person writes or a generator draws contains it.
pub(in crate::contract) const BOUNDARY: &str = "standin-between-parts-7d1f0c2b9a";

/// Writes a message; parts have names in a form.
pub(in crate::contract::codec) fn write(form: bool, fields: Option<&Fields>, value: &Value) -> Vec<u8> {
    let unknown = Fields::default();
    message(form, fields.unwrap_or(&unknown), value, 0)
}

/// The boundary of a message that stands in so many others.
fn boundary(depth: usize) -> String {
    if depth == 0 { BOUNDARY.to_owned() } else { format!("{BOUNDARY}-{depth}") }
}

fn message(form: bool, fields: &Fields, value: &Value, depth: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut part = |name: Option<&str>, field: &Field, value: &Value| part(&mut out, name, field, value, depth);
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let field = fields.named(name).unwrap_or(&fields.other);
                let style = field.encoding.as_ref().and_then(|encoding| encoding.style).filter(|_| form);
                match (value, &field.item) {
                    (Value::Object(_) | Value::Array(_), _) if matches!(style, Some((Style::DeepObject, _))) => {
                        let text = Field::default();
                        deep(name, value, &mut |name, value| part(Some(name), &text, value));
                    }
                    (Value::Array(items), Some(_)) if form && field.separator().is_some() => {
                        let texts: Vec<String> = items.iter().map(plain).collect();
                        let text = texts.join(field.separator().unwrap_or(","));
                        part(Some(name), &Field::default(), &Value::String(text));
                    }
                    (Value::Array(items), Some(item)) => {
                        items.iter().for_each(|value| part(Some(name), item, value));
                    }
                    _ => part(Some(name), field, value),
                }
            }
        }
        Value::Array(items) => {
            for (place, value) in items.iter().enumerate() {
                let name = format!("part{}", place + 1);
                part(form.then_some(&*name), fields.at(place), value);
            }
        }
        other => part(form.then_some("value"), fields.at(0), other),
    }
    out.extend_from_slice(format!("--{}--\r\n", boundary(depth)).as_bytes());
    out
}

fn part(out: &mut Vec<u8>, name: Option<&str>, field: &Field, value: &Value, depth: usize) {
    let encoding = field.encoding.as_ref();
    // Where a style is said, the media types mean nothing.
    let media = encoding
        .filter(|encoding| encoding.style.is_none())
        .and_then(|encoding| encoding.media())
        .or_else(|| MediaType::parse(usual(field, value)));
    let Some(media) = media else { return };
    let codec = Codec::of_type(&media);
    let content = match (codec, value) {
        (Codec::Binary, Value::String(text)) => {
            binary::sample(&media, field.schema.as_ref()).unwrap_or_else(|| text.clone().into_bytes())
        }
        (Codec::Json, value) => value.to_string().into_bytes(),
        (Codec::Multipart, value) if depth < NESTED && !value.is_string() => {
            let form = media.essence() == "multipart/form-data";
            message(form, &field.inner(), value, depth + 1)
        }
        (Codec::Form, value) if value.is_object() => super::super::form::write(Some(&field.inner()), value),
        (Codec::Xml, value) => super::super::xml::write(field.schema.as_ref(), value),
        (_, value) => plain(value).into_bytes(),
    };
    let mut head = format!("--{}\r\n", boundary(depth));
    if let Some(name) = name {
        let name = name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
        head.push_str(&format!("Content-Disposition: form-data; name=\"{name}\""));
        if field.file {
            head.push_str(&format!("; filename=\"{name}\""));
        }
        head.push_str("\r\n");
    }
    // RFC 7578 §4.4: text needs no word of its type.
    if name.is_none() || media.essence() != "text/plain" {
        let own = if codec == Codec::Multipart { format!("; boundary={}", boundary(depth + 1)) } else { String::new() };
        head.push_str(&format!("Content-Type: {media}{own}\r\n"));
    }
    for header in encoding.into_iter().flat_map(|encoding| &encoding.headers) {
        if let Some(text) = sample_of(header).filter(|text| !text.contains(['\r', '\n'])) {
            head.push_str(&format!("{}: {text}\r\n", header.name));
        }
    }
    out.extend_from_slice(head.as_bytes());
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(&content);
    out.extend_from_slice(b"\r\n");
}

/// A value for a field of a part: what is shown, else the simplest that its schema admits.
fn sample_of(header: &Parameter) -> Option<String> {
    let shown = header.examples.first().map(|example| example.value.clone());
    let Some(schema) = header.schema() else { return shown.map(|value| plain(&value)) };
    let said = ["example", "const", "default", "minimum"].into_iter().filter_map(|keyword| schema.says(keyword));
    let listed = schema.says("enum").and_then(|values| values.as_array()?.first().cloned());
    let simple = [json!("x"), json!(1), json!(true), json!("1"), json!("2026-01-01T00:00:00Z")];
    let mut values = shown.into_iter().chain(said).chain(listed).chain(simple);
    values.find(|value| schema.check(value) == Verdict::Valid).map(|value| plain(&value))
}

/// The table of OpenAPI 3.1.2 §4.8.15.1.1: by the type of the value.
fn usual(field: &Field, value: &Value) -> &'static str {
    let encoded = || field.schema.as_ref().is_some_and(|schema| schema.says("contentEncoding").is_some());
    match value {
        Value::Object(_) | Value::Array(_) => "application/json",
        Value::String(_) if field.file || (field.admits(Type::String) && encoded()) => "application/octet-stream",
        _ => "text/plain",
    }
}
