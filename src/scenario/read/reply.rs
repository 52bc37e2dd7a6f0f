//! What stands under `reply`, and under the number of a call.

use std::borrow::Cow;
use std::sync::Arc;

use super::super::field::{DELAY, REPLY};
use super::super::reader::{Reader, at, excerpt, kind, place};
use super::super::template::is_template;
use super::super::{Delay, Reply, Template, duration};
use super::fault;
use crate::document::{Node, Span};
use crate::finding::Finding;
use crate::message::{HeaderName, HeaderValue, header};

/// Fields that are a matter of the connection.
const NOT_TO_BE_SET: [&str; 3] = ["content-length", "transfer-encoding", "trailer"];

/// What names of fields of our own begin with.
const OWN: &str = "standin-";

/// Reads what a rule answers: a status, `ok`, a mapping, or the name of a reply; `pointer` leads to it.
pub(super) fn used(reader: &mut Reader, node: Node<'_>, pointer: String) -> Option<Arc<Reply>> {
    let text = node.text().filter(|_| !node.value().is_null()).unwrap_or_default();
    let is_name = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && !text.eq_ignore_ascii_case("ok");
    if !is_name {
        return read(reader, node, pointer).map(Arc::new);
    }
    match reader.named.get(&text) {
        Some(reply) => reply.cloned(),
        None => {
            let help = reader.named.help(&text);
            reader.wrong(node, format!("no reply is called `{}`", excerpt(&text)), help);
            None
        }
    }
}

/// What the document says, where nothing else is written; `pointer` leads to it.
pub(super) fn plain(reader: &Reader, node: Node<'_>, pointer: String) -> Reply {
    Reply {
        status: None,
        example: None,
        body: None,
        merge: None,
        template: None,
        filled: Vec::new(),
        headers: Vec::new(),
        delay: None,
        fault: None,
        go: None,
        force: false,
        name: None,
        line: reader.line(node),
        place: place(node),
        pointer,
        document: reader.document.clone(),
    }
}

/// Reads a status, `ok`, or a mapping; `pointer` leads to it.
pub(super) fn read(reader: &mut Reader, node: Node<'_>, pointer: String) -> Option<Reply> {
    let mut reply = plain(reader, node, pointer);
    if node.value().is_array() {
        reader.wrong(node, "a reply is a status, `ok` or a mapping, and here is a list", "write one of them");
        return None;
    }
    if !node.value().is_object() {
        let text = reader.text(node, "reply")?;
        if text != "ok" {
            reply.status = Some(status(reader, node, &text)?);
        }
        return Some(reply);
    }
    let members = reader.members(node, &REPLY);
    if node.members().next().is_none() {
        reader.wrong(node, "an empty reply changes nothing", "if that is meant, write `ok`");
    }
    if let Some(node) = members.get("status") {
        let text = reader.text(node, "status")?;
        // `status: ok` is the answer that would be given anyway.
        if text != "ok" {
            reply.status = status(reader, node, &text);
        }
    }
    reply.example = members.get("example").and_then(|node| reader.text(node, "example")).map(Arc::from);
    reply.body = members.get("body").map(|node| node.value().clone());
    reply.merge = members.get("merge").map(|node| node.value().clone());
    if let (Some(_), Some(merge)) = (&reply.body, members.get("merge")) {
        let span = merge.key_span().unwrap_or_default();
        reader.wrong_key(node, span, "`merge` beside `body`", "`body` is the whole content: put the change there");
    }
    if let (Some(_), Some(example)) = (&reply.body, members.get("example")) {
        let span = example.key_span().unwrap_or_default();
        reader.wrong_key(node, span, "`example` beside `body`", "`body` is the whole content: keep one of the two");
    }
    if let Some(node) = members.get("template") {
        for key in ["body", "merge", "example"] {
            if let Some(beside) = members.get(key) {
                let span = beside.key_span().unwrap_or_default();
                let help = "`template` is the whole content: keep one of the two";
                reader.wrong_key(node, span, format!("`{key}` beside `template`"), help);
            }
        }
        if node.value().is_null() {
            reader.wrong(node, "`template` has no value", "write what the content is made of");
        } else {
            reply.template = Some(reader.template(node));
        }
    }
    if let Some(fields) = members.get("headers") {
        (reply.headers, reply.filled) = headers(reader, fields);
    }
    reply.delay = members.get("delay").and_then(|node| delay(reader, node));
    reply.fault = members.get("fault").and_then(|node| fault::read(reader, node));
    if let Some(fault) = reply.fault {
        fault::alone(reader, node, fault);
    }
    reply.go = members.get("go").and_then(|node| reader.text(node, "go")).map(Arc::from);
    reply.force = members.get("force").and_then(|node| reader.flag(node, "force")).unwrap_or(false);
    Some(reply)
}

fn status(reader: &mut Reader, node: Node<'_>, text: &str) -> Option<u16> {
    let digits = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    let status = text.parse().ok().filter(|status| digits && (200..=999).contains(status));
    if status.is_none() {
        let shown = excerpt(text);
        let help = match text {
            "OK" | "Ok" => "write `ok`, in lower case".to_owned(),
            _ if digits => "write the status of a final answer: 200 or more".to_owned(),
            _ => "write a status such as 404, or `ok` for what the document says".to_owned(),
        };
        reader.wrong(node, format!("`{shown}` is no status"), help);
    }
    status
}

type Set<V> = Vec<(HeaderName, Vec<V>)>;

/// Fields with the values that they have, and fields whose values are made call by call.
fn headers(reader: &mut Reader, node: Node<'_>) -> (Set<HeaderValue>, Set<Template>) {
    let mut fields: Set<HeaderValue> = Vec::new();
    let mut filled: Set<Template> = Vec::new();
    for (key, span, value) in node.members() {
        let Some(name) = name(reader, node, key, span) else { continue };
        if fields
            .iter()
            .map(|(known, _)| known)
            .chain(filled.iter().map(|(known, _)| known))
            .any(|known| *known == name)
        {
            let help = "names of fields are the same in upper and lower case; for several values write a list";
            wrong_field(reader, node, span, format!("the field `{}` is here a second time", excerpt(key)), help);
            continue;
        }
        let values: Vec<Node<'_>> = match value.value() {
            serde_json::Value::Null => Vec::new(),
            serde_json::Value::Array(_) => value.items().collect(),
            _ => vec![value],
        };
        if value.value().is_array() && values.is_empty() {
            reader.wrong(value, format!("`{key}` has no value"), "write one; to leave the field out, write `null`");
        }
        if values.iter().any(|value| value.text().is_some_and(|text| is_template(&text))) {
            filled.extend(templates(reader, &values, key, name));
            continue;
        }
        let values = values.into_iter().filter_map(|value| field_value(reader, value, key)).collect();
        fields.push((name, values));
    }
    (fields, filled)
}

/// Values of which at least one is a template.
fn templates(
    reader: &mut Reader,
    values: &[Node<'_>],
    key: &str,
    name: HeaderName,
) -> Option<(HeaderName, Vec<Template>)> {
    if name == header::CONTENT_TYPE {
        let first = values.first()?;
        let help = "write the media type itself: what kind of content there is does not change from call to call";
        reader.wrong(*first, "`Content-Type` is a template", help);
        return None;
    }
    let mut templates = Vec::new();
    for value in values {
        let text = value.text().unwrap_or_default();
        if is_template(&text) || field_value(reader, *value, key).is_some() {
            templates.push(reader.template(*value));
        }
    }
    Some((name, templates))
}

fn wrong_field(reader: &mut Reader, node: Node<'_>, span: Span, sentence: String, help: &str) {
    reader.findings.push(Finding::new("scenario-header", sentence).at(Some(at(node, span))).help(help));
}

fn name(reader: &mut Reader, node: Node<'_>, key: &str, span: Span) -> Option<HeaderName> {
    let Ok(name) = HeaderName::from_bytes(key.as_bytes()) else {
        let help = "letters, digits and `-` make one";
        wrong_field(reader, node, span, format!("`{}` cannot be the name of a field", excerpt(key)), help);
        return None;
    };
    if NOT_TO_BE_SET.contains(&name.as_str()) || name.as_str().starts_with(OWN) {
        let help = "remove it: it is set with each answer as the answer is";
        wrong_field(reader, node, span, format!("the field `{key}` cannot be set by a scenario"), help);
        return None;
    }
    Some(name)
}

/// The value of a field is its text as written.
fn field_value(reader: &mut Reader, node: Node<'_>, name: &str) -> Option<HeaderValue> {
    let text: Cow<'_, str> = match node.text() {
        Some(text) if !node.value().is_null() => text,
        _ => {
            let sentence = format!("`{}` takes a text or a list of texts, and here is {}", excerpt(name), kind(node));
            reader.wrong(node, sentence, "write the value as it is sent");
            return None;
        }
    };
    let value = HeaderValue::from_str(&text).ok();
    if value.is_none() {
        let sentence = format!("`{}` cannot be the value of a field", excerpt(&text));
        let help = "a value is one line, without control characters";
        reader.findings.push(Finding::new("scenario-header", sentence).at(Some(place(node))).help(help));
    }
    value
}

fn delay(reader: &mut Reader, node: Node<'_>) -> Option<Delay> {
    if !node.value().is_object() {
        let text = reader.text(node, "delay")?;
        return reader.told(node, Delay::parse(&text));
    }
    let members = reader.members(node, &DELAY);
    let mut one = |key: &str| {
        let Some(member) = members.get(key) else {
            if node.get(key).is_none() {
                let help = "write both: `{ median: 300ms, p99: 2s }`";
                reader.wrong(node, format!("a delay with a tail needs `{key}`"), help);
            }
            return None;
        };
        let text = reader.text(member, key)?;
        reader.told(member, duration::parse(&text))
    };
    let (median, p99) = (one("median"), one("p99"));
    let (median, p99) = (median?, p99?);
    if p99 < median {
        reader.wrong(node, "`p99` is less than `median`", "99 in 100 are faster than `p99`, half than `median`");
        return None;
    }
    Some(Delay::LogNormal { median, p99 })
}
