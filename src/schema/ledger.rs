//! What was found wrong with schemas while they were brought to normal form.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::document::Location;
use crate::finding::{Finding, Place};

/// Findings, each once, however often the place is read; and whether anything was left out at all.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    /// By document, byte offset and rule.
    findings: Mutex<BTreeMap<(String, usize, &'static str, String), Finding>>,
    left_out: AtomicBool,
    failed: AtomicBool,
}

impl Ledger {
    /// Something that has no effect, or an effect its author may not expect.
    pub(super) fn note(&self, rule: &'static str, at: &Location, sentence: String, help: Option<String>) {
        let mut finding = Finding::new(rule, sentence).at(Some(Place::of(&at.document, &at.pointer)));
        if let Some(help) = help {
            finding = finding.help(help);
        }
        let start = finding.place.as_ref().map_or(0, |place| place.span.start);
        let key = (at.document.source().name().to_owned(), start, rule, finding.sentence.clone());
        self.findings.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_insert(finding);
    }

    /// From now on a yes has to be looked at twice.
    pub(super) fn leave_out(&self) {
        self.left_out.store(true, Ordering::Release);
    }

    /// Whether nothing was left out so far.
    pub(super) fn is_clean(&self) -> bool {
        !self.left_out.load(Ordering::Acquire)
    }

    /// Some schema could not be compiled at all: from now on nothing is sure to be valid.
    pub(super) fn fail(&self) {
        self.failed.store(true, Ordering::Release);
    }

    pub(super) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Acquire)
    }

    pub(super) fn findings(&self) -> Vec<Finding> {
        self.findings.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }
}
