//! What older drafts of JSON Schema say otherwise than 2020-12, where a schema of OpenAPI 3.1 or later says that it is written in one.

use serde_json::{Map, Value, json};

use crate::document::Location;

use super::{Context, Writer};
use crate::schema::draft::Draft;
use crate::schema::keyword::{Keyword, keyword};
use crate::schema::normal::Copy;
use crate::schema::shape;

impl Writer<'_> {
    /// Nothing is known of what a schema in an unknown dialect means.
    pub(super) fn unknown_draft(&mut self, at: &Location) -> Value {
        if let Some((place, said)) = self.schemas.said_draft(at) {
            let sentence = format!("nothing is known of the dialect `{}`", shape::cut(&said, 120));
            let help = "write it in JSON Schema 2020-12; until then values of such schemas are not decided";
            self.find("schema-dialect", &place, sentence, Some(help));
        }
        self.nothing_known()
    }

    pub(super) fn note_not_in_draft(&mut self, at: &mut Location, keyword: &Keyword) {
        let sentence = format!("`{}` has no effect in {}: it came later", keyword.name, self.draft.word());
        self.note_at(at, keyword.name, &sentence, "leave it out, or write the schema in 2020-12");
    }

    /// Whether there are references by dynamic scope.
    pub(super) fn has_dynamic_references(&self) -> bool {
        !self.is_before_3_1() && self.draft >= Draft::D2020
    }

    /// Whether a keyword is written in a form that 2020-12 does not have: it is looked at with the others of its kind.
    pub(super) fn is_older_form(&self, name: &str, value: &Value, raw: &Map<String, Value>) -> bool {
        match name {
            "items" => self.draft < Draft::D2020 && value.is_array(),
            // In 2019-09 what `contains` has looked at is not evaluated.
            "unevaluatedItems" => self.draft == Draft::D2019 && raw.contains_key("contains"),
            _ => false,
        }
    }

    /// Writes what is said in a form that 2020-12 does not have.
    pub(super) fn older_forms(
        &mut self,
        at: &mut Location,
        raw: &Map<String, Value>,
        (out, context): (&mut Map<String, Value>, &Context),
        left_out: &mut Vec<&'static str>,
    ) {
        if self.is_before_3_1() || self.draft >= Draft::D2020 {
            return;
        }
        if let Some(Value::Array(schemas)) = raw.get("items") {
            if !schemas.is_empty() {
                let tuple = self.tuple(at, schemas, context);
                out.insert("prefixItems".into(), tuple);
            }
            if let Some(others @ (Value::Object(_) | Value::Bool(_))) = raw.get("additionalItems") {
                let others = self.moved(at, ("additionalItems", "items"), None, others, context);
                out.extend(others.map(|others| ("items".to_owned(), others)));
            }
        }
        if self.draft == Draft::D2019 {
            if raw.contains_key("unevaluatedItems") && raw.contains_key("contains") {
                let sentence = "`unevaluatedItems` beside `contains` is not decided in JSON Schema 2019-09";
                self.note_at(at, "unevaluatedItems", sentence, "write the schema in 2020-12");
                left_out.push("unevaluatedItems");
            }
            if raw.contains_key("$recursiveRef") {
                let sentence = "`$recursiveRef` is not followed: what depends on it is not decided";
                self.note_at(
                    at,
                    "$recursiveRef",
                    sentence,
                    "write `$ref`, or the schema in 2020-12 with `$dynamicRef`",
                );
                left_out.push("$dynamicRef");
            }
            return;
        }
        let (mut required, mut schemas) = (Map::new(), Map::new());
        for (name, needed) in raw.get("dependencies").and_then(Value::as_object).into_iter().flatten() {
            match needed {
                Value::Array(names) if names.iter().all(Value::is_string) => {
                    let names =
                        names.iter().filter(|name| !name.as_str().is_some_and(|name| context.exempt.contains(name)));
                    drop(required.insert(name.clone(), names.cloned().collect()));
                }
                Value::Object(_) | Value::Bool(_) => {
                    let schema = self.moved(at, ("dependencies", "dependentSchemas"), Some(name), needed, context);
                    schemas.extend(schema.map(|schema| (name.clone(), schema)));
                }
                _ => left_out.push("dependentRequired"),
            }
        }
        for (name, written) in [("dependentRequired", required), ("dependentSchemas", schemas)] {
            if !written.is_empty() {
                out.insert(name.into(), json!(written));
            }
        }
    }

    /// A schema under a keyword that has another name in 2020-12.
    fn moved(
        &mut self,
        at: &mut Location,
        (from, to): (&str, &str),
        member: Option<&str>,
        raw: &Value,
        context: &Context,
    ) -> Option<Value> {
        let keyword = keyword(to)?;
        let back = (at.pointer.len(), self.to.len());
        let member = member.map(|name| format!("/{}", crate::document::pointer::escape(name))).unwrap_or_default();
        at.pointer.push_str(&format!("/{from}{member}"));
        self.to.push_str(&format!("/{to}{member}"));
        self.copies.push(Copy { at: self.to.clone(), from: at.clone() });
        let value = self.below(at, &keyword, raw, context);
        self.leave(at, back);
        Some(value)
    }
}
