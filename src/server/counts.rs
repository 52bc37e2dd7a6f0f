//! Counts of a run, kept as exchanges happen: the journal forgets, these do not.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::Summary;
use super::account::{Book, Page, cut};
use crate::contract::Contract;
use crate::finding::Unmade;
use crate::traffic::{Exchange, Why};

/// One more than the highest status that there can be.
const STATUSES: usize = 1000;

/// How many operations are remembered that are not there any more.
const GONE: usize = 10_000;

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
    icons: AtomicU64,
    statuses: Box<[AtomicU64]>,
    /// In the order of the document, and then those that it does not have any more.
    operations: Mutex<Vec<(Arc<str>, Arc<AtomicU64>)>>,
    /// Calls whose answer could not be made.
    unmade: Mutex<Page<Unmade>>,
    /// Where somebody asked for more than numbers.
    book: OnceLock<Book>,
}

/// The calls of each operation of a contract, by its place in [`Contract::heads`].
pub(super) type Calls = Box<[Arc<AtomicU64>]>;

impl Counts {
    pub(super) fn new() -> Counts {
        Counts {
            calls: AtomicU64::default(),
            refused: AtomicU64::default(),
            unmatched: AtomicU64::default(),
            malformed: AtomicU64::default(),
            faults: AtomicU64::default(),
            unanswered: AtomicU64::default(),
            icons: AtomicU64::default(),
            statuses: (0..STATUSES).map(|_| AtomicU64::default()).collect(),
            operations: Mutex::default(),
            unmade: Mutex::default(),
            book: OnceLock::new(),
        }
    }

    /// The counters of a contract's operations, which go on where those of the same key were.
    pub(super) fn take_in(&self, contract: &Contract) -> Calls {
        let mut operations = self.operations.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::take(&mut *operations);
        let mut known: HashMap<&str, &Arc<AtomicU64>> = before.iter().map(|(key, calls)| (&**key, calls)).collect();
        let calls = contract.heads().iter().map(|head| known.remove(&*head.key).cloned().unwrap_or_default());
        let calls: Calls = calls.collect();
        operations.extend(contract.heads().iter().map(|head| head.key.clone()).zip(calls.iter().cloned()));
        let gone = before.iter().filter(|(key, calls)| known.contains_key(&**key) && calls.load(Relaxed) > 0);
        operations.extend(gone.take(GONE).cloned());
        calls
    }

    /// Counts an exchange that is over; `calls` are those of its operation.
    pub(super) fn exchange(&self, exchange: &Exchange, calls: Option<&AtomicU64>) {
        let Some(decision) = &exchange.decision else { return };
        if decision.why == Why::Preflight {
            return;
        }
        if exchange.is_for_an_icon() {
            self.icons.fetch_add(1, Relaxed);
            return;
        }
        self.calls.fetch_add(1, Relaxed);
        if let Some(book) = self.book() {
            book.call(exchange);
        }
        if let Some(calls) = calls {
            calls.fetch_add(1, Relaxed);
        }
        // A fault that had nothing to cut off did nothing to the answer.
        if exchange.is_cut_off() || decision.fault.is_some_and(|fault| !fault.answers()) {
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
        match &decision.why {
            why if why.is_refused() => {
                self.refused.fetch_add(1, Relaxed);
                if let Some(book) = self.book() {
                    book.refused(exchange, status);
                }
            }
            // OPTIONS is answered for any path that there is.
            Why::NoOperation | Why::MethodNotAllowed if status >= 400 => {
                self.unmatched.fetch_add(1, Relaxed);
                if let Some(book) = self.book() {
                    book.unmatched(exchange);
                }
            }
            _ => {}
        }
    }

    /// Takes notice of a call whose answer could not be made. What is told of it may repeat a secret: it comes here without.
    pub(super) fn unmade(&self, exchange: &Exchange) {
        let Some(decision) = &exchange.decision else { return };
        let (scenario, line) = match &decision.why {
            Why::Scenario { name, line, .. } | Why::Rate { name, line } => (Some(name.clone()), *line),
            _ => (None, 0),
        };
        let sentence = decision.failed.as_deref().map(cut).unwrap_or_default();
        let what = Unmade { scenario, line, operation: decision.operation.clone(), sentence };
        self.unmade.lock().unwrap_or_else(PoisonError::into_inner).add(what, &exchange.session);
    }

    /// Keeps an account from now on; a second one changes nothing.
    pub(super) fn keep(&self, book: Book) {
        let _ = self.book.set(book);
    }

    /// The account, where one is kept.
    pub(super) fn book(&self) -> Option<&Book> {
        self.book.get()
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
        let operations = self.operations.lock().unwrap_or_else(PoisonError::into_inner);
        let statuses = self.statuses.iter().zip(0_u16..).map(|(count, status)| (status, count.load(Relaxed)));
        Summary {
            calls: self.calls.load(Relaxed),
            refused: self.refused.load(Relaxed),
            unmatched: self.unmatched.load(Relaxed),
            malformed: self.malformed.load(Relaxed),
            faults: self.faults.load(Relaxed),
            unanswered: self.unanswered.load(Relaxed),
            icons: self.icons.load(Relaxed),
            unmade: self.unmade.lock().unwrap_or_else(PoisonError::into_inner).kinds(),
            statuses: statuses.filter(|(_, count)| *count > 0).collect(),
            operations: operations.iter().map(|(key, calls)| (key.clone(), calls.load(Relaxed))).collect(),
            ..Summary::default()
        }
    }
}
