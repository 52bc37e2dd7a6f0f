//! Counts of a run, kept as exchanges happen: the journal forgets, these do not.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::Summary;
use crate::contract::Contract;
use crate::traffic::{Exchange, Why};

/// One more than the highest status that there can be.
const STATUSES: usize = 1000;

/// The counters of a run. Kept apart from what is only read: two cores that write and read the same piece of memory (128 bytes on
/// the processors of today) wait for each other.
#[derive(Debug)]
#[repr(align(128))]
pub(super) struct Counts {
    calls: AtomicU64,
    refused: AtomicU64,
    unmatched: AtomicU64,
    malformed: AtomicU64,
    faults: AtomicU64,
    unanswered: AtomicU64,
    statuses: Box<[AtomicU64]>,
    /// In the order of the document.
    operations: Vec<(Arc<str>, AtomicU64)>,
}

impl Counts {
    pub(super) fn new(contract: &Contract) -> Counts {
        Counts {
            calls: AtomicU64::default(),
            refused: AtomicU64::default(),
            unmatched: AtomicU64::default(),
            malformed: AtomicU64::default(),
            faults: AtomicU64::default(),
            unanswered: AtomicU64::default(),
            statuses: (0..STATUSES).map(|_| AtomicU64::default()).collect(),
            operations: contract.heads().iter().map(|head| (head.key.clone(), AtomicU64::default())).collect(),
        }
    }

    /// Counts an exchange that is over, and was for the operation at this place.
    pub(super) fn exchange(&self, exchange: &Exchange, operation: Option<usize>) {
        let Some(decision) = &exchange.decision else { return };
        if decision.why == Why::Preflight {
            return;
        }
        self.calls.fetch_add(1, Relaxed);
        if let Some((_, calls)) = operation.and_then(|operation| self.operations.get(operation)) {
            calls.fetch_add(1, Relaxed);
        }
        if decision.fault.is_some() {
            self.faults.fetch_add(1, Relaxed);
        }
        let Some(response) = exchange.response() else {
            if decision.fault.is_none() {
                self.unanswered.fetch_add(1, Relaxed);
            }
            return;
        };
        let status = response.status.as_u16();
        if let Some(count) = self.statuses.get(usize::from(status)) {
            count.fetch_add(1, Relaxed);
        }
        match decision.why {
            Why::Credentials | Why::InvalidRequest | Why::NotAcceptable | Why::Limits => {
                self.refused.fetch_add(1, Relaxed);
            }
            // OPTIONS is answered for any path that there is.
            Why::NoOperation | Why::MethodNotAllowed if status >= 400 => {
                self.unmatched.fetch_add(1, Relaxed);
            }
            _ => {}
        }
    }

    /// How many calls there were so far.
    pub(super) fn calls(&self) -> u64 {
        self.calls.load(Relaxed)
    }

    /// Counts what was no HTTP.
    pub(super) fn malformed(&self) {
        self.malformed.fetch_add(1, Relaxed);
    }

    /// What was counted so far. How long it took, the log and the recording are for others to add.
    pub(super) fn summary(&self) -> Summary {
        let statuses = self.statuses.iter().zip(0_u16..).map(|(count, status)| (status, count.load(Relaxed)));
        Summary {
            calls: self.calls.load(Relaxed),
            refused: self.refused.load(Relaxed),
            unmatched: self.unmatched.load(Relaxed),
            malformed: self.malformed.load(Relaxed),
            faults: self.faults.load(Relaxed),
            unanswered: self.unanswered.load(Relaxed),
            statuses: statuses.filter(|(_, count)| *count > 0).collect(),
            operations: self.operations.iter().map(|(key, calls)| (key.clone(), calls.load(Relaxed))).collect(),
            ..Summary::default()
        }
    }
}
