//! What changes from call to call: counters, per session. Kept apart from the [`super::Mock`], keyed by names, so that it outlives
//! a reload.
//!
//! A [`Touch`] is plain data and so is a [`Touched`]: a store elsewhere could carry one out as well. In memory it is atomic per
//! session: one counter where no rule has a say, one small lock where one has. No lock is held across a wait.

use std::collections::HashSet;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, PoisonError};

use super::gate::{Gate, Since, Times};
use super::meter::{Meter, Metered};
use super::saved::{Values, Writes};
use super::session::{DEFAULT_SESSION, Session};
use super::sessions::{Full, Sessions};
use super::slots::Slots;
use super::store::Store;
use super::story::Told;
use super::view::View;
use crate::message::Moment;
use crate::scenario::{Chance, Count, Move, Rule, Scenario, Then};
use crate::traffic::Gated;

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
    /// Whether nothing is wrong with the request.
    pub valid: bool,
    /// The number of what the session was told when the rules were chosen.
    pub generation: u64,
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
    pub(super) valid: bool,
    pub(super) generation: u64,
    pub(super) asked: Option<&'p Arc<str>>,
    pub(super) keeps: bool,
    pub(super) meters: &'p [Meter],
    pub(super) candidates: &'p [Candidate],
}

impl Wish<'_> {
    pub(super) fn to_touch(self) -> Touch {
        let Wish { session, operation, slot, seed, valid, generation, asked, keeps, meters, candidates } = self;
        let (meters, candidates) = (meters.to_vec(), candidates.to_vec());
        let (session, operation, asked) = (session.clone(), operation.clone(), asked.cloned());
        Touch { session, operation, slot, seed, valid, generation, asked, keeps, meters, candidates }
    }
}

impl Touch {
    fn wish(&self) -> Wish<'_> {
        let Touch { session, operation, slot, seed, valid, generation, asked, keeps, meters, candidates } = self;
        let (slot, seed, valid, generation, keeps, asked) = (*slot, *seed, *valid, *generation, *keeps, asked.as_ref());
        Wish { session, operation, slot, seed, valid, generation, asked, keeps, meters, candidates }
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
    /// The states that it goes to.
    pub moves: Option<Arc<[Move]>>,
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
            gate: Gate::new(scenario, rule, since),
            moves: rule.moves.clone(),
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
    /// Which candidate decided, and the number of the call: among those it decided where it counts these, else in its session and
    /// operation.
    pub decided: Option<(usize, u64)>,
    /// What the rates said.
    pub metered: Metered,
    /// What was drawn, in order: for which candidate, the number, and whether it hit.
    pub draws: Vec<(usize, u64, bool)>,
    /// The scenario that went to another state, and to which.
    pub moved: Option<(Arc<str>, Arc<str>)>,
    /// What was kept of earlier calls, by name, where it can be asked for.
    pub saved: Option<Values>,
    /// What rules asked of the session, in order.
    pub gates: Vec<Gated>,
    /// What the session keeps, where the call needs it.
    pub store: Option<Arc<Store>>,
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
    slots: Mutex<Slots>,
}

impl State {
    /// Nothing has happened yet.
    pub fn new(mock: &super::Mock) -> State {
        let (options, heads) = (mock.options(), mock.contract().heads());
        let slots = Mutex::new(Slots::first(heads.iter().map(|head| &head.key)));
        State { sessions: Sessions::new(options.sessions, options.session_idle), told: Arc::default(), slots }
    }

    /// Lets another mock go on with what there is: its operations count on where those of the same key were. A mock is used with the
    /// state that was made for it, or that has taken it in.
    pub fn take_in(&self, mock: &mut super::Mock) {
        let keys: Vec<&Arc<str>> = mock.contract.heads().iter().map(|head| &head.key).collect();
        let slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner).of(&keys);
        mock.slots = Some(slots);
        let known: HashSet<&str> = mock.known.iter().chain(&mock.active).map(|scenario| &*scenario.name).collect();
        self.sessions.all(|session| {
            let arranged = session.arranged();
            let own = |name: &str| arranged.as_ref().is_some_and(|arranged| arranged.has(name));
            session.story().make_room(|name| known.contains(name) || own(name));
        });
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
        self.count(&touch.wish(), &view).ok_or(NotCounted::Changed)
    }

    /// The same as one looked at the session. Nothing when it has changed since then.
    #[inline]
    pub(super) fn count(&self, wish: &Wish<'_>, view: &View) -> Option<Touched> {
        let session = view.held.as_deref().unwrap_or(self.sessions.usual());
        let times = Times { began_ns: view.since_ns, now_ns: view.now.mono_ns };
        let (call, Told { decided, metered, draws, moved, saved, gates }) = session.count(wish, times)?;
        let store = wish.keeps.then(|| session.store.clone());
        Some(Touched { call, decided, metered, draws, moved, saved, gates, store })
    }

    /// Keeps what a call leaves in its session. Says what is not kept because there is no room for it.
    pub fn keep(&self, session: &Arc<str>, writes: &Writes, now: Moment) -> Vec<String> {
        // One that had to go in the meantime has nothing to keep.
        self.view(session, now).map(|view| self.write(&view, writes)).unwrap_or_default()
    }

    /// The same as one looked at the session.
    pub(super) fn write(&self, view: &View, writes: &Writes) -> Vec<String> {
        view.held.as_deref().unwrap_or(self.sessions.usual()).story().saved.keep(writes)
    }

    /// How many sessions there are, the default one included.
    pub fn sessions(&self) -> usize {
        self.sessions.len()
    }
}

impl Session {
    #[inline]
    fn count(&self, wish: &Wish<'_>, times: Times) -> Option<(u64, Told)> {
        if wish.candidates.is_empty() && wish.meters.is_empty() && wish.asked.is_none() {
            return Some((self.calls.next(wish.slot), Told::default()));
        }
        // One lock over both numbers: some order of the calls explains everything that they were told.
        let mut story = self.story_of(wish.generation)?;
        let call = self.calls.next(wish.slot);
        let told = story.apply(wish, call, times);
        Some((call, told))
    }
}
