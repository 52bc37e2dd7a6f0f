//! Calls that failed and may be tried again.

use std::collections::VecDeque;
use std::time::Duration;

use super::made::{Key, Made, Untimed, between};
use crate::finding::CallMade;

/// How many calls of a session that failed are waited for at the same time.
const WAITED_FOR: usize = 8;
/// How many tries of one call are told.
const TRIES: usize = 2;

/// The calls of a session that failed, each with its tries.
#[derive(Debug, Default)]
pub(super) struct Chains {
    open: VecDeque<Chain>,
    /// One was forgotten to make room.
    pub(super) missed: bool,
}

/// A call that failed, and was tried again as often as not.
#[derive(Debug)]
pub(super) struct Chain {
    /// The last tries, in their order.
    tries: VecDeque<Made>,
    /// The key of the first try.
    key: Option<Key>,
    /// How long the client waited before the last try, where nobody had told it how long.
    waited: Option<Duration>,
    /// Why one of the waits is not known.
    untimed: Option<Untimed>,
    /// The client gave up one of the tries: how long it waited is known less exactly.
    pub(super) given_up: bool,
}

impl Chains {
    /// The call that this one tries again: the same content or idempotency key for the same operation, sent after the answer had come.
    /// Of several the one that ended first.
    pub(super) fn find(&self, made: &Made) -> Option<usize> {
        let open = self.open.iter().enumerate();
        let before = open.filter(|(_, chain)| chain.last().is_like(made) && chain.last().is_before(made));
        before.min_by_key(|(_, chain)| chain.last().over_first()).map(|(index, _)| index)
    }

    /// Where this very try is the last one.
    pub(super) fn of(&self, made: &Made) -> Option<usize> {
        self.open.iter().position(|chain| chain.last().number == made.number && chain.last().is_like(made))
    }

    /// Forgets a call: it was tried again.
    pub(super) fn forget(&mut self, index: usize) {
        self.open.remove(index);
    }

    pub(super) fn get(&self, index: usize) -> Option<&Chain> {
        self.open.get(index)
    }

    /// Remembers a call that failed, and forgets one that was tried again and did not. `index` is of the one that it tries again.
    pub(super) fn keep(&mut self, index: Option<usize>, made: &Made) {
        match index.and_then(|index| self.open.get_mut(index)) {
            Some(chain) if made.failed() => chain.again(made),
            Some(_) => {
                self.open.remove(index.unwrap_or_default());
            }
            None if made.failed() => {
                if self.open.len() == WAITED_FOR {
                    self.open.pop_front();
                    self.missed = true;
                }
                self.open.push_back(Chain::new(made));
            }
            None => {}
        }
    }
}

impl Chain {
    fn new(made: &Made) -> Chain {
        let (untimed, given_up) = (None, made.given_up);
        Chain { key: made.key.clone(), waited: None, untimed, given_up, tries: VecDeque::from([made.clone()]) }
    }

    fn again(&mut self, made: &Made) {
        if self.last().wait.is_none() {
            self.waited = Some(between(self.last().ended, made.came));
        }
        self.untimed = self.untimed.or(self.last().untimed(made));
        self.given_up |= made.given_up;
        self.tries.push_back(made.clone());
        if self.tries.len() > TRIES {
            self.tries.pop_front();
        }
    }

    /// The last try.
    pub(super) fn last(&self) -> &Made {
        &self.tries[self.tries.len() - 1]
    }

    /// The key of the first try.
    pub(super) fn key(&self) -> Option<&Key> {
        self.key.as_ref()
    }

    /// Why the waits up to this retry are not all known.
    pub(super) fn untimed(&self, made: &Made) -> Option<Untimed> {
        self.untimed.or(self.last().untimed(made))
    }

    /// How long the client waited before the last retry and before this one, where nobody told it how long.
    pub(super) fn waits(&self, made: &Made) -> Option<(Duration, Duration)> {
        let own = self.last().wait.is_none();
        self.waited.filter(|_| own).map(|before| (before, between(self.last().ended, made.came)))
    }

    /// The last tries, as many as asked for.
    pub(super) fn told(&self, tries: usize, began: i64) -> Vec<CallMade> {
        let skipped = self.tries.len().saturating_sub(tries);
        self.tries.iter().skip(skipped).map(|made| made.told(began)).collect()
    }
}
