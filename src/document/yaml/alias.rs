//! Anchors, aliases, merge keys, and what they may cost.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::super::limits;
use super::super::marks::{Mark, Marks};

/// What an anchor names.
pub(super) struct Anchored {
    pub(super) value: Value,
    pub(super) marks: Box<[Mark]>,
    /// How many levels it has: 0 for a scalar.
    pub(super) height: usize,
    /// What a copy of it costs.
    pub(super) cost: usize,
}

/// The anchors seen so far that some alias may name, and what copies have cost.
pub(super) struct Anchors<'t> {
    text: &'t str,
    /// Every word that follows a `*` in the text: anchors that none of them names need not be kept.
    named: OnceCell<HashSet<&'t str>>,
    kept: HashMap<usize, Anchored>,
    spent: usize,
}

impl<'t> Anchors<'t> {
    pub(super) fn new(text: &'t str) -> Anchors<'t> {
        Anchors { text, named: OnceCell::new(), kept: HashMap::new(), spent: 0 }
    }

    /// Whether some alias may name an anchor.
    pub(super) fn wanted(&self, name: &str) -> bool {
        if name.contains('*') {
            return true;
        }
        let word = |rest: &'t str| rest.split(|c: char| c.is_whitespace() || "*,[]{}".contains(c)).next().unwrap_or("");
        self.named.get_or_init(|| self.text.split('*').skip(1).map(word).collect()).contains(name)
    }

    pub(super) fn get(&self, id: usize) -> Option<&Anchored> {
        self.kept.get(&id)
    }

    /// Keeps what an anchor names. Fails when that is too much: anchored values may lie inside of others.
    pub(super) fn keep(&mut self, id: usize, value: &Value, marks: &[Mark]) -> Result<(), ()> {
        let (cost, height) = measure(value);
        self.spend(cost)?;
        self.kept.insert(id, Anchored { value: value.clone(), marks: marks.into(), height, cost });
        Ok(())
    }

    /// The same for a scalar, which is given away.
    pub(super) fn keep_scalar(&mut self, id: usize, value: Value, mark: Mark) -> Result<(), ()> {
        let (cost, height) = measure(&value);
        self.spend(cost)?;
        self.kept.insert(id, Anchored { value, marks: [mark].into(), height, cost });
        Ok(())
    }

    /// Pays for a copy.
    pub(super) fn spend(&mut self, cost: usize) -> Result<(), ()> {
        self.spent = self.spent.saturating_add(cost);
        if self.spent > limits::ALIASES { Err(()) } else { Ok(()) }
    }
}

/// What a copy of a value costs, and how many levels it has. As deep as a document may be, and no deeper.
fn measure(value: &Value) -> (usize, usize) {
    const BYTES: usize = 64;
    match value {
        Value::String(text) => (1 + text.len() / BYTES, 0),
        Value::Array(items) => {
            items.iter().map(measure).fold((1, 1), |(cost, height), (more, below)| (cost + more, height.max(below + 1)))
        }
        Value::Object(members) => members.iter().fold((1, 1), |(cost, height), (key, value)| {
            let (more, below) = measure(value);
            (cost + more + key.len() / BYTES, height.max(below + 1))
        }),
        _ => (1, 0),
    }
}

/// Whether `<<` can take over what stands under it: a mapping, or a list of mappings.
pub(super) fn merges(value: &Value) -> bool {
    match value {
        Value::Object(_) => true,
        Value::Array(items) => !items.is_empty() && items.iter().all(Value::is_object),
        _ => false,
    }
}

/// Takes over the members that are not there yet, from a mapping or from each of a list; their places go to the end of `table`.
pub(super) fn merge(members: &mut Map<String, Value>, table: &mut Vec<Mark>, value: &Value, marks: &[Mark]) {
    let marks = Marks::new(marks.to_vec());
    let sources: Vec<(usize, &Value)> = match value {
        Value::Array(items) => marks.children(0).zip(items).collect(),
        _ => vec![(0, value)],
    };
    for (entry, source) in sources {
        let Some(source) = source.as_object() else { continue };
        for (child, (key, value)) in marks.children(entry).zip(source) {
            if !members.contains_key(key) {
                members.insert(key.clone(), value.clone());
                let size = marks.get(child).map_or(0, |mark| mark.size as usize);
                table.extend(marks.table.get(child..child + size).unwrap_or_default());
            }
        }
    }
}
