//! Which rules may decide on a call: all of whose conditions on the request hold. What the session has to say of them is for
//! [`super::story`].

use std::sync::Arc;

use super::gate::Since;
use super::preferences::Preferences;
use super::state::Candidate;
use super::{Mock, View};
use crate::contract::{Call, Checked};
use crate::finding::Verdict;
use crate::scenario::{Rule, Scenario};

/// A rule that may decide on a call: a scenario, and which of its rules for the operation.
#[derive(Clone, Debug)]
pub(super) struct Ruling {
    pub(super) scenario: Arc<Scenario>,
    index: usize,
}

impl Ruling {
    pub(super) fn rule(&self, operation: &str) -> Option<&Rule> {
        self.scenario.rules(operation).nth(self.index)
    }
}

/// The rules that may decide on a call, in order.
#[derive(Debug, Default)]
pub(super) struct Chosen {
    /// Where each is found.
    pub(super) rules: Vec<Ruling>,
    /// Each as plain data.
    pub(super) candidates: Vec<Candidate>,
    /// What is worth knowing of others.
    pub(super) notes: Vec<String>,
}

impl Chosen {
    /// The rules for a call: what it asks for, else what its session was told to put before all others, and what is active there.
    pub(super) fn of(mock: &Mock, view: &View, call: &Call, checked: &Checked, preferences: &Preferences) -> Chosen {
        let mut chosen = Chosen::default();
        if preferences.decides() {
            return chosen;
        }
        let mut take = |(scenario, since): (&Arc<Scenario>, Since)| chosen.take(scenario, since, call, checked);
        // What a request asks for replaces all that its session was told.
        if let [asked, ..] = preferences.scenario.as_slice() {
            take((asked, Since::Asked));
        } else if !view.overriding(&call.operation().key).any(&mut take) {
            let _ = view.active(mock).any(take);
        }
        chosen
    }

    /// Adds the rules of a scenario; whether one of them leaves nothing for those that follow.
    fn take(&mut self, scenario: &Arc<Scenario>, since: Since, call: &Call, checked: &Checked) -> bool {
        for (index, rule) in scenario.rules(&call.operation().key).enumerate() {
            if rule.valid.is_some_and(|valid| valid != checked.violations.is_empty()) {
                continue;
            }
            match rule.when.verdict(call) {
                Verdict::Valid => {}
                Verdict::Invalid => continue,
                Verdict::NotDecided => {
                    let (name, line) = (&scenario.name, rule.line);
                    let note = format!("{name}:{line} was passed over: whether its `when` holds is not decided");
                    self.notes.push(note);
                    continue;
                }
            }
            let candidate = Candidate::new(scenario, rule, since);
            let certain = candidate.is_certain();
            self.rules.push(Ruling { scenario: scenario.clone(), index });
            self.candidates.push(candidate);
            // Only a rule that is drawn, or asks something of its session, can hand on to the next one.
            if certain {
                return true;
            }
        }
        false
    }
}
