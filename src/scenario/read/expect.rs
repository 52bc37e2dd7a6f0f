//! What stands under `expect`.

use std::collections::HashMap;
use std::sync::Arc;

use super::super::expect::{Expect, Expectation, Expected};
use super::super::field::EXPECT;
use super::super::reader::{Members, Reader, excerpt, kind, listed, place};
use super::operation;
use crate::contract::Contract;
use crate::document::Node;

/// Reads operations, and what is expected of who calls each.
pub(super) fn read(reader: &mut Reader, node: Node<'_>, contract: &Contract) -> Vec<Expect> {
    let mut all = Vec::new();
    let mut lines: HashMap<Arc<str>, u32> = HashMap::new();
    for (key, span, value) in node.members() {
        let own = if key == "*" { None } else { operation::find(reader, contract, node, key, span) };
        let known = key == "*" || own.is_some();
        if let Some(operation) = &own {
            let line = reader.line_of(span);
            if let Some(first) = lines.get(operation) {
                let sentence = format!("`{}` is the same operation as on line {first}", excerpt(key));
                reader.wrong_key(node, span, sentence, "put what is expected of both into one mapping");
                continue;
            }
            lines.insert(operation.clone(), line);
        }
        if !value.value().is_object() {
            let sentence =
                format!("`{}` takes a mapping of what is expected, and here is {}", excerpt(key), kind(value));
            reader.wrong(value, sentence, "write such as `{ honours-retry-after: true, at-most: 4 }`");
            continue;
        }
        let before = reader.findings.len();
        let members = reader.members(value, &EXPECT);
        let expected = expected(reader, &members);
        if expected.is_empty() && reader.findings.len() == before {
            let help = format!("name something: {}", listed(EXPECT.keys()));
            reader.wrong(value, format!("nothing is expected of `{}`", excerpt(key)), help);
        } else if known {
            all.push(Expect { operation: own, all: expected });
        }
    }
    if node.members().next().is_none() {
        reader.wrong(node, "`expect` names no operation", "name one, or `\"*\"`, and what is expected of it");
    }
    all
}

/// What is expected of one operation, in the order of the text.
fn expected(reader: &mut Reader, members: &Members<'_>) -> Vec<Expected> {
    let mut all: Vec<(usize, Expected)> = Vec::new();
    for key in EXPECT.keys() {
        let Some(node) = members.get(key) else { continue };
        let Some(what) = expectation(reader, key, node) else { continue };
        let expected = Expected { what, line: reader.line(node), place: place(node) };
        all.push((node.span().start, expected));
    }
    all.sort_by_key(|(start, _)| *start);
    all.into_iter().map(|(_, expected)| expected).collect()
}

/// One of them; nothing where it is switched off, and where it is wrong.
fn expectation(reader: &mut Reader, key: &'static str, node: Node<'_>) -> Option<Expectation> {
    let flagged = match key {
        "at-most" => return at_most(reader, node).map(Expectation::AtMost),
        "meets" => return meets(reader, node).map(Expectation::Meets),
        "honours-retry-after" => Expectation::HonoursRetryAfter,
        "backs-off" => Expectation::BacksOff,
        "same-idempotency-key" => Expectation::SameIdempotencyKey,
        "no-unsafe-retry" => Expectation::NoUnsafeRetry,
        _ => Expectation::NothingUndocumented,
    };
    reader.flag(node, key)?.then_some(flagged)
}

fn at_most(reader: &mut Reader, node: Node<'_>) -> Option<u64> {
    let text = reader.text(node, "at-most")?;
    let most = text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
    if most.is_none() {
        let sentence = format!("`at-most` takes a number of calls, not `{}`", excerpt(&text));
        reader.wrong(node, sentence, "write a whole number such as 4");
    }
    most
}

fn meets(reader: &mut Reader, node: Node<'_>) -> Option<Arc<[u16]>> {
    let mut statuses: Vec<u16> = Vec::new();
    for item in node.items() {
        let text = item.text().unwrap_or_default();
        match text.parse::<u16>() {
            Ok(status) if statuses.contains(&status) => {
                reader.wrong(item, format!("`meets` names {status} twice"), "name it once");
            }
            Ok(status @ 200..=999) if text.len() == 3 => statuses.push(status),
            _ => {
                let sentence = format!("`meets` takes statuses, and here is {}", kind(item));
                reader.wrong(item, sentence, "write such as `[200, 429]`");
            }
        }
    }
    if node.items().next().is_none() {
        reader.wrong(node, "`meets` names no status", "write those that have to be answered, such as `[200, 429]`");
    }
    (!statuses.is_empty()).then(|| statuses.into())
}
