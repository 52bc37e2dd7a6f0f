//! Parameter text to values, and the types that a schema admits.

use std::collections::HashSet;

use serde_json::{Number, Value};

use super::Schemas;
use super::normal::REFERENCE;
use super::types::{Type, TypeSet};
use super::unit::Unit;

/// How far references and compositions are followed.
const DEPTH: usize = 32;
/// How many schemas are looked at in all.
const REACH: usize = 2_000;

/// A text as a value of one of these types; as a string, if it may be one or reads as none.
///
/// With strings out, the texts of the types differ, so nothing is ambiguous: `5`, `true` and `null` each read one way.
pub(super) fn coerce(text: &str, types: TypeSet) -> Value {
    if !types.contains(Type::String) {
        match text {
            "true" | "false" if types.contains(Type::Boolean) => return Value::Bool(text == "true"),
            "null" if types.contains(Type::Null) => return Value::Null,
            _ if types.contains(Type::Integer) => {
                if let Some(number) = number(text) {
                    return Value::Number(number);
                }
            }
            _ => {}
        }
    }
    Value::String(text.into())
}

/// By the grammar of JSON numbers (RFC 8259, 6), without space around.
fn number(text: &str) -> Option<Number> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    if plain { serde_json::from_str(text).ok() } else { None }
}

pub(super) fn types(schemas: &Schemas, unit: &Unit, value: &Value) -> TypeSet {
    Types { schemas, seen: HashSet::new(), left: REACH }.of(unit, value, DEPTH)
}

struct Types<'s> {
    schemas: &'s Schemas,
    /// The units on the way here: what leads back to one adds nothing.
    seen: HashSet<u32>,
    left: usize,
}

impl Types<'_> {
    fn of(&mut self, unit: &Unit, value: &Value, depth: usize) -> TypeSet {
        let object = match value {
            Value::Bool(false) => return TypeSet::NONE,
            Value::Object(object) if depth > 0 && self.left > 0 => object,
            _ => return TypeSet::ANY,
        };
        self.left -= 1;
        let mut set = object.get("type").and_then(TypeSet::of_keyword).unwrap_or(TypeSet::ANY);
        let of_values = |values: &[Value]| values.iter().fold(TypeSet::NONE, |set, one| set.or(of_value(one)));
        if let Some(values) = object.get("enum").and_then(Value::as_array) {
            set = set.and(of_values(values));
        }
        if let Some(value) = object.get("const") {
            set = set.and(of_value(value));
        }
        for branch in object.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            set = set.and(self.of(unit, branch, depth - 1));
        }
        for name in ["anyOf", "oneOf"] {
            if let Some(branches) = object.get(name).and_then(Value::as_array) {
                let branches = branches.iter().map(|branch| self.of(unit, branch, depth - 1));
                set = set.and(branches.fold(TypeSet::NONE, TypeSet::or));
            }
        }
        if let Some(target) = object.get(REFERENCE).and_then(|reference| unit.follow(self.schemas, reference))
            && self.seen.insert(target.number)
        {
            set = set.and(self.of(target, &target.normal(self.schemas).value, depth - 1));
            self.seen.remove(&target.number);
        }
        set
    }
}

/// `1.0` is both an integer and a number, and its text reads as both.
fn of_value(value: &Value) -> TypeSet {
    match Type::of(value) {
        Type::Integer => TypeSet::NUMBER,
        other => TypeSet::only(other),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::coerce;
    use crate::schema::types::TypeSet;

    #[test]
    fn texts_become_what_the_types_admit() {
        let types = |words: Value| TypeSet::of_keyword(&words).unwrap();
        let cases = [
            (json!("integer"), "5", json!(5)),
            (json!("integer"), "-0", json!(-0.0)),
            (json!("integer"), "9007199254740993", json!(9_007_199_254_740_993_u64)),
            (json!("integer"), "18446744073709551615", json!(u64::MAX)),
            (json!("integer"), "1.0", json!(1.0)),
            (json!("integer"), "1.5", json!(1.5)),
            (json!("integer"), "007", json!("007")),
            (json!("integer"), " 5", json!(" 5")),
            (json!("integer"), "", json!("")),
            (json!("integer"), "true", json!("true")),
            (json!("number"), "1e3", json!(1e3)),
            (json!("number"), "1e999", json!("1e999")),
            (json!("number"), "Infinity", json!("Infinity")),
            (json!("boolean"), "true", json!(true)),
            (json!("boolean"), "True", json!("True")),
            (json!(["integer", "null"]), "null", Value::Null),
            (json!(["integer", "null"]), "7", json!(7)),
            (json!(["integer", "boolean"]), "false", json!(false)),
            (json!(["integer", "string"]), "5", json!("5")),
            (json!("string"), "5", json!("5")),
            (json!("array"), "1,2", json!("1,2")),
        ];
        for (words, text, expected) in cases {
            assert_eq!(coerce(text, types(words.clone())), expected, "`{text}` as {words}");
        }
        assert_eq!(coerce("5", TypeSet::ANY), json!("5"));
    }
}
