//! Where references lead.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::Value;

use crate::document::{Location, pointer};

use super::keyword::{About, keyword};
use super::normal;
use super::{Dialect, Schemas};

/// How many references that lead to references are followed.
const ALIASES: usize = 32;
/// How many schemas are looked at to see whether one leads back.
const REACH: usize = 10_000;
/// How many values a schema may have to be copied instead of referred to.
const SMALL: usize = 40;

/// A place, to compare: the document by its address.
pub(super) type Key = (usize, String);

pub(super) fn key(at: &Location) -> Key {
    (Arc::as_ptr(&at.document) as usize, at.pointer.clone())
}

impl Schemas {
    /// What a `$ref` names; `at` is the place of the reference or of any schema around it.
    ///
    /// # Errors
    /// Why it names nothing, as the rest of a sentence that begins with the reference.
    pub(super) fn resolve(&self, at: &Location, reference: &str) -> Result<Location, String> {
        if let Some(resources) = self.resources()
            && let Some(found) = resources.resolve(at, reference)
        {
            return found;
        }
        self.documents.resolve(&at.document, reference).map_err(|reason| format!("leads nowhere: {reason}"))
    }

    /// What a `$dynamicRef` names, where that does not depend on the way by which the schema was reached.
    ///
    /// # Errors
    /// As for [`Schemas::resolve`], and when it does depend.
    pub(super) fn resolve_dynamic(&self, at: &Location, reference: &str) -> Result<Location, String> {
        let found = self.resolve(at, reference)?;
        let name = reference.split_once('#').map_or("", |(_, name)| name);
        let dynamic = found.value().get("$dynamicAnchor").and_then(Value::as_str) == Some(name);
        match self.resources() {
            Some(resources) if dynamic && resources.dynamic_anchors(name) > 1 => {
                Err("is one of several dynamic anchors of that name, and which one holds depends on the way".into())
            }
            _ => Ok(found),
        }
    }

    /// What stands behind references to references; and whether they go round in a circle.
    pub(super) fn behind(&self, mut target: Location) -> (Location, bool) {
        for _ in 0..ALIASES {
            let next = match target.value() {
                Value::Object(raw) => raw.get("$ref").and_then(Value::as_str).filter(|_| {
                    let alone = |name: &String| name == "$ref" || keyword(name).is_none();
                    self.dialect == Dialect::V3_0 || raw.keys().all(alone)
                }),
                _ => None,
            };
            // A dangling one is told where it stands.
            match next.and_then(|next| self.resolve(&target, next).ok()) {
                Some(next) => target = next,
                None => return (target, false),
            }
        }
        (target, true)
    }

    /// Whether a schema, without going into a member, refers to one that the way here has entered.
    pub(super) fn leads_back(&self, target: &Location, chain: &[Key]) -> bool {
        if chain.is_empty() {
            return false;
        }
        let mut seen = HashSet::from([key(target)]);
        let mut waiting = vec![target.clone()];
        while let Some(next) = waiting.pop() {
            if seen.len() > REACH {
                // Too many to be sure: being copied is right for both.
                return true;
            }
            let mut found = Vec::new();
            self.composed(&next, next.value(), 0, &mut found);
            for target in found {
                let key = key(&target);
                if chain.contains(&key) {
                    return true;
                }
                if seen.insert(key) {
                    waiting.push(target);
                }
            }
        }
        false
    }

    /// The targets of the references that are about the same value as a schema.
    fn composed(&self, at: &Location, raw: &Value, depth: usize, found: &mut Vec<Location>) {
        let Some(object) = raw.as_object().filter(|_| depth < 64) else { return };
        for name in ["$ref", "$dynamicRef"] {
            if let Some(Ok(target)) = object.get(name).and_then(Value::as_str).map(|text| self.resolve(at, text)) {
                found.push(self.behind(target).0);
            }
        }
        normal::children(object, |name, path, child| {
            if keyword(name).is_some_and(|keyword| keyword.about == About::Same) {
                let at = Location { document: at.document.clone(), pointer: format!("{}{path}", at.pointer) };
                self.composed(&at, child, depth + 1, found);
            }
        });
    }
}

/// Whether a schema is so small, and refers to nothing, that a copy of it costs less than a reference.
pub(super) fn is_small(raw: &Value) -> bool {
    fn weigh(raw: &Value, left: &mut usize) -> bool {
        if *left == 0 {
            return false;
        }
        *left -= 1;
        match raw {
            Value::Array(items) => items.iter().all(|item| weigh(item, left)),
            Value::Object(members) => members.iter().all(|(name, member)| match name.as_str() {
                "$ref" | "$dynamicRef" if member.is_string() => false,
                "description" | "title" | "example" | "examples" | "default" => true,
                _ => weigh(member, left),
            }),
            _ => true,
        }
    }
    weigh(raw, &mut { SMALL })
}

/// The last token of a place: what a schema is called there.
pub(super) fn name_of(at: &Location) -> Option<String> {
    pointer::tokens(&at.pointer).last().map(std::borrow::Cow::into_owned)
}
