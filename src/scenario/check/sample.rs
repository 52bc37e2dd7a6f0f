//! What `merge` makes of an answer, tried on one.

use serde_json::Value;

use super::Issue;
use super::answer;
use super::body::contents;
use crate::contract::{Codec, Content, Contract, Operation};
use crate::finding::{Finding, Violation};
use crate::scenario::{Reply, Scenario, merge_patch};

impl Scenario {
    /// Tries every `merge` on one answer: `sample` is asked for the content that an operation answers with under a status
    /// (`None`: its usual success), and may not know. Tells what the schema forbids of the result and allowed before.
    ///
    /// Where the document has an example, [`Scenario::read`] has tried that, and `sample` is not asked.
    pub fn check_merged(
        &self,
        contract: &Contract,
        sample: &dyn Fn(&str, Option<u16>) -> Option<Value>,
    ) -> Vec<Finding> {
        let mut findings = Vec::new();
        self.each(contract, &mut findings, |operation, rule, issues| {
            for reply in rule.replies() {
                self.try_merge(operation, reply, issues, &|reply, content| match shown(reply, content) {
                    Some(_) => None,
                    None => sample(&operation.key, reply.status),
                });
            }
        });
        findings
    }

    /// Tries `merge` on the document's own example, where there is one.
    pub(super) fn check_example_merged(&self, operation: &Operation, reply: &Reply, issues: &mut Vec<Issue>) {
        self.try_merge(operation, reply, issues, &|reply, content| shown(reply, content).cloned());
    }

    fn try_merge(
        &self,
        operation: &Operation,
        reply: &Reply,
        issues: &mut Vec<Issue>,
        sample: &dyn Fn(&Reply, &Content) -> Option<Value>,
    ) {
        let (Some(patch), Some((status, response))) = (&reply.merge, answer(operation, reply)) else { return };
        let contents = contents(reply, response);
        let Some(content) =
            contents.iter().filter(|content| content.codec.is_structured()).min_by_key(|one| one.codec != Codec::Json)
        else {
            return;
        };
        let Some(schema) = &content.schema else { return };
        let Some(before) = sample(reply, content) else { return };
        let before = content.meant(&before);
        let mut after = before.clone();
        merge_patch(&mut after, patch);
        let mut violations = schema.explain(&after);
        if violations.is_empty() {
            return;
        }
        // An example that its own schema forbids is not the scenario's fault.
        let known = schema.explain(&before);
        let alike = |one: &Violation, other: &Violation| one.pointer == other.pointer && one.keyword == other.keyword;
        violations.retain(|violation| !known.iter().any(|known| alike(known, violation)));
        self.forbidden(reply, "/merge", status, &violations, issues);
    }
}

/// The example that a reply starts from: the one it names, else the first.
fn shown<'c>(reply: &Reply, content: &'c Content) -> Option<&'c Value> {
    let wanted = |name: Option<&str>| reply.example.as_deref().is_none_or(|asked| name == Some(asked));
    content.examples.iter().find(|example| wanted(example.name.as_deref())).map(|example| &example.value)
}
