//! Conditions on parts of a request that the document does not describe, and that are called nearly like one that it does.

use super::super::Scenario;
use super::super::when::{Part, Test};
use crate::contract::{Contract, In};
use crate::finding::{Finding, Severity, did_you_mean};

impl Scenario {
    /// Requests may have more than the document knows, so it is a warning, and only where another name is near.
    pub(super) fn check_near(&self, contract: &Contract, findings: &mut Vec<Finding>) {
        for (key, rule) in self.all() {
            let Some((key, index)) = key.and_then(|key| Some((key, contract.find(key)?))) else { continue };
            for condition in rule.when.conditions() {
                let (called, names, where_to) = match &condition.part {
                    _ if matches!(condition.test, Test::Absent) => continue,
                    Part::Body(_, pointer) => {
                        let first = pointer.split('/').nth(1).unwrap_or_default();
                        if first.is_empty() || first.contains('~') {
                            continue;
                        }
                        (first.to_owned(), members(contract, index), "content")
                    }
                    Part::Query(name) => (name.to_string(), queries(contract, index), "query"),
                    _ => continue,
                };
                if names.contains(&called) {
                    continue;
                }
                let Some(near) = did_you_mean(&called, names.iter().map(String::as_str)) else { continue };
                let sentence = format!("the document has no `{called}` in the {where_to} of `{key}`");
                let finding = Finding::new("scenario-condition", sentence).at(Some(condition.place.clone()));
                findings.push(
                    finding.help(format!("did you mean `{near}`?")).about(key.clone()).as_severity(Severity::Warning),
                );
            }
        }
    }
}

/// The members of what an operation takes, by any of its schemas.
fn members(contract: &Contract, operation: usize) -> Vec<String> {
    let contents = contract.operation(operation).request.iter().flat_map(|request| &request.content);
    contents.filter_map(|content| content.schema.as_ref()).flat_map(|schema| schema.property_names()).collect()
}

fn queries(contract: &Contract, operation: usize) -> Vec<String> {
    let parameters = contract.operation(operation).parameters.iter();
    parameters.filter(|parameter| parameter.place == In::Query).map(|parameter| parameter.name.to_string()).collect()
}
