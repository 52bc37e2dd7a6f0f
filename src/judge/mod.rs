//! Rules over one exchange: what an answer has against its document. Rules over the calls of a client, and what a run met of its
//! document.
//!
//! What belongs here: which records the document speaks of at all, and the rules that answers are held to, one file each; what
//! scenarios expect of clients; coverage. Pure: an exchange in, a judgement out, or counts that it adds to. Imports `message`, `finding`, `schema`, `contract`, `traffic`, `scenario`. Not here: where
//! exchanges come from, counting them, wording for a terminal.

mod case;
mod conduct;
mod coverage;
mod digest;
mod hosts;
mod rules;
mod scope;

use std::sync::Arc;

pub use conduct::{Conduct, Seen, SessionTime};
pub use coverage::Coverage;
pub use digest::holds_digest;
pub use hosts::Hosts;
pub use scope::{Aside, Scope, scope};

use crate::contract::{Call, Contract};
use crate::finding::{Severity, Verdict, Violation};
use crate::traffic::{Exchange, Outcome};

/// What an exchange comes to.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// Index of the operation that the request is for.
    pub operation: Option<usize>,
    /// Whether the document speaks of it. Unless it is in scope, nothing else was looked at.
    pub scope: Scope,
    /// What is wrong with the answer.
    pub findings: Vec<Observed>,
    /// What could not be decided, as lower-case sentence fragments.
    pub undecided: Vec<String>,
}

impl Judgement {
    /// All of it in one value; notes say nothing against an answer.
    pub fn verdict(&self) -> Verdict {
        if self.findings.iter().any(|observed| observed.severity > Severity::Note) {
            Verdict::Invalid
        } else if self.scope != Scope::InScope || !self.undecided.is_empty() {
            Verdict::NotDecided
        } else {
            Verdict::Valid
        }
    }
}

/// One thing that is wrong with an answer.
#[derive(Clone, Debug)]
pub struct Observed {
    /// The rule that saw it.
    pub rule: &'static str,
    /// How grave it is here.
    pub severity: Severity,
    /// What it is. Its texts are those of the answer: secrets are still in them.
    pub violation: Violation,
    /// The violation's pointer with `*` for every place in a list: alike for all items that are wrong in the same way.
    pub pattern: String,
    /// What to do, where that is more than the rule's own remedy.
    pub help: Option<String>,
}

/// Judges the answer of an exchange by the operation that its request is for.
///
/// Values that stand for redacted ones and content that was captured only in part never make a finding: what they would have
/// decided is *not decided*.
pub fn judge(contract: &Arc<Contract>, exchange: &Exchange) -> Judgement {
    let request = &exchange.request;
    let scope = scope(contract, exchange);
    let route = contract.route(&request.method, request.target.path(), request.target.query()).ok();
    let operation = route.map(|route| route.operation);
    let mut judgement = Judgement { operation, scope, findings: Vec::new(), undecided: Vec::new() };
    let (Some(route), Scope::InScope) = (route, scope) else { return judgement };
    let Outcome::Answered(answer) = &exchange.outcome else {
        judgement.undecided.push("there is no answer to judge".to_owned());
        return judgement;
    };
    let call = Call::new(contract, route, request.to_request());
    let case = case::Case::new(&call, answer);
    rules::check(&case, &mut judgement);
    digest::withhold(&case, &mut judgement);
    judgement
}
