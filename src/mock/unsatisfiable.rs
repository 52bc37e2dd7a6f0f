//! What no answer can satisfy: schemas of responses for which no value is found.

use std::collections::HashMap;

use crate::contract::{Codec, Contract};
use crate::document::Location;
use crate::finding::{Finding, Place};
use crate::generate::Plan;

/// What is wrong with schemas of responses as far as it shows when values are made for them: nothing that is served keeps to
/// them. One finding a place and operation. Makes every plan once and keeps none, which takes time on a large document.
pub fn unsatisfiable(contract: &Contract) -> Vec<Finding> {
    let mut known: HashMap<(usize, String), Vec<Finding>> = HashMap::new();
    let mut found: Vec<Finding> = Vec::new();
    for index in 0..contract.heads().len() {
        let operation = contract.operation(index);
        let before = found.len();
        let contents =
            operation.responses.iter().filter(|response| !response.is_bare()).flat_map(|response| &response.content);
        for content in contents.filter(|content| content.codec != Codec::Binary) {
            let Some(schema) = content.schema.as_ref().or(content.items.as_ref()) else { continue };
            // Where a reference and nothing else stands, what it leads to is what values are made for, and what has to be mended.
            let locations = contract.schema_locations(schema);
            let Some(at) = locations.iter().find(|at| !is_reference(at)).or(locations.last()) else { continue };
            let key = (std::sync::Arc::as_ptr(&at.document) as usize, at.pointer.clone());
            let findings = known.entry(key).or_insert_with(|| {
                let own = schema.location();
                let own = Place::of(&own.document, &own.pointer);
                let meant = |finding: Finding| match &finding.place {
                    Some(place) if at_one(place, &own) => finding.at(Some(Place::of(&at.document, &at.pointer))),
                    _ => finding,
                };
                Plan::new(schema, None).findings().into_iter().map(meant).collect()
            });
            for finding in findings.iter() {
                let told = found[before..].iter().any(|other| same_place(other, finding));
                if !told {
                    found.push(finding.clone().about(operation.key.clone()));
                }
            }
        }
    }
    found
}

/// Whether a schema is a reference and says nothing else.
fn is_reference(at: &Location) -> bool {
    let raw = at.document.at(&at.pointer).and_then(|raw| raw.as_object());
    raw.is_some_and(|raw| raw.len() == 1 && raw.contains_key("$ref"))
}

fn same_place(a: &Finding, b: &Finding) -> bool {
    match (&a.place, &b.place) {
        (Some(a), Some(b)) => at_one(a, b),
        (a, b) => a.is_none() && b.is_none(),
    }
}

fn at_one(a: &Place, b: &Place) -> bool {
    a.source.name() == b.source.name() && a.span.start == b.span.start
}
