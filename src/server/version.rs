//! What is served, in one piece: all that a request needs that changes when what is served is replaced.

use std::sync::Arc;

use super::counts::{Calls, Counts};
use crate::judge::Coverage;
use crate::mock::Mock;

/// A mock, and the counters of what it has.
#[derive(Debug)]
pub(super) struct Version {
    /// Its number among those that are served one after the other, from 1.
    pub(super) number: u64,
    pub(super) mock: Arc<Mock>,
    pub(super) calls: Calls,
    pub(super) coverage: Coverage,
}

impl Version {
    pub(super) fn new(number: u64, mock: Arc<Mock>, counts: &Counts, coverage: Coverage) -> Version {
        let calls = counts.take_in(mock.contract());
        Version { number, mock, calls, coverage }
    }
}
