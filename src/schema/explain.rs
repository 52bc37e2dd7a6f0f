//! Everything that a schema has against a value.

use std::sync::Arc;

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::Value;

use crate::document::{Location, pointer};
use crate::finding::{Part, Place, Violation, did_you_mean};

use super::keyword::{Shape, keyword};
use super::normal::{REFERENCE, UNDECIDED, WIDTH};
use super::shape::short;
use super::unit::{Reading, Unit};
use super::words::{self, Words};
use super::{Schemas, exempt, nearest};

/// How many violations are told of one value.
const VIOLATIONS: usize = 1_000;
/// How many references are followed for one value; what lies behind further ones is told in one sentence.
const REFERENCES: usize = 5_000;
/// How deep compositions and references nest in an explanation.
const DEPTH: usize = 200;

pub(super) fn explain(schemas: &Schemas, unit: &Unit, value: &Value) -> Vec<Violation> {
    let all = |reading| {
        let mut explainer = Explainer { schemas, reading, left: REFERENCES };
        let mut found = Vec::new();
        explainer.unit(unit, value, "", 0, &mut found);
        found
    };
    let found = all(Reading::Plain);
    // As in `check`: what was left out is known only when all was touched.
    if schemas.ledger.is_clean() || !unit.in_doubt(schemas) { found } else { all(Reading::Mild) }
}

pub(super) struct Explainer<'s> {
    pub(super) schemas: &'s Schemas,
    reading: Reading,
    left: usize,
}

/// What an error is about.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) unit: &'a Unit,
    /// The value that the unit was asked about.
    pub(super) root: &'a Value,
    /// Pointer to that value.
    pub(super) prefix: &'a str,
    pub(super) depth: usize,
}

impl Explainer<'_> {
    fn unit(&mut self, unit: &Unit, root: &Value, prefix: &str, depth: usize, out: &mut Vec<Violation>) {
        if let Some(validator) = unit.validator(self.schemas, self.reading) {
            let subject = Subject { unit, root, prefix, depth };
            for error in validator.iter_errors(root) {
                self.error(subject, &error, out);
            }
        }
    }

    /// Adds what one error of the validator comes to.
    pub(super) fn error(&mut self, about: Subject<'_>, error: &ValidationError<'_>, out: &mut Vec<Violation>) {
        if out.len() >= VIOLATIONS {
            return;
        }
        let at = error.instance_path().as_str();
        let schema = error.schema_path().as_str();
        match error.kind() {
            // The expression found no end: that is no violation.
            Kind::BacktrackLimitExceeded { .. } | Kind::RegexEngineFailure { .. } => {}
            Kind::Custom { keyword, .. } if keyword == REFERENCE => {
                let target = about.unit.normal(self.schemas).value.pointer(schema);
                let target = target.and_then(|target| about.unit.follow(self.schemas, target));
                // Clone of the handle: the walk needs the schemas again.
                let target = target.cloned();
                self.reference(about, error, target, out);
            }
            Kind::Custom { keyword, .. } if keyword == WIDTH => {
                let format = about.unit.normal(self.schemas).value.pointer(schema).and_then(Value::as_str);
                let words = words::width(format.unwrap_or_default());
                let schema = format!("{}format", schema.strip_suffix(WIDTH).unwrap_or(schema));
                out.push(self.violation(about, at.to_owned(), &schema, words, Some(error.instance())));
            }
            Kind::Custom { keyword, .. } if keyword == UNDECIDED => {}
            Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
                for name in unexpected {
                    let member = error.instance().get(name);
                    let words = self.unexpected(about, schema, name);
                    out.push(self.violation(about, pointer::join(at, name), schema, words, member));
                }
            }
            Kind::Required { property } => {
                let name = property.as_str().unwrap_or_default();
                let words = words::say(error.kind(), last_keyword(schema));
                let mut violation = self.violation(about, pointer::join(at, name), schema, words, None);
                self.point_at_name(&mut violation, about, schema, name);
                out.push(violation);
            }
            Kind::PropertyNames { error: inner } => {
                let name = inner.instance().as_str().unwrap_or_default();
                let words = words::say(inner.kind(), inner.kind().keyword());
                let words = Words { sentence: format!("its name: {}", words.sentence), ..words };
                let mut violation = self.violation(about, pointer::join(at, name), schema, words, None);
                violation.keyword = "propertyNames";
                violation.got = Some(short(inner.instance()));
                out.push(violation);
            }
            Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
                out.extend(nearest::none_fits(self, about, error, context));
            }
            Kind::OneOfMultipleValid { context } => out.push(nearest::several_fit(self, about, error, context)),
            Kind::FalseSchema if self.is_write_only(about, schema) => {
                let words = Words::alone("write-only: must not be in a response");
                let mut violation = self.violation(about, at.to_owned(), schema, words, Some(error.instance()));
                violation.keyword = "writeOnly";
                out.push(violation);
            }
            kind => {
                let words = words::say(kind, last_keyword(schema));
                out.push(self.violation(about, at.to_owned(), schema, words, Some(error.instance())));
            }
        }
    }

    /// Adds what another unit has against a value.
    fn reference(
        &mut self,
        about: Subject<'_>,
        error: &ValidationError<'_>,
        target: Option<Arc<Unit>>,
        out: &mut Vec<Violation>,
    ) {
        let at = error.instance_path().as_str();
        let followed = target.filter(|_| self.left > 0 && about.depth < DEPTH);
        let Some(target) = followed else {
            let words = Words::alone("does not fit its schema");
            out.push(self.violation(about, at.to_owned(), error.schema_path().as_str(), words, Some(error.instance())));
            return;
        };
        self.left -= 1;
        let value = about.root.pointer(at).unwrap_or(error.instance());
        self.unit(&target, value, &format!("{}{at}", about.prefix), about.depth + 1, out);
    }

    /// A violation at a pointer below the subject's value, by the keyword at a pointer into its normal form.
    pub(super) fn violation(
        &self,
        about: Subject<'_>,
        at: String,
        schema: &str,
        words: Words,
        got: Option<&Value>,
    ) -> Violation {
        let origin = self.origin(about.unit, schema);
        Violation {
            part: Part::Body,
            name: Arc::from(""),
            pointer: format!("{}{at}", about.prefix),
            keyword: last_keyword(schema),
            sentence: words.sentence,
            expected: words.expected,
            got: got.map(short),
            place: Some(Place::of(&origin.document, &origin.pointer)),
        }
    }

    pub(super) fn origin(&self, unit: &Unit, schema: &str) -> Location {
        unit.normal(self.schemas).origin(&unit.location, schema)
    }

    /// A missing member stands in a list of names: the place is its name there.
    fn point_at_name(&self, violation: &mut Violation, about: Subject<'_>, schema: &str, name: &str) {
        let origin = self.origin(about.unit, schema);
        let index = origin.value().as_array().and_then(|names| names.iter().position(|one| one == name));
        if let Some(index) = index {
            let at = origin.join(&index.to_string());
            violation.place = Some(Place::of(&at.document, &at.pointer));
        }
    }

    fn unexpected(&self, about: Subject<'_>, schema: &str, name: &str) -> Words {
        let object = pointer::parent(schema).and_then(|object| about.unit.normal(self.schemas).value.pointer(object));
        let members = object.and_then(|object| object.get("properties")).and_then(Value::as_object);
        let names = members.into_iter().flatten().map(|(name, _)| name.as_str());
        Words::alone(match did_you_mean(name, names) {
            Some(nearest) => format!("not allowed here; did you mean `{nearest}`?"),
            None => "not allowed here".into(),
        })
    }

    fn is_write_only(&self, about: Subject<'_>, schema: &str) -> bool {
        let origin = self.origin(about.unit, schema);
        exempt::marks(self.schemas, &origin, origin.value()).write_only
    }
}

/// The last keyword on the way to a place in a schema: `required` of `/properties/items/required/0`.
fn last_keyword(schema: &str) -> &'static str {
    let mut last = "schema";
    let mut tokens = pointer::tokens(schema);
    while let Some(token) = tokens.next() {
        let Some(keyword) = keyword(&token) else { break };
        last = keyword.name;
        if matches!(keyword.shape, Shape::SchemaMap | Shape::PatternMap | Shape::Schemas) {
            tokens.next();
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use super::last_keyword;

    #[test]
    fn members_are_not_taken_for_keywords() {
        assert_eq!(last_keyword("/properties/items/required"), "required");
        assert_eq!(last_keyword("/properties/items"), "properties");
        assert_eq!(last_keyword("/allOf/1/items/minLength"), "minLength");
        assert_eq!(last_keyword("/dependentRequired/a/0"), "dependentRequired");
        assert_eq!(last_keyword(""), "schema");
    }
}
