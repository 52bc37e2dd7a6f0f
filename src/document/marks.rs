//! Where each value of a tree stands in its text: a table in preorder, parallel to the tree.

use std::collections::HashMap;
use std::sync::OnceLock;

use serde_json::{Map, Value};

use super::{Span, pointer};

/// From how many values on the children of one have an index: to count past a few is cheaper.
const MANY: usize = 32;

/// Where one value stands, and how many entries of the table are its own: itself and all below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    start: u32,
    end: u32,
    key_start: u32,
    key_end: u32,
    pub(super) size: u32,
}

/// A key that ends where it starts is none: even the empty key of YAML is told from it by standing somewhere.
const NO_KEY: u32 = u32::MAX;

impl Mark {
    pub(super) fn new(span: Span, key: Option<Span>) -> Mark {
        let key = key.unwrap_or(Span { start: NO_KEY as usize, end: NO_KEY as usize });
        Mark {
            start: short(span.start),
            end: short(span.end),
            key_start: short(key.start),
            key_end: short(key.end),
            size: 1,
        }
    }

    pub(super) fn span(self) -> Span {
        Span { start: self.start as usize, end: self.end as usize }
    }

    pub(super) fn key_span(self) -> Option<Span> {
        (self.key_start != NO_KEY).then_some(Span { start: self.key_start as usize, end: self.key_end as usize })
    }

    pub(super) fn set_key(&mut self, key: Option<Span>) {
        let key = Mark::new(Span::default(), key);
        (self.key_start, self.key_end) = (key.key_start, key.key_end);
    }

    pub(super) fn set_end(&mut self, end: usize) {
        self.end = short(end);
    }
}

/// Offsets fit, because longer texts are refused.
fn short(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

/// The table. Entry 0 is the root's.
#[derive(Debug, Default)]
pub(super) struct Marks {
    pub(super) table: Vec<Mark>,
    /// The entries of all that stands among many, by the address in memory of the value; made when one is first asked for. A
    /// tree is never changed, so what is in it does not move; only its root may.
    among_many: OnceLock<HashMap<usize, u32>>,
}

impl Marks {
    pub(super) fn new(mut table: Vec<Mark>) -> Marks {
        table.shrink_to_fit();
        Marks { table, among_many: OnceLock::new() }
    }

    pub(super) fn get(&self, index: usize) -> Option<Mark> {
        self.table.get(index).copied()
    }

    /// The entries of the children of the value at `index`, in their order.
    pub(super) fn children(&self, index: usize) -> impl Iterator<Item = usize> + '_ {
        let end = index + self.get(index).map_or(0, |mark| mark.size as usize);
        let mut next = index + 1;
        std::iter::from_fn(move || {
            let child = next;
            if child >= end {
                return None;
            }
            next += self.get(child).map_or(1, |mark| mark.size.max(1) as usize);
            Some(child)
        })
    }

    /// The value that `pointer` names, with its entry; otherwise the nearest that exists on the way, and `false`.
    pub(super) fn find<'a>(&self, root: &'a Value, pointer: &str) -> (usize, &'a Value, bool) {
        let (mut index, mut value) = (0, root);
        for token in pointer::tokens(pointer) {
            let Some(child) = pointer::member(value, &token) else { return (index, value, false) };
            let Some(entry) = self.entry(root, (index, value), child) else { return (index, value, false) };
            (index, value) = (entry, child);
        }
        (index, value, pointer.is_empty() || pointer.starts_with('/'))
    }

    /// The entry of a child of a value.
    fn entry(&self, root: &Value, (index, value): (usize, &Value), child: &Value) -> Option<usize> {
        let known = if count(value) < MANY { None } else { self.among_many(root).get(&address(child)) };
        let counted = || {
            let ordinal = values(value).position(|one| std::ptr::eq(one, child))?;
            self.children(index).nth(ordinal)
        };
        known.map(|entry| *entry as usize).or_else(counted)
    }

    fn among_many(&self, root: &Value) -> &HashMap<usize, u32> {
        self.among_many.get_or_init(|| {
            let mut known = HashMap::new();
            let mut open = vec![(0, root)];
            while let Some((index, value)) = open.pop() {
                let many = count(value) >= MANY;
                for (entry, child) in self.children(index).zip(values(value)) {
                    if many {
                        known.insert(address(child), short(entry));
                    }
                    if self.get(entry).is_some_and(|mark| mark.size as usize > MANY) {
                        open.push((entry, child));
                    }
                }
            }
            known
        })
    }

    /// The pointer to the value at an entry.
    pub(super) fn pointer(&self, root: &Value, target: usize) -> String {
        let (mut pointer, mut index, mut value) = (String::new(), 0, root);
        while index != target {
            let within = |child: &usize| {
                let size = self.get(*child).map_or(1, |mark| mark.size as usize);
                (*child..*child + size).contains(&target)
            };
            let Some((ordinal, child)) = self.children(index).enumerate().find(|(_, child)| within(child)) else {
                break;
            };
            let (token, below) = match value {
                Value::Object(members) => match members.iter().nth(ordinal) {
                    Some((key, below)) => (key.clone(), below),
                    None => break,
                },
                Value::Array(items) => match items.get(ordinal) {
                    Some(below) => (ordinal.to_string(), below),
                    None => break,
                },
                _ => break,
            };
            pointer = pointer::join(&pointer, &token);
            (index, value) = (child, below);
        }
        pointer
    }
}

/// What identifies a value in a tree, without holding on to it.
fn address(value: &Value) -> usize {
    std::ptr::from_ref(value) as usize
}

fn count(value: &Value) -> usize {
    match value {
        Value::Object(members) => members.len(),
        Value::Array(items) => items.len(),
        _ => 0,
    }
}

fn values(value: &Value) -> impl Iterator<Item = &Value> {
    let members = value.as_object().into_iter().flat_map(Map::values);
    members.chain(value.as_array().into_iter().flatten())
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::MANY;
    use crate::document::{Document, Source};

    #[test]
    fn values_among_many_stand_where_they_are_written() {
        let mut text = String::from("{\"few\": [[0], {\"many\": [");
        for index in 0..3 * MANY {
            let _ = write!(text, "{}{{\"key-{index}\": \"value-{index}\"}}", if index == 0 { "" } else { ", " });
        }
        text.push_str("]}], \"members\": {");
        for index in 0..3 * MANY {
            let _ = write!(text, "{}\"name-{index}\": [{index}]", if index == 0 { "" } else { ", " });
        }
        text.push_str("}}");
        for name in ["a.json", "a.yaml"] {
            let document = Document::read(Source::new(name, text.as_str())).document.expect("a tree");
            let at = |pointer: &str| document.source().slice(document.span_near(pointer)).to_owned();
            for index in 0..3 * MANY {
                assert_eq!(at(&format!("/few/1/many/{index}/key-{index}")), format!("\"value-{index}\""));
                assert_eq!(at(&format!("/members/name-{index}/0")), index.to_string());
                let key = document.key_span(&format!("/members/name-{index}")).expect("a key");
                assert_eq!(document.source().slice(key), format!("\"name-{index}\""));
            }
            assert_eq!(document.span_near("/members/nobody/0"), document.span_near("/members"));
            assert_eq!(document.span_near(&format!("/few/1/many/{}", 3 * MANY)), document.span_near("/few/1/many"));
        }
    }
}
