//! What rules remember in one session: how many calls each of them decided.
//!
//! A story is behind its session's one lock, and asked once a call. All that a call finds out and changes happens in that one step,
//! so some order of the calls explains everything that they were told.

use std::collections::HashMap;
use std::sync::Arc;

use super::gate::{Gate, Times};
use super::meter::{Metered, Standings};
use super::state::{Candidate, Wish};
use crate::generate::Seed;
use crate::scenario::Count;

/// What the rules of all scenarios remember in a session. By the names of scenarios and the ids of rules, so that it outlives a reload.
#[derive(Debug, Default)]
pub(super) struct Story {
    /// How many calls a rule decided, by scenario and rule id.
    decided: HashMap<(Arc<str>, Arc<str>), u64>,
    /// When the session was first asked for a scenario by name, on its clock.
    asked: HashMap<Arc<str>, u64>,
    /// Where rates stand.
    standings: Standings,
}

/// What came of a call.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Which candidate decided, and the number of the call among those it decided.
    pub(super) decided: Option<(usize, u64)>,
    /// What the rates said.
    pub(super) metered: Metered,
}

impl Story {
    /// Asks the rates; finds out which rule decides on a call that they allow, and counts it there. `call` is its number in session and operation.
    pub(super) fn apply(&mut self, wish: &Wish<'_>, call: u64, times: Times) -> Told {
        if let Some(asked) = wish.asked {
            self.asked.entry(asked.clone()).or_insert(times.now_ns);
        }
        let asked = &self.asked;
        let holds = |gate: &Gate, scenario: &Arc<str>| gate.holds(times, asked.get(scenario).copied());
        let meters = wish.meters.iter().enumerate().filter(|(_, meter)| holds(&meter.gate, &meter.scenario));
        let metered = self.standings.ask(meters, times.now_ns);
        if metered.refused.is_some() {
            return Told { decided: None, metered };
        }
        let decides =
            |candidate: &Candidate| holds(&candidate.gate, &candidate.scenario) && drawn(candidate, wish, call);
        let decided = wish.candidates.iter().position(decides);
        let decided = decided.map(|index| {
            let candidate = &wish.candidates[index];
            let number = self.decided.entry((candidate.scenario.clone(), candidate.rule.clone())).or_insert(0);
            *number += 1;
            let number = if candidate.count == Some(Count::Operation) { call } else { *number };
            (index, number)
        });
        Told { decided, metered }
    }
}

/// Whether chance lets the candidate decide on this call.
fn drawn(candidate: &Candidate, wish: &Wish<'_>, call: u64) -> bool {
    let Some(chance) = &candidate.chance else { return true };
    let seed = Seed(candidate.seed.unwrap_or(wish.seed));
    chance.drawn(seed.hash(&[
        b"chance",
        wish.session.as_bytes(),
        wish.operation.as_bytes(),
        &call.to_le_bytes(),
        candidate.scenario.as_bytes(),
        candidate.rule.as_bytes(),
    ]))
}
