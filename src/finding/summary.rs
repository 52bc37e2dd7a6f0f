//! The counts of a check, kept as exchanges come.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::{Severity, Verdict};

/// What became of every record: each one is in exactly one of these, so they sum to the records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Records {
    /// Answered as the document says.
    pub valid: u64,
    /// Answered, or left unanswered, in a way that is a finding.
    pub invalid: u64,
    /// Nothing wrong was seen, and not everything could be looked at.
    pub not_decided: u64,
    /// Not sent: the method writes, and the target is not loopback.
    pub skipped_writes: u64,
    /// Not sent: the request is not known to be valid, and the target is not loopback.
    pub skipped_invalid: u64,
    /// For an operation that was not asked for.
    pub not_selected: u64,
    /// For no operation of the document.
    pub unrouted: u64,
    /// To another host.
    pub other_host: u64,
    /// A page, or what belongs to one: style, script, image, font.
    pub page: u64,
    /// A browser asked for leave to send the request proper.
    pub preflight: u64,
    /// Not HTTP, or no longer: web sockets, `data:` and `blob:` addresses.
    pub not_http: u64,
    /// Unreadable, or cut off.
    pub lost: u64,
    /// Not come to: the run ended before.
    pub not_reached: u64,
}

impl Records {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.judged()
            + self.skipped()
            + self.not_selected
            + self.unrouted
            + self.out_of_scope()
            + self.lost
            + self.not_reached
    }

    /// Those that a verdict was sought for.
    pub fn judged(&self) -> u64 {
        self.valid + self.invalid + self.not_decided
    }

    /// Those that were not sent for safety's sake.
    pub fn skipped(&self) -> u64 {
        self.skipped_writes + self.skipped_invalid
    }

    /// Those that the document does not speak of at all.
    pub fn out_of_scope(&self) -> u64 {
        self.other_host + self.page + self.preflight + self.not_http
    }
}

/// What a check saw of one operation.
#[derive(Clone, Debug)]
pub struct OperationCounts {
    /// Its operationId, or `METHOD /template`.
    pub key: Arc<str>,
    /// `METHOD /base/template`.
    pub request: String,
    /// Answers, by status.
    pub statuses: BTreeMap<u16, u64>,
    /// Records without a finding.
    pub valid: u64,
    /// Records with one.
    pub invalid: u64,
    /// Records that could not be decided.
    pub not_decided: u64,
    /// Records that were not sent because they write.
    pub skipped_writes: u64,
    /// Records that were not sent because they are not known to be valid.
    pub skipped_invalid: u64,
    /// Whether an answer was what the operation is there for: 2xx, or any documented one where the document has no 2xx.
    pub proved: bool,
}

impl OperationCounts {
    /// How many answers there were.
    pub fn answers(&self) -> u64 {
        self.statuses.values().sum()
    }

    /// Whether there were answers, and none of them was what the operation is there for.
    pub fn proved_little(&self) -> bool {
        self.answers() > 0 && !self.proved
    }

    /// Whether records of it came up, and none was sent.
    pub fn only_skipped(&self) -> bool {
        self.valid + self.invalid + self.not_decided == 0 && self.skipped_writes + self.skipped_invalid > 0
    }

    /// Adds a verdict.
    pub fn count(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Valid => self.valid += 1,
            Verdict::Invalid => self.invalid += 1,
            Verdict::NotDecided => self.not_decided += 1,
        }
    }
}

/// Something that happened to many records, told once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// What, as a lower-case sentence fragment.
    pub what: String,
    /// To how many.
    pub count: u64,
}

/// How a check ended, in numbers.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// What became of every record.
    pub records: Records,
    /// Requests that were sent.
    pub sent: u64,
    /// Every operation of the document, in its order.
    pub operations: Vec<OperationCounts>,
    /// Findings that are errors, each counted once however often it was seen.
    pub errors: u64,
    /// Findings that are warnings.
    pub warnings: u64,
    /// Findings that are notes.
    pub notes: u64,
    /// Findings beyond the limit of how many different ones are kept; their severities are counted above.
    pub not_shown: u64,
    /// Answers that had another status than the recorded ones.
    pub other_status: u64,
    /// Why records were not decided.
    pub undecided: Vec<Counted>,
    /// Requests that were for no operation, `METHOD /path`, with what they come nearest to; the most frequent first.
    pub unrouted: Vec<Counted>,
    /// What else the reader should know: recorded credentials that were left out, say.
    pub remarks: Vec<Counted>,
    /// The host that only safe requests went to because it is not loopback.
    pub reads_only: Option<String>,
    /// How long it took.
    pub took: Duration,
    /// The seed of the run.
    pub seed: u64,
}

impl Summary {
    /// The operations that had a record judged.
    pub fn operations_checked(&self) -> usize {
        self.operations.iter().filter(|one| one.valid + one.invalid + one.not_decided > 0).count()
    }

    /// Counts findings.
    pub fn count(&mut self, severity: Severity, number: u64) {
        match severity {
            Severity::Error => self.errors += number,
            Severity::Warning => self.warnings += number,
            Severity::Note => self.notes += number,
        }
    }

    /// The gravest severity that occurred.
    pub fn worst(&self) -> Option<Severity> {
        let any = [(self.errors, Severity::Error), (self.warnings, Severity::Warning), (self.notes, Severity::Note)];
        any.into_iter().find(|(count, _)| *count > 0).map(|(_, severity)| severity)
    }
}
