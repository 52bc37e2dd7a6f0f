//! What of its session a rule asks for, before anything is drawn or counted.

use std::sync::Arc;
use std::time::Duration;

use crate::scenario::{Between, Rule, Scenario};

/// The conditions of a rule that only its session can decide.
#[derive(Clone, Debug, Default)]
pub struct Gate {
    /// The states in one of which its scenario must be; `None`: in any.
    pub states: Option<Arc<[Arc<str>]>>,
    /// The state that its scenario begins in.
    pub start: Option<Arc<str>>,
    /// When it holds, after its scenario became active; `None`: always.
    pub between: Option<Between>,
    /// When its scenario became active.
    pub since: Since,
}

/// When a scenario became active.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Since {
    /// With its session; in the default session, with the mock.
    #[default]
    Session,
    /// With the first call of its session that asked for it.
    Asked,
    /// When the session's clock showed so many nanoseconds.
    At(u64),
}

/// Two readings of a session's clock, in nanoseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    /// When the session began.
    pub(super) began_ns: u64,
    /// Now.
    pub(super) now_ns: u64,
}

impl Gate {
    pub(super) fn new(scenario: &Scenario, rule: &Rule, since: Since) -> Gate {
        Gate { states: rule.states.clone(), start: scenario.state.clone(), between: rule.between, since }
    }

    /// Whether nothing is asked.
    pub(super) fn is_open(&self) -> bool {
        self.between.is_none() && self.states.is_none()
    }

    /// Whether it holds; `asked_ns` is when the session was first asked for its scenario, `state` the one that that went to.
    pub(super) fn holds(&self, times: Times, asked_ns: Option<u64>, state: Option<&Arc<str>>) -> bool {
        if let Some(states) = &self.states
            && !state.or(self.start.as_ref()).is_some_and(|state| states.contains(state))
        {
            return false;
        }
        let after = self.after(times, asked_ns);
        self.between.is_none_or(|between| between.holds(after))
    }

    /// How long its scenario has been active.
    pub(super) fn after(&self, times: Times, asked_ns: Option<u64>) -> Duration {
        let since_ns = match self.since {
            Since::Session => times.began_ns,
            Since::Asked => asked_ns.unwrap_or(times.now_ns),
            Since::At(since_ns) => since_ns,
        };
        Duration::from_nanos(times.now_ns.saturating_sub(since_ns))
    }
}
