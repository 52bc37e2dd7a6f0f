//! Steps, held to the document: what it does not have cannot be sent, nor be answered.

use std::collections::HashSet;

use super::{Issue, TOLD};
use crate::contract::{Codec, Contract, In, Operation};
use crate::finding::{Finding, Severity, did_you_mean};
use crate::message::{StatusRange, expressions};
use crate::scenario::reader::{excerpt, listed};
use crate::scenario::step::{Argument, Content, Step};
use crate::scenario::template::OF_CALLS;
use crate::scenario::{Scenario, Template};

impl Scenario {
    /// Whether each step can be taken, as far as that shows beforehand.
    pub(super) fn check_steps(&self, contract: &Contract, findings: &mut Vec<Finding>) {
        let mut kept: HashSet<&str> = HashSet::new();
        let before = findings.len();
        for step in &self.steps {
            if findings.len() - before >= TOLD {
                break;
            }
            let Some(index) = contract.find(&step.operation) else { continue };
            let operation = contract.operation(index);
            let mut issues = Vec::new();
            for argument in &step.arguments {
                check_argument(operation, argument, &mut issues);
            }
            check_statuses(operation, step, &mut issues);
            check_content(operation, step, &mut issues);
            findings.extend(issues.into_iter().map(|issue| self.finding(issue, Some(&step.operation), &[], 0)));
            for template in step.templates().chain(step.then.templates()) {
                self.check_step_template(step, template, &kept, findings);
            }
            kept.extend(step.then.keeps.iter().map(|(name, ..)| &**name));
        }
    }

    fn check_step_template(&self, step: &Step, template: &Template, kept: &HashSet<&str>, findings: &mut Vec<Finding>) {
        for (asked, place) in template.asks() {
            let mut parts = asked.split('.');
            let first = parts.next().unwrap_or_default();
            if OF_CALLS.contains(&first) {
                let sentence = format!("a step does not know `{first}`");
                let help = "what a step sends is made from `saved`, `now` and functions";
                findings.push(Finding::new("scenario-template", sentence).at(Some(place)).help(help));
                continue;
            }
            let Some(name) = parts.next().filter(|name| first == "saved" && !kept.contains(name)) else { continue };
            let mut known: Vec<&str> = kept.iter().copied().collect();
            known.sort_unstable();
            let keeps = |step: &&Step| step.then.keeps.iter().any(|(known, ..)| **known == *name);
            let help = match (self.steps.iter().find(keeps), did_you_mean(name, known.iter().copied())) {
                (Some(keeper), _) if keeper.number == step.number => "this step keeps it of its own answer".to_owned(),
                (Some(keeper), _) => format!("step {} keeps it, and this is step {}", keeper.number, step.number),
                (None, Some(near)) => format!("did you mean `saved.{near}`?"),
                (None, None) => {
                    format!("keep it under an earlier step: `then: {{ save: {{ {}: /… }} }}`", excerpt(name))
                }
            };
            let sentence = format!("no step before this one keeps `{}`", excerpt(name));
            let finding = Finding::new("scenario-saved", sentence).at(Some(place)).help(help);
            findings.push(finding.as_severity(Severity::Error));
        }
    }
}

fn check_argument(operation: &Operation, argument: &Argument, issues: &mut Vec<Issue>) {
    let name = excerpt(&argument.name);
    let place = || argument.place.clone();
    if argument.part == In::Path {
        let names = || expressions(&operation.template).map(|expression| expression.name);
        if !names().any(|known| known == &*argument.name) {
            let help = match did_you_mean(&argument.name, names()) {
                Some(near) => format!("did you mean `{near}`?"),
                None if names().next().is_none() => "the path has no parameters".to_owned(),
                None => format!("the path has {}", listed(names())),
            };
            let sentence = format!("no parameter `{name}` in the path of {{of}}");
            issues.push(Issue::new("scenario-request", place(), sentence, help).always());
        }
        return;
    }
    if operation.parameters.iter().any(|parameter| argument.is_for(parameter)) {
        return;
    }
    let (kind, alike): (_, fn(In) -> bool) = match argument.part {
        In::Header => ("header field", |part| part == In::Header),
        In::Cookie => ("cookie", |part| part == In::Cookie),
        _ => ("query parameter", |part| matches!(part, In::Query | In::QueryString)),
    };
    if argument.is_mapping() {
        let sentence = format!("`{name}` is a mapping, and the document has no {kind} of that name for {{of}}");
        let help = "how it is written is for the document to say: write it as a text";
        issues.push(Issue::new("scenario-request", place(), sentence, help).always());
        return;
    }
    // Anything may be sent; a slip is worth a word.
    let known = operation.parameters.iter().filter(|parameter| alike(parameter.place));
    if let Some(near) = did_you_mean(&argument.name, known.map(|parameter| &*parameter.name)) {
        let sentence = format!("the document has no {kind} `{name}` for {{of}}");
        let mut issue = Issue::new("scenario-request", place(), sentence, format!("did you mean `{near}`?"));
        issue.severity = Severity::Warning;
        issues.push(issue);
    }
}

/// A status that is expected has to be one that can be answered.
fn check_statuses(operation: &Operation, step: &Step, issues: &mut Vec<Issue>) {
    for (range, place) in &step.then.statuses {
        let documented = match range {
            StatusRange::Exact(status) => operation.response(*status).is_some(),
            StatusRange::Class(class) => operation.responses.iter().any(|response| match response.range {
                StatusRange::Exact(status) => status / 100 == u16::from(*class),
                range => range.covers(u16::from(*class) * 100),
            }),
            StatusRange::Default => true,
        };
        if !documented {
            let known: Vec<String> = operation.responses.iter().map(|response| response.range.to_string()).collect();
            let help = format!("it has {}; `strict: false` lets a scenario answer otherwise", known.join(", "));
            let sentence = format!("{range} is not documented for {{of}}");
            issues.push(Issue::new("scenario-status", place.clone(), sentence, help));
        }
    }
}

/// Bytes cannot be made up; content that is not described may be sent, and is most likely a slip.
fn check_content(operation: &Operation, step: &Step, issues: &mut Vec<Issue>) {
    if matches!(&step.content, Some(Content::Value(_) | Content::Made(_))) && operation.request.is_none() {
        let sentence = "a body for {of}, whose requests have none in the document";
        let mut issue =
            Issue::new("scenario-request", step.place.clone(), sentence, "remove it, or call another operation");
        issue.severity = Severity::Warning;
        issues.push(issue);
    }
    let Some(request) = operation.request.as_ref().filter(|request| request.required) else { return };
    let bytes = || request.content.iter().all(|content| content.codec == Codec::Binary);
    if step.content.is_none() && bytes() {
        let sentence = "nothing can be made up as content of {of}";
        let help = "write it under `with`: `body: …`; null sends none";
        issues.push(Issue::new("scenario-request", step.place.clone(), sentence, help).always());
    }
}
