//! Where each value of a tree stands in its text: a table in preorder, parallel to the tree.

use serde_json::Value;

use super::{Span, pointer};

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
pub(super) struct Marks(pub(super) Vec<Mark>);

impl Marks {
    pub(super) fn get(&self, index: usize) -> Option<Mark> {
        self.0.get(index).copied()
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
            let Some((ordinal, child)) = pointer::step(value, &token) else { return (index, value, false) };
            let Some(entry) = self.children(index).nth(ordinal) else { return (index, value, false) };
            (index, value) = (entry, child);
        }
        (index, value, pointer.is_empty() || pointer.starts_with('/'))
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
