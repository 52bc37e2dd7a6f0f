//! What the rules of scenarios remember of a session. Lives behind the session's one small lock, and is as one for each call.

use std::collections::HashMap;
use std::sync::Arc;

/// What rules remember, by names that a reload leaves as they are.
#[derive(Debug, Default)]
pub(super) struct Story {
    /// How many calls a rule decided, by scenario and rule id.
    decided: HashMap<(Arc<str>, Arc<str>), u64>,
}

impl Story {
    /// Counts a call that a rule decides, and says how many there are now.
    pub(super) fn decides(&mut self, scenario: &Arc<str>, rule: &Arc<str>) -> u64 {
        let number = self.decided.entry((scenario.clone(), rule.clone())).or_insert(0);
        *number += 1;
        *number
    }

    /// How many calls each rule decided: its scenario, its id, the number. In no order.
    pub(super) fn decided(&self) -> impl Iterator<Item = (&Arc<str>, &Arc<str>, u64)> {
        self.decided.iter().map(|((scenario, rule), number)| (scenario, rule, *number))
    }

    /// Has a scenario start anew: nothing of what its rules remember is left.
    pub(super) fn forget(&mut self, scenario: &str) {
        self.decided.retain(|(known, _), _| **known != *scenario);
    }

    /// Has everything start anew.
    pub(super) fn clear(&mut self) {
        *self = Story::default();
    }
}
