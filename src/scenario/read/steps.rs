//! What stands under `steps`.

use std::collections::HashSet;
use std::sync::Arc;

use super::super::duration;
use super::super::field::{STEP, THEN, WITH};
use super::super::reader::{Members, Reader, at, excerpt, kind, listed, place};
use super::super::step::{
    ARGUMENTS, Argument, Asked, Asks, Break, CALLS, Content, Given, KEPT, Keep, Step, TIMES, Wait, Wanted,
};
use super::super::template::is_template;
use super::super::when::Part;
use super::{operation, save, schema, when};
use crate::contract::{Contract, In};
use crate::document::{Node, pointer};
use crate::finding::Finding;
use crate::message::{Direction, HeaderName, StatusRange};

/// Reads a list of calls.
pub(super) fn read(reader: &mut Reader, node: Node<'_>, contract: &Contract) -> Vec<Step> {
    let mut steps = Vec::new();
    let (mut calls, mut kept) = (0, HashSet::new());
    for (index, item) in node.items().enumerate() {
        let before = calls;
        let step = step(reader, item, index, contract);
        for (name, _, place) in step.iter().flat_map(|step| &step.then.keeps) {
            if kept.insert(name.clone()) && kept.len() == KEPT + 1 {
                let finding = Finding::new("scenario-value", format!("the steps keep more than {KEPT} values"));
                reader
                    .findings
                    .push(finding.at(Some(place.clone())).help("use a name again, or make several scenarios of it"));
            }
        }
        calls += step.as_ref().map_or(0, |step| u64::from(step.times));
        if before <= CALLS && calls > CALLS {
            let sentence = format!("the steps come to more than {CALLS} calls");
            reader.wrong(item, sentence, "take fewer, or lower `times`");
        }
        steps.extend(step);
    }
    if node.items().next().is_none() {
        reader.wrong(node, "`steps` has no step", "write one such as `- call: OPERATION`, or remove it");
    }
    steps
}

fn step(reader: &mut Reader, node: Node<'_>, index: usize, contract: &Contract) -> Option<Step> {
    if !node.value().is_object() {
        let help = match operation::named(contract, &node.text().unwrap_or_default()) {
            Ok(key) => format!("write `call: {key}`"),
            Err(_) => "write one such as `call: OPERATION`".to_owned(),
        };
        reader.wrong(node, format!("a step is a mapping, and here is {}", kind(node)), help);
        return None;
    }
    let members = reader.members(node, &STEP);
    let call = members.get("call");
    if call.is_none() && node.get("call").is_none() {
        reader.findings.push(
            Finding::new("scenario-key", "this step calls nothing")
                .at(Some(place(node)))
                .help("name the operation: `call: OPERATION`"),
        );
    }
    let operation = call.and_then(|node| {
        let text = reader.text(node, "call")?;
        let found = operation::named(contract, &text);
        let told = |(sentence, help): (String, String)| {
            Finding::new("unknown-operation", sentence).at(Some(place(node))).help(help)
        };
        found.map_err(|why| reader.findings.push(told(why))).ok()
    });
    let base = format!("/steps/{index}");
    let with = members.get("with").map(|node| with(reader, node)).unwrap_or_default();
    let wait = members.get("wait").and_then(|node| wait(reader, node));
    let times = members.get("times").and_then(|node| times(reader, node)).unwrap_or(1);
    let then = members.get("then").map(|node| then(reader, node, &pointer::join(&base, "then"))).unwrap_or_default();
    Some(Step {
        number: index + 1,
        operation: operation?,
        wait,
        times,
        line: reader.line(node),
        place: place(call?),
        credentials: with.credentials.unwrap_or(true),
        arguments: with.arguments,
        content: with.content,
        then,
    })
}

fn wait(reader: &mut Reader, node: Node<'_>) -> Option<Wait> {
    let text = reader.text(node, "wait")?;
    if text == "retry-after" {
        return Some(Wait::RetryAfter(place(node)));
    }
    let read = duration::parse(&text).map_err(|(sentence, help)| {
        // What looks like no duration at all may be meant as the other word.
        let word = text.starts_with(|c: char| c.is_ascii_alphabetic());
        (sentence, if word { "write such as `2s`, or `retry-after`".to_owned() } else { help })
    });
    reader.told(node, read).map(Wait::For)
}

fn times(reader: &mut Reader, node: Node<'_>) -> Option<u32> {
    let text = reader.text(node, "times")?;
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    let times = text.parse().ok().filter(|times| plain && (1..=TIMES).contains(times));
    if times.is_none() {
        let sentence = format!("`times` takes a number of calls, not `{}`", excerpt(&text));
        reader.wrong(node, sentence, format!("write a whole number from 1 to {TIMES}"));
    }
    times
}

/// What stands under `with`.
#[derive(Default)]
struct With {
    arguments: Vec<Argument>,
    content: Option<Content>,
    credentials: Option<bool>,
}

fn with(reader: &mut Reader, node: Node<'_>) -> With {
    let members = reader.members(node, &WITH);
    let mut arguments = Vec::new();
    for (key, part) in [("path", In::Path), ("query", In::Query), ("header", In::Header), ("cookie", In::Cookie)] {
        if let Some(node) = members.get(key) {
            arguments_of(reader, node, key, part, &mut arguments);
        }
    }
    let content = members.get("body").map(|node| match node.text() {
        _ if node.value().is_null() => Content::Nothing,
        Some(text) if !is_template(&text) => Content::Value(node.value().clone()),
        _ => Content::Made(reader.template(node)),
    });
    let credentials = members.get("credentials").and_then(|node| reader.flag(node, "credentials"));
    if node.members().next().is_none() {
        reader.wrong(node, "`with` says nothing", "say what is sent, or remove it");
    }
    With { arguments, content, credentials }
}

fn arguments_of(reader: &mut Reader, node: Node<'_>, key: &str, part: In, arguments: &mut Vec<Argument>) {
    for (name, span, value) in node.members() {
        if arguments.len() == ARGUMENTS {
            let sentence = format!("a step that names more than {ARGUMENTS} parameters");
            reader.wrong_key(node, span, sentence, "take some of them out");
            return;
        }
        let mut name = name.to_owned();
        if part == In::Header {
            if HeaderName::from_bytes(name.as_bytes()).is_err() {
                let sentence = format!("`{}` cannot be the name of a field", excerpt(&name));
                let finding = Finding::new("scenario-header", sentence).at(Some(at(node, span)));
                reader.findings.push(finding.help("letters, digits and `-` make one"));
                continue;
            }
            name = name.to_ascii_lowercase();
        }
        let given = match (value.text(), value.value()) {
            (_, serde_json::Value::Null) if part == In::Path => {
                let sentence = format!("nothing stands for `{}`", excerpt(&name));
                reader.wrong(value, sentence, "a path has all its parts: write a value");
                continue;
            }
            (_, serde_json::Value::Null) => Given::Nothing,
            (Some(text), _) if !is_template(&text) => Given::Text((*text).into()),
            (None, serde_json::Value::Array(items)) if items.is_empty() => {
                reader.wrong(value, format!("`{}` is an empty list", excerpt(&name)), "write its items, or remove it");
                continue;
            }
            (None, serde_json::Value::Object(members)) if members.is_empty() => {
                reader.wrong(
                    value,
                    format!("`{}` is an empty mapping", excerpt(&name)),
                    "write its members, or remove it",
                );
                continue;
            }
            _ => Given::Made(reader.template(value)),
        };
        arguments.push(Argument { part, name: name.into(), value: given, place: at(node, span) });
    }
    if node.members().next().is_none() {
        reader.wrong(node, format!("`{key}` names nothing"), "name what is sent, or remove it");
    }
}

/// Statuses alone, or all that is asked of an answer.
fn then(reader: &mut Reader, node: Node<'_>, pointer: &str) -> Wanted {
    if !node.value().is_object() {
        return Wanted { statuses: statuses(reader, node), ..Wanted::default() };
    }
    let members = reader.members(node, &THEN);
    let statuses = members.get("status").map(|node| statuses(reader, node)).unwrap_or_default();
    let fault = members.get("fault").and_then(|node| Some((broken(reader, node)?, place(node))));
    let mut asked = Vec::new();
    reader.direction = Direction::Response;
    for key in ["header", "body"] {
        if let Some(node) = members.get(key) {
            asked_of(reader, node, key, &pointer::join(pointer, key), &mut asked);
        }
    }
    if let Some(node) = members.get("schema")
        && let Some(test) = schema::read(reader, node, pointer::join(pointer, "schema"))
    {
        let part = Part::Body("".into(), String::new());
        asked.push(Asked { part, asks: Asks::Test(test), place: place(node) });
    }
    reader.direction = Direction::Request;
    let keeps = members.get("save").map(|node| keeps(reader, node)).unwrap_or_default();
    if let Some((fault, _)) = &fault {
        beside(reader, &members, *fault);
    }
    if node.members().next().is_none() {
        reader.wrong(node, "`then` asks for nothing", "say what the answer is like, or remove it");
    }
    Wanted { statuses, fault, asked, keeps }
}

/// What cannot be said of an answer that breaks.
fn beside(reader: &mut Reader, members: &Members<'_>, fault: Break) {
    let keys: &[&str] =
        if fault.answers() { &["body", "schema", "save"] } else { &["status", "header", "body", "schema", "save"] };
    for key in keys {
        let Some(node) = members.get(key) else { continue };
        let help = match fault.answers() {
            true => "of what is cut off only the head is known: remove it",
            false => "there is no answer: remove it",
        };
        reader.wrong_key(node, node.key_span().unwrap_or_default(), format!("`{key}` beside `fault: {fault}`"), help);
    }
}

fn broken(reader: &mut Reader, node: Node<'_>) -> Option<Break> {
    let text = reader.text(node, "fault")?;
    let found = Break::WORDS.iter().find(|(word, _)| *word == text).map(|(_, found)| *found);
    if found.is_none() {
        let sentence = format!("`{}` is not how an answer breaks", excerpt(&text));
        reader.wrong(node, sentence, format!("write one of {}", listed(Break::WORDS.map(|(word, _)| word))));
    }
    found
}

fn statuses(reader: &mut Reader, node: Node<'_>) -> Vec<(StatusRange, crate::finding::Place)> {
    let mut found: Vec<(StatusRange, crate::finding::Place)> = Vec::new();
    let items: Vec<Node<'_>> = if node.value().is_array() { node.items().collect() } else { vec![node] };
    for item in &items {
        let text = item.text().unwrap_or_default();
        match StatusRange::parse(&text) {
            Some(range @ (StatusRange::Exact(200..) | StatusRange::Class(2..))) => found.push((range, place(*item))),
            _ => {
                let class = text.to_ascii_uppercase();
                let help = match StatusRange::parse(&class) {
                    Some(StatusRange::Class(2..)) => format!("write `{class}`"),
                    _ => "write one such as 404, or `2XX`".to_owned(),
                };
                reader.wrong(*item, format!("a status is expected, and here is {}", kind(*item)), help);
            }
        }
    }
    if items.is_empty() {
        reader.wrong(node, "no status will do", "write those that will, such as `[200, 409]`");
    }
    found
}

/// What is asked of fields, or of members of the content.
fn asked_of(reader: &mut Reader, node: Node<'_>, key: &str, base: &str, asked: &mut Vec<Asked>) {
    for (name, span, value) in node.members() {
        let Some(part) = when::part(reader, node, key, name, span) else { continue };
        let mut add = |asks| asked.push(Asked { part: part.clone(), asks, place: at(node, span) });
        if value.text().is_some_and(|text| is_template(&text)) {
            add(Asks::Equals(reader.template(value)));
        } else if let Some(inner) = template_in(value) {
            let sentence = format!("a template in a condition on `{}`", excerpt(name));
            reader.wrong(
                inner,
                sentence,
                format!("only a value to equal can be one: `{}: '{{{{ … }}}}'`", excerpt(name)),
            );
        } else {
            when::tests(reader, value, (name, &pointer::join(base, name)), &part, |test| add(Asks::Test(test)));
        }
    }
    if node.members().next().is_none() {
        reader.wrong(node, format!("`{key}` asks for nothing"), "name what is asked for, or remove it");
    }
}

/// A template that stands in a condition, where it would be a text.
fn template_in(condition: Node<'_>) -> Option<Node<'_>> {
    let is = |node: &Node<'_>| node.text().is_some_and(|text| is_template(&text));
    let values = || condition.members().map(|(.., value)| value);
    values().find(is).or_else(|| values().flat_map(|value| value.items()).find(is))
}

const PLACES: &str = "write a JSON Pointer into the content, such as `/id`, or a field, such as `header.location`";

/// `{ invitation: /id, etag: header.etag }`.
fn keeps(reader: &mut Reader, node: Node<'_>) -> Vec<(Arc<str>, Keep, crate::finding::Place)> {
    let mut keeps = Vec::new();
    for (name, span, value) in node.members() {
        if !save::is_name(reader, node, name, span) {
            continue;
        }
        let text = value.text().unwrap_or_default();
        let escapes = || text.split('~').skip(1).all(|after| after.starts_with(['0', '1']));
        let field = text.strip_prefix("header.").and_then(|name| HeaderName::from_bytes(name.as_bytes()).ok());
        let keep = match field {
            Some(field) => Keep::Header(field),
            None if text.starts_with('/') && escapes() => Keep::Pointer((*text).into()),
            None => {
                let sentence = match value.text() {
                    Some(text) if !text.is_empty() => format!("`{}` is no place in an answer", excerpt(&text)),
                    _ => format!("`{}` is kept from a place, and here is {}", excerpt(name), kind(value)),
                };
                reader.wrong(value, sentence, PLACES);
                continue;
            }
        };
        keeps.push((name.into(), keep, at(node, span)));
    }
    if node.members().next().is_none() {
        reader.wrong(node, "`save` keeps nothing", "name what is kept, or remove it");
    }
    keeps
}
