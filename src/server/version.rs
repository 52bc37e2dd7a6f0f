//! What is served, in one piece: all that a request needs that changes when what is served is replaced.

use std::sync::Arc;

use super::counts::{Calls, Counts};
use crate::judge::Coverage;
use crate::mock::Mock;

/// A mock, and the counters of what it has.
#[derive(Debug)]
pub(super) struct Version {
    pub(super) mock: Arc<Mock>,
    pub(super) calls: Calls,
    pub(super) coverage: Coverage,
}

impl Version {
    pub(super) fn new(mock: Arc<Mock>, counts: &Counts, coverage: Coverage) -> Version {
        let calls = counts.take_in(mock.contract());
        Version { mock, calls, coverage }
    }
}
