//! What stands under `calls`.

use super::super::calls::{Numbers, Step};
use super::super::reader::{Reader, at, excerpt};
use super::super::{Calls, Count};
use super::reply;
use crate::document::{Node, Span, pointer};
use crate::finding::Finding;

/// Reads a mapping of numbers, or a list in the order of the calls; `pointer` leads to it.
pub(super) fn read(reader: &mut Reader, node: Node<'_>, pointer: &str, count: Count) -> Option<Calls> {
    let steps = if node.value().is_array() { listed(reader, node, pointer) } else { numbered(reader, node, pointer) };
    if node.members().next().is_none() && node.items().next().is_none() {
        reader.wrong(node, "`calls` names no call", "write what a call gets, such as `3: 429`");
        return None;
    }
    Some(Calls::new(steps, count))
}

/// `[ok, ok, 429, ok]`: the last one sticks.
fn listed(reader: &mut Reader, node: Node<'_>, base: &str) -> Vec<Step> {
    let mut items = (1..).zip(node.items()).peekable();
    let mut steps = Vec::new();
    while let Some((number, item)) = items.next() {
        let numbers = Numbers { from: number, to: items.peek().map(|_| number) };
        steps.extend(step(reader, numbers, item, format!("{base}/{}", number - 1)));
    }
    steps
}

/// `{ 1-2: ok, 3: 429, 4+: 502 }`.
fn numbered(reader: &mut Reader, node: Node<'_>, base: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut keys: Vec<(Numbers, &str, Span)> = Vec::new();
    for (key, span, value) in node.members() {
        match Numbers::parse(key) {
            Ok(numbers) => {
                keys.push((numbers, key, span));
                steps.extend(step(reader, numbers, value, pointer::join(base, key)));
            }
            Err((sentence, help)) => {
                reader.findings.push(Finding::new("scenario-calls", sentence).at(Some(at(node, span))).help(help));
            }
        }
    }
    overlaps(reader, node, keys);
    steps
}

/// Tells which keys name a call that another one names too.
fn overlaps(reader: &mut Reader, node: Node<'_>, mut keys: Vec<(Numbers, &str, Span)>) {
    keys.sort_by_key(|(numbers, ..)| numbers.from);
    let mut widest: Option<(Numbers, &str, Span)> = None;
    for key in keys {
        if let Some(other) = widest
            && other.0.overlaps(key.0)
        {
            let (first, second) = if other.2.start < key.2.start { (other, key) } else { (key, other) };
            let sentence = format!("`{}` overlaps `{}`", excerpt(second.1), excerpt(first.1));
            let both = key.0.from;
            reader.findings.push(
                Finding::new("scenario-calls", sentence)
                    .at(Some(at(node, second.2)))
                    .help(format!("call {both} can get one answer only: name it once")),
            );
        }
        let further = |numbers: Numbers| numbers.to.unwrap_or(u64::MAX);
        if widest.is_none_or(|(known, ..)| further(key.0) > further(known)) {
            widest = Some(key);
        }
    }
}

fn step(reader: &mut Reader, numbers: Numbers, node: Node<'_>, pointer: String) -> Option<Step> {
    let reply = reply::used(reader, node, pointer)?;
    Some(Step { numbers, reply: (!reply.is_ok()).then_some(reply) })
}
