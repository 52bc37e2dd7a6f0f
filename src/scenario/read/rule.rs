//! One rule.

use std::sync::Arc;

use super::super::field::{Form, RULE};
use super::super::model::{Rule, Then};
use super::super::reader::{Reader, excerpt, kind, place};
use super::super::{Between, Chance, Count};
use super::{calls, rate, reply, save, when};
use crate::document::{Node, pointer};
use crate::finding::Finding;

/// Reads an item of the list under an operation; `ordinal` counts from 1, `pointer` leads to it.
pub(super) fn read(
    reader: &mut Reader,
    node: Node<'_>,
    operation: &Arc<str>,
    ordinal: usize,
    pointer: String,
) -> Option<Rule> {
    if !node.value().is_object() {
        let sentence = format!("a rule is a mapping, and here is {}", kind(node));
        let text = node.text().unwrap_or_default();
        let help = match text.parse::<u16>() {
            Ok(status) => format!("write `reply: {status}`"),
            Err(_) => "write one such as `reply: 429`".to_owned(),
        };
        reader.wrong(node, sentence, help);
        return None;
    }
    let misnamed = node.members().any(|(key, ..)| RULE.field(key).is_none_or(|field| field.form == Form::Later));
    let members = reader.members(node, &RULE);
    let id = members.get("id").and_then(|node| reader.text(node, "id"));
    let when =
        members.get("when").map(|node| when::read(reader, node, &pointer::join(&pointer, "when"))).unwrap_or_default();
    let valid = members.get("valid").and_then(|node| reader.flag(node, "valid"));
    let states = members.get("state").and_then(|node| states(reader, node));
    let between = members.get("between").and_then(|node| between(reader, node));
    let chance = members.get("chance").and_then(|node| chance(reader, node));
    let count = members.get("count").and_then(|node| count(reader, node));
    let saves = members.get("save").map(|node| save::read(reader, node)).unwrap_or_default();
    let then = match (members.get("reply"), members.get("calls")) {
        _ if members.get("rate").is_some() => {
            members.get("rate").and_then(|node| rate::read(reader, node, &members, &pointer)).map(Then::Rate)
        }
        (Some(reply), None) => {
            if let Some(node) = members.get("count") {
                reader.wrong(node, "`count` without `calls`", "it says which calls `calls` counts: remove it");
            }
            reply::used(reader, reply, pointer::join(&pointer, "reply")).map(Then::Reply)
        }
        (None, Some(calls)) => {
            calls::read(reader, calls, &pointer::join(&pointer, "calls"), count.unwrap_or_default()).map(Then::Calls)
        }
        (Some(_), Some(calls)) => {
            let span = calls.key_span().unwrap_or_default();
            let help = "make two rules of it, or put the reply under its calls";
            reader.wrong_key(node, span, "a rule has `reply` or `calls`, not both", help);
            None
        }
        (None, None) => {
            // Something may be there under another key; then that has been told.
            if !misnamed && ["reply", "calls", "rate"].iter().all(|key| node.get(key).is_none()) {
                reader.findings.push(
                    Finding::new("scenario-key", "this rule has none of `reply`, `calls` and `rate`")
                        .at(Some(place(node)))
                        .help("say what it answers, such as `reply: 429`"),
                );
            }
            None
        }
    }?;
    let id = id.map_or_else(|| format!("{operation}#{ordinal}").into(), |id| Arc::from(&*id));
    let (line, moves) = (reader.line(node), then.moves());
    Some(Rule { id, line, when, valid, states, between, chance, moves, then, saves, pointer })
}

fn chance(reader: &mut Reader, node: Node<'_>) -> Option<Chance> {
    let text = reader.text(node, "chance")?;
    reader.told(node, Chance::parse(&text))
}

/// A state, or a list of them.
fn states(reader: &mut Reader, node: Node<'_>) -> Option<Arc<[Arc<str>]>> {
    if !node.value().is_array() {
        return reader.text(node, "state").map(|text| [Arc::from(&*text)].into());
    }
    if node.items().next().is_none() {
        reader.wrong(node, "`state` names no state", "name those in which the rule holds");
    }
    Some(node.items().filter_map(|item| reader.text(item, "state")).map(Arc::from).collect())
}

fn between(reader: &mut Reader, node: Node<'_>) -> Option<Between> {
    let text = reader.text(node, "between")?;
    reader.told(node, Between::parse(&text))
}

fn count(reader: &mut Reader, node: Node<'_>) -> Option<Count> {
    match &*reader.text(node, "count")? {
        "rule" => Some(Count::Rule),
        "operation" => Some(Count::Operation),
        other => {
            let sentence = format!("`count` takes `rule` or `operation`, not `{}`", excerpt(other));
            let help = "`rule` counts the calls that this rule decides, `operation` all calls of the operation";
            reader.wrong(node, sentence, help);
            None
        }
    }
}
