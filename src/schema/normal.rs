//! The normal form of one schema.

use serde_json::{Map, Value};

use crate::document::{Location, pointer};

use super::keyword::{self, Shape};
use super::resources::Scope;

/// Our own keywords, which no document can bring in: members of that prefix are not taken over.
pub(super) const REFERENCE: &str = "x-standin-ref";
pub(super) const UNDECIDED: &str = "x-standin-undecided";
pub(super) const WIDTH: &str = "x-standin-width";
/// Members that need not be there, and that a value that is made up has: see `exempt`.
pub const EXPECTED: &str = "x-standin-expected";
/// Stands where one of several schemas has to fit, and none is listed. Whether no value is meant cannot be decided; it is best avoided.
pub const NONE: &str = "x-standin-none";

/// JSON Schema 2020-12 without `$ref`, `$id` and anchors, for one direction.
///
/// Beside the standard's keywords: [`REFERENCE`] is an index into `targets`; [`UNDECIDED`] lists keywords that were taken
/// out of the schema object; [`WIDTH`] is the format of a number with a range, as `int32`.
#[derive(Debug)]
pub(super) struct Normal {
    pub(super) value: Value,
    /// Where parts of it come from that are copies, outer before inner.
    pub(super) copies: Vec<Copy>,
    pub(super) targets: Vec<(Location, Scope)>,
    /// Whether a keyword was taken out of it.
    pub(super) left_out: bool,
    /// Whether the other direction has another normal form.
    pub(super) directional: bool,
}

#[derive(Debug)]
pub(super) struct Copy {
    /// Pointer into the normal form.
    pub(super) at: String,
    pub(super) from: Location,
}

impl Normal {
    /// Where in the documents a place in the normal form comes from; `own` is where the schema stands.
    pub(super) fn origin(&self, own: &Location, at: &str) -> Location {
        let copy = self.copies.iter().rev().find_map(|copy| {
            let rest = at.strip_prefix(copy.at.as_str())?;
            (rest.is_empty() || rest.starts_with('/')).then_some((&copy.from, rest))
        });
        let (from, rest) = copy.unwrap_or((own, at));
        Location { document: from.document.clone(), pointer: format!("{}{rest}", from.pointer) }
    }
}

/// The schemas right under a schema object: keyword, pointer from the object, schema.
pub(super) fn children<'a>(object: &'a Map<String, Value>, mut visit: impl FnMut(&'static str, String, &'a Value)) {
    for (name, value) in object {
        let Some(keyword) = keyword::keyword(name) else { continue };
        let under = |token: &str| format!("/{}/{}", keyword.name, pointer::escape(token));
        match (keyword.shape, value) {
            (Shape::Schema, schema) => visit(keyword.name, format!("/{}", keyword.name), schema),
            (Shape::Schemas, Value::Array(schemas)) => {
                for (index, schema) in schemas.iter().enumerate() {
                    visit(keyword.name, under(&index.to_string()), schema);
                }
            }
            (Shape::SchemaMap | Shape::PatternMap, Value::Object(schemas)) => {
                for (member, schema) in schemas {
                    visit(keyword.name, under(member), schema);
                }
            }
            _ => {}
        }
    }
}
