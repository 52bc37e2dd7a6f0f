//! What templates come to, tried on one call.

use serde_json::Value;

use super::body::contents;
use super::{Issue, answer};
use crate::contract::{Call, Codec, Contract, Operation};
use crate::finding::{Finding, Part};
use crate::generate::Seed;
use crate::message::{self, HeaderMap, HeaderValue, StatusCode};
use crate::scenario::{Context, Facts, Failed, Reply, Scenario, Syntax};

/// The most operations that a rule for all of them is tried on.
const TRIED: usize = 8;

impl Scenario {
    /// Tries every template on one call: `sample` is asked for a valid call of an operation, and may not know one. Tells what
    /// comes to nothing, and what the document forbids.
    pub fn check_filled<'c>(
        &self,
        contract: &'c Contract,
        now: jiff::Timestamp,
        sample: &dyn Fn(usize) -> Option<Call<'c>>,
    ) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut tried = 0;
        self.each(contract, &mut findings, |operation, rule, issues| {
            let replies = rule.replies();
            if !replies.iter().any(|reply| reply.is_filled()) {
                tried = 0;
                return;
            }
            tried += 1;
            let index = contract.find(&operation.key).filter(|_| tried <= TRIED);
            let Some(call) = index.and_then(sample) else { return };
            for reply in replies.into_iter().filter(|reply| reply.is_filled()) {
                let seed = Seed(self.seed.unwrap_or(0)).narrow(&rule.id);
                let facts = Facts { call: &call, number: 1, session: "default", now, seed, saved: &[] };
                self.try_filled(operation, reply, &facts.context(), issues);
            }
        });
        findings
    }

    fn try_filled(&self, operation: &Operation, reply: &Reply, context: &Context, issues: &mut Vec<Issue>) {
        let Some((status, response)) = answer(operation, reply) else { return };
        if let Some(template) = &reply.template {
            // As it is sent to those who take anything.
            let contents = contents(reply, response);
            let with = |fits: fn(Codec) -> bool| contents.iter().find(|content| fits(content.codec));
            let usual = with(|codec| codec == Codec::Json).or_else(|| with(|codec| codec != Codec::Binary));
            let content = usual.or(contents.first());
            let named = reply.media_type().as_ref().map(Codec::of_type);
            let codec = content.map(|content| content.codec).or(named).unwrap_or(Codec::Json);
            match template.content(context, Syntax::of(codec)) {
                Err(failed) => issues.push(issue(failed)),
                // A text is the content of anything that is not JSON, as it is.
                Ok(Value::String(_)) if !matches!(codec, Codec::Json | Codec::Text) => {}
                Ok(value) => {
                    let violations = content.map(|content| content.explain(content.codec, &value));
                    self.forbidden(reply, "/template", status, &violations.unwrap_or_default(), issues);
                }
            }
        }
        let Ok(code) = StatusCode::from_u16(status) else { return };
        for (name, templates) in &reply.filled {
            let mut answer = message::Response::empty(code);
            answer.headers = HeaderMap::new();
            for template in templates {
                match template.text(context) {
                    Ok(text) => drop(HeaderValue::from_str(&text).map(|value| answer.headers.append(name, value))),
                    Err(failed) => issues.push(issue(failed)),
                }
            }
            let Some(template) = templates.first() else { continue };
            // Only a part of the answer is known here, so it counts as cut.
            let judged = operation.check_response(&operation.method, &answer, true);
            let own = |part: Part, field: &str| part == Part::Header && field.eq_ignore_ascii_case(name.as_str());
            for violation in judged.violations.iter().filter(|violation| own(violation.part, &violation.name)) {
                let sentence = format!("the field `{name}` of {status} of {{of}}: {}", violation.sentence);
                let help = violation.place.as_ref().map(|place| format!("the document describes it at {place}"));
                let place = template.place.clone();
                issues.push(Issue::new("scenario-header", place, sentence, help.unwrap_or_default()));
            }
        }
    }
}

/// What is not there in one call may be there in another.
fn issue(failed: Failed) -> Issue {
    let sentence = match failed.missing {
        true => format!("not tried for {{of}}: {} in a sample of its calls", failed.sentence),
        false => format!("for {{of}}: {}", failed.sentence),
    };
    let issue = Issue::new("scenario-template", failed.place, sentence, failed.help).always();
    if failed.missing { issue.open() } else { issue }
}
