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

/// Beyond so many expectations of a session, those that it is not held to any more go into the counts.
const WATCHES: usize = 1_000;

/// What clients do, held to what scenarios expect of them, session by session.
///
/// Feed it each exchange as it ends, with the scenarios that applied to it; ask it at any time. Where no scenario expects
/// anything, it does nothing, and takes no lock.
#[derive(Debug)]
pub struct Conduct {
    /// A call holds it for reading, and its session besides: who holds it for writing is alone.
    sessions: RwLock<HashMap<Arc<str>, Entry>>,
    /// How many sessions are judged at the same time.
    most: usize,
    /// What sessions came to that are no longer judged.
    over: Mutex<Totals>,
    broken: AtomicU64,
}

#[derive(Debug)]
struct Entry {
    /// Which session it is, of all that have this name one after the other. 0: none of them was seen yet.
    life: AtomicU64,
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
    /// Tells its session from others that had or will have its name: a later one has a higher number, from 1. `None`: it belongs to
    /// whichever is there.
    pub life: Option<u64>,
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

impl Session {
    fn new(began: i64) -> Session {
        Session { began, watches: HashMap::new() }
    }
}

/// A scenario, and the operation that it expects something of.
type Key = (Arc<str>, Option<Arc<str>>);

impl Conduct {
    /// Nothing has been seen yet. There are at most so many sessions at a time, the one without a name not counted.
    pub fn new(sessions: usize) -> Conduct {
        let most = sessions.saturating_add(room(sessions)).saturating_add(1);
        Conduct { sessions: RwLock::default(), most, over: Mutex::default(), broken: AtomicU64::new(0) }
    }

    /// Takes notice of a call. `lives_on` says whether a session of this name and number is still there: what one came to that is
    /// not is counted when room is needed.
    pub fn see(&self, seen: &Seen<'_>, lives_on: &dyn Fn(&str, u64) -> bool) {
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
        self.with(seen, made.came, lives_on, |session| {
            // Calls come here as they end, which is not always the order in which they began.
            session.began = session.began.min(made.came);
            let began = session.began;
            for (scenario, expect) in all().filter(|(_, expect)| about(expect)) {
                let key = (scenario.name.clone(), expect.operation.clone());
                if session.watches.len() >= WATCHES && !session.watches.contains_key(&key) {
                    let applies = |name: &Arc<str>| seen.scenarios.iter().any(|scenario| scenario.name == *name);
                    self.add_up(name, session, |(scenario, _)| !applies(scenario));
                }
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

    /// Works on the session of a call, which is made if need be; others make room for it.
    fn with(&self, seen: &Seen<'_>, came: i64, lives_on: &dyn Fn(&str, u64) -> bool, work: impl Fn(&mut Session)) {
        let name = &seen.exchange.session;
        loop {
            let sessions = self.sessions.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(entry) = sessions.get(name) {
                let mut session = entry.session.lock().unwrap_or_else(PoisonError::into_inner);
                let known = entry.life.load(Relaxed);
                match seen.life {
                    // An answer that was still on its way when its session ended: that one is counted, and this call by itself.
                    Some(life) if life < known => {
                        drop(session);
                        drop(sessions);
                        let mut alone = Session::new(came);
                        work(&mut alone);
                        return self.add_up(name, &mut alone, |_| true);
                    }
                    // The session has ended or begun anew: what it came to so far stands.
                    Some(life) if life > known && known > 0 => {
                        self.add_up(name, &mut session, |_| true);
                        *session = Session::new(came);
                    }
                    _ => {}
                }
                entry.life.fetch_max(seen.life.unwrap_or_default(), Relaxed);
                entry.used.fetch_max(seen.exchange.began.mono_ns, Relaxed);
                return work(&mut session);
            }
            drop(sessions);
            let mut sessions = self.sessions.write().unwrap_or_else(PoisonError::into_inner);
            if sessions.len() >= self.most {
                self.make_room(&mut sessions, lives_on);
            }
            sessions.entry(name.clone()).or_insert_with(|| Entry {
                life: AtomicU64::new(seen.life.unwrap_or_default()),
                used: AtomicU64::new(seen.exchange.began.mono_ns),
                session: Mutex::new(Session::new(came)),
            });
        }
    }

    /// Counts what those sessions came to that are not there any more, and where these are too few, what others did that are idle for
    /// the longest time.
    fn make_room(&self, sessions: &mut HashMap<Arc<str>, Entry>, lives_on: &dyn Fn(&str, u64) -> bool) {
        let mut idle: Vec<_> = sessions
            .iter()
            .map(|(name, entry)| (lives_on(name, entry.life.load(Relaxed)), entry.used.load(Relaxed), name.clone()))
            .collect();
        idle.sort_unstable();
        let gone = idle.iter().take_while(|(lives_on, ..)| !lives_on).count();
        let count = if gone > 0 { gone } else { room(self.most) };
        for (_, _, name) in idle.into_iter().take(count) {
            if let Some(entry) = sessions.remove(&name) {
                let mut session = entry.session.into_inner().unwrap_or_else(PoisonError::into_inner);
                self.add_up(&name, &mut session, |_| true);
            }
        }
    }

    /// Takes expectations out of a session, and counts what they came to.
    fn add_up(&self, name: &Arc<str>, session: &mut Session, which: impl Fn(&Key) -> bool) {
        let mut over = self.over.lock().unwrap_or_else(PoisonError::into_inner);
        let began = session.began;
        for ((scenario, operation), watch) in session.watches.extract_if(|key, _| which(key)) {
            let about = About { session: name, scenario: &scenario, operation: &operation };
            watch.add_to(&about, began, &mut over);
        }
    }

    /// What became of what is expected in a session, were it over now, in the life that it is in. `active` are the scenarios that apply to
    /// it.
    pub fn report_of(&self, session: &str, life: u64, active: &[Arc<Scenario>]) -> Verdicts {
        let mut totals = Totals::default();
        let sessions = self.sessions.read().unwrap_or_else(PoisonError::into_inner);
        let same = |entry: &&Entry| matches!(entry.life.load(Relaxed), 0) || entry.life.load(Relaxed) == life;
        if let Some((name, entry)) = sessions.get_key_value(session).filter(|(_, entry)| same(entry)) {
            let session = entry.session.lock().unwrap_or_else(PoisonError::into_inner);
            for ((scenario, operation), watch) in &session.watches {
                watch.add_to(&About { session: name, scenario, operation }, session.began, &mut totals);
            }
        }
        drop(sessions);
        totals.report(active)
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

/// How many sessions may still be known that are not there any more, before what they came to is counted: they are looked for only
/// so often.
fn room(sessions: usize) -> usize {
    (sessions / 8).max(64)
}
