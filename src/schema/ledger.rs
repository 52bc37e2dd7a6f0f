//! What was found wrong with schemas while they were brought to normal form.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::document::Location;
use crate::finding::{Finding, Place};

use super::reference::{Key, key};

/// What was seen, each thing once, however often the place is read; and whether anything was left out at all.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    seen: Mutex<HashMap<(Key, &'static str), Note>>,
    left_out: AtomicBool,
    failed: AtomicBool,
}

#[derive(Debug)]
struct Note {
    at: Location,
    sentence: String,
    help: Option<String>,
}

impl Ledger {
    /// Something that has no effect, or an effect its author may not expect.
    pub(super) fn note(&self, rule: &'static str, at: &Location, sentence: String, help: Option<String>) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.entry((key(at), rule)).or_insert_with(|| Note { at: at.clone(), sentence, help });
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

    /// By file, place and rule. Lines and columns are looked up only here: they cost a pass over the text.
    pub(super) fn findings(&self) -> Vec<Finding> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let mut findings: Vec<_> = seen
            .iter()
            .map(|((_, rule), note)| {
                let mut finding = Finding::new(rule, note.sentence.clone());
                finding.place = Some(Place::of(&note.at.document, &note.at.pointer));
                finding.help = note.help.clone();
                finding
            })
            .collect();
        findings.sort_by(|a, b| {
            let key = |finding: &Finding| {
                let place = finding.place.as_ref().map(|place| (place.source.name().to_owned(), place.span.start));
                (place, finding.rule.id, finding.sentence.clone())
            };
            key(a).cmp(&key(b))
        });
        findings
    }
}
