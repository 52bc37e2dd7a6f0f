//! What a decision went by and nobody could find out later: kept with an exchange in memory, and not written down with it.

use std::sync::Arc;
use std::time::Duration;

/// By what a mock decided on a call, as far as it cannot be found out from the call itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// Which of the mocks decided that were served one after the other, from 1; 0: that is not known.
    pub version: u64,
    /// Tells the session from others that had its name, and from what it was before it began anew; 0: there was none.
    pub life: u64,
    /// Changes with everything that the session is told.
    pub told: u64,
    /// The rule that decided, also where it left the answer to the document.
    pub rule: Option<Ruled>,
    /// What rules asked of their session, in the order in which they did.
    pub gates: Vec<Gated>,
}

/// A rule that decided on a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruled {
    /// The scenario.
    pub scenario: Arc<str>,
    /// The id of the rule.
    pub rule: Arc<str>,
    /// The number of the call, as the rule counts them.
    pub number: u64,
}

/// What a rule asked of its session: the state of its scenario, and the time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gated {
    /// The scenario.
    pub scenario: Arc<str>,
    /// The id of the rule.
    pub rule: Arc<str>,
    /// The state that the scenario was in, where it has states.
    pub state: Option<Arc<str>>,
    /// How long the scenario had been active, by the clock of the session.
    pub after: Duration,
    /// Whether that was what the rule asked for.
    pub held: bool,
}

impl Trace {
    /// About how many bytes of memory it takes beyond its own size.
    pub(super) fn weight(&self) -> usize {
        self.gates.len() * size_of::<Gated>()
    }
}
