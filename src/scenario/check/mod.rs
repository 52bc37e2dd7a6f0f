//! A scenario held to its contract: what it answers has to be what the document allows.

mod body;
mod condition;
mod expect;
mod filled;
mod header;
mod sample;
mod state;
mod steps;
mod template;

use std::sync::Arc;

use super::model::{Reply, Rule, Scenario};
use super::reader::{excerpt, listed};
use super::when::Part;
use crate::contract::{Contract, Operation, Response};
use crate::finding::{Finding, Place, Severity, did_you_mean};
use crate::message::expressions;

/// The most things wrong with one rule that are told.
const TOLD: usize = 50;

/// Something that an operation does not allow. The same may hold for several operations.
struct Issue {
    rule: &'static str,
    severity: Severity,
    /// Whether `strict: false` lowers it to a warning.
    lenient: bool,
    place: Place,
    /// With `{of}` where the operation is named.
    sentence: String,
    help: String,
}

impl Issue {
    fn new(rule: &'static str, place: Place, sentence: impl Into<String>, help: impl Into<String>) -> Issue {
        let (sentence, help) = (sentence.into(), help.into());
        Issue { rule, severity: Severity::Error, lenient: true, place, sentence, help }
    }

    /// What cannot be carried out, whatever the file says.
    fn always(mut self) -> Issue {
        self.lenient = false;
        self
    }

    /// What could not be found out.
    fn open(mut self) -> Issue {
        self.severity = Severity::Note;
        self
    }
}

impl Scenario {
    /// Everything in it that the contract does not allow, as far as that shows without making answers up.
    pub(super) fn check(&self, contract: &Contract) -> Vec<Finding> {
        let mut findings = Vec::new();
        self.each(contract, &mut findings, |operation, rule, issues| {
            for reply in rule.replies() {
                self.check_reply(operation, reply, issues);
            }
            self.check_names(operation, rule, issues);
        });
        self.check_saved(&mut findings);
        self.check_conditions(contract, &mut findings);
        self.check_near(contract, &mut findings);
        self.check_expectations(contract, &mut findings);
        self.check_states(&mut findings);
        self.check_steps(contract, &mut findings);
        findings
    }

    /// Calls back for each rule and each operation that it is for, and joins what is the same for several operations.
    fn each(
        &self,
        contract: &Contract,
        findings: &mut Vec<Finding>,
        mut issues_of: impl FnMut(&Operation, &Rule, &mut Vec<Issue>),
    ) {
        for (key, rule) in self.all() {
            let indices = match key {
                Some(key) => contract.find(key).map_or(0..0, |index| index..index + 1),
                None => 0..contract.heads().len(),
            };
            let of = indices.len();
            let mut joined: Vec<(Issue, Vec<Arc<str>>)> = Vec::new();
            let mut issues = Vec::new();
            for index in indices {
                let operation = contract.operation(index);
                issues_of(operation, rule, &mut issues);
                for issue in issues.drain(..) {
                    if joined.len() == TOLD {
                        break;
                    }
                    let same = |known: &Issue| {
                        known.rule == issue.rule
                            && known.place.span == issue.place.span
                            && known.sentence == issue.sentence
                    };
                    match joined.iter_mut().find(|(known, _)| same(known)) {
                        Some((_, keys)) => keys.push(operation.key.clone()),
                        None => joined.push((issue, vec![operation.key.clone()])),
                    }
                }
            }
            findings.extend(joined.into_iter().map(|(issue, keys)| self.finding(issue, key, &keys, of)));
        }
    }

    fn finding(&self, issue: Issue, own: Option<&Arc<str>>, keys: &[Arc<str>], of: usize) -> Finding {
        let who = match own {
            Some(key) => format!("`{}`", excerpt(key)),
            None => {
                let names = keys.iter().take(3).map(|key| &**key);
                let more = if keys.len() > 3 { ", …" } else { "" };
                format!("{} of {of} operations ({}{more})", keys.len(), listed(names))
            }
        };
        let severity = match issue.severity {
            Severity::Error if issue.lenient && !self.strict => Severity::Warning,
            severity => severity,
        };
        let finding = Finding::new(issue.rule, issue.sentence.replace("{of}", &who)).at(Some(issue.place));
        let mut finding = finding.as_severity(severity);
        finding.help = Some(issue.help).filter(|help| !help.is_empty());
        match own {
            Some(key) => finding.about(key.clone()),
            None => finding,
        }
    }

    fn check_reply(&self, operation: &Operation, reply: &Reply, issues: &mut Vec<Issue>) {
        let Some((status, response)) = answer(operation, reply) else {
            if let Some(status) = reply.status {
                let known: Vec<String> =
                    operation.responses.iter().map(|response| response.range.to_string()).collect();
                let help = format!("it has {}; `strict: false` lets a scenario answer otherwise", known.join(", "));
                let sentence = format!("{status} is not documented for {{of}}");
                issues.push(Issue::new("scenario-status", self.place(reply, "/status"), sentence, help));
            }
            return;
        };
        if let Some(name) = &reply.example {
            self.check_example(reply, name, status, response, issues);
        }
        self.check_fields(operation, reply, status, response, issues);
        self.check_content(reply, status, response, issues);
        self.check_example_merged(operation, reply, issues);
    }

    fn check_example(&self, reply: &Reply, name: &str, status: u16, response: &Response, issues: &mut Vec<Issue>) {
        let names = || {
            let examples = response.content.iter().flat_map(|content| &content.examples);
            examples.filter_map(|example| example.name.as_deref())
        };
        if names().any(|known| known == name) {
            return;
        }
        let help = match did_you_mean(name, names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if names().next().is_none() => {
                "the document names no examples there; write the content under `body`".to_owned()
            }
            None => format!("the document has {}", listed(names())),
        };
        let sentence = format!("no example `{}` for {status} of {{of}}", excerpt(name));
        issues.push(Issue::new("scenario-example", self.place(reply, "/example"), sentence, help).always());
    }

    /// A condition on a path parameter that the path does not have can never hold.
    fn check_conditions(&self, contract: &Contract, findings: &mut Vec<Finding>) {
        for (key, rule) in self.all() {
            let heads = contract.heads().iter().filter(|head| key.is_none_or(|key| head.key == *key));
            let mut names: Vec<&str> =
                heads.flat_map(|head| expressions(&head.template)).map(|expression| expression.name).collect();
            names.sort_unstable();
            names.dedup();
            let conditions = rule.when.conditions().iter().map(|condition| (&condition.part, &condition.place));
            let by = rule.rate().and_then(|rate| Some((rate.by.0.as_ref()?, &rate.place)));
            for (part, place) in conditions.chain(by) {
                let Part::Path(name) = part else { continue };
                if names.contains(&&**name) {
                    continue;
                }
                let help = match did_you_mean(name, names.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None if names.is_empty() => "the path has no parameters".to_owned(),
                    None => format!("the path has {}", listed(names.iter().copied())),
                };
                let whose = key.map_or("any operation".to_owned(), |key| format!("`{}`", excerpt(key)));
                let sentence = format!("no parameter `{}` in the path of {whose}", excerpt(name));
                let finding = Finding::new("scenario-condition", sentence).at(Some(place.clone())).help(help);
                findings.push(match key {
                    Some(key) => finding.about(key.clone()),
                    None => finding,
                });
            }
        }
    }
}

/// The status and the documented response that a reply comes to; `None` where there is none.
pub(super) fn answer<'o>(operation: &'o Operation, reply: &Reply) -> Option<(u16, &'o Response)> {
    match reply.status {
        Some(status) => operation.response(status).map(|response| (status, response)),
        None => operation.success(),
    }
}
