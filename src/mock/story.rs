//! What rules remember in one session: how many calls each of them decided, where rates stand, which states scenarios are in.
//!
//! A story is behind its session's one lock, and asked once a call. All that a call finds out and changes happens in that one step,
//! so some order of the calls explains everything that they were told.

use std::collections::HashMap;
use std::sync::Arc;

use super::gate::{Gate, Times};
use super::meter::{Metered, Standings};
use super::saved::{Saved, Values};
use super::state::{Candidate, Wish};
use crate::generate::Seed;
use crate::scenario::{Count, Move};
use crate::traffic::Gated;

/// Beyond so many rules, states and scenarios that a session remembers, those go that came with files that are not there any more.
const GONE: usize = 1_000;

/// What the rules of all scenarios remember in a session. By the names of scenarios and the ids of rules, so that it outlives a reload.
#[derive(Debug, Default)]
pub(super) struct Story {
    /// How many calls a rule decided, by scenario and rule id.
    decided: HashMap<(Arc<str>, Arc<str>), u64>,
    /// When the session was first asked for a scenario by name, on its clock.
    asked: HashMap<Arc<str>, u64>,
    /// The states that scenarios went to.
    states: HashMap<Arc<str>, Arc<str>>,
    /// Where rates stand.
    standings: Standings,
    /// Values that rules keep.
    pub(super) saved: Saved,
}

/// What came of a call.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Which candidate decided, and the number of the call as it counts them.
    pub(super) decided: Option<(usize, u64)>,
    /// What the rates said.
    pub(super) metered: Metered,
    /// What was drawn, in order: for which candidate, the number, and whether it hit.
    pub(super) draws: Vec<(usize, u64, bool)>,
    /// The scenario that went to another state, and to which.
    pub(super) moved: Option<(Arc<str>, Arc<str>)>,
    /// What was kept so far, where somebody decides who may ask for it.
    pub(super) saved: Option<Values>,
    /// What rules asked of the session, in order.
    pub(super) gates: Vec<Gated>,
}

impl Story {
    /// Asks the rates; finds out which rule decides on a call that they allow, and counts it there. `call` is its number in session
    /// and operation.
    pub(super) fn apply(&mut self, wish: &Wish<'_>, call: u64, times: Times) -> Told {
        if let Some(asked) = wish.asked {
            self.asked.entry(asked.clone()).or_insert(times.now_ns);
        }
        let Story { asked, states, .. } = self;
        let mut gates = Vec::new();
        let mut holds = |gate: &Gate, scenario: &Arc<str>, rule: &Arc<str>| {
            if gate.is_open() {
                return true;
            }
            let (asked_ns, state) = (asked.get(scenario).copied(), states.get(scenario));
            let held = gate.holds(times, asked_ns, state);
            let (state, after) = (state.or(gate.start.as_ref()).cloned(), gate.after(times, asked_ns));
            gates.push(Gated { scenario: scenario.clone(), rule: rule.clone(), state, after, held });
            held
        };
        let meters = wish.meters.iter().enumerate();
        let meters = meters.filter(|(_, meter)| holds(&meter.gate, &meter.scenario, &meter.rule));
        let metered = self.standings.ask(meters, times.now_ns);
        if let Some(refused) = metered.refused {
            let moved = wish.meters.get(refused).and_then(|meter| {
                let moves = meter.moves.as_deref()?;
                self.go(&meter.scenario, meter.gate.start.as_ref(), moves, 1, wish.valid)
            });
            return Told { metered, moved, gates, saved: Some(self.saved.values().clone()), ..Told::default() };
        }
        let mut draws = Vec::new();
        let decided = wish.candidates.iter().enumerate().find(|(index, candidate)| {
            if !holds(&candidate.gate, &candidate.scenario, &candidate.rule) {
                return false;
            }
            let Some(chance) = &candidate.chance else { return true };
            let number = drawn(candidate, wish, call);
            let hit = chance.drawn(number);
            draws.push((*index, number, hit));
            hit
        });
        let Some((index, candidate)) = decided else { return Told { metered, draws, gates, ..Told::default() } };
        let number = self.decided.entry((candidate.scenario.clone(), candidate.rule.clone())).or_insert(0);
        *number += 1;
        // What counts nothing has the number of the call as well: how often a rule under `"*"` decided goes by what runs beside the call.
        let number = if candidate.count == Some(Count::Rule) { *number } else { call };
        let moves = candidate.moves.as_deref();
        let start = candidate.gate.start.as_ref();
        let moved = moves.and_then(|moves| self.go(&candidate.scenario, start, moves, number, wish.valid));
        let saved = Some(self.saved.values().clone());
        Told { decided: Some((index, number)), metered, draws, moved, saved, gates }
    }

    /// Has a scenario go where the call with this number goes; says where, if it is somewhere else.
    fn go(
        &mut self,
        scenario: &Arc<str>,
        start: Option<&Arc<str>>,
        moves: &[Move],
        number: u64,
        valid: bool,
    ) -> Option<(Arc<str>, Arc<str>)> {
        let state = &moves.iter().find(|one| one.holds(number, valid))?.state;
        let before = self.states.insert(scenario.clone(), state.clone());
        let changed = before.as_ref().or(start) != Some(state);
        changed.then(|| (scenario.clone(), state.clone()))
    }

    /// How many calls each rule decided: its scenario, its id, the number. In no order.
    pub(super) fn decided(&self) -> impl Iterator<Item = (&Arc<str>, &Arc<str>, u64)> {
        self.decided.iter().map(|((scenario, rule), number)| (scenario, rule, *number))
    }

    /// Has a scenario start anew: nothing of what its rules remember is left.
    pub(super) fn forget(&mut self, scenario: &str) {
        self.decided.retain(|(known, _), _| **known != *scenario);
        self.asked.remove(scenario);
        self.states.remove(scenario);
        self.standings.forget(scenario);
        self.saved.forget(scenario);
    }

    /// Forgets what belongs to scenarios that are not known any more, where there is too much of it: they may come back, and go on then.
    pub(super) fn make_room(&mut self, is_known: impl Fn(&str) -> bool) {
        let Story { decided, asked, states, .. } = self;
        if decided.len() > GONE {
            decided.retain(|(scenario, _), _| is_known(scenario));
        }
        if asked.len() > GONE {
            asked.retain(|scenario, _| is_known(scenario));
        }
        if states.len() > GONE {
            states.retain(|scenario, _| is_known(scenario));
        }
    }

    /// Has everything start anew.
    pub(super) fn clear(&mut self) {
        *self = Story::default();
    }
}

/// The number that decides whether chance lets the candidate decide on this call.
fn drawn(candidate: &Candidate, wish: &Wish<'_>, call: u64) -> u64 {
    let seed = Seed(candidate.seed.unwrap_or(wish.seed));
    seed.hash(&[
        b"chance",
        wish.session.as_bytes(),
        wish.operation.as_bytes(),
        &call.to_le_bytes(),
        candidate.scenario.as_bytes(),
        candidate.rule.as_bytes(),
    ])
}
