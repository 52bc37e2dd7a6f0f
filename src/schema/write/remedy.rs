//! What to write in the place of a keyword's value that it cannot have: what was most likely meant.

use serde_json::Value;

/// The remedy for a keyword's value.
pub(super) fn remedy(name: &str, value: &Value) -> String {
    match (name, value) {
        ("type", Value::String(word)) => type_word(word),
        ("type", Value::Array(words)) if words.contains(&Value::Null) => "put it in quotes: `\"null\"`".to_owned(),
        ("required", Value::Bool(true)) => {
            "list the member in the schema around it, beside `properties`: `required: [NAME]`".to_owned()
        }
        ("required", Value::Bool(false)) => "take it away: members are optional where nobody requires them".to_owned(),
        ("required", Value::String(member)) if member.len() <= 40 => format!("write `required: [{member}]`"),
        ("required", Value::Array(_)) => "put each name in quotes".to_owned(),
        ("exclusiveMinimum" | "exclusiveMaximum", Value::Bool(_)) => {
            format!("give the bound itself: `{name}: 5`; the flag is of OpenAPI 3.0")
        }
        ("examples", Value::Object(_)) => "write the values as a list: `examples: [VALUE]`".to_owned(),
        ("examples", _) => "put it into a list: `examples: [VALUE]`".to_owned(),
        ("items", Value::Array(_)) => "describe all items by one schema: `items: { … }`".to_owned(),
        ("properties", Value::Array(_)) => "write the members by name: `properties: { NAME: { … } }`".to_owned(),
        (_, Value::Null) => format!("give it a value, or take `{name}` away"),
        (_, Value::String(text)) if text.parse::<f64>().is_ok() => format!("write it without quotes: `{name}: {text}`"),
        (_, Value::String(text)) if matches!(&**text, "true" | "false") => {
            format!("write it without quotes: `{name}: {text}`")
        }
        ("allOf" | "anyOf" | "oneOf" | "prefixItems", Value::Object(_)) => {
            format!("put it into a list: `{name}: [ … ]`")
        }
        _ => format!("give it such a value, or take `{name}` away"),
    }
}

/// Types of other languages, formats in the place of a type, and types in another spelling.
fn type_word(word: &str) -> String {
    let folded = word.to_ascii_lowercase();
    match folded.as_str() {
        "string" | "number" | "integer" | "boolean" | "array" | "object" | "null" => format!("write `type: {folded}`"),
        "str" | "text" | "varchar" | "char" => "write `type: string`".to_owned(),
        "int" | "int32" | "int64" | "long" | "short" | "bigint" => "write `type: integer`".to_owned(),
        "float" | "double" | "decimal" | "numeric" => "write `type: number`".to_owned(),
        "bool" => "write `type: boolean`".to_owned(),
        "list" => "write `type: array`".to_owned(),
        "map" | "dict" | "hash" | "json" => "write `type: object`".to_owned(),
        "datetime" | "timestamp" | "date-time" => "write `type: string` with `format: date-time`".to_owned(),
        "date" | "time" | "duration" | "uuid" | "email" | "uri" | "hostname" | "ipv4" | "ipv6" | "password"
        | "byte" | "binary" => format!("write `type: string` with `format: {folded}`"),
        "url" => "write `type: string` with `format: uri`".to_owned(),
        "guid" => "write `type: string` with `format: uuid`".to_owned(),
        "file" => "write `type: string` with `format: binary`".to_owned(),
        "any" | "mixed" | "unknown" | "undefined" => "take `type` away: then any value will do".to_owned(),
        "enum" => "write the type of the values, such as `type: string`".to_owned(),
        _ => "write `string`, `number`, `integer`, `boolean`, `array` or `object`; a schema goes by `$ref`".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::remedy;

    #[test]
    fn what_was_meant_is_named() {
        for (name, value, part) in [
            ("type", json!("int"), "`type: integer`"),
            ("type", json!("String"), "`type: string`"),
            ("type", json!("datetime"), "`format: date-time`"),
            ("type", json!("guid"), "`format: uuid`"),
            ("type", json!("any"), "take `type` away"),
            ("type", json!("Pet"), "`$ref`"),
            ("type", json!(["string", null]), "`\"null\"`"),
            ("type", json!(null), "take `type` away"),
            ("required", json!(true), "beside `properties`"),
            ("required", json!("id"), "`required: [id]`"),
            ("maxLength", json!("5"), "`maxLength: 5`"),
            ("exclusiveMinimum", json!(true), "the bound itself"),
            ("enum", json!("a"), "take `enum` away"),
        ] {
            let said = remedy(name, &value);
            assert!(said.contains(part), "{name}: {value}: {said}");
        }
    }
}
