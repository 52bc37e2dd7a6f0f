//! Values that rules keep of calls, for templates of later calls of the session.

use std::sync::Arc;

use serde_json::Value;

use super::Ruling;
use super::build::About;
use super::fill::Filling;
use crate::message::Response;
use crate::scenario::{Rule, SaveFrom};
use crate::traffic::{Decision, Why};

/// The longest value that is kept, in bytes of JSON.
const LONGEST: usize = 16 << 10;

/// The most that a session keeps, in bytes of JSON and of names.
const MOST: usize = 256 << 10;

/// What a call leaves in its session for later ones. For [`super::State::keep`], before the answer is sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Writes {
    /// The scenario whose rule keeps it: it forgets it when it starts anew.
    pub scenario: Arc<str>,
    /// Names and values.
    pub values: Vec<(Arc<str>, Value)>,
}

/// What was kept, by name: all of a session, as one saw it at one time.
pub type Values = Arc<Vec<(Arc<str>, Value)>>;

/// What a session keeps.
#[derive(Debug, Default)]
pub(super) struct Saved {
    values: Values,
    /// Of each value, the scenario that keeps it and how many bytes it takes.
    owners: Vec<(Arc<str>, usize)>,
}

impl Saved {
    pub(super) fn values(&self) -> &Values {
        &self.values
    }

    /// Keeps values, instead of those that had their names. Says what is not kept because there is no room for it.
    pub(super) fn keep(&mut self, writes: &Writes) -> Vec<String> {
        let mut refused = Vec::new();
        for (name, value) in &writes.values {
            let length = value.to_string().len();
            let at = self.values.iter().position(|(known, _)| known == name);
            let before = at.and_then(|at| self.owners.get(at)).map_or(0, |(_, size)| *size);
            let size = name.len() + length;
            let all = self.owners.iter().map(|(_, size)| size).sum::<usize>() - before + size;
            if length > LONGEST {
                refused.push(format!("`{name}` is not kept: its value is longer than {} KiB", LONGEST >> 10));
            } else if all > MOST {
                refused
                    .push(format!("`{name}` is not kept: a session keeps {} KiB, and this would be more", MOST >> 10));
            } else {
                let (kept, owner) = ((name.clone(), value.clone()), (writes.scenario.clone(), size));
                let values = Arc::make_mut(&mut self.values);
                match at {
                    Some(at) => {
                        values[at] = kept;
                        self.owners[at] = owner;
                    }
                    None => {
                        values.push(kept);
                        self.owners.push(owner);
                    }
                }
            }
        }
        refused
    }

    /// Nothing is left of what the rules of a scenario keep.
    pub(super) fn forget(&mut self, scenario: &str) {
        let mut owners = self.owners.iter();
        Arc::make_mut(&mut self.values).retain(|_| owners.next().is_none_or(|(owner, _)| **owner != *scenario));
        self.owners.retain(|(owner, _)| **owner != *scenario);
    }
}

/// What the rule that decided keeps of the call, where what it says is what was answered.
pub(super) fn writes(
    about: &About<'_>,
    ruling: &Ruling,
    rule: &Rule,
    answer: &Response,
    decision: &mut Decision,
) -> Option<Writes> {
    if rule.saves.is_empty() || !matches!(decision.why, Why::Scenario { .. } | Why::Document) {
        return None;
    }
    let from_answer = rule.saves.iter().any(|(_, from)| matches!(from, SaveFrom::Answer(_)));
    let content: Option<Value> = if from_answer { serde_json::from_slice(&answer.body.bytes()).ok() } else { None };
    let filling = Filling::new(about, ruling, rule);
    let mut values = Vec::new();
    for (name, from) in &rule.saves {
        let value = match from {
            SaveFrom::Answer(pointer) => content.as_ref().and_then(|content| content.pointer(pointer)).cloned(),
            SaveFrom::Template(template) => match filling.value(template) {
                Ok(value) => Some(value),
                Err(why) => {
                    decision.notes.push(format!("`{name}` is not kept: {why}"));
                    None
                }
            },
        };
        values.extend(value.map(|value| (name.clone(), value)));
    }
    (!values.is_empty()).then(|| Writes { scenario: ruling.scenario.name.clone(), values })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Saved, Writes};

    fn writes(scenario: &str, values: &[(&str, Value)]) -> Writes {
        let values = values.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
        Writes { scenario: scenario.into(), values }
    }

    #[test]
    fn the_last_value_counts_and_a_scenario_forgets_its_own() {
        let mut saved = Saved::default();
        assert!(saved.keep(&writes("a", &[("x", json!(1)), ("y", json!("one"))])).is_empty());
        let seen = saved.values().clone();
        assert!(saved.keep(&writes("b", &[("x", json!({ "n": 2 }))])).is_empty());
        assert_eq!(*seen[0].1.to_string(), *"1", "who looked before sees what was there before");
        assert_eq!(saved.values()[0].1, json!({ "n": 2 }));
        saved.forget("a");
        assert_eq!(**saved.values(), vec![("x".into(), json!({ "n": 2 }))]);
        saved.forget("b");
        assert!(saved.values().is_empty() && saved.owners.is_empty());
    }

    #[test]
    fn there_is_an_end_to_what_is_kept() {
        let mut saved = Saved::default();
        let long = |length: usize| json!("x".repeat(length - 2));
        assert_eq!(saved.keep(&writes("a", &[("x", long(16_385))])).len(), 1);
        let names: Vec<String> = (0..16).map(|number| format!("name {number:02}")).collect();
        for (number, name) in names.iter().enumerate() {
            // Sixteen of them, but for the names.
            let refused = saved.keep(&writes("a", &[(name, long(16_384))]));
            assert_eq!(refused.len(), usize::from(number == 15), "{refused:?}");
        }
        assert!(saved.keep(&writes("a", &[(&names[3], json!(1))])).is_empty(), "what is there already makes room");
        assert!(saved.keep(&writes("a", &[(&names[15], long(16_384))])).is_empty());
        assert_eq!(saved.values().len(), 16);
    }
}
