//! Members that travel one way only: `readOnly` and `writeOnly`, through `$ref` and `allOf`.
//!
//! A request need not carry what is read-only, a response what is write-only; and a response must not carry the latter.
//! In 3.1 both are mere annotations to JSON Schema; here they mean the same as in 3.0, but for what a 3.1 schema marks as
//! write-only *and* requires: JSON Schema asks for it in responses too, so there it may come, and is made up.

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::document::Location;
use crate::message::Direction;

use super::{Dialect, Schemas};

/// How far references and `allOf` are followed.
const DEPTH: usize = 8;
/// How many schemas are looked at in all.
const REACH: usize = 1_000;

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Marks {
    pub(super) read_only: bool,
    pub(super) write_only: bool,
}

/// What the schema of a member is marked as.
pub(super) fn marks(schemas: &Schemas, at: &Location, raw: &Value) -> Marks {
    let mut marks = Marks::default();
    Walk::new(schemas).composition(at, raw, DEPTH, &mut |_, raw| {
        let is = |name: &str| raw.get(name) == Some(&Value::Bool(true));
        marks.read_only |= is("readOnly");
        marks.write_only |= is("writeOnly");
        true
    });
    marks
}

/// What directions say of the members of an object.
#[derive(Debug, Default)]
pub(super) struct Members {
    /// They need not be there in this direction, whoever requires them.
    pub(super) exempt: HashSet<String>,
    /// Of these, the ones that JSON Schema asks for all the same.
    pub(super) expected: HashSet<String>,
    /// Whether any is marked at all.
    pub(super) directional: bool,
}

/// Looks at the members of an object and of all that it is composed of.
pub(super) fn members(schemas: &Schemas, at: &Location, raw: &Map<String, Value>, direction: Direction) -> Members {
    let (mut names, mut directional) = (HashSet::new(), false);
    let mut required: HashSet<String> = HashSet::new();
    let annotated = !matches!(schemas.dialect, Dialect::V2_0 | Dialect::V3_0) && direction == Direction::Response;
    Walk::new(schemas).object(at, raw, DEPTH, &mut |at, raw| {
        if annotated {
            let listed = raw.get("required").and_then(Value::as_array).into_iter().flatten();
            required.extend(listed.filter_map(Value::as_str).map(str::to_owned));
        }
        for (name, member) in raw.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let marks = marks(schemas, &at.join("properties").join(name), member);
            directional |= marks.read_only || marks.write_only;
            if if direction == Direction::Request { marks.read_only } else { marks.write_only } {
                names.insert(name.clone());
            }
        }
        true
    });
    required.retain(|name| names.contains(name));
    Members { exempt: names, expected: required, directional }
}

/// Whether a schema requires one of these members.
pub(super) fn requires(schemas: &Schemas, at: &Location, raw: &Value, names: &HashSet<String>) -> bool {
    let mut found = false;
    if !names.is_empty() {
        Walk::new(schemas).composition(at, raw, DEPTH, &mut |_, raw| {
            let required = raw.get("required").and_then(Value::as_array).into_iter().flatten();
            found |= required.filter_map(Value::as_str).any(|name| names.contains(name));
            !found
        });
    }
    found
}

/// Whether a schema describes one of these members.
pub(super) fn describes(schemas: &Schemas, at: &Location, raw: &Value, names: &HashSet<String>) -> bool {
    let mut found = false;
    if !names.is_empty() {
        Walk::new(schemas).composition(at, raw, DEPTH, &mut |_, raw| {
            let members = raw.get("properties").and_then(Value::as_object);
            found |= members.is_some_and(|members| names.iter().any(|name| members.contains_key(name)));
            !found
        });
    }
    found
}

type Visit<'v> = &'v mut dyn FnMut(&Location, &Map<String, Value>) -> bool;

/// Visits a schema and all that it is composed of by `$ref` and `allOf`, while the visitor says so.
struct Walk<'s> {
    schemas: &'s Schemas,
    left: usize,
}

impl Walk<'_> {
    fn new(schemas: &Schemas) -> Walk<'_> {
        Walk { schemas, left: REACH }
    }

    fn composition(&mut self, at: &Location, raw: &Value, depth: usize, visit: Visit<'_>) -> bool {
        raw.as_object().is_none_or(|raw| self.object(at, raw, depth, visit))
    }

    fn object(&mut self, at: &Location, raw: &Map<String, Value>, depth: usize, visit: Visit<'_>) -> bool {
        if depth == 0 || self.left == 0 {
            return true;
        }
        self.left -= 1;
        if let Some(reference) = raw.get("$ref").and_then(Value::as_str) {
            if let Ok(target) = self.schemas.resolve(at, reference)
                && !self.composition(&target, target.value(), depth - 1, visit)
            {
                return false;
            }
            if self.schemas.dialect.is_before_3_1() {
                return true;
            }
        }
        if !visit(at, raw) {
            return false;
        }
        let branches = raw.get("allOf").and_then(Value::as_array).into_iter().flatten().enumerate();
        for (index, branch) in branches {
            let at = at.join("allOf").join(&index.to_string());
            if !self.composition(&at, branch, depth - 1, visit) {
                return false;
            }
        }
        true
    }
}
