//! The last touches: what a scenario merges and sets, and the fields of ours.

use super::{Marked, Mock, Options, ValidCall, cors};
use crate::finding::Finding;
use crate::message::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use crate::scenario::{Reply, Scenario};
use crate::traffic::{Decision, Why};

static WHY: HeaderName = HeaderName::from_static("standin-why");

/// The usual value of it, made once.
static DOCUMENT: HeaderValue = HeaderValue::from_static("document");

/// Sets the fields that a scenario's reply names; an empty list removes one.
pub(super) fn fields(reply: &Reply, headers: &mut HeaderMap) {
    for (name, values) in &reply.headers {
        headers.remove(name);
        for value in values {
            headers.append(name.clone(), value.clone());
        }
    }
}

/// Adds the fields of ours, and lets browsers of other origins read the answer.
pub(super) fn sign(options: &Options, request: &Request, marked: Marked, answer: &mut Response, decision: &Decision) {
    if !options.plain {
        // The usual one costs nothing.
        let why = match &decision.why {
            Why::Document => Ok(DOCUMENT.clone()),
            why => HeaderValue::from_str(&why.to_string()),
        };
        if let Ok(why) = why {
            answer.headers.insert(&WHY, why);
        }
        for applied in &decision.applied {
            if let Ok(applied) = HeaderValue::from_str(applied) {
                answer.headers.append(HeaderName::from_static("preference-applied"), applied);
            }
        }
    }
    if marked.origin {
        cors::allow(options, request, &mut answer.headers);
    }
}

impl Mock {
    /// Tries every merge of a scenario on one sample of what it merges into, and every template on one call.
    pub(super) fn try_merges(&self, scenario: &Scenario) -> Vec<Finding> {
        let mut findings = scenario.check_merged(&self.contract, &|operation, status| self.sample(operation, status));
        let now = self.options.now;
        findings.extend(scenario.check_filled(&self.contract, now, &|index| {
            ValidCall::new(&self.contract, index, now)?.to_call(&self.contract)
        }));
        findings
    }
}
