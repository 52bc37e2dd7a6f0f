//! What changes from call to call: counters, per session. Kept apart from the [`super::Mock`], keyed by names, so that it outlives
//! a reload.
//!
//! A [`Touch`] is plain data and so is a [`Touched`]: a store elsewhere could carry one out as well. In memory it is atomic per
//! session: one counter where no rule has a say, one small lock where one has. No lock is held across a wait.

use std::sync::{Arc, Mutex, PoisonError};

use super::gate::{Gate, Since, Times};
use super::meter::{Meter, Metered};
use super::session::{Full, Session, Sessions};
use super::slots::Slots;
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
    /// The number of the operation's counter.
    pub slot: usize,
    /// The seed of the run; a scenario's own goes before it.
    pub seed: u64,
    /// The scenario that the call asks for by name.
    pub asked: Option<Arc<str>>,
    /// Whether it needs what the session keeps.
    pub keeps: bool,
    /// The rates that have to allow it, in order.
    pub meters: Vec<Meter>,
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
    pub(super) meters: &'p [Meter],
    pub(super) candidates: &'p [Candidate],
}

impl Wish<'_> {
    pub(super) fn to_touch(self) -> Touch {
        let Wish { session, operation, slot, seed, asked, keeps, meters, candidates } = self;
        let (meters, candidates) = (meters.to_vec(), candidates.to_vec());
        let (session, operation, asked) = (session.clone(), operation.clone(), asked.cloned());
        Touch { session, operation, slot, seed, asked, keeps, meters, candidates }
    }
}

impl Touch {
    fn wish(&self) -> Wish<'_> {
        let Touch { session, operation, slot, seed, asked, keeps, meters, candidates } = self;
        let (asked, keeps) = (asked.as_ref(), *keeps);
        Wish { session, operation, slot: *slot, seed: *seed, asked, keeps, meters, candidates }
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
            Then::Reply(_) | Then::Rate(_) => None,
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
    /// What the rates said.
    pub metered: Metered,
    /// The session that had to go to make room for this one.
    pub evicted: Option<Arc<str>>,
    /// What the session keeps, where the call needs it.
    pub store: Option<Arc<Store>>,
}

/// The state of a mock, in memory.
#[derive(Debug)]
pub struct State {
    sessions: Sessions,
    slots: Mutex<Slots>,
}

impl State {
    /// Nothing has happened yet.
    pub fn new(mock: &super::Mock) -> State {
        let heads = mock.contract().heads();
        let slots = Mutex::new(Slots::first(heads.iter().map(|head| &head.key)));
        State { sessions: Sessions::new(), slots }
    }

    /// Lets another mock go on with what there is: its operations count on where those of the same key were. A mock is used with the
    /// state that was made for it, or that has taken it in.
    pub fn take_in(&self, mock: &mut super::Mock) {
        let keys: Vec<&Arc<str>> = mock.contract.heads().iter().map(|head| &head.key).collect();
        let slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner).of(&keys);
        mock.slots = Some(slots);
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
            return Ok(Touched { store: session.kept(wish), ..session.count(wish, now) });
        }
        let (session, evicted) = self.sessions.get(wish.session, now)?;
        Ok(Touched { evicted, store: session.kept(wish), ..session.count(wish, now) })
    }

    /// How many sessions there are, the default one included.
    pub fn sessions(&self) -> usize {
        self.sessions.len()
    }
}

impl Session {
    fn count(&self, wish: &Wish<'_>, now: Moment) -> Touched {
        if wish.candidates.is_empty() && wish.meters.is_empty() && wish.asked.is_none() {
            return Touched { call: self.next_call(wish.slot), ..Touched::default() };
        }
        // One lock over both numbers: some order of the calls explains everything that they were told.
        let mut story = self.story.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let call = self.next_call(wish.slot);
        let Told { decided, metered } = story.apply(wish, call, Times { began_ns: self.began_ns, now_ns: now.mono_ns });
        Touched { call, decided, metered, ..Touched::default() }
    }

    fn kept(&self, wish: &Wish<'_>) -> Option<Arc<Store>> {
        wish.keeps.then(|| self.store.clone())
    }

    fn next_call(&self, slot: usize) -> u64 {
        self.calls.next(slot)
    }
}
