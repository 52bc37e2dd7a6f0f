//! A JSON Schema in a condition: one of its own, or one of the document's.

use std::sync::Arc;

use super::super::reader::{Reader, excerpt};
use super::super::when::Test;
use crate::document::{Document, Documents, Location, Node};
use crate::finding::{Finding, Place, Severity};
use crate::schema::{Dialect, Schema, Schemas, strange};

/// Reads `{ type: string, maxLength: 20 }`, or `{ $ref: '#/components/schemas/Name' }` and nothing beside it; `pointer` leads to it.
pub(super) fn read(reader: &mut Reader, node: Node<'_>, pointer: String) -> Option<Test> {
    if let Some(reference) = node.get("$ref") {
        return of_document(reader, node, reference);
    }
    let mut sound = true;
    for key in strange(node.value()) {
        let (sentence, help) = if key.elsewhere {
            let help = "a schema in a scenario stands alone; to use one of the document, write its `$ref` and nothing beside it";
            (format!("`{}` inside of a schema", excerpt(&key.key)), help.to_owned())
        } else {
            let help = match key.near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "it is none of JSON Schema 2020-12; names of members stand under `properties`".to_owned(),
            };
            (format!("a schema has no key `{}`", excerpt(&key.key)), help)
        };
        let place = Place::of_key(node.document(), &format!("{pointer}{}", key.pointer));
        reader.findings.push(Finding::new("scenario-key", sentence).at(Some(place)).help(help));
        sound = false;
    }
    if node.members().next().is_none() {
        reader.wrong(node, "an empty schema asks for nothing", "to ask that it is there, write `{ absent: false }`");
        sound = false;
    }
    if !sound {
        return None;
    }
    let schemas = schemas(reader, node)?;
    let at = Location { document: schemas.1.root().clone(), pointer };
    let schema = schemas.0.schema(&at, reader.direction);
    schema.prepare();
    Some(Test::Schema(Box::new(schema), node.value().to_string().into()))
}

/// The schema that the document has under this name.
fn of_document(reader: &mut Reader, node: Node<'_>, reference: Node<'_>) -> Option<Test> {
    let text = reader.text(reference, "$ref")?;
    if let Some((key, span, _)) = node.members().find(|(key, ..)| *key != "$ref") {
        let sentence = format!("`{}` beside `$ref`", excerpt(key));
        reader.wrong_key(node, span, sentence, "write the `$ref` alone, or the whole schema here");
        return None;
    }
    let found: Option<Schema> =
        if text.starts_with("#/") { reader.contract.schema_at(&text, reader.direction) } else { None };
    if found.is_none() {
        let sentence = format!("`{}` names no schema of the document", excerpt(&text));
        reader.wrong(reference, sentence, "write one such as `'#/components/schemas/Name'`");
    }
    found.map(|schema| Test::Schema(Box::new(schema), text.into()))
}

/// The schemas of this text, compiled together. The tree is read again when the first is met: most scenarios have none.
fn schemas(reader: &mut Reader, node: Node<'_>) -> Option<(Arc<Schemas>, Arc<Documents>)> {
    if reader.schemas.is_none() {
        let again = Document::read(node.document().source().clone()).document?;
        let documents = Arc::new(Documents::single(again));
        reader.schemas = Some((Schemas::new(documents.clone(), Dialect::V3_1), documents));
    }
    reader.schemas.clone()
}

/// What is wrong with the schemas themselves. Nothing in a scenario is ignored, so each is an error here.
pub(in crate::scenario) fn findings(reader: &Reader) -> Vec<Finding> {
    let found = reader.schemas.as_ref().map(|(schemas, _)| schemas.findings()).unwrap_or_default();
    found.into_iter().map(|finding| finding.as_severity(Severity::Error)).collect()
}
