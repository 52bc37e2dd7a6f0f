//! One rule, or only what it answers, as a text of its own: what a test says of one operation between its calls.

use std::sync::Arc;

use super::super::Scenario;
use super::super::field::RULE;
use super::super::model::Then;
use super::super::reader::{Reader, listed};
use super::{empty, reply, rule};
use crate::contract::Contract;
use crate::document::{Document, Source};
use crate::finding::Finding;

impl Scenario {
    /// Reads a rule (`{ "when": …, "reply": 409 }`) or a reply (`409`, `{ "status": 409, "delay": "2s" }`) for an operation, by its key,
    /// or for all of them with `*`: a scenario of this name with this rule alone. Where it is not
    /// `strict`, what the document does not describe is a warning. `None` when anything in it is an error.
    pub fn read_rule(
        source: &Arc<Source>,
        name: Arc<str>,
        operation: &Arc<str>,
        strict: bool,
        contract: &Contract,
    ) -> (Option<Scenario>, Vec<Finding>) {
        Scenario::read_as(source, contract, |reader, document| single(reader, document, name, operation, strict))
    }
}

fn single(
    reader: &mut Reader,
    document: &Arc<Document>,
    name: Arc<str>,
    operation: &Arc<str>,
    strict: bool,
) -> Option<Scenario> {
    let root = document.node();
    if root.value().is_array() {
        reader.wrong(
            root,
            "here is a list, and one rule is meant",
            "send its only item; several rules make a scenario",
        );
        return None;
    }
    // No key of a rule is one of a reply.
    let is_rule = root.members().any(|(key, ..)| RULE.field(key).is_some());
    let rule = if is_rule {
        rule::read(reader, root, operation, 1, String::new())?
    } else {
        if root.value().is_null() {
            let help = format!("send a status, `ok`, or a rule: its keys are {}", listed(RULE.keys()));
            reader.wrong(root, "there is nothing here", help);
            return None;
        }
        let reply = reply::read(reader, root, String::new())?;
        rule::plain(format!("{operation}#1").into(), reader.line(root), Then::Reply(Arc::new(reply)), String::new())
    };
    let mut scenario = Scenario { strict, ..empty(name, document) };
    if **operation == *"*" {
        scenario.any = vec![rule];
    } else {
        scenario.operations = vec![(operation.clone(), vec![rule])];
    }
    Some(scenario)
}
