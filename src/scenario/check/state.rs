//! States that rules ask for and go to: where a scenario begins, and which of them it can come to.

use std::collections::{HashMap, HashSet};

use crate::finding::{Finding, Place, Severity, did_you_mean};
use crate::scenario::Scenario;
use crate::scenario::model::{Reply, Rule};
use crate::scenario::reader::{excerpt, listed};

impl Scenario {
    /// Names of states that no rule goes to, and states that no way leads to.
    pub(super) fn check_states(&self, findings: &mut Vec<Finding>) {
        let rules: Vec<&Rule> = self.all().map(|(_, rule)| rule).collect();
        let asked = rules.iter().flat_map(|rule| rule.states().map(move |(index, name)| (*rule, index, name)));
        let asked: Vec<(&Rule, usize, &str)> = asked.collect();
        let replies: Vec<&Reply> = rules.iter().flat_map(|rule| rule.replies()).map(|reply| &**reply).collect();
        let goes = || replies.iter().filter_map(|reply| Some((*reply, reply.go.as_deref()?)));
        let Some(start) = &self.state else {
            let first = asked.first().map(|(rule, index, _)| self.state_place(rule, *index));
            if let Some(place) = first.or_else(|| goes().next().map(|(reply, _)| self.place(reply, "/go"))) {
                let sentence = "the scenario has states, and none that it begins in";
                let help = "name it at the top of the file, such as `state: start`";
                findings.push(Finding::new("scenario-state", sentence).at(Some(place)).help(help));
            }
            return;
        };
        if asked.is_empty() && goes().next().is_none() {
            let place = Place::of(&self.document, "/state");
            let finding = Finding::new("scenario-state", "no rule asks for a state or goes to one").at(Some(place));
            let help = "remove it, or ask for it in a rule: `state: NAME`, and in a reply `go: NAME`";
            findings.push(finding.as_severity(Severity::Warning).help(help));
            return;
        }
        let known: HashSet<&str> = goes().map(|(_, name)| name).chain([&**start]).collect();
        let reached = reached(start, &rules);
        for (rule, index, name) in asked {
            let place = self.state_place(rule, index);
            if !known.contains(name) {
                let mut names: Vec<&str> = known.iter().copied().collect();
                names.sort_unstable();
                let help = match did_you_mean(name, names.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("a reply goes to a state with `go: NAME`; there are {}", listed(names)),
                };
                let sentence = format!("the scenario is never in state `{}`", excerpt(name));
                findings.push(Finding::new("scenario-state", sentence).at(Some(place)).help(help));
            } else if !reached.contains(name) {
                let sentence = format!("no way leads to state `{}` from `{}`", excerpt(name), excerpt(start));
                let help = "a rule that goes there has to hold in a state that can be reached";
                let finding = Finding::new("scenario-unreachable", sentence).at(Some(place)).help(help);
                findings.push(finding);
            }
        }
    }

    /// Where a rule asks for the state with this number.
    fn state_place(&self, rule: &Rule, index: usize) -> Place {
        let all = format!("{}/state", rule.pointer);
        let one = format!("{all}/{index}");
        Place::of(&self.document, if self.document.node_at(&one).is_some() { &one } else { &all })
    }
}

/// The states that a scenario can come to. Each rule is looked at once.
fn reached<'s>(start: &'s str, rules: &[&'s Rule]) -> HashSet<&'s str> {
    let mut by_state: HashMap<&str, Vec<&Rule>> = HashMap::new();
    let mut open = vec![start];
    for rule in rules {
        for (_, name) in rule.states() {
            by_state.entry(name).or_default().push(rule);
        }
        if rule.states().next().is_none() {
            open.extend(targets(rule));
        }
    }
    let mut reached = HashSet::new();
    while let Some(state) = open.pop() {
        if reached.insert(state) {
            // What it leads to is followed once: its rules are taken out.
            open.extend(by_state.remove(state).unwrap_or_default().into_iter().flat_map(targets));
        }
    }
    reached
}

fn targets(rule: &Rule) -> impl Iterator<Item = &str> {
    rule.moves.iter().flat_map(|moves| moves.iter()).map(|one| &*one.state)
}
