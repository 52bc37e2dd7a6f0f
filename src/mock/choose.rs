//! Which rules may decide on a call: all of whose conditions on the request hold. What the session has to say of them is for
//! [`super::story`].

use std::sync::Arc;

use super::gate::Since;
use super::meter::Meter;
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

/// What a call has to ask its session, in order.
#[derive(Debug, Default)]
pub(super) struct Chosen {
    /// The rates that have to allow it: where each is found.
    pub(super) rates: Vec<Ruling>,
    /// Each as plain data.
    pub(super) meters: Vec<Meter>,
    /// The rules that may decide on it: where each is found.
    pub(super) rules: Vec<Ruling>,
    /// Each as plain data.
    pub(super) candidates: Vec<Candidate>,
    /// What is worth knowing of others.
    pub(super) notes: Vec<String>,
}

/// The scenarios whose rules a call meets, in order, and since when each is active: the one that the request asks for replaces all that its
/// session was told; else what was put before all others, and what is active.
pub(super) fn rulings<'a>(
    mock: &'a Mock,
    view: &'a View,
    call: &'a Call<'_>,
    preferences: &'a Preferences,
) -> impl Iterator<Item = (&'a Arc<Scenario>, Since)> {
    let asked = preferences.scenario.first();
    let told = asked.is_none().then(|| view.overriding(&call.operation().key).chain(view.active(mock)));
    asked.map(|asked| (asked, Since::Asked)).into_iter().chain(told.into_iter().flatten())
}

impl Chosen {
    /// The rules for a call: what it asks for, else what its session was told to put before all others, and what is active there.
    pub(super) fn of(mock: &Mock, view: &View, call: &Call, checked: &Checked, preferences: &Preferences) -> Chosen {
        let mut chosen = Chosen::default();
        // Where the client decides, only rates have a say.
        let mut decided = preferences.decides();
        for (scenario, since) in rulings(mock, view, call, preferences) {
            chosen.take(scenario, since, call, checked, &mut decided);
        }
        chosen
    }

    /// Adds the rates of a scenario, and its rules up to one that leaves nothing for those that follow.
    fn take(&mut self, scenario: &Arc<Scenario>, since: Since, call: &Call, checked: &Checked, decided: &mut bool) {
        for (index, rule) in scenario.rules(&call.operation().key).enumerate() {
            let fits = rule.valid.is_none_or(|valid| valid == checked.violations.is_empty());
            if !fits || (*decided && rule.rate().is_none()) {
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
            let ruling = Ruling { scenario: scenario.clone(), index };
            if let Some(rate) = rule.rate() {
                self.rates.push(ruling);
                self.meters.push(Meter::new(scenario, rule, rate, call, since));
                continue;
            }
            let candidate = Candidate::new(scenario, rule, since);
            // Only a rule that is drawn, or asks something of its session, can hand on to the next one.
            *decided = candidate.is_certain();
            self.rules.push(ruling);
            self.candidates.push(candidate);
        }
    }
}
