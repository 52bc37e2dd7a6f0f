//! What a request must be like for a rule to hold.

use std::borrow::Cow;
use std::sync::Arc;

use regex::Regex;
use serde_json::Value;

use crate::contract::Call;
use crate::finding::{Place, Verdict};
use crate::message::HeaderName;
use crate::schema::Schema;

/// Conditions on a request, all of which have to hold. Without any it always holds.
#[derive(Debug, Default)]
pub struct When {
    /// The body last: it is looked at only if everything else holds.
    conditions: Vec<Condition>,
}

/// One condition.
#[derive(Debug)]
pub(super) struct Condition {
    pub(super) part: Part,
    pub(super) test: Test,
    /// Where the name of the part stands.
    pub(super) place: Place,
}

/// What of a request is looked at. Ordered by what looking costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// A path parameter.
    Path(Arc<str>),
    /// A header field.
    Header(HeaderName),
    /// A cookie.
    Cookie(Arc<str>),
    /// A parameter of the query.
    Query(Arc<str>),
    /// A value in the body: as it is called, and the JSON Pointer to it.
    Body(Arc<str>, String),
}

/// What is asked of it.
#[derive(Debug)]
pub(super) enum Test {
    /// That it is one of these. Outside of the body they are strings.
    OneOf(Vec<Value>),
    /// That it is a text in which the expression finds something.
    Pattern(Regex),
    /// That it is not there.
    Absent,
    /// That it is there, whatever it is.
    Present,
    /// That it is as a schema asks, and what the schema is called.
    Schema(Box<Schema>, Arc<str>),
}

/// What was found of it in a message.
pub(super) enum Found<'c> {
    Nothing,
    Text(Cow<'c, str>),
    Json(&'c Value),
}

impl When {
    pub(super) fn new(mut conditions: Vec<Condition>) -> When {
        conditions.sort_by_key(|condition| condition.part.cost());
        When { conditions }
    }

    /// Whether a request is like this. The body is read at most once, by the call itself. What is not decided does not hold.
    pub fn holds(&self, call: &Call) -> bool {
        self.verdict(call) == Verdict::Valid
    }

    /// The same with its third answer: a schema could not decide, and everything else holds.
    pub fn verdict(&self, call: &Call) -> Verdict {
        let mut verdict = Verdict::Valid;
        for condition in &self.conditions {
            match condition.test.verdict(&condition.part.find(call)) {
                Verdict::Invalid => return Verdict::Invalid,
                one => verdict = verdict.and(one),
            }
        }
        verdict
    }

    /// Whether nothing is asked.
    pub fn is_empty(&self) -> bool {
        self.conditions.is_empty()
    }

    pub(super) fn conditions(&self) -> &[Condition] {
        &self.conditions
    }
}

impl Part {
    fn cost(&self) -> u8 {
        match self {
            Part::Path(_) => 0,
            Part::Header(_) => 1,
            Part::Cookie(_) => 2,
            Part::Query(_) => 3,
            Part::Body(..) => 4,
        }
    }

    /// What there is of it, as text; values in a body are none.
    pub(super) fn text<'c>(&self, call: &'c Call<'_>) -> Option<Cow<'c, str>> {
        match self.find(call) {
            Found::Text(text) => Some(text),
            Found::Json(_) | Found::Nothing => None,
        }
    }

    pub(super) fn find<'c>(&self, call: &'c Call<'_>) -> Found<'c> {
        let text = |found: Option<Cow<'c, str>>| found.map_or(Found::Nothing, Found::Text);
        match self {
            Part::Path(name) => text(call.path(name)),
            // Bytes that are no text are there all the same.
            Part::Header(name) => {
                text(call.request().headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes())))
            }
            Part::Cookie(name) => text(call.cookie(name).map(Cow::Borrowed)),
            Part::Query(name) => text(call.query(name)),
            Part::Body(_, pointer) => {
                call.body().value().and_then(|value| value.pointer(pointer)).map_or(Found::Nothing, Found::Json)
            }
        }
    }
}

impl Found<'_> {
    /// Whether it is this: outside of JSON, the text that is written for it.
    pub(super) fn is(&self, value: &Value) -> bool {
        match self {
            Found::Nothing => false,
            Found::Text(text) => {
                let written = value.as_str().map_or_else(|| Cow::Owned(value.to_string()), Cow::Borrowed);
                *text == written
            }
            Found::Json(found) => same(value, found),
        }
    }
}

impl Test {
    pub(super) fn verdict(&self, found: &Found<'_>) -> Verdict {
        match (self, found) {
            (Test::Schema(schema, _), Found::Text(text)) => schema.check(&schema.coerce(text)),
            (Test::Schema(schema, _), Found::Json(value)) => schema.check(value),
            _ if self.holds(found) => Verdict::Valid,
            _ => Verdict::Invalid,
        }
    }

    /// Whether something is so; of a schema, nothing is known here.
    fn holds(&self, found: &Found<'_>) -> bool {
        let text = match found {
            Found::Nothing => return matches!(self, Test::Absent),
            Found::Text(text) => Some(&**text),
            Found::Json(value) => value.as_str(),
        };
        match self {
            Test::Absent | Test::Schema(..) => false,
            Test::Present => true,
            Test::Pattern(pattern) => text.is_some_and(|text| pattern.is_match(text)),
            Test::OneOf(values) => values.iter().any(|value| match found {
                Found::Json(found) => same(value, found),
                _ => value.as_str() == text,
            }),
        }
    }
}

/// Whether two scalars are the same to JSON: numbers by what they stand for, so that 1 and 1.0 are.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(a), Value::Number(b)) => a == b || (a.as_f64() == b.as_f64() && (a.is_f64() || b.is_f64())),
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::same;

    #[test]
    fn numbers_are_what_they_stand_for() {
        assert!(same(&json!(1), &json!(1.0)));
        assert!(same(&json!(18_446_744_073_709_551_615_u64), &json!(18_446_744_073_709_551_615_u64)));
        assert!(!same(&json!(9_007_199_254_740_993_u64), &json!(9_007_199_254_740_992_u64)));
        assert!(!same(&json!("1"), &json!(1)));
        assert!(same(&json!(null), &json!(null)));
        assert!(!same(&json!(null), &json!(false)));
    }
}
