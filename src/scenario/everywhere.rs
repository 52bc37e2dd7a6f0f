//! The scenario that `--delay` and `--fail` stand for.

use std::fmt::{self, Write as _};

use super::{Chance, Delay, Scenario};
use crate::contract::Contract;
use crate::document::Source;
use crate::finding::Finding;
use crate::traffic::Fault;

/// How a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fail {
    /// With the answer that has this status.
    Status(u16),
    /// On the wire.
    Fault(Fault),
}

/// The member of a reply that says so.
impl fmt::Display for Fail {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fail::Status(status) => write!(out, "status: {status}"),
            Fail::Fault(Fault::Truncate(share)) => write!(out, "fault: {{ truncate: {share} }}"),
            Fail::Fault(fault) => write!(out, "fault: {fault}"),
        }
    }
}

impl Scenario {
    /// A delay and failures on every operation: the scenario, its YAML, and what is wrong with it. Failures are drawn one
    /// after the other, each among the calls that those before it left; undocumented ones are warnings.
    pub fn everywhere(
        name: &str,
        delay: Option<Delay>,
        fail: &[(Fail, Chance)],
        contract: &Contract,
    ) -> (Option<Scenario>, String, Vec<Finding>) {
        let yaml = yaml(name, delay, fail);
        let (scenario, findings) = Scenario::read(&Source::new(format!("{name}.yaml"), yaml.clone()), contract);
        (scenario, yaml, findings)
    }
}

fn yaml(name: &str, delay: Option<Delay>, fail: &[(Fail, Chance)]) -> String {
    let mut yaml = format!("scenario: {name}\nstrict: false\non:\n  \"*\":\n");
    for (fail, chance) in fail {
        let late = delay.map_or(String::new(), |delay| format!(", delay: {delay}"));
        let _ = writeln!(yaml, "    - {{ chance: {chance}, reply: {{ {fail}{late} }} }}");
    }
    // What is neither failed nor delayed needs no rule.
    if let Some(delay) = delay {
        let _ = writeln!(yaml, "    - {{ reply: {{ delay: {delay} }} }}");
    }
    yaml
}
