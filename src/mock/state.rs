//! What changes from call to call: counters, per session. Kept apart from the [`super::Mock`], keyed by names, so that it outlives
//! a reload.
//!
//! A [`Touch`] is plain data and so is a [`Touched`]: a store elsewhere could carry one out as well. In memory it is atomic per
//! session: one counter where no rule has a say, one small lock where one has. No lock is held across a wait.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use super::session::{DEFAULT_SESSION, Session};
use super::sessions::{Full, Sessions};
use super::view::View;
use crate::generate::Seed;
use crate::message::Moment;
use crate::scenario::{Chance, Count, Rule, Scenario, Then};

/// What a call wants to know of its session, and to change in it.
#[derive(Clone, Debug)]
pub struct Touch {
    /// The session.
    pub session: Arc<str>,
    /// The operation's key.
    pub operation: Arc<str>,
    /// The operation's index.
    pub slot: usize,
    /// The seed of the run; a scenario's own goes before it.
    pub seed: u64,
    /// The number of what the session was told when the rules were chosen.
    pub generation: u64,
    /// The rules that decide if they are drawn, in order.
    pub candidates: Vec<Candidate>,
}

/// A [`Touch`] that owns nothing.
#[derive(Clone, Copy)]
pub(super) struct Wish<'p> {
    pub(super) session: &'p Arc<str>,
    pub(super) operation: &'p Arc<str>,
    pub(super) slot: usize,
    pub(super) seed: u64,
    pub(super) generation: u64,
    pub(super) candidates: &'p [Candidate],
}

impl Wish<'_> {
    pub(super) fn to_touch(self) -> Touch {
        let Wish { session, operation, slot, seed, generation, candidates } = self;
        let (session, operation) = (session.clone(), operation.clone());
        Touch { session, operation, slot, seed, generation, candidates: candidates.to_vec() }
    }
}

impl Touch {
    fn wish(&self) -> Wish<'_> {
        let Touch { session, operation, slot, seed, generation, candidates } = self;
        Wish { session, operation, slot: *slot, seed: *seed, generation: *generation, candidates }
    }
}

/// A rule all of whose conditions hold but for the draw.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The scenario's name.
    pub scenario: Arc<str>,
    /// The rule's id, stable over reloads.
    pub rule: Arc<str>,
    /// The line of the file where the rule stands.
    pub line: u32,
    /// The scenario's seed.
    pub seed: Option<u64>,
    /// How likely it is to decide; `None`: always.
    pub chance: Option<Chance>,
    /// Which number picks the reply; `None`: none does.
    pub count: Option<Count>,
}

impl Candidate {
    pub(super) fn new(scenario: &Scenario, rule: &Rule) -> Candidate {
        let count = match &rule.then {
            Then::Reply(_) => None,
            Then::Calls(calls) => Some(calls.count()),
        };
        Candidate {
            scenario: scenario.name.clone(),
            rule: rule.id.clone(),
            line: rule.line,
            seed: scenario.seed,
            chance: rule.chance,
            count,
        }
    }
}

/// What the session said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// The number of the call in its session and operation, from 1.
    pub call: u64,
    /// Which candidate decided, and the number of the call among those it decided.
    pub decided: Option<(usize, u64)>,
}

/// Why a call was not counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotCounted {
    /// The session was told something else since the call chose among the rules: [`State::view`] it again, and choose again.
    Changed,
    /// There are as many sessions as there may be, and each of them is in use.
    Full(Full),
}

/// The state of a mock, in memory.
#[derive(Debug)]
pub struct State {
    pub(super) sessions: Sessions,
    /// How many bytes of text sessions were told.
    pub(super) told: Arc<AtomicUsize>,
}

impl State {
    /// Nothing has happened yet.
    pub fn new(mock: &super::Mock) -> State {
        let options = mock.options();
        State { sessions: Sessions::new(options.sessions, options.session_idle), told: Arc::default() }
    }

    /// Says when the mock began to answer: since then its own scenarios are active. Without it, that was at the zero of the clock.
    pub fn begins(&self, now: Moment) {
        self.sessions.usual().begins(now);
    }

    /// What holds in a session when a call comes. This makes the session if it is not there, and says which others had to go for it.
    /// The default session, with nothing set in it, costs neither a lock nor an allocation.
    ///
    /// # Errors
    /// When the session is new, there are as many as there may be, and each of them is in use.
    #[inline]
    pub fn view(&self, session: &Arc<str>, now: Moment) -> Result<View, Full> {
        // Most calls name no session, and all of these would take and give back a share of the same one.
        if **session == *DEFAULT_SESSION {
            let usual = self.sessions.usual();
            usual.touch_roughly(now);
            return Ok(usual.view(now));
        }
        let (session, ended) = self.sessions.get(session, now)?;
        let view = session.view(now);
        Ok(View { held: Some(session), ended, ..view })
    }

    /// Counts a call, and finds out which rule decides on it.
    ///
    /// # Errors
    /// When the session has changed since the call looked at it, or cannot be made.
    pub fn apply(&self, touch: &Touch, now: Moment) -> Result<Touched, NotCounted> {
        let view = self.view(&touch.session, now).map_err(NotCounted::Full)?;
        self.count(&touch.wish(), view.held.as_ref()).ok_or(NotCounted::Changed)
    }

    /// The same where the session is at hand; without one it is the default session. Nothing when the session has changed.
    #[inline]
    pub(super) fn count(&self, wish: &Wish<'_>, held: Option<&Arc<Session>>) -> Option<Touched> {
        held.map_or(self.sessions.usual(), |session| session).count(wish)
    }

    /// How many sessions there are, the default one included.
    pub fn sessions(&self) -> usize {
        self.sessions.len()
    }
}

impl Session {
    #[inline]
    fn count(&self, touch: &Wish<'_>) -> Option<Touched> {
        if touch.candidates.is_empty() {
            return Some(Touched { call: self.calls.next(touch.slot), decided: None });
        }
        // One lock over both numbers: some order of the calls explains everything that they were told.
        let mut story = self.story_of(touch.generation)?;
        let call = self.calls.next(touch.slot);
        let decided = touch.candidates.iter().position(|candidate| drawn(candidate, touch, call));
        let decided = decided.map(|index| {
            let candidate = &touch.candidates[index];
            let number = story.decides(&candidate.scenario, &candidate.rule);
            let number = if candidate.count == Some(Count::Operation) { call } else { number };
            (index, number)
        });
        Some(Touched { call, decided })
    }
}

/// Whether chance lets the candidate decide on this call.
fn drawn(candidate: &Candidate, touch: &Wish<'_>, call: u64) -> bool {
    let Some(chance) = &candidate.chance else { return true };
    let seed = Seed(candidate.seed.unwrap_or(touch.seed));
    chance.drawn(seed.hash(&[
        b"chance",
        touch.session.as_bytes(),
        touch.operation.as_bytes(),
        &call.to_le_bytes(),
        candidate.scenario.as_bytes(),
        candidate.rule.as_bytes(),
    ]))
}
