//! Whether clients do what scenarios expect of them, judged call by call as exchanges happen.
//!
//! Nothing here is read from a journal: what a verdict needs to know of a session is a small record of its own, whose size does not
//! depend on how many calls there are. Counts of verdicts are exact, whatever is forgotten.

mod chain;
mod made;
mod standing;
mod totals;
mod watch;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use totals::{About, Totals};
use watch::Watch;

use crate::contract::Contract;
use crate::finding::Verdicts;
use crate::scenario::{Expect, Scenario};
use crate::traffic::Exchange;

/// How many sessions are judged at the same time.
const SESSIONS: usize = 10_000;
/// How much of them makes room at once, when there are more: the longest idle ones.
const ROOM: usize = SESSIONS / 8;

/// What clients do, held to what scenarios expect of them, session by session.
///
/// Feed it each exchange as it ends, with the scenarios that applied to it; ask it at any time. Where no scenario expects
/// anything, it does nothing, and takes no lock.
#[derive(Debug, Default)]
pub struct Conduct {
    /// A call holds it for reading, and its session besides: who holds it for writing is alone.
    sessions: RwLock<HashMap<Arc<str>, Entry>>,
    /// What sessions came to that are no longer judged.
    over: Mutex<Totals>,
    broken: AtomicU64,
}

#[derive(Debug)]
struct Entry {
    used: AtomicU64,
    session: Mutex<Session>,
}

/// A call as it is judged.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// The exchange, which is over.
    pub exchange: &'a Exchange,
    /// The place of its operation in [`Contract::heads`]; `None`: it is for none.
    pub operation: Option<usize>,
    /// The contract that it was routed by.
    pub contract: &'a Contract,
    /// The scenarios that applied to it.
    pub scenarios: &'a [Arc<Scenario>],
    /// The clock of its session.
    pub time: SessionTime,
}

/// How the clock of a session differs from that of the machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SessionTime {
    /// How far it is ahead, in nanoseconds.
    pub ahead_ns: i64,
    /// It stands still: how long a client waited cannot be told.
    pub frozen: bool,
}

impl SessionTime {
    fn at(self, mono_ns: u64) -> i64 {
        i64::try_from(mono_ns).unwrap_or(i64::MAX).saturating_add(self.ahead_ns)
    }
}

/// What is remembered of a session: of each thing that says what is expected of it, how that stands.
#[derive(Debug)]
struct Session {
    /// When its first call came that something was expected of.
    began: i64,
    watches: HashMap<Key, Watch>,
}

/// A scenario, and the operation that it expects something of.
type Key = (Arc<str>, Option<Arc<str>>);

impl Conduct {
    /// Nothing has been seen yet.
    pub fn new() -> Conduct {
        Conduct::default()
    }

    /// Takes notice of a call.
    pub fn see(&self, seen: &Seen<'_>) {
        let expecting = |scenario: &Arc<Scenario>| !scenario.expect.is_empty();
        if !seen.scenarios.iter().any(expecting) {
            return;
        }
        let head = seen.operation.and_then(|index| seen.contract.heads().get(index));
        let about = |expect: &Expect| match &expect.operation {
            Some(own) => head.is_some_and(|head| head.key == *own),
            None => true,
        };
        let all = || seen.scenarios.iter().flat_map(|scenario| scenario.expect.iter().map(move |one| (scenario, one)));
        if !all().any(|(_, expect)| about(expect)) {
            return;
        }
        let Some(made) = made::Made::of(seen) else { return };
        let name = &seen.exchange.session;
        self.with(name, seen.exchange.began.mono_ns, made.came, |session| {
            let began = session.began;
            for (scenario, expect) in all().filter(|(_, expect)| about(expect)) {
                let key = (scenario.name.clone(), expect.operation.clone());
                let watch = session.watches.entry(key).or_insert_with_key(|_| Watch::new(expect));
                if !watch.is_for(expect) {
                    // The scenario was edited: what was found so far stands, and what it says now begins anew.
                    let before = std::mem::replace(watch, Watch::new(expect));
                    let about = About { session: name, scenario: &scenario.name, operation: &expect.operation };
                    before.add_to(&about, began, &mut self.over.lock().unwrap_or_else(PoisonError::into_inner));
                }
                watch.see(&made, began, &|| self.broken.fetch_add(1, Relaxed));
            }
        });
    }

    /// Works on a session, which is made if need be; others make room for it.
    fn with(&self, name: &Arc<str>, now: u64, came: i64, mut work: impl FnMut(&mut Session)) {
        loop {
            let sessions = self.sessions.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(entry) = sessions.get(name) {
                entry.used.store(now, Relaxed);
                return work(&mut entry.session.lock().unwrap_or_else(PoisonError::into_inner));
            }
            drop(sessions);
            let mut sessions = self.sessions.write().unwrap_or_else(PoisonError::into_inner);
            if sessions.len() >= SESSIONS {
                self.make_room(&mut sessions);
            }
            sessions.entry(name.clone()).or_insert_with(|| Entry {
                used: AtomicU64::new(now),
                session: Mutex::new(Session { began: came, watches: HashMap::new() }),
            });
        }
    }

    /// Ends the sessions that were idle for the longest time.
    fn make_room(&self, sessions: &mut HashMap<Arc<str>, Entry>) {
        let mut idle: Vec<_> = sessions.iter().map(|(name, entry)| (entry.used.load(Relaxed), name.clone())).collect();
        idle.sort_unstable();
        for (_, name) in idle.into_iter().take(ROOM) {
            self.fold(&name, sessions);
        }
    }

    fn fold(&self, name: &Arc<str>, sessions: &mut HashMap<Arc<str>, Entry>) {
        let Some(entry) = sessions.remove(name) else { return };
        let session = entry.session.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut over = self.over.lock().unwrap_or_else(PoisonError::into_inner);
        for ((scenario, operation), watch) in session.watches {
            let about = About { session: name, scenario: &scenario, operation: &operation };
            watch.add_to(&about, session.began, &mut over);
        }
    }

    /// A session is over, or begins anew: what it came to so far stands.
    pub fn end(&self, session: &Arc<str>) {
        self.fold(session, &mut self.sessions.write().unwrap_or_else(PoisonError::into_inner));
    }

    /// What became of every expectation, were the run over now. `active` are the scenarios that apply to every session: what they
    /// expect is told even where no call came.
    pub fn report(&self, active: &[Arc<Scenario>]) -> Verdicts {
        let sessions = self.sessions.write().unwrap_or_else(PoisonError::into_inner);
        let mut totals = self.over.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for (name, entry) in &*sessions {
            let session = entry.session.lock().unwrap_or_else(PoisonError::into_inner);
            for ((scenario, operation), watch) in &session.watches {
                watch.add_to(&About { session: name, scenario, operation }, session.began, &mut totals);
            }
        }
        drop(sessions);
        totals.report(active)
    }
}
