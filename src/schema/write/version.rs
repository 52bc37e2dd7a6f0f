//! What 3.0 and 2.0 say otherwise than 3.1, and what has no effect in any.

use serde_json::{Map, Value};

use crate::document::Location;

use super::Writer;
use crate::schema::keyword::{Keyword, keyword};
use crate::schema::shape;
use crate::schema::types::{Type, TypeSet};

impl Writer<'_> {
    /// What 3.0 says otherwise than 3.1, once the keywords are written.
    pub(super) fn version(&mut self, at: &mut Location, raw: &Map<String, Value>, out: &mut Map<String, Value>) {
        if self.is_draft_4() {
            for (exclusive, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
                if raw.get(exclusive) == Some(&Value::Bool(true))
                    && let Some(limit) = out.remove(bound)
                {
                    out.insert(exclusive.into(), limit);
                }
            }
        }
        if !self.is_before_3_1() {
            if raw.contains_key("nullable") {
                self.note_at(
                    at,
                    "nullable",
                    "`nullable` has no effect since OpenAPI 3.1",
                    "write `type: [..., \"null\"]`",
                );
            }
            return;
        }
        let nullable = if self.is_2_0() { self.nullable_in_2_0(at, raw) } else { "nullable" };
        if raw.get(nullable) != Some(&Value::Bool(true)) {
            return;
        }
        let Some(set) = out.get("type").and_then(TypeSet::of_keyword) else {
            let help = "put it beside the type, or name the null value in the schema it refers to";
            return self.note_at(at, nullable, &format!("`{nullable}` has no effect without `type` beside it"), help);
        };
        out.insert("type".into(), shape::types(set.or(TypeSet::only(Type::Null))));
        let enumerated = out.get("enum").and_then(Value::as_array);
        if enumerated.is_some_and(|values| !values.contains(&Value::Null)) {
            self.note_at(at, nullable, "null is refused all the same: `enum` does not list it", "add null to `enum`");
        }
    }

    fn written_in(&self) -> &'static str {
        match () {
            () if self.is_2_0() => "Swagger 2.0",
            () if self.is_before_3_1() => "OpenAPI 3.0",
            () => self.draft.word(),
        }
    }

    pub(super) fn note(&self, at: &Location, sentence: &str, help: Option<&str>) {
        self.find("schema-ignored", at, sentence.into(), help);
    }

    pub(super) fn note_at(&mut self, at: &mut Location, name: &str, sentence: &str, help: &str) {
        let back = self.enter(at, name);
        self.note(at, sentence, Some(help));
        self.leave(at, back);
    }

    pub(super) fn note_unknown(&mut self, at: &mut Location, keyword: &Keyword) {
        if !keyword.on.is_empty() {
            let sentence = format!("`{}` has no effect in {}: it came with 3.1", keyword.name, self.written_in());
            self.note_at(at, keyword.name, &sentence, "leave it out, or write the document in 3.1");
        }
    }

    pub(super) fn note_siblings(&mut self, at: &mut Location, raw: &Map<String, Value>) {
        for name in raw.keys().filter(|name| name.as_str() != "$ref") {
            let nullable = name == "nullable" || (name == "x-nullable" && self.is_2_0());
            if nullable || keyword(name).is_some_and(|keyword| !keyword.on.is_empty()) {
                let sentence = format!("`{name}` has no effect beside `$ref` in {}", self.written_in());
                self.note_at(at, name, &sentence, "put the reference into `allOf`");
            }
        }
    }
}
