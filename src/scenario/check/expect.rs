//! What is expected of clients, held to the document: what it does not have cannot be met.

use super::Issue;
use crate::contract::Contract;
use crate::finding::Finding;
use crate::scenario::{Expectation, Scenario};

impl Scenario {
    /// A status that is to be met has to be one that can be answered.
    pub(super) fn check_expectations(&self, contract: &Contract, findings: &mut Vec<Finding>) {
        for expect in &self.expect {
            let indices = match &expect.operation {
                Some(key) => contract.find(key).map_or(0..0, |index| index..index + 1),
                None => 0..contract.heads().len(),
            };
            for expected in &expect.all {
                let Expectation::Meets(statuses) = &expected.what else { continue };
                for status in &**statuses {
                    let mut operations = indices.clone().map(|index| contract.operation(index));
                    if operations.any(|operation| operation.response(*status).is_some()) {
                        continue;
                    }
                    let (sentence, help) = match (&expect.operation, indices.clone().next()) {
                        (Some(_), Some(index)) => {
                            let responses = &contract.operation(index).responses;
                            let known: Vec<String> =
                                responses.iter().map(|response| response.range.to_string()).collect();
                            (format!("{status} is not documented for {{of}}"), format!("it has {}", known.join(", ")))
                        }
                        _ => (format!("{status} is not documented for any operation"), "remove it".to_owned()),
                    };
                    let help = format!("{help}; `strict: false` lets a scenario answer otherwise");
                    let issue = Issue::new("scenario-status", expected.place.clone(), sentence, help);
                    findings.push(self.finding(issue, expect.operation.as_ref(), &[], 0));
                }
            }
        }
    }
}
