//! Sessions: what keeps clients apart that use one mock side by side.

use std::collections::HashMap;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, RwLock};

use super::counters::Counters;
use super::store::Store;
use super::story::Story;
use crate::message::{Moment, Problem, Response, StatusCode};

/// The session of requests that name none.
pub const DEFAULT_SESSION: &str = "default";

/// The most sessions at a time, the default one not counted.
const MOST: usize = 1_000;

/// The counters of one session.
#[derive(Debug)]
pub(super) struct Session {
    /// Calls so far, by the number of the operation's counter.
    pub(super) calls: Counters,
    /// What rules remember.
    pub(super) story: Mutex<Story>,
    /// What calls made, with `--stateful`.
    pub(super) store: Arc<Store>,
    /// When it began, on its clock.
    pub(super) began_ns: u64,
    last_used: AtomicU64,
}

impl Session {
    fn new(began_ns: u64) -> Session {
        let (story, store) = (Mutex::default(), Arc::default());
        Session { calls: Counters::default(), story, store, began_ns, last_used: AtomicU64::new(0) }
    }
}

/// All sessions of a mock.
#[derive(Debug)]
pub(super) struct Sessions {
    default: Session,
    named: RwLock<HashMap<Arc<str>, Arc<Session>>>,
}

/// There are as many sessions as there may be, and each of them is in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Full {
    session: Arc<str>,
}

impl Full {
    /// A 503 that says so.
    pub(super) fn answer(&self) -> Response {
        let detail = format!("there are {MOST} sessions, all in use: `{}` has to wait", self.session);
        let mut answer = Problem::new(StatusCode::SERVICE_UNAVAILABLE).detail(detail).to_response();
        answer.headers.insert(http::header::RETRY_AFTER, http::HeaderValue::from_static("1"));
        answer
    }
}

impl Sessions {
    pub(super) fn new() -> Sessions {
        Sessions { default: Session::new(0), named: RwLock::default() }
    }

    pub(super) fn len(&self) -> usize {
        1 + self.named.read().unwrap_or_else(|poisoned| poisoned.into_inner()).len()
    }

    /// The session of those that name none, where it is meant.
    pub(super) fn usual(&self, name: &str) -> Option<&Session> {
        (name == DEFAULT_SESSION).then_some(&self.default)
    }

    /// The session of this name, which is not the usual one, made if need be; and the name of the one that had to go for it.
    pub(super) fn get(&self, name: &Arc<str>, now: Moment) -> Result<(Arc<Session>, Option<Arc<str>>), Full> {
        if let Some(session) = self.named.read().unwrap_or_else(|poisoned| poisoned.into_inner()).get(name) {
            session.last_used.store(now.mono_ns, Relaxed);
            return Ok((session.clone(), None));
        }
        let mut named = self.named.write().unwrap_or_else(|poisoned| poisoned.into_inner());
        let mut evicted = None;
        if !named.contains_key(name) && named.len() >= MOST {
            // A session that a call holds right now is in use: it has another owner than this table.
            let idle = named.iter().filter(|(_, session)| Arc::strong_count(session) == 1);
            let longest = idle.min_by_key(|(name, session)| (session.last_used.load(Relaxed), (*name).clone()));
            let longest = longest.map(|(name, _)| name.clone());
            match longest {
                Some(longest) => {
                    named.remove(&longest);
                    evicted = Some(longest);
                }
                None => return Err(Full { session: name.clone() }),
            }
        }
        let session = named.entry(name.clone()).or_insert_with(|| Arc::new(Session::new(now.mono_ns))).clone();
        session.last_used.store(now.mono_ns, Relaxed);
        Ok((session, evicted))
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST, Sessions};
    use crate::message::Moment;

    #[test]
    fn the_longest_idle_session_makes_room_and_one_in_use_stays() {
        let sessions = Sessions::new();
        let at = |number: u64| Moment { wall_ns: 0, mono_ns: number };
        let held = sessions.get(&"s0".into(), at(0)).unwrap().0;
        for number in 1..MOST as u64 {
            sessions.get(&format!("s{number}").into(), at(number)).unwrap();
        }
        assert_eq!(sessions.len(), MOST + 1);
        let (_, evicted) = sessions.get(&"new".into(), at(5_000)).unwrap();
        assert_eq!(evicted.as_deref(), Some("s1"));
        drop(held);
        let (_, evicted) = sessions.get(&"newer".into(), at(5_001)).unwrap();
        assert_eq!(evicted.as_deref(), Some("s0"));
    }
}
