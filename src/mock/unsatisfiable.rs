//! What no answer can satisfy: schemas of responses for which no value is found.

use std::collections::HashMap;

use crate::contract::{Codec, Contract};
use crate::finding::Finding;
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
            // Where a reference and nothing else stands, what it leads to is what values are made for.
            let locations = contract.schema_locations(schema);
            let Some(at) = locations.last() else { continue };
            let key = (std::sync::Arc::as_ptr(&at.document) as usize, at.pointer.clone());
            let findings = known.entry(key).or_insert_with(|| Plan::new(schema, None).findings());
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

fn same_place(a: &Finding, b: &Finding) -> bool {
    let at = |finding: &Finding| finding.place.as_ref().map(|place| (place.source.name().to_owned(), place.span.start));
    at(a) == at(b)
}
