//! One schema in one direction: its normal form and its validators, each made when first needed.

use std::collections::HashSet;
use std::sync::{Arc, OnceLock, Weak};

use jsonschema::Validator;
use serde_json::Value;

use crate::document::Location;
use crate::message::Direction;

use super::normal::Normal;
use super::resources::Scope;
use super::types::TypeSet;
use super::{Schemas, coerce, compile, doubt, write};

/// How keywords that were left out are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// As if they were not there. The plain truth wherever nothing was left out.
    Plain,
    /// As if they held: what is refused even so, is invalid.
    Mild,
    /// As if they refused: what is admitted even so, is valid.
    Strict,
}

/// Where a unit is, for which direction, reached in which dynamic scope.
pub(super) type Coordinates = (Location, Direction, Scope);

pub(super) struct Unit {
    pub(super) number: u32,
    pub(super) location: Location,
    pub(super) direction: Direction,
    /// The dynamic scope in which it is reached.
    pub(super) scope: Scope,
    schemas: Weak<Schemas>,
    normal: OnceLock<(Arc<Normal>, Box<[u32]>)>,
    /// One per [`Reading`]; `None` inside where nothing could be compiled.
    validators: [OnceLock<Option<Validator>>; 3],
    in_doubt: OnceLock<bool>,
    types: OnceLock<TypeSet>,
    /// Set once it and all that it reaches are compiled.
    prepared: OnceLock<()>,
}

impl Unit {
    pub(super) fn new(number: u32, schemas: Weak<Schemas>, (location, direction, scope): Coordinates) -> Unit {
        Unit {
            number,
            location,
            direction,
            scope,
            schemas,
            normal: OnceLock::new(),
            validators: [const { OnceLock::new() }; 3],
            in_doubt: OnceLock::new(),
            types: OnceLock::new(),
            prepared: OnceLock::new(),
        }
    }

    fn formed(&self, schemas: &Schemas) -> &(Arc<Normal>, Box<[u32]>) {
        self.normal.get_or_init(|| {
            // What reads alike both ways is held once.
            let shared = schemas.sibling(self).and_then(|sibling| sibling.normal.get()).map(|(normal, _)| normal);
            let normal = match shared {
                Some(normal) if !normal.directional => normal.clone(),
                _ => Arc::new(write::normal(schemas, self)),
            };
            let link = |(target, scope): &(Location, Scope)| schemas.unit_at(target, self.direction, scope);
            let links = normal.targets.iter().map(link).collect();
            (normal, links)
        })
    }

    pub(super) fn normal(&self, schemas: &Schemas) -> &Normal {
        &self.formed(schemas).0
    }

    /// The units that its references lead to, in the order of [`Normal::targets`].
    pub(super) fn links(&self, schemas: &Schemas) -> &[u32] {
        &self.formed(schemas).1
    }

    /// The unit that a reference in its normal form leads to.
    pub(super) fn follow<'a>(&self, schemas: &'a Schemas, reference: &Value) -> Option<&'a Arc<Unit>> {
        let index = usize::try_from(reference.as_u64()?).ok()?;
        schemas.unit(*self.links(schemas).get(index)?)
    }

    pub(super) fn validator(&self, schemas: &Schemas, reading: Reading) -> Option<&Validator> {
        let slot = &self.validators[reading as usize];
        slot.get_or_init(|| compile::validator(schemas, self, reading)).as_ref()
    }

    /// Whether a value is valid under a reading. What could not be compiled is as if it were left out whole.
    pub(super) fn is_valid(&self, reading: Reading, value: &Value) -> bool {
        let slot = &self.validators[reading as usize];
        let validator = match slot.get() {
            Some(validator) => validator.as_ref(),
            None => self.schemas.upgrade().and_then(|schemas| {
                self.validator(&schemas, reading);
                slot.get().and_then(Option::as_ref)
            }),
        };
        match validator {
            Some(validator) => validator.is_valid(value),
            None => reading != Reading::Strict,
        }
    }

    /// Whether a keyword was left out of it or of anything that it reaches.
    pub(super) fn in_doubt(&self, schemas: &Schemas) -> bool {
        if let Some(known) = self.in_doubt.get() {
            return *known;
        }
        let mut seen = Vec::new();
        let mut found = false;
        self.reach(schemas, |unit| {
            seen.push(unit.number);
            found = unit.in_doubt.get().copied().unwrap_or_else(|| doubt::is_direct(schemas, unit));
            !found
        });
        // A no holds for all that was reached; a yes only for where it started.
        if !found {
            for unit in seen.iter().filter_map(|number| schemas.unit(*number)) {
                let _ = unit.in_doubt.set(false);
            }
        }
        *self.in_doubt.get_or_init(|| found)
    }

    /// Compiles it and all that it reaches, but for what an earlier call has seen to: many operations share most of their schemas.
    pub(super) fn prepare(&self, schemas: &Schemas) {
        if self.prepared.get().is_some() {
            return;
        }
        let mut seen = HashSet::from([self.number]);
        let mut open = vec![self.number];
        while let Some(unit) = open.pop().and_then(|number| schemas.unit(number)) {
            unit.validator(schemas, Reading::Plain);
            let fresh = |number: &&u32| {
                schemas.unit(**number).is_some_and(|unit| unit.prepared.get().is_none()) && seen.insert(**number)
            };
            open.extend(unit.links(schemas).iter().filter(fresh));
        }
        // Only now: what is set says it of everything further on, too.
        seen.iter().filter_map(|number| schemas.unit(*number)).for_each(|unit| {
            let _ = unit.prepared.set(());
        });
    }

    /// Visits this unit and all that it reaches, each once, while the visitor says so.
    pub(super) fn reach(&self, schemas: &Schemas, mut visit: impl FnMut(&Unit) -> bool) {
        let mut seen = HashSet::from([self.number]);
        let mut waiting = vec![self.number];
        while let Some(unit) = waiting.pop().and_then(|number| schemas.unit(number)) {
            if !visit(unit) {
                return;
            }
            waiting.extend(unit.links(schemas).iter().filter(|number| seen.insert(**number)));
        }
    }

    pub(super) fn types(&self, schemas: &Schemas) -> TypeSet {
        *self.types.get_or_init(|| coerce::types(schemas, self, &self.normal(schemas).value))
    }
}
