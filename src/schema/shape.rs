//! The values of keywords: whether they have their shape, and how they are said.

use std::collections::HashSet;

use serde_json::{Map, Number, Value, json};

use super::keyword::Shape;
use super::types::TypeSet;

/// The value of a keyword without schemas or expressions in it, in normal form; or what it should have been.
pub(super) fn plain(shape: Shape, value: &Value) -> Result<Value, &'static str> {
    match shape {
        Shape::Type => TypeSet::of_keyword(value).map(types).ok_or("a type that JSON Schema has"),
        Shape::Count => count(value).map(|count| json!(count)).ok_or("a whole number, not negative"),
        Shape::Number => value.as_number().map(|_| value.clone()).ok_or("a number"),
        Shape::Positive => {
            let number = value.as_number().and_then(Number::as_f64);
            number.filter(|number| *number > 0.0).map(|_| value.clone()).ok_or("a number above zero")
        }
        Shape::Names => names(value).map(|names| json!(names)),
        Shape::NamesMap => {
            let lists = value.as_object().ok_or("lists of names")?;
            let lists = lists.iter().map(|(key, list)| Ok((key.clone(), json!(names(list)?))));
            lists.collect::<Result<Map<_, _>, _>>().map(Value::Object)
        }
        Shape::Values => value.as_array().map(|_| value.clone()).ok_or("a list"),
        Shape::Flag => value.as_bool().map(|_| value.clone()).ok_or("true or false"),
        Shape::Text => value.as_str().map(|_| value.clone()).ok_or("a string"),
        Shape::Object => value.as_object().map(|_| value.clone()).ok_or("an object"),
        Shape::Any => Ok(value.clone()),
        Shape::Pattern => Err("a regular expression"),
        Shape::Schema => Err("a schema"),
        Shape::Schemas => Err("a list of schemas, at least one"),
        Shape::SchemaMap | Shape::PatternMap => Err("schemas by name"),
    }
}

/// `5` and `5.0`, not `-1` and `"5"`.
fn count(value: &Value) -> Option<u64> {
    let number = value.as_number()?;
    let float = number.as_f64().filter(|float| float.fract() == 0.0 && (0.0..9e15).contains(float));
    // The cast is exact in that range.
    number.as_u64().or(float.map(|float| float as u64))
}

/// A list of strings, each once.
pub(super) fn names(value: &Value) -> Result<Vec<&str>, &'static str> {
    let (mut names, mut seen) = (Vec::new(), HashSet::new());
    for name in value.as_array().ok_or("a list of names")? {
        let name = name.as_str().ok_or("a list of names")?;
        if seen.insert(name) {
            names.push(name);
        }
    }
    Ok(names)
}

pub(super) fn types(set: TypeSet) -> Value {
    match set.single() {
        Some(one) => json!(one.word()),
        None => set.iter().map(|one| one.word()).collect(),
    }
}

/// A value as JSON text, cut to a length that a line of a log bears.
pub(super) fn short(value: &Value) -> String {
    match value {
        Value::Array(items) if items.len() > 40 => format!("a list of {} items", items.len()),
        Value::Object(members) if members.len() > 40 => format!("an object of {} members", members.len()),
        value => cut(&value.to_string(), 80),
    }
}

/// The first so many characters of a text, with a sign where something is missing.
pub(super) fn cut(text: &str, length: usize) -> String {
    match text.char_indices().nth(length) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{cut, plain};
    use crate::schema::keyword::Shape;

    #[test]
    fn values_are_brought_to_form_or_refused() {
        assert_eq!(plain(Shape::Count, &json!(5.0)), Ok(json!(5)));
        assert!(plain(Shape::Count, &json!(-1)).is_err());
        assert!(plain(Shape::Count, &json!("5")).is_err());
        assert_eq!(plain(Shape::Type, &json!(["string", "string"])), Ok(json!("string")));
        assert_eq!(plain(Shape::Type, &json!(["null", "number", "integer"])), Ok(json!(["null", "number"])));
        assert!(plain(Shape::Type, &json!("file")).is_err());
        assert_eq!(plain(Shape::Names, &json!(["a", "b", "a"])), Ok(json!(["a", "b"])));
        assert!(plain(Shape::Names, &json!(true)).is_err());
        assert!(plain(Shape::Positive, &json!(0)).is_err());
    }

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(cut("äöü", 3), "äöü");
        assert_eq!(cut("äöüß", 3), "äöü…");
    }
}
