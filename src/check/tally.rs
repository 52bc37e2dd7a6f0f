//! Counting, as records come.

use std::collections::HashMap;

use crate::contract::Contract;
use crate::finding::{Counted, OperationCounts, Records, Summary, Verdict};
use crate::judge::{Aside, Scope};
use crate::message::StatusRange;
use crate::traffic::Exchange;

/// How many different reasons, or paths without an operation, are told apart.
const DIFFERENT: usize = 1_000;
/// How many of them are told.
const TOLD: usize = 10;
/// Segments of a path that are longer are cut where a path is shown: they may be keys.
const SEGMENT: usize = 24;

/// Counts of a run.
pub(super) struct Tally {
    pub(super) records: Records,
    pub(super) sent: u64,
    pub(super) other_status: u64,
    pub(super) operations: Vec<OperationCounts>,
    undecided: Counts,
    unrouted: Counts,
    remarks: Counts,
}

/// Something counted by its text.
#[derive(Default)]
struct Counts(HashMap<String, (usize, u64)>);

impl Counts {
    fn add(&mut self, what: impl Into<String>) {
        let number = self.0.len();
        let what = what.into();
        if number < DIFFERENT || self.0.contains_key(&what) {
            self.0.entry(what).or_insert((number, 0)).1 += 1;
        }
    }

    /// The most frequent first, of equally frequent ones the one that was met first.
    fn told(self) -> Vec<Counted> {
        let mut all: Vec<_> = self.0.into_iter().collect();
        all.sort_by_key(|(_, (met, count))| (std::cmp::Reverse(*count), *met));
        all.into_iter().take(TOLD).map(|(what, (_, count))| Counted { what, count }).collect()
    }
}

impl Tally {
    pub(super) fn new(contract: &Contract) -> Tally {
        let operations = contract.heads().iter().enumerate().map(|(index, head)| OperationCounts {
            key: head.key.clone(),
            request: format!("{} {}{}", head.method, contract.base_path(index), head.template),
            statuses: Default::default(),
            valid: 0,
            invalid: 0,
            not_decided: 0,
            skipped_writes: 0,
            skipped_invalid: 0,
            proved: false,
        });
        Tally {
            records: Records::default(),
            sent: 0,
            other_status: 0,
            operations: operations.collect(),
            undecided: Counts::default(),
            unrouted: Counts::default(),
            remarks: Counts::default(),
        }
    }

    /// A record that came to a verdict.
    pub(super) fn judged(&mut self, operation: usize, verdict: Verdict, undecided: &[String]) {
        match verdict {
            Verdict::Valid => self.records.valid += 1,
            Verdict::Invalid => self.records.invalid += 1,
            Verdict::NotDecided => self.records.not_decided += 1,
        }
        if let Some(counts) = self.operations.get_mut(operation) {
            counts.count(verdict);
        }
        for why in undecided {
            self.undecided.add(why);
        }
    }

    /// An answer's status.
    pub(super) fn answered(&mut self, contract: &Contract, operation: usize, status: u16) {
        let Some(counts) = self.operations.get_mut(operation) else { return };
        *counts.statuses.entry(status).or_default() += 1;
        let success = |range: StatusRange| match range {
            StatusRange::Exact(status) => (200..300).contains(&status),
            StatusRange::Class(class) => class == 2,
            StatusRange::Default => true,
        };
        let operation = contract.operation(operation);
        let has_success = operation.responses.iter().any(|response| success(response.range));
        counts.proved |= (200..300).contains(&status) || (!has_success && operation.response(status).is_some());
    }

    pub(super) fn skipped(&mut self, operation: usize, writes: bool) {
        let Some(counts) = self.operations.get_mut(operation) else { return };
        if writes {
            self.records.skipped_writes += 1;
            counts.skipped_writes += 1;
        } else {
            self.records.skipped_invalid += 1;
            counts.skipped_invalid += 1;
        }
    }

    /// A record that the document does not speak of.
    pub(super) fn aside(&mut self, contract: &Contract, scope: Scope, exchange: &Exchange) {
        match scope {
            Scope::OutOfScope(Aside::Page) => self.records.page += 1,
            Scope::OutOfScope(Aside::Preflight) => self.records.preflight += 1,
            Scope::OutOfScope(Aside::Upgrade) => self.records.not_http += 1,
            Scope::Unrouted | Scope::InScope => {
                self.records.unrouted += 1;
                self.unrouted.add(unrouted(contract, exchange));
            }
        }
    }

    pub(super) fn remark(&mut self, what: &str) {
        self.remarks.add(what);
    }

    /// Of how many answers a finding of this rule could have been.
    pub(super) fn could_have(&self, operation: usize, rule: &str, status: Option<u16>) -> u64 {
        let Some(counts) = self.operations.get(operation) else { return 0 };
        match (rule, status) {
            ("no-answer", _) => counts.valid + counts.invalid + counts.not_decided,
            ("undocumented-status", _) | (_, None) => counts.answers(),
            (_, Some(status)) => counts.statuses.get(&status).copied().unwrap_or_default(),
        }
    }

    pub(super) fn into_summary(self) -> Summary {
        Summary {
            records: self.records,
            sent: self.sent,
            other_status: self.other_status,
            operations: self.operations,
            undecided: self.undecided.told(),
            unrouted: self.unrouted.told(),
            remarks: self.remarks.told(),
            ..Summary::default()
        }
    }
}

/// A request for no operation, without its query, and what it comes nearest to.
fn unrouted(contract: &Contract, exchange: &Exchange) -> String {
    let (method, path) = (&exchange.request.method, exchange.request.target.path());
    let segment = |segment: &str| match segment.chars().nth(SEGMENT) {
        Some(_) => format!("{}…", segment.chars().take(SEGMENT / 3).collect::<String>()),
        None => segment.to_owned(),
    };
    let shown: Vec<String> = path.split('/').map(segment).collect();
    let nearest = contract.nearest(method, path).map(|nearest| format!("nearest: {} {}", nearest.method, nearest.path));
    let nearest = nearest.map_or(String::new(), |nearest| format!(" ({nearest})"));
    format!("{method} {}{nearest}", shown.join("/"))
}
