//! States of a scenario: where a deciding rule goes to.

use std::sync::Arc;

use super::Reply;
use super::model::Then;

/// Where some of the calls go to that a rule decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// The first of these calls, by their number.
    from: u64,
    /// The last of them; `None`: every one after the first.
    to: Option<u64>,
    /// The state that the scenario is in afterwards.
    pub state: Arc<str>,
    /// Whether an invalid request goes there, too. One that is answered as the document says goes nowhere.
    pub invalid: bool,
}

impl Move {
    /// Whether the call with this number goes there.
    pub fn holds(&self, number: u64, valid: bool) -> bool {
        (valid || self.invalid) && self.from <= number && self.to.is_none_or(|to| number <= to)
    }

    fn of(reply: &Reply, from: u64, to: Option<u64>) -> Option<Move> {
        let error = reply.status.is_some_and(|status| status >= 400);
        let invalid = error || reply.force || reply.fault.is_some_and(|fault| !fault.answers());
        Some(Move { from, to, state: reply.go.clone()?, invalid })
    }
}

impl Then {
    /// All that it comes to in terms of states, in the order of the numbers; `None`: nothing.
    pub(super) fn moves(&self) -> Option<Arc<[Move]>> {
        let moves: Vec<Move> = match self {
            Then::Reply(reply) => Move::of(reply, 1, None).into_iter().collect(),
            Then::Rate(rate) => Move::of(&rate.refusal, 1, None).into_iter().collect(),
            Then::Calls(calls) => {
                let steps = calls.steps().filter_map(|(numbers, reply)| Move::of(reply?, numbers.from, numbers.to));
                steps.collect()
            }
        };
        (!moves.is_empty()).then(|| moves.into())
    }
}
