//! What holds in a session when a call comes: plain data, so that choosing among rules needs nothing of the session itself.

use std::sync::Arc;

use super::Mock;
use super::SessionClock;
use super::arranged::{Arranged, Kept};
use super::gate::Since;
use super::session::Session;
use super::sessions::Ended;
use crate::finding::did_you_mean;
use crate::message::Moment;
use crate::scenario::Scenario;

/// A session as a call finds it.
#[derive(Clone, Debug)]
pub struct View {
    /// The time in the session. Conditions on time and rates go by it; journal and delays do not.
    pub now: Moment,
    /// Sessions that ended because this one was asked for.
    pub ended: Vec<Ended>,
    pub(super) since_ns: u64,
    /// Tells the session from what had its name before, or was it before it began anew.
    pub life: u64,
    pub(super) arranged: Option<Arc<Arranged>>,
    /// The number of what was told: it has to be the same when the call is counted.
    pub(super) generation: u64,
    /// The session itself, which is in use for as long as a call has it; not of the default one, which always is there.
    pub(super) held: Option<Arc<Session>>,
}

impl View {
    /// A session that is not there: what it would be like if it began with a call.
    pub(super) fn nowhere(now: Moment) -> View {
        View { now, ended: Vec::new(), since_ns: now.mono_ns, arranged: None, generation: 0, life: 0, held: None }
    }

    /// Whether the session is what it was when a call saw these numbers: it has not begun anew, and was told nothing.
    pub fn is_as(&self, life: u64, told: u64) -> bool {
        (self.life, self.generation) == (life, told)
    }

    /// The scenarios that are active in the session, in order, and since when. A name that means nothing any more, because its file is
    /// gone, is left out.
    pub fn active<'v>(&'v self, mock: &'v Mock) -> impl Iterator<Item = (&'v Arc<Scenario>, Since)> {
        let told = self.arranged.as_deref().and_then(|arranged| Some((arranged, arranged.active.as_ref()?)));
        let own = if told.is_none() { mock.active() } else { &[] };
        let named = told.into_iter().flat_map(move |(arranged, active)| {
            active
                .iter()
                .filter_map(move |active| Some((arranged.scenario(mock, &active.name)?, Since::At(active.since_ns))))
        });
        own.iter().map(|scenario| (scenario, Since::At(self.since_ns))).chain(named)
    }

    /// The clock of the session.
    pub(super) fn clock(&self) -> SessionClock {
        self.arranged.as_ref().map(|arranged| arranged.clock).unwrap_or_default()
    }

    /// The scenarios that are active in the session, where it was told which ones.
    pub(super) fn told(&self, mock: &Mock) -> Option<Vec<Arc<Scenario>>> {
        self.arranged.as_ref()?.active.as_ref()?;
        Some(self.active(mock).map(|(scenario, _)| scenario.clone()).collect())
    }

    /// The scenario that a name means in the session.
    pub fn scenario<'v>(&'v self, mock: &'v Mock, name: &str) -> Option<&'v Arc<Scenario>> {
        match &self.arranged {
            Some(arranged) => arranged.scenario(mock, name),
            None => mock.known().iter().find(|scenario| *scenario.name == *name),
        }
    }

    /// That a name means no scenario in the session, and which one may have been meant.
    pub fn unknown(&self, mock: &Mock, name: &str) -> String {
        let names = self.uploaded().iter().map(|told| &told.scenario).chain(mock.known());
        unknown(names, name)
    }

    /// The scenarios that only the session has.
    pub fn uploaded(&self) -> &[Kept] {
        self.arranged.as_ref().map_or(&[], |arranged| &arranged.uploaded)
    }

    /// The rules that go before every scenario for an operation, each as a scenario of its own.
    pub fn overriding<'v>(&'v self, operation: &'v str) -> impl Iterator<Item = (&'v Arc<Scenario>, Since)> {
        self.arranged.iter().flat_map(|arranged| arranged.overriding(operation))
    }
}

/// That a name means none of these scenarios.
pub(super) fn unknown<'s>(known: impl Iterator<Item = &'s Arc<Scenario>>, name: &str) -> String {
    let mut names: Vec<&str> = known.map(|scenario| &*scenario.name).collect();
    names.dedup();
    let hint = match (did_you_mean(name, names.iter().copied()), names.is_empty()) {
        (Some(near), _) => format!("did you mean `{near}`?"),
        (None, true) => "none is known: start with `--scenarios DIR` or `--scenario FILE`".to_owned(),
        (None, false) => format!("known are {}", names.join(", ")),
    };
    format!("there is no scenario `{name}`; {hint}")
}
