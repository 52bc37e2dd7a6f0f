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
pub(super) struct Strays(Mutex<HashMap<Arc<str>, Stray>>);

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
        let mut all = self.strays.lock();
        if all.len() >= SESSIONS && !all.contains_key(&exchange.session) {
            all.retain(|name, _| self.state.life(name, exchange.began).is_some());
            if all.len() >= SESSIONS {
                return;
            }
        }
        let stray = all.entry(exchange.session.clone()).or_default();
        stray.live(life);
        stray.unmatched += u64::from(unmatched);
        stray.refused += u64::from(refused);
    }

    /// The counts of the session of this name that is in this life.
    pub(super) fn strays_of(&self, session: &str, life: u64) -> Stray {
        let mut stray = self.strays.lock().get(session).copied().unwrap_or_default();
        stray.live(Some(life));
        stray
    }
}

impl Strays {
    /// A session was ended, or begins anew: also one that only had such calls, and so was none.
    pub(super) fn forget(&self, session: &str) {
        self.lock().remove(session);
    }

    /// The same of all of them.
    pub(super) fn forget_all(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Arc<str>, Stray>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::Stray;

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
