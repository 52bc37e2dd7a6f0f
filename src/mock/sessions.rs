//! All sessions of a mock: there as soon as one is named, and as many as may be. The one that was idle the longest makes room, and
//! one that was idle for too long ends.
//!
//! Nothing here runs by itself: whether a session has been idle for too long is looked at when it is asked for, and when another one
//! is made. Which one was idle the longest is kept in a queue in which an entry may be out of date; it is put right when it comes to
//! the front, so that a call has nothing to do with it.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::fmt;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicU64, AtomicUsize};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use super::session::{DEFAULT_SESSION, Session};
use crate::message::{Moment, Problem, Response, StatusCode};

/// All sessions of a mock.
#[derive(Debug)]
pub(super) struct Sessions {
    most: usize,
    idle: Duration,
    default: Session,
    named: RwLock<Named>,
    /// How many bytes of items all of them keep.
    together: Arc<AtomicUsize>,
    /// The last number that was given to a session, or to one that began anew.
    lives: AtomicU64,
}

#[derive(Debug, Default)]
struct Named {
    table: HashMap<Arc<str>, Arc<Session>>,
    /// When each was last used, as far as it is written down here.
    queue: BinaryHeap<Reverse<(u64, Arc<str>, u64)>>,
}

/// A session that ended unasked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Its name.
    pub name: Arc<str>,
    /// How long it may have been idle, where that is why; `None`: it made room for another one.
    pub idle: Option<Duration>,
}

impl fmt::Display for Ended {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.idle {
            None => write!(out, "session `{}` was idle the longest and made room", self.name),
            Some(idle) => {
                write!(out, "session `{}` was idle for more than {} s and has ended", self.name, idle.as_secs_f64())
            }
        }
    }
}

/// There are as many sessions as there may be, and each of them is in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Full {
    session: Arc<str>,
    most: usize,
}

impl Full {
    /// A 503 that says so.
    pub fn answer(&self) -> Response {
        let mut answer = Problem::new(StatusCode::SERVICE_UNAVAILABLE).detail(self.to_string()).to_response();
        answer.headers.insert(http::header::RETRY_AFTER, http::HeaderValue::from_static("1"));
        answer
    }
}

impl fmt::Display for Full {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "there are {} sessions, all in use: `{}` has to wait", self.most, self.session)
    }
}

impl Sessions {
    /// The default session, and room for `most` others.
    pub(super) fn new(most: usize, idle: Duration) -> Sessions {
        let together = Arc::default();
        let default = Session::new(1, &together, Moment::default());
        Sessions { most: most.max(1), idle, default, named: RwLock::default(), lives: AtomicU64::new(1), together }
    }

    /// The session of those that name none.
    pub(super) fn usual(&self) -> &Session {
        &self.default
    }

    /// The session of this name, made if need be, and those that had to go for it. Not for the default one.
    pub(super) fn get(&self, name: &Arc<str>, now: Moment) -> Result<(Arc<Session>, Vec<Ended>), Full> {
        if let Some(session) = self.find(name, now) {
            return Ok((session, Vec::new()));
        }
        let mut named = self.named.write().unwrap_or_else(PoisonError::into_inner);
        let mut ended = Vec::new();
        named.end_idle(self.idle, now, &mut ended);
        // Another request may have been faster.
        if let Some(session) = named.table.get(name) {
            session.touch(now);
            return Ok((session.clone(), ended));
        }
        if named.table.len() >= self.most {
            let Some(longest) = named.longest_idle() else {
                return Err(Full { session: name.clone(), most: self.most });
            };
            named.table.remove(&longest);
            ended.push(Ended { name: longest, idle: None });
        }
        Ok((named.make(name, Session::new(self.another_life(), &self.together, now), now), ended))
    }

    /// A number that no session has had.
    pub(super) fn another_life(&self) -> u64 {
        self.lives.fetch_add(1, Relaxed) + 1
    }

    /// The session of this name, if it is there and has not been idle for too long. It is used with this.
    fn find(&self, name: &str, now: Moment) -> Option<Arc<Session>> {
        let named = self.named.read().unwrap_or_else(PoisonError::into_inner);
        let session = named.table.get(name)?;
        if over(session.last_used_ns(), self.idle, now) {
            return None;
        }
        session.touch(now);
        Some(session.clone())
    }

    /// The session of this name, the default one included, without using it.
    pub(super) fn peek<T>(&self, name: &str, now: Moment, look: impl FnOnce(&Session) -> T) -> Option<T> {
        if name == DEFAULT_SESSION {
            return Some(look(&self.default));
        }
        let session = {
            let named = self.named.read().unwrap_or_else(PoisonError::into_inner);
            named.table.get(name).filter(|session| !over(session.last_used_ns(), self.idle, now))?.clone()
        };
        Some(look(&session))
    }

    /// Every session, by name: first the default one, then the others in the order of their names.
    pub(super) fn each(&self, mut look: impl FnMut(&str, &Session)) {
        look(DEFAULT_SESSION, &self.default);
        let named = self.named.read().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<_> = named.table.iter().map(|(name, session)| (name.clone(), session.clone())).collect();
        drop(named);
        all.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        all.iter().for_each(|(name, session)| look(name, session));
    }

    /// Every session, in no order.
    pub(super) fn all(&self, mut look: impl FnMut(&Session)) {
        look(&self.default);
        self.named.read().unwrap_or_else(PoisonError::into_inner).table.values().for_each(|session| look(session));
    }

    /// Ends those that have been idle for too long, and says which.
    pub(super) fn end_idle(&self, now: Moment) -> Vec<Ended> {
        let mut ended = Vec::new();
        self.named.write().unwrap_or_else(PoisonError::into_inner).end_idle(self.idle, now, &mut ended);
        ended
    }

    /// Ends a session; whether there was one. The default one begins anew.
    pub(super) fn end(&self, name: &str, now: Moment) -> bool {
        if name == DEFAULT_SESSION {
            self.default.begin_anew(self.another_life(), now);
            return true;
        }
        self.named.write().unwrap_or_else(PoisonError::into_inner).table.remove(name).is_some()
    }

    /// Ends all of them, and says how many there were but for the default one, which begins anew.
    pub(super) fn end_all(&self, now: Moment) -> usize {
        self.default.begin_anew(self.another_life(), now);
        let mut named = self.named.write().unwrap_or_else(PoisonError::into_inner);
        let count = named.table.len();
        named.table.clear();
        named.queue.clear();
        count
    }

    pub(super) fn len(&self) -> usize {
        1 + self.named.read().unwrap_or_else(PoisonError::into_inner).table.len()
    }
}

impl Named {
    fn make(&mut self, name: &Arc<str>, session: Session, now: Moment) -> Arc<Session> {
        let number = session.number;
        let session = Arc::new(session);
        self.table.insert(name.clone(), session.clone());
        self.queue.push(Reverse((now.mono_ns, name.clone(), number)));
        // What was ended leaves its entry behind.
        if self.queue.len() > 2 * self.table.len() + 64 {
            let table = self.table.iter();
            self.queue =
                table.map(|(name, session)| Reverse((session.last_used_ns(), name.clone(), session.number))).collect();
        }
        session
    }

    /// Ends sessions that have been idle for too long. One that a call holds right now is in use: it has another owner than the table.
    fn end_idle(&mut self, idle: Duration, now: Moment, ended: &mut Vec<Ended>) {
        while let Some(Reverse((last, ..))) = self.queue.peek()
            && over(*last, idle, now)
        {
            let Some(Reverse((_, name, number))) = self.queue.pop() else { return };
            let Some(session) = self.table.get(&name).filter(|session| session.number == number) else { continue };
            let last = session.last_used_ns();
            if Arc::strong_count(session) > 1 || !over(last, idle, now) {
                let last = if over(last, idle, now) { now.mono_ns } else { last };
                self.queue.push(Reverse((last, name, number)));
                continue;
            }
            self.table.remove(&name);
            ended.push(Ended { name, idle: Some(idle) });
        }
    }

    /// The name of the session that was idle the longest, of two the one that comes first by name; none where all are in use.
    fn longest_idle(&mut self) -> Option<Arc<str>> {
        let mut in_use = Vec::new();
        let mut found = None;
        while let Some(Reverse((last, name, number))) = self.queue.pop() {
            let Some(session) = self.table.get(&name).filter(|session| session.number == number) else { continue };
            if Arc::strong_count(session) > 1 {
                in_use.push(Reverse((last, name, number)));
                continue;
            }
            let used = session.last_used_ns();
            if used > last {
                self.queue.push(Reverse((used, name, number)));
                continue;
            }
            found = Some(name);
            break;
        }
        self.queue.extend(in_use);
        found
    }
}

/// Says which sessions ended, by name as far as a note can hold them.
pub(super) fn note(ended: &[Ended], notes: &mut Vec<String>) {
    const NAMED: usize = 20;
    notes.extend(ended.iter().take(NAMED).map(ToString::to_string));
    if let Some(more) = ended.len().checked_sub(NAMED + 1) {
        notes.push(format!("and {} more sessions have ended", more + 1));
    }
}

/// Whether what was last used then has been idle for too long.
fn over(last_used_ns: u64, idle: Duration, now: Moment) -> bool {
    u128::from(now.mono_ns.saturating_sub(last_used_ns)) > idle.as_nanos()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::{Ended, Sessions};
    use crate::message::Moment;

    const MOST: usize = 100;
    const IDLE: Duration = Duration::from_secs(1);

    fn at(number: u64) -> Moment {
        Moment { wall_ns: 0, mono_ns: number }
    }

    fn name(number: u64) -> Arc<str> {
        format!("s{number}").into()
    }

    #[test]
    fn the_longest_idle_session_makes_room_and_one_in_use_stays() {
        let sessions = Sessions::new(MOST, IDLE);
        let held = sessions.get(&name(0), at(0)).unwrap().0;
        for number in 1..MOST as u64 {
            sessions.get(&name(number), at(number)).unwrap();
        }
        assert_eq!(sessions.len(), MOST + 1);
        // What is used is not idle, although it is older.
        sessions.get(&name(1), at(4_000)).unwrap();
        let room = |name: u64| vec![Ended { name: format!("s{name}").into(), idle: None }];
        assert_eq!(sessions.get(&"new".into(), at(5_000)).unwrap().1, room(2));
        drop(held);
        assert_eq!(sessions.get(&"newer".into(), at(5_001)).unwrap().1, room(0));
        assert_eq!(sessions.get(&"newest".into(), at(5_002)).unwrap().1, room(3));
    }

    #[test]
    fn where_all_are_in_use_a_new_one_has_to_wait() {
        let sessions = Sessions::new(2, IDLE);
        let held: Vec<_> = (0..2).map(|number| sessions.get(&name(number), at(number)).unwrap().0).collect();
        let full = sessions.get(&"new".into(), at(7)).unwrap_err();
        assert_eq!(full.answer().status, 503);
        drop(held);
        assert_eq!(sessions.get(&"new".into(), at(8)).unwrap().1[0].name, name(0));
    }

    #[test]
    fn what_is_idle_for_too_long_has_ended() {
        let sessions = Sessions::new(MOST, IDLE);
        let first = sessions.get(&name(0), at(0)).unwrap().0.number;
        sessions.get(&name(1), at(0)).unwrap();
        sessions.get(&name(2), at(900_000_000)).unwrap();
        sessions.get(&name(1), at(1_000_000_000)).unwrap();
        assert!(sessions.peek("s0", at(1_000_000_000), |_| ()).is_some());
        assert!(sessions.peek("s0", at(1_000_000_001), |_| ()).is_none());
        // It is another one by then, and that it ended is told.
        let (again, ended) = sessions.get(&name(0), at(1_500_000_000)).unwrap();
        assert_ne!(again.number, first);
        assert_eq!(ended, [Ended { name: name(0), idle: Some(IDLE) }]);
        let ended: Vec<_> = sessions.end_idle(at(2_200_000_000)).into_iter().map(|ended| ended.name).collect();
        assert_eq!(ended, [name(2), name(1)]);
        assert_eq!(sessions.len(), 2);
    }

    #[test]
    fn ending_sessions_leaves_nothing_behind() {
        let sessions = Sessions::new(MOST, IDLE);
        for number in 0..10_000 {
            sessions.get(&name(number % 7), at(number)).unwrap();
            assert!(sessions.end(&name(number % 7), at(number)));
        }
        assert!(!sessions.end("s0", at(0)));
        assert_eq!(sessions.len(), 1);
        assert!(sessions.named.read().unwrap().queue.len() < 100);
        sessions.get(&name(0), at(0)).unwrap();
        assert_eq!(sessions.end_all(at(1)), 1);
        assert_eq!(sessions.len(), 1);
    }

    #[test]
    fn many_sessions_are_made_and_dropped_in_time_that_grows_with_their_number() {
        let sessions = Sessions::new(10_000, IDLE);
        for number in 0..60_000_u64 {
            sessions.get(&name(number), at(number)).unwrap();
            sessions.get(&name(number.saturating_sub(9_000)), at(number)).unwrap();
        }
        assert_eq!(sessions.len(), 10_001);
    }
}
