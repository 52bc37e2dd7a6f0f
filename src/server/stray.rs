//! How many calls of each session met no operation, or were refused. Counted as they happen, whatever the journal forgets.
//!
//! Plain calls have nothing to do with this: what is counted here is an error of the client's, or what it tries.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::service::Inner;
use crate::traffic::Exchange;

/// How many sessions are counted apart.
const SESSIONS: usize = 10_000;

/// The counts of all sessions.
#[derive(Debug, Default)]
pub(super) struct Strays(Mutex<Counted>);

#[derive(Debug, Default)]
struct Counted {
    sessions: HashMap<Arc<str>, Stray>,
    /// There were more sessions: of one that is not here nothing is known.
    more: bool,
}

/// Those of one session.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Stray {
    /// Which session it was, of all that had this name; `None`: none of them was there yet.
    life: Option<u64>,
    /// Calls for no operation.
    pub(super) unmatched: u64,
    /// Calls that the document, or a limit, refused.
    pub(super) refused: u64,
}

impl Stray {
    /// Goes on with the session of this name as it is now: what was counted belongs to it, or to one that it no longer is.
    fn live(&mut self, life: Option<u64>) {
        if self.life.is_some() && self.life != life {
            *self = Stray::default();
        }
        self.life = life;
    }
}

impl Inner {
    /// Counts an exchange, where it is one of those.
    pub(super) fn stray(&self, exchange: &Exchange) {
        let Some(decision) = &exchange.decision else { return };
        let status = exchange.response().map_or(0, |response| response.status.as_u16());
        let unmatched = decision.why.is_unmatched() && status >= 400;
        let refused = decision.why.is_refused();
        let counts = unmatched || (refused && status > 0);
        if !counts {
            return;
        }
        let life = self.state.life(&exchange.session, exchange.began);
        let mut counted = self.strays.lock();
        let Some(stray) = counted.of(&exchange.session, |name| self.state.life(name, exchange.began).is_some()) else {
            return;
        };
        stray.live(life);
        stray.unmatched += u64::from(unmatched);
        stray.refused += u64::from(refused);
    }

    /// The counts of the session of this name that is in this life; nothing where they are not known.
    pub(super) fn strays_of(&self, session: &str, life: u64) -> Option<Stray> {
        let counted = self.strays.lock();
        let mut stray = match counted.sessions.get(session) {
            None if counted.more => return None,
            known => known.copied().unwrap_or_default(),
        };
        stray.live(Some(life));
        Some(stray)
    }
}

impl Counted {
    /// The counts of a session; others that are not there any more make room.
    fn of(&mut self, session: &Arc<str>, is_there: impl Fn(&str) -> bool) -> Option<&mut Stray> {
        if self.sessions.len() >= SESSIONS && !self.sessions.contains_key(session) {
            self.more = true;
            self.sessions.retain(|name, _| is_there(name));
            if self.sessions.len() >= SESSIONS {
                return None;
            }
        }
        Some(self.sessions.entry(session.clone()).or_default())
    }
}

impl Strays {
    /// A session was ended, or begins anew: also one that only had such calls, and so was none.
    pub(super) fn forget(&self, session: &str) {
        self.lock().sessions.remove(session);
    }

    /// The same of all of them.
    pub(super) fn forget_all(&self) {
        *self.lock() = Counted::default();
    }

    fn lock(&self) -> MutexGuard<'_, Counted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{Counted, SESSIONS, Stray};

    #[test]
    fn what_is_not_counted_apart_is_not_taken_for_nothing() {
        let mut counted = Counted::default();
        for number in 0..SESSIONS {
            counted.of(&format!("s{number}").into(), |_| true).unwrap().unmatched += 1;
        }
        assert!(!counted.more);
        assert!(counted.of(&"one more".into(), |_| true).is_none() && counted.more);
        assert_eq!(counted.of(&"s7".into(), |_| true).unwrap().unmatched, 1);
        assert!(counted.of(&"one more".into(), |name| name == "s7").is_some());
        assert_eq!(counted.sessions.len(), 2);
    }

    #[test]
    fn counts_belong_to_a_session_as_long_as_it_lives() {
        let mut stray = Stray::default();
        for (life, count) in [(None, 1), (None, 2), (Some(3), 3), (Some(3), 4), (Some(7), 1), (None, 1), (Some(9), 2)] {
            stray.live(life);
            stray.unmatched += 1;
            assert_eq!(stray.unmatched, count, "{life:?}");
        }
    }
}
