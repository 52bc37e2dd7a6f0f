//! What is refused because there is one like it already.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::super::store::{Kept, Tables};
use super::create::ALIKE;
use super::{At, Outcome};
use crate::generate::Seed;

impl At<'_> {
    /// What a request is known by: all of its content.
    pub(super) fn request(&self) -> u64 {
        let text = self.about.call.body().value().map(canonical).unwrap_or_default();
        Seed(0).hash(&[b"request", text.as_bytes()])
    }

    /// An item that is changed into one like another is refused; one that is what it was is not, whoever is like it.
    pub(super) fn alike(
        &self,
        tables: &Tables,
        collection: usize,
        before: &Map<String, Value>,
        after: &Kept,
    ) -> Option<Outcome> {
        let unique = &self.keeping.collection(collection).unique;
        let changed = unique.iter().any(|name| before.get(name) != after.value.get(name));
        changed.then(|| self.twice(tables, collection, &after.scope, &after.value, None, Some(&after.id))).flatten()
    }

    /// A second one like another is refused, where the document says so.
    pub(super) fn twice(
        &self,
        tables: &Tables,
        collection: usize,
        scope: &[Arc<str>],
        value: &Map<String, Value>,
        request: Option<u64>,
        but: Option<&str>,
    ) -> Option<Outcome> {
        let known = self.keeping.collection(collection);
        let status = known.conflict?;
        let under = |item: &&Kept| *item.scope == *scope && !item.answered && but != Some(&*item.id);
        let mut there = tables.all(&known.path).filter(under);
        if known.unique.is_empty() {
            let request = request?;
            let other = there.find(|item| item.request == request)?;
            let detail = format!("{} was made by an equal request", self.called(collection, &other.id));
            return Some(Outcome::refused(status, detail));
        }
        let same = |other: &Map<String, Value>, exactly: bool| {
            known.unique.iter().all(|name| {
                let alike = ALIKE.iter().filter(|(alike, _)| alike == name).find_map(|(_, alike)| other.get(*alike));
                let theirs = other.get(name).or_else(|| alike.filter(|_| !exactly));
                theirs.zip(value.get(name)).is_some_and(|(one, other)| is_same(one, other))
            })
        };
        let members = known.unique.join("` and `");
        if let Some(other) = there.find(|item| same(&item.value, true)) {
            let detail = format!("{} has the same `{members}`", self.called(collection, &other.id));
            return Some(Outcome::refused(status, detail));
        }
        // What it would turn into may be there already.
        self.keeping.ready[collection].turns_into.iter().find_map(|other| {
            let table = self.keeping.collection(*other);
            let other_item = tables.all(&table.path).find(|item| same(&item.value, false))?;
            let detail = format!("{} has the same `{members}`", self.called(*other, &other_item.id));
            Some(Outcome::refused(status, detail))
        })
    }
}

/// Whether two values are the same to whoever told things apart by them: addresses are, whatever their case.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::String(one), Value::String(other)) if one.contains('@') => one.eq_ignore_ascii_case(other),
        _ => one == other,
    }
}

/// JSON text with the members of objects in order.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let mut names: Vec<&String> = members.keys().collect();
            names.sort_unstable();
            let members =
                names.into_iter().map(|name| format!("{}:{}", Value::from(name.as_str()), canonical(&members[name])));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        value => value.to_string(),
    }
}
