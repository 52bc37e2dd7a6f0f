//! What Swagger 2.0 says otherwise than 3.0. Nothing else of the writer knows of it.

use serde_json::{Map, Value, json};

use crate::document::Location;

use super::{Context, Writer};
use crate::schema::keyword::Keyword;
use crate::schema::normal::Copy;

impl Writer<'_> {
    /// Writes a keyword that 2.0 has another form of; `false` where it is to be read as in 3.0.
    pub(super) fn swagger(
        &mut self,
        at: &mut Location,
        keyword: &Keyword,
        value: &Value,
        raw: &Map<String, Value>,
        (out, context): (&mut Map<String, Value>, &Context),
    ) -> bool {
        match (keyword.name, value) {
            // A parameter describes its value itself, and says of itself that it has to be there.
            ("required", Value::Bool(_)) if raw.get("in").is_some_and(Value::is_string) => {}
            ("type", Value::String(word)) if word == "file" => {
                out.insert("type".into(), json!("string"));
                out.insert("format".into(), json!("binary"));
            }
            // Files have no other format.
            ("format", _) if raw.get("type").is_some_and(|word| word == "file") => {}
            ("discriminator", Value::String(member)) => {
                out.insert("discriminator".into(), json!({ "propertyName": member }));
            }
            ("items", Value::Array(schemas)) if !schemas.is_empty() => {
                let tuple = self.tuple(at, schemas, context);
                out.insert("prefixItems".into(), tuple);
            }
            ("oneOf" | "anyOf" | "not", _) => {
                let sentence = format!("`{}` came with OpenAPI 3.0; it is read as such", keyword.name);
                self.note_at(
                    at,
                    keyword.name,
                    &sentence,
                    "write the document in 3.0, for tools that take 2.0 at its word",
                );
                return false;
            }
            _ => return false,
        }
        true
    }

    /// A list of schemas under `items`, as draft 4 reads it: one for each of the first items, and nothing about the others.
    pub(super) fn tuple(&mut self, at: &mut Location, schemas: &[Value], context: &Context) -> Value {
        let keyword = crate::schema::keyword::keyword("items");
        let (from, to) = (at.pointer.len(), self.to.len());
        let mut tuple = Vec::with_capacity(schemas.len());
        for (index, schema) in schemas.iter().enumerate() {
            at.pointer.push_str(&format!("/items/{index}"));
            self.to.push_str(&format!("/prefixItems/{index}"));
            self.copies.push(Copy { at: self.to.clone(), from: at.clone() });
            tuple.extend(keyword.as_ref().map(|keyword| self.below(at, keyword, schema, context)));
            at.pointer.truncate(from);
            self.to.truncate(to);
        }
        Value::Array(tuple)
    }

    /// The keyword that says whether null is admitted: `x-nullable`, which 2.0 documents use for want of another, or 3.0's.
    pub(super) fn nullable_in_2_0(&mut self, at: &mut Location, raw: &Map<String, Value>) -> &'static str {
        if !raw.contains_key("nullable") || raw.get("x-nullable") == Some(&Value::Bool(true)) {
            return "x-nullable";
        }
        let help = "write `x-nullable`, or the document in 3.0";
        self.note_at(at, "nullable", "`nullable` came with OpenAPI 3.0; it is read as such", help);
        "nullable"
    }
}
