//! What changes from call to call: counters, per session. Kept apart from the [`super::Mock`], keyed by names, so that it outlives
//! a reload.
//!
//! A [`Touch`] is plain data and so is a [`Touched`]: a store elsewhere could carry one out as well. In memory it is atomic per
//! session: one counter where no rule has a say, one small lock where one has. No lock is held across a wait.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use super::gate::{Gate, Since, Times};
use super::session::{Full, Session, Sessions};
use super::store::Store;
use super::story::Told;
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
    /// The scenario that the call asks for by name.
    pub asked: Option<Arc<str>>,
    /// Whether it needs what the session keeps.
    pub keeps: bool,
    /// The rules that decide if their session lets them, in order.
    pub candidates: Vec<Candidate>,
}

/// A [`Touch`] that owns nothing.
#[derive(Clone, Copy)]
pub(super) struct Wish<'p> {
    pub(super) session: &'p Arc<str>,
    pub(super) operation: &'p Arc<str>,
    pub(super) slot: usize,
    pub(super) seed: u64,
    pub(super) asked: Option<&'p Arc<str>>,
    pub(super) keeps: bool,
    pub(super) candidates: &'p [Candidate],
}

impl Wish<'_> {
    pub(super) fn to_touch(self) -> Touch {
        let Wish { session, operation, slot, seed, asked, keeps, candidates } = self;
        let (session, operation, asked) = (session.clone(), operation.clone(), asked.cloned());
        Touch { session, operation, slot, seed, asked, keeps, candidates: candidates.to_vec() }
    }
}

impl Touch {
    fn wish(&self) -> Wish<'_> {
        let Touch { session, operation, slot, seed, asked, keeps, candidates } = self;
        Wish { session, operation, slot: *slot, seed: *seed, asked: asked.as_ref(), keeps: *keeps, candidates }
    }
}

/// A rule all of whose conditions on the request hold.
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
    /// What it asks of the session.
    pub gate: Gate,
    /// How likely it is to decide; `None`: always.
    pub chance: Option<Chance>,
    /// Which number picks the reply; `None`: none does.
    pub count: Option<Count>,
}

impl Candidate {
    pub(super) fn new(scenario: &Scenario, rule: &Rule, since: Since) -> Candidate {
        let count = match &rule.then {
            Then::Reply(_) => None,
            Then::Calls(calls) => Some(calls.count()),
        };
        Candidate {
            scenario: scenario.name.clone(),
            rule: rule.id.clone(),
            line: rule.line,
            seed: scenario.seed,
            gate: Gate::new(rule, since),
            chance: rule.chance,
            count,
        }
    }

    /// Whether it decides whenever it is asked.
    pub(super) fn is_certain(&self) -> bool {
        self.gate.is_open() && self.chance.is_none()
    }
}

/// What the session said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// The number of the call in its session and operation, from 1.
    pub call: u64,
    /// Which candidate decided, and the number of the call among those it decided.
    pub decided: Option<(usize, u64)>,
    /// The session that had to go to make room for this one.
    pub evicted: Option<Arc<str>>,
    /// What the session keeps, where the call needs it.
    pub store: Option<Arc<Store>>,
}

/// The state of a mock, in memory.
#[derive(Debug)]
pub struct State {
    sessions: Sessions,
}

impl State {
    /// Nothing has happened yet.
    pub fn new(mock: &super::Mock) -> State {
        State { sessions: Sessions::new(mock.contract().heads().len()) }
    }

    /// Counts a call, and finds out which rule decides on it.
    ///
    /// # Errors
    /// When the session is new, there are as many as there may be, and each of them is in use.
    pub fn apply(&self, touch: &Touch, now: Moment) -> Result<Touched, Full> {
        self.count(&touch.wish(), now)
    }

    pub(super) fn count(&self, wish: &Wish<'_>, now: Moment) -> Result<Touched, Full> {
        // Most calls name no session, and all of these would take and give back a share of the same one.
        if let Some(session) = self.sessions.usual(wish.session) {
            let (call, Told { decided }) = session.count(wish, now);
            return Ok(Touched { call, decided, evicted: None, store: session.kept(wish) });
        }
        let (session, evicted) = self.sessions.get(wish.session, now)?;
        let (call, Told { decided }) = session.count(wish, now);
        Ok(Touched { call, decided, evicted, store: session.kept(wish) })
    }

    /// How many sessions there are, the default one included.
    pub fn sessions(&self) -> usize {
        self.sessions.len()
    }
}

impl Session {
    fn count(&self, wish: &Wish<'_>, now: Moment) -> (u64, Told) {
        if wish.candidates.is_empty() && wish.asked.is_none() {
            return (self.next_call(wish.slot), Told::default());
        }
        // One lock over both numbers: some order of the calls explains everything that they were told.
        let mut story = self.story.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let call = self.next_call(wish.slot);
        let told = story.apply(wish, call, Times { began_ns: self.began_ns, now_ns: now.mono_ns });
        (call, told)
    }

    fn kept(&self, wish: &Wish<'_>) -> Option<Arc<Store>> {
        wish.keeps.then(|| self.store.clone())
    }

    fn next_call(&self, slot: usize) -> u64 {
        self.calls.get(slot).map_or(0, |calls| calls.fetch_add(1, Relaxed) + 1)
    }
}
