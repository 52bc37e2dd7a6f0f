//! Open mappings and lists, and where a complete value goes.

use serde_json::{Map, Value};

use super::super::marks::Mark;
use super::super::problem::{Problem, ProblemKind};
use super::{Loader, Span, alias};

/// A mapping or list whose end has not been seen.
pub(super) struct Frame {
    /// Its entry in the table of places.
    pub(super) entry: usize,
    /// Its anchor, if an alias names it.
    pub(super) anchor: Option<usize>,
    /// In brackets, not by indentation.
    pub(super) flow: bool,
    pub(super) kind: Kind,
}

/// What is open.
pub(super) enum Kind {
    List(Vec<Value>),
    Mapping {
        members: Map<String, Value>,
        slot: Slot,
        /// What stands under `<<`, to be taken over at the end.
        merges: Vec<(Value, Vec<Mark>)>,
    },
}

/// What a mapping waits for.
pub(super) enum Slot {
    Key,
    /// The value of a key.
    Value {
        key: String,
        span: Span,
        merge: bool,
    },
    /// A value that does not count: its key is there already, or is none.
    Dropped,
}

impl Loader<'_> {
    /// Whether the next value is a key.
    pub(super) fn awaits_key(&self) -> bool {
        matches!(self.open.last(), Some(Frame { kind: Kind::Mapping { slot: Slot::Key, .. }, .. }))
    }

    /// Where the key of the next value stands.
    pub(super) fn pending_key(&self) -> Option<Span> {
        match self.open.last() {
            Some(Frame { kind: Kind::Mapping { slot: Slot::Value { span, .. }, .. }, .. }) => Some(*span),
            _ => None,
        }
    }

    /// Takes a key.
    pub(super) fn key(&mut self, name: &str, span: Span, merge: bool) {
        let Some(Frame { kind: Kind::Mapping { members, slot, .. }, entry, .. }) = self.open.last_mut() else { return };
        if merge || !members.contains_key(name) {
            *slot = Slot::Value { key: name.to_owned(), span, merge };
            return;
        }
        *slot = Slot::Dropped;
        if self.problems.full() {
            return self.problems.one_more(ProblemKind::DuplicateKey, span);
        }
        let (entry, ordinal) = (*entry, members.keys().position(|key| key == name).unwrap_or(0));
        let first = self.member(entry, ordinal).and_then(Mark::key_span).unwrap_or(span);
        self.problems.repeated_key(self.text, name, first, span);
    }

    /// The place of a member of an open mapping.
    fn member(&self, entry: usize, ordinal: usize) -> Option<Mark> {
        let mut child = entry + 1;
        for _ in 0..ordinal {
            child += self.marks.get(child)?.size.max(1) as usize;
        }
        self.marks.get(child).copied()
    }

    /// Tells of a mapping or list where a key should be; its value will not count.
    pub(super) fn complex_key(&mut self, span: Span) {
        let problem = Problem::new(ProblemKind::Syntax, span, "a mapping or a list cannot be a key; left out");
        self.problems.push(problem.help("put the key in quotes, if its brackets are text"));
        if let Some(Frame { kind: Kind::Mapping { slot, .. }, .. }) = self.open.last_mut() {
            *slot = Slot::Dropped;
        }
    }

    /// Puts a complete value where it belongs; its places start at `entry`.
    pub(super) fn place(&mut self, value: Value, entry: usize) {
        match self.open.last_mut().map(|frame| &mut frame.kind) {
            None => self.root = Some(value),
            Some(Kind::List(items)) => items.push(value),
            Some(Kind::Mapping { members, slot, merges }) => match std::mem::replace(slot, Slot::Key) {
                Slot::Key => {
                    let span = self.marks.get(entry).map(|mark| mark.span()).unwrap_or_default();
                    self.marks.truncate(entry);
                    self.complex_key(span);
                }
                Slot::Dropped => self.marks.truncate(entry),
                Slot::Value { merge: true, .. } if alias::merges(&value) => {
                    merges.push((value, self.marks.split_off(entry)));
                }
                Slot::Value { key, merge: true, .. } if members.contains_key(&key) => self.marks.truncate(entry),
                Slot::Value { key, .. } => {
                    members.insert(key, value);
                }
            },
        }
    }
}
