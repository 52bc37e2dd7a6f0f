//! What a check tells while it runs. Every report is a function of these.

use std::sync::Arc;
use std::time::Duration;

use super::{Difference, RecordId, Summary, Verdict};

/// One thing that a check tells. First `Started`, last `Finished`; a failure comes right before the end.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// What is about to be checked.
    Started(Start),
    /// A record was judged.
    Judged(Judged),
    /// A record was lost.
    Lost {
        /// Which. Number 0: the file as a whole.
        record: RecordId,
        /// The line where it begins, from 1; 0 where that is not known.
        line: u64,
        /// Why, as a lower-case sentence fragment.
        why: String,
    },
    /// The run cannot go on.
    Failed(Failure),
    /// A difference, after all records: errors first, in the order in which they were seen.
    Found(Box<Difference>),
    /// The end.
    Finished(Box<Summary>),
}

/// What is about to be checked.
#[derive(Clone, Debug)]
pub struct Start {
    /// The document's name.
    pub document: String,
    /// Its `info.title`.
    pub title: String,
    /// What it is written in: `OpenAPI` or `Swagger`.
    pub language: &'static str,
    /// The version of that.
    pub version: String,
    /// How many operations it has.
    pub operations: usize,
    /// The files of recorded traffic.
    pub traffic: Vec<String>,
    /// How many records they hold, lost ones included.
    pub records: u64,
    /// One of the URLs that requests go to; `None` when nothing is sent.
    pub example: Option<String>,
    /// The host that only safe requests go to because it is not loopback.
    pub reads_only: Option<String>,
}

/// A record that was judged.
#[derive(Clone, Debug)]
pub struct Judged {
    /// Which.
    pub record: RecordId,
    /// Its operation.
    pub operation: Arc<str>,
    /// The status of the answer; `None` when there was none.
    pub status: Option<u16>,
    /// The status that was recorded, where a request was sent again.
    pub recorded: Option<u16>,
    /// What it comes to.
    pub verdict: Verdict,
    /// How long the answer took.
    pub took: Duration,
}

/// Why a run cannot go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What is the case, as a lower-case sentence fragment.
    pub sentence: String,
    /// What to do about it.
    pub help: Option<String>,
}
