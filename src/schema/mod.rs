//! One JSON Schema of an OpenAPI document, compiled: check, explain, coerce, walk.
//!
//! What belongs here: what a schema says about a value, whatever version of OpenAPI it is written in. The only
//! home of the `jsonschema` crate. Imports `document`, `finding`, and `message` for [`Direction`]. Not here:
//! parameters, media types, operations; making values.
//!
//! How it works. A schema is first brought to *normal form*: JSON Schema 2020-12, for one direction of travel, with every
//! keyword that cannot be used taken out and remembered. Each schema that a `$ref` reaches is a *unit* of its own with its
//! own normal form and its own validator, both made when first needed; between units stands a keyword of ours that asks
//! the other unit. So a document whose schemas form one large cycle costs only what a body really touches. Small targets
//! are copied in.
//!
//! What was taken out is never forgotten: a value is [`Verdict::Valid`] only if it would be so whatever the missing
//! keywords say, [`Verdict::Invalid`] only if it would be refused whatever they say, and not decided between.

mod arena;
mod coerce;
mod compile;
mod doubt;
mod draft;
mod email;
mod exempt;
mod explain;
mod format;
mod keyword;
mod ledger;
mod nearest;
mod node;
mod normal;
mod part;
mod pattern;
mod reference;
mod resources;
mod shape;
mod strange;
mod types;
mod unit;
mod words;
mod write;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use serde_json::Value;

use crate::document::{Documents, Location};
use crate::finding::{Finding, Verdict, Violation};
use crate::message::Direction;

use arena::Arena;
use ledger::Ledger;
use pattern::Patterns;
use resources::{Resources, Scope};
use unit::{Reading, Unit};

pub use format::Ignored;
pub use node::{Identity, Node};
pub use normal::{EXPECTED, NONE};
pub use reference::mapped_name;
pub use strange::{Strange, strange};
pub use types::{Type, TypeSet};

/// Which version's schemas they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// Swagger 2.0: as 3.0, and `discriminator` is a name, `x-nullable` is `nullable`, `type: file` is binary text, a list under
    /// `items` is a tuple. What came with 3.0 (`oneOf`, `anyOf`, `not`, `nullable`) is read as meant there. A parameter or
    /// header that describes its own value is a schema, too.
    V2_0,
    /// OpenAPI 3.0: Schema Object of 3.0.4. Keywords that came with 3.1 are not enforced.
    V3_0,
    /// OpenAPI 3.1 and 3.2: JSON Schema 2020-12.
    V3_1,
}

impl Dialect {
    /// Whether schemas are a form of draft 4, and not JSON Schema 2020-12.
    fn is_before_3_1(self) -> bool {
        self != Dialect::V3_1
    }
}

/// All schemas of some documents: what was compiled of them so far, and what was found wrong with them.
pub struct Schemas {
    me: Weak<Schemas>,
    documents: Arc<Documents>,
    dialect: Dialect,
    numbers: Mutex<HashMap<Key, u32>>,
    units: Arena<Arc<Unit>>,
    patterns: Patterns,
    emails: email::Emails,
    ignored: Ignored,
    resources: OnceLock<Option<Resources>>,
    /// Whether any document says which draft of JSON Schema its schemas are written in.
    drafts: OnceLock<bool>,
    ledger: Ledger,
}

/// Which unit.
type Key = (reference::Key, Direction, Scope);

impl Schemas {
    /// The schemas of these documents; nothing is read or compiled yet.
    pub fn new(documents: Arc<Documents>, dialect: Dialect) -> Arc<Schemas> {
        Schemas::without(Ignored::default(), documents, dialect)
    }

    /// The same, where some formats assert nothing.
    pub fn without(ignored: Ignored, documents: Arc<Documents>, dialect: Dialect) -> Arc<Schemas> {
        Arc::new_cyclic(|me| Schemas {
            ignored,
            me: me.clone(),
            documents,
            dialect,
            numbers: Mutex::default(),
            units: Arena::new(),
            patterns: Patterns::new(),
            emails: email::Emails::default(),
            resources: OnceLock::new(),
            drafts: OnceLock::new(),
            ledger: Ledger::default(),
        })
    }

    /// The schema that stands at a place. Cheap; it is compiled when first used, once per place and direction.
    ///
    /// Where there is no schema, that is a finding, and every check is [`Verdict::NotDecided`].
    pub fn schema(self: &Arc<Self>, at: &Location, direction: Direction) -> Schema {
        self.schema_in(at, direction, &Scope::default())
    }

    fn schema_in(self: &Arc<Self>, at: &Location, direction: Direction, scope: &Scope) -> Schema {
        let number = self.unit_at(at, direction, scope);
        let alone = || Arc::new(Unit::new(number, self.me.clone(), (at.clone(), direction, scope.clone())));
        Schema { unit: self.units.get(number).cloned().unwrap_or_else(alone), schemas: self.clone() }
    }

    /// What had to be left out of the schemas used so far, and what in them has no effect; by place.
    ///
    /// [`Schema::prepare`] on every schema makes this complete.
    pub fn findings(&self) -> Vec<Finding> {
        self.ledger.findings()
    }

    /// Which version's schemas they are.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    fn unit_at(&self, at: &Location, direction: Direction, scope: &Scope) -> u32 {
        let key = (reference::key(at), direction, scope.clone());
        let mut numbers = self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
        let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
        *numbers.entry(key).or_insert_with(|| {
            self.units.set(next, Arc::new(Unit::new(next, self.me.clone(), (at.clone(), direction, scope.clone()))));
            next
        })
    }

    /// The unit of the other direction at the same place, if there is one.
    fn sibling(&self, unit: &Unit) -> Option<&Arc<Unit>> {
        let other = match unit.direction {
            Direction::Request => Direction::Response,
            Direction::Response => Direction::Request,
        };
        let key = (reference::key(&unit.location), other, unit.scope.clone());
        let number = *self.numbers.lock().unwrap_or_else(PoisonError::into_inner).get(&key)?;
        self.units.get(number)
    }

    fn unit(&self, number: u32) -> Option<&Arc<Unit>> {
        self.units.get(number)
    }
}

impl fmt::Debug for Schemas {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Schemas").field("dialect", &self.dialect).finish_non_exhaustive()
    }
}

/// One schema, for one direction. Cheap to clone; shared between threads.
#[derive(Clone)]
pub struct Schema {
    schemas: Arc<Schemas>,
    unit: Arc<Unit>,
}

impl Schema {
    /// Whether a value is as the schema asks. No allocation once the schemas it touches are compiled.
    ///
    /// Values must not be nested deeper than 250, which reading bodies and documents sees to: checking takes its share of
    /// the stack for each level.
    ///
    /// Not decided: a keyword that had to be left out could change the answer, or a regular expression found no end.
    pub fn check(&self, value: &Value) -> Verdict {
        let unit = &self.unit;
        let ledger = &self.schemas.ledger;
        let plain = unit.is_valid(Reading::Plain, value);
        // What was left out is known only now: checking brings what it touches to normal form.
        let (admitted, refused) = if ledger.is_clean() || !unit.in_doubt(&self.schemas) {
            (plain, !plain)
        } else {
            (unit.is_valid(Reading::Strict, value), !unit.is_valid(Reading::Mild, value))
        };
        // An endless match is a no to `is_valid`, but not to `explain`.
        let gave_up = || self.schemas.patterns.may_give_up() && self.explain(value).is_empty();
        match () {
            () if refused && !gave_up() => Verdict::Invalid,
            () if admitted && !refused && !ledger.has_failed() => Verdict::Valid,
            () => Verdict::NotDecided,
        }
    }

    /// Everything the schema has against a value; nothing exactly when [`Schema::check`] does not say invalid.
    ///
    /// A missing member is named by the pointer (`/email`), an extra one too. A failed `oneOf` or `anyOf` is one violation.
    /// Part is the body and the name empty: a caller that checks a parameter sets both.
    pub fn explain(&self, value: &Value) -> Vec<Violation> {
        explain::explain(&self.schemas, &self.unit, value)
    }

    /// The text of a parameter as a value, by the types that the schema admits.
    ///
    /// Text stays a string where the schema admits strings, where it reads as none of the admitted types, and where only
    /// arrays and objects are admitted: those are the caller's to take apart. Integers are exact within 64 bits; what lies
    /// beyond is the nearest double, as in a body.
    pub fn coerce(&self, text: &str) -> Value {
        coerce::coerce(text, self.types())
    }

    /// The JSON types that the schema admits: what `type`, `enum` and `const` leave, through `$ref` and `allOf`, and the
    /// union of what the branches of `anyOf` and `oneOf` leave.
    pub fn types(&self) -> TypeSet {
        self.unit.types(&self.schemas)
    }

    /// The normal form, to walk: for making values.
    pub fn node(&self) -> Node<'_> {
        Node::root(&self.schemas, &self.unit)
    }

    /// Where it stands.
    pub fn location(&self) -> &Location {
        &self.unit.location
    }

    /// Which way the values travel that it is for.
    pub fn direction(&self) -> Direction {
        self.unit.direction
    }

    /// Compiles it and all that it reaches, now: for a background task, and for [`Schemas::findings`] to be complete.
    pub fn prepare(&self) {
        self.unit.prepare(&self.schemas);
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Location { document, pointer } = self.location();
        write!(out, "Schema({}#{pointer}, {:?})", document.source().name(), self.direction())
    }
}
