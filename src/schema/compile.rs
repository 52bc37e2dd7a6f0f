//! Normal form to validator, and the keywords of ours between units.

use std::sync::{Arc, Weak};

use jsonschema::{Keyword, ValidationError, Validator};
use serde_json::Value;

use super::keyword::keyword;
use super::normal::{REFERENCE, UNDECIDED, WIDTH};
use super::types::{Type, TypeSet};
use super::unit::{Reading, Unit};
use super::{Schemas, doubt, format};

/// `None` when it cannot be compiled, which is then a finding: normal form is meant to rule that out.
pub(super) fn validator(schemas: &Schemas, unit: &Unit, reading: Reading) -> Option<Validator> {
    let normal = unit.normal(schemas);
    let links: Vec<Weak<Unit>> =
        unit.links(schemas).iter().map(|link| schemas.unit(*link).map(Arc::downgrade).unwrap_or_default()).collect();
    let options = format::register(schemas.patterns.options(), schemas.emails.clone(), &schemas.ignored)
        .with_keyword(REFERENCE, move |_, value, _| {
            let index = value.as_u64().and_then(|index| usize::try_from(index).ok()).unwrap_or(usize::MAX);
            Ok(Box::new(Reference { target: links.get(index).cloned().unwrap_or_default(), reading }))
        })
        .with_keyword(UNDECIDED, move |_, value, _| Ok(Box::new(Undecided::new(value, reading))))
        .with_keyword(WIDTH, |_, value, _| {
            Ok(Box::new(Width(value.as_str().and_then(format::width).unwrap_or((i128::MIN, i128::MAX)))))
        });
    let built = match reading {
        Reading::Plain => options.build(&normal.value),
        Reading::Mild | Reading::Strict => options.build(&doubt::lifted(schemas, unit)),
    };
    match built {
        Ok(validator) => Some(validator),
        Err(error) => {
            let place = normal.origin(&unit.location, error.instance_path().as_str());
            let sentence = format!("the schema cannot be used: {}", super::shape::cut(&error.to_string(), 120));
            schemas.ledger.note("schema-keyword", &place, sentence, None);
            schemas.ledger.fail();
            None
        }
    }
}

/// Asks another unit.
struct Reference {
    // Weak, because units may refer to each other in a circle; the schemas keep them alive.
    target: Weak<Unit>,
    reading: Reading,
}

impl<'i> Keyword<'i> for Reference {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        // What the other unit has against it is asked for where the whole is explained.
        if self.is_valid(instance) { Ok(()) } else { Err(ValidationError::custom("")) }
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        self.target.upgrade().is_some_and(|unit| unit.is_valid(self.reading, instance))
    }
}

/// Stands for keywords that were left out.
struct Undecided {
    /// The types of value that they might have refused.
    refuses: TypeSet,
}

impl Undecided {
    fn new(names: &Value, reading: Reading) -> Undecided {
        let on = |name: &Value| name.as_str().and_then(keyword).map_or(TypeSet::ANY, |keyword| keyword.on);
        let names = names.as_array().into_iter().flatten();
        let refuses = match reading {
            Reading::Strict => names.fold(TypeSet::NONE, |set, name| set.or(on(name))),
            Reading::Plain | Reading::Mild => TypeSet::NONE,
        };
        Undecided { refuses }
    }
}

impl<'i> Keyword<'i> for Undecided {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        if self.is_valid(instance) { Ok(()) } else { Err(ValidationError::custom("")) }
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        self.refuses.is_empty() || !self.refuses.contains(Type::of(instance))
    }
}

/// `format: int32` and its like, which the validator's own formats cannot see: they are about strings.
struct Width((i128, i128));

impl<'i> Keyword<'i> for Width {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        if self.is_valid(instance) { Ok(()) } else { Err(ValidationError::custom("")) }
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        instance.as_number().is_none_or(|number| format::fits(number, self.0))
    }
}
