//! The scenario that `--delay` and `--fail` stand for.

use std::fmt::Write as _;

use super::{Chance, Delay, Scenario};
use crate::contract::Contract;
use crate::document::Source;
use crate::finding::Finding;

impl Scenario {
    /// A delay and failures on every operation: the scenario, its YAML, and what is wrong with it. Failures are drawn one
    /// after the other, each among the calls that those before it left; undocumented ones are warnings.
    pub fn everywhere(
        name: &str,
        delay: Option<Delay>,
        fail: &[(u16, Chance)],
        contract: &Contract,
    ) -> (Option<Scenario>, String, Vec<Finding>) {
        let yaml = yaml(name, delay, fail);
        let (scenario, findings) = Scenario::read(&Source::new(format!("{name}.yaml"), yaml.clone()), contract);
        (scenario, yaml, findings)
    }
}

fn yaml(name: &str, delay: Option<Delay>, fail: &[(u16, Chance)]) -> String {
    let mut yaml = format!("scenario: {name}\nstrict: false\non:\n  \"*\":\n");
    for (status, chance) in fail {
        let late = delay.map_or(String::new(), |delay| format!(", delay: {delay}"));
        let _ = writeln!(yaml, "    - {{ chance: {chance}, reply: {{ status: {status}{late} }} }}");
    }
    // What is neither failed nor delayed needs no rule.
    if let Some(delay) = delay {
        let _ = writeln!(yaml, "    - {{ reply: {{ delay: {delay} }} }}");
    }
    yaml
}
