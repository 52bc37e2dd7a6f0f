//! Which draft of JSON Schema a schema is written in, where it says so: `$schema`, and `jsonSchemaDialect` of its document
//! (OpenAPI 3.1.2 §4.8.24.5). Only schemas of OpenAPI 3.1 and later can say it.

use std::sync::Arc;

use serde_json::Value;

use crate::document::{Document, Location};

use super::Schemas;

/// A draft, from the oldest on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Draft {
    /// Draft 4, of 2013.
    D4,
    /// Draft 6, of 2017.
    D6,
    /// Draft 7, of 2018.
    D7,
    /// 2019-09.
    D2019,
    /// 2020-12, which OpenAPI 3.1 and 3.2 use with a few keywords of their own.
    D2020,
    /// Another one, of which nothing is known.
    Unknown,
}

impl Draft {
    /// The draft that an address stands for.
    pub(super) fn of(address: &str) -> Draft {
        let plain = address.trim_end_matches('#');
        let plain = plain.strip_prefix("https://").or_else(|| plain.strip_prefix("http://")).unwrap_or(plain);
        match plain {
            "json-schema.org/draft-04/schema" => Draft::D4,
            "json-schema.org/draft-06/schema" => Draft::D6,
            "json-schema.org/draft-07/schema" => Draft::D7,
            "json-schema.org/draft/2019-09/schema" => Draft::D2019,
            "json-schema.org/draft/2020-12/schema" | "json-schema.org/schema" => Draft::D2020,
            own if own.starts_with("spec.openapis.org/oas/3.") => Draft::D2020,
            _ => Draft::Unknown,
        }
    }

    /// What it is called in a sentence.
    pub(super) fn word(self) -> &'static str {
        match self {
            Draft::D4 => "JSON Schema draft 4",
            Draft::D6 => "JSON Schema draft 6",
            Draft::D7 => "JSON Schema draft 7",
            Draft::D2019 => "JSON Schema 2019-09",
            Draft::D2020 | Draft::Unknown => "JSON Schema 2020-12",
        }
    }

    /// Whether it has a keyword, of those that 2020-12 has.
    pub(super) fn has(self, keyword: &str) -> bool {
        self >= match keyword {
            "const" | "contains" | "propertyNames" => Draft::D6,
            "if" | "then" | "else" => Draft::D7,
            "dependentRequired"
            | "dependentSchemas"
            | "minContains"
            | "maxContains"
            | "unevaluatedItems"
            | "unevaluatedProperties" => Draft::D2019,
            "prefixItems" => Draft::D2020,
            _ => Draft::D4,
        }
    }
}

impl Schemas {
    /// The draft of the schema at a place.
    pub(super) fn draft_at(&self, at: &Location) -> Draft {
        if self.dialect.is_before_3_1() || !*self.drafts.get_or_init(|| self.documents.all().iter().any(says_draft)) {
            return Draft::D2020;
        }
        self.said_draft(at).map_or(Draft::D2020, |(_, said)| Draft::of(&said))
    }

    /// Where it is said which draft the schema at a place is written in, and what: it says so itself, or a schema around it, or its
    /// document, which for a file of schemas alone is the first one.
    pub(super) fn said_draft(&self, at: &Location) -> Option<(Location, String)> {
        let mut pointer = at.pointer.as_str();
        loop {
            // What a whole document calls its schema is for editors.
            let said = at.document.at(pointer).filter(|value| !pointer.is_empty() || !is_api(value));
            if let Some(said) = said.and_then(|value| value.get("$schema")).and_then(Value::as_str) {
                let pointer = format!("{pointer}/$schema");
                return Some((Location { document: at.document.clone(), pointer }, said.to_owned()));
            }
            let Some(end) = pointer.rfind('/') else { break };
            pointer = &pointer[..end];
        }
        let document = if is_api(at.document.root()) { &at.document } else { self.documents.root() };
        let said = document.root().get("jsonSchemaDialect")?.as_str()?.to_owned();
        Some((Location { document: document.clone(), pointer: "/jsonSchemaDialect".to_owned() }, said))
    }
}

/// Whether anything in a document may say a draft.
fn says_draft(document: &Arc<Document>) -> bool {
    let text = document.source().text();
    text.contains("$schema") || text.contains("jsonSchemaDialect")
}

fn is_api(root: &Value) -> bool {
    root.get("openapi").is_some()
}
