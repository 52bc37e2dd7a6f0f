//! Keys in a schema that say nothing to anybody, for formats in which nothing is ignored.

use serde_json::Value;

use super::keyword::{NAMES, Shape, keyword};
use crate::document::pointer;
use crate::finding::did_you_mean;

/// A key that is no keyword, or one that leads out of the schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strange {
    /// Where it stands, from the schema.
    pub pointer: String,
    /// The key.
    pub key: String,
    /// The keyword that was probably meant.
    pub near: Option<&'static str>,
    /// Whether it is a keyword that is about other places (`$ref`, `$id`, `$dynamicRef`, `$defs`).
    pub elsewhere: bool,
}

/// Every key of a schema, written for OpenAPI 3.1, that is not about the value: what is misspelt, and what leads elsewhere.
///
/// Keys that describe (`description`, `$comment`, `x-…`) are none of them, and neither is `nullable`, which compiling tells about.
pub fn strange(schema: &Value) -> Vec<Strange> {
    let mut found = Vec::new();
    walk(schema, "", &mut found);
    found
}

fn walk(schema: &Value, at: &str, found: &mut Vec<Strange>) {
    for (key, value) in schema.as_object().into_iter().flatten() {
        let here = pointer::join(at, key);
        let Some(keyword) = keyword(key) else {
            if !matches!(key.as_str(), "description" | "$comment" | "nullable" | "externalDocs")
                && !key.starts_with("x-")
            {
                let near = did_you_mean(key, NAMES.iter().copied());
                found.push(Strange { pointer: here, key: key.clone(), near, elsewhere: key.starts_with('$') });
            }
            continue;
        };
        match keyword.shape {
            Shape::Schema => walk(value, &here, found),
            Shape::Schemas => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    walk(item, &format!("{here}/{index}"), found);
                }
            }
            Shape::SchemaMap | Shape::PatternMap => {
                for (name, member) in value.as_object().into_iter().flatten() {
                    walk(member, &pointer::join(&here, name), found);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::strange;

    #[test]
    fn what_is_no_keyword_is_told_wherever_it_stands() {
        let schema = json!({
            "type": "object", "description": "fine", "x-note": 1, "maxlength": 3,
            "properties": { "maxlength": { "type": "string", "pattren": "a" }, "b": true },
            "allOf": [{ "$ref": "#/a" }], "const": { "anything": 1 }, "not": { "enum": [{ "what": 1 }] },
            "zebra": 1,
        });
        let mut told: Vec<_> = strange(&schema).into_iter().map(|one| (one.pointer, one.near, one.elsewhere)).collect();
        told.sort();
        assert_eq!(
            told,
            [
                ("/allOf/0/$ref".to_owned(), None, true),
                ("/maxlength".to_owned(), Some("maxLength"), false),
                ("/properties/maxlength/pattren".to_owned(), Some("pattern"), false),
                ("/zebra".to_owned(), None, false),
            ]
        );
    }
}
