//! Where references lead.

use std::sync::Arc;

use serde_json::Value;

use crate::document::{Location, Unresolved, pointer};

use super::Schemas;
use super::keyword::{About, keyword};
use super::normal;
use super::resources::{Found, Scope};

/// How many references that lead to references are followed.
const ALIASES: usize = 32;
/// How many schemas one may be composed of by reference, each counted as often as it is reached.
const REACH: usize = 10_000;
/// How many references to schemas of the same value may follow each other: each takes its share of the stack.
const CHAIN: usize = 32;
/// How many values a schema may have to be copied instead of referred to.
const SMALL: usize = 40;

/// A place, to compare: the document by its address, which stays its own while the schemas live.
pub(super) type Key = (usize, String);

pub(super) fn key(at: &Location) -> Key {
    (Arc::as_ptr(&at.document) as usize, at.pointer.clone())
}

/// A reference that names nothing.
pub(super) struct Lost {
    /// Why, as the rest of a sentence that begins with the reference.
    pub(super) why: String,
    /// What to do about it.
    pub(super) help: &'static str,
}

impl Schemas {
    /// What a `$ref` names; `at` is the place of the reference or of any schema around it.
    ///
    /// # Errors
    /// Why it names nothing, as the rest of a sentence that begins with the reference.
    pub(super) fn resolve(&self, at: &Location, reference: &str) -> Result<Location, Lost> {
        let lost = |reason: Unresolved| Lost { why: format!("leads nowhere: {reason}"), help: reason.help() };
        // Inside of a schema with an `$id` a pointer begins there. Many mean the document all the same.
        let whole = || self.documents.resolve(&at.document, reference).ok().filter(|_| reference.starts_with("#/"));
        match self.resources().map_or(Found::Elsewhere(None), |resources| resources.resolve(at, reference)) {
            Found::There(found) => Ok(found),
            Found::Nowhere(why) => {
                let lost = Lost { why: format!("leads nowhere: {why}"), help: "name a place that exists" };
                whole().ok_or(lost)
            }
            Found::Within(document, fragment) => {
                let found = self.documents.resolve(&document, &fragment).map_err(lost);
                found.or_else(|lost| whole().ok_or(lost))
            }
            Found::Elsewhere(address) => {
                let by_address = address.and_then(|address| self.documents.resolve(&at.document, &address).ok());
                by_address.map_or_else(|| self.documents.resolve(&at.document, reference).map_err(lost), Ok)
            }
        }
    }

    /// What a `$dynamicRef` names in a dynamic scope (JSON Schema 2020-12 core, 8.2.3.2).
    ///
    /// # Errors
    /// As for [`Schemas::resolve`].
    pub(super) fn resolve_dynamic(&self, at: &Location, reference: &str, scope: &Scope) -> Result<Location, Lost> {
        let found = self.resolve(at, reference)?;
        let outer = dynamic_name(&found, reference).and_then(|name| self.resources()?.dynamic(scope, name));
        Ok(outer.unwrap_or(found))
    }

    /// The dynamic scope once the resource at a place has been entered.
    pub(super) fn enter_scope(&self, scope: &Scope, at: &Location) -> Scope {
        self.resources().map_or_else(|| scope.clone(), |resources| resources.enter(scope, at))
    }

    /// What stands behind references to references, and the dynamic scope there; `None` if they go round in a circle.
    pub(super) fn behind(&self, mut target: Location, scope: &Scope) -> Option<(Location, Scope)> {
        let mut scope = scope.clone();
        for _ in 0..ALIASES {
            let next = match target.value() {
                Value::Object(raw) => raw.get("$ref").and_then(Value::as_str).filter(|_| {
                    let alone = |name: &String| name == "$ref" || keyword(name).is_none();
                    self.dialect.is_before_3_1() || raw.keys().all(alone)
                }),
                _ => None,
            };
            // A dangling one is told where it stands.
            match next.and_then(|next| self.resolve(&target, next).ok()) {
                Some(next) => {
                    scope = self.enter_scope(&scope, &target);
                    target = next;
                }
                None => return Some((target, scope)),
            }
        }
        None
    }

    /// Looks at all that a schema refers to without going into a member, as a check of a value does.
    pub(super) fn composition(&self, target: &Location, chain: &[(Key, Scope)]) -> Composition {
        let mut walk = Walk { schemas: self, chain, path: Vec::new(), left: REACH, leads_back: false };
        match walk.enter(target) {
            None => Composition::TooLarge,
            Some(()) if walk.leads_back => Composition::LeadsBack,
            Some(()) => Composition::Plain,
        }
    }

    /// The targets of the references that are about the same value as a schema.
    fn composed(&self, at: &Location, raw: &Value, depth: usize, found: &mut Vec<Location>) {
        let Some(object) = raw.as_object().filter(|_| depth < 64) else { return };
        for name in ["$ref", "$dynamicRef"] {
            let Some(text) = object.get(name).and_then(Value::as_str) else { continue };
            let Ok(target) = self.resolve(at, text) else { continue };
            if name == "$dynamicRef"
                && let (Some(name), Some(resources)) = (dynamic_name(&target, text), self.resources())
            {
                found.extend(resources.all_dynamic(name));
            }
            found.extend(self.behind(target, &Scope::default()).map(|(target, _)| target));
        }
        // Up to draft 7 of JSON Schema; elsewhere it asks nothing, and is looked at in vain.
        for (name, child) in object.get("dependencies").and_then(Value::as_object).into_iter().flatten() {
            let pointer = format!("{}/dependencies/{}", at.pointer, pointer::escape(name));
            self.composed(&Location { document: at.document.clone(), pointer }, child, depth + 1, found);
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

/// What a schema is composed of.
pub(super) enum Composition {
    Plain,
    /// It refers to a schema that the way here has entered.
    LeadsBack,
    /// More than a check could go through.
    TooLarge,
}

struct Walk<'s> {
    schemas: &'s Schemas,
    chain: &'s [(Key, Scope)],
    path: Vec<Key>,
    left: usize,
    leads_back: bool,
}

impl Walk<'_> {
    /// `None` as soon as it is too large.
    fn enter(&mut self, at: &Location) -> Option<()> {
        let key = key(at);
        if self.chain.iter().any(|(entered, _)| *entered == key) {
            self.leads_back = true;
            return Some(());
        }
        if self.path.contains(&key) {
            return Some(());
        }
        if self.left == 0 || self.path.len() >= CHAIN {
            return None;
        }
        self.left -= 1;
        let mut found = Vec::new();
        self.schemas.composed(at, at.value(), 0, &mut found);
        self.path.push(key);
        for target in found {
            self.enter(&target)?;
        }
        self.path.pop();
        Some(())
    }
}

/// The name by which a `$dynamicRef` looks in the dynamic scope: if what it names at first is a dynamic anchor.
fn dynamic_name<'r>(found: &Location, reference: &'r str) -> Option<&'r str> {
    let (_, name) = reference.split_once('#')?;
    (found.value().get("$dynamicAnchor").and_then(Value::as_str) == Some(name)).then_some(name)
}

/// The name of a file without its folder and its ending.
fn stem(path: &str) -> &str {
    let file = path.rsplit('/').next().unwrap_or(path);
    [".yaml", ".yml", ".json"].iter().find_map(|ending| file.strip_suffix(ending)).unwrap_or(file)
}

/// The name in the value of a discriminator's `mapping`, which is a name or a reference.
pub fn mapped_name(to: &str) -> &str {
    let (file, fragment) = to.split_once('#').unwrap_or((to, ""));
    if fragment.is_empty() { stem(file) } else { fragment.rsplit('/').next().unwrap_or(fragment) }
}

/// What a schema is called at a place: the last token, or the name of a file that is one schema.
pub(super) fn name_of(at: &Location) -> Option<String> {
    if at.pointer.is_empty() {
        return Some(stem(at.document.path()).to_owned()).filter(|name| !name.is_empty());
    }
    pointer::tokens(&at.pointer).last().map(std::borrow::Cow::into_owned)
}
