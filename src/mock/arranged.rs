//! What a session was told to do otherwise than the mock: which scenarios are active in it, which it has of its own, which single
//! rules go before them, and what its clock shows.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use super::clock::SessionClock;
use super::gate::Since;
use super::{Mock, view};
use crate::scenario::Scenario;

/// What was set in one session. Made anew with every change, so that a call sees all of it as it was at one time.
#[derive(Clone, Debug, Default)]
pub struct Arranged {
    /// The scenarios that are active, in order; `None`: the mock's own.
    pub active: Option<Vec<Activated>>,
    /// Scenarios that only this session has. They go before others of the same name.
    pub uploaded: Vec<Kept>,
    /// Rules that go before every scenario, at most one for an operation and one for all.
    pub overrides: Vec<Override>,
    /// What conditions on time and rates go by.
    pub clock: SessionClock,
}

/// A rule that goes before every scenario.
#[derive(Clone, Debug)]
pub struct Override {
    /// The operation's key, or `*` for all.
    pub operation: Arc<str>,
    /// A scenario with this one rule.
    pub kept: Kept,
    /// When it was put there, in nanoseconds on the session's clock.
    pub since_ns: u64,
}

/// A scenario that a session was told, and keeps.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The scenario; an override is one with one rule.
    pub scenario: Arc<Scenario>,
    pub(super) _room: Arc<Room>,
}

/// The room that a text takes of what all sessions together may be told. It is given back when nothing refers to it any more.
#[derive(Debug)]
pub(super) struct Room {
    taken: Arc<AtomicUsize>,
    bytes: usize,
}

impl Room {
    /// Takes room for so many bytes, if there are no more than `most` then.
    pub(super) fn take(taken: &Arc<AtomicUsize>, bytes: usize, most: usize) -> Option<Arc<Room>> {
        let fits = |sum: usize| sum.checked_add(bytes).filter(|sum| *sum <= most);
        taken.fetch_update(Relaxed, Relaxed, fits).ok()?;
        Some(Arc::new(Room { taken: taken.clone(), bytes }))
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.taken.fetch_sub(self.bytes, Relaxed);
    }
}

/// A scenario that is active, by its name: which text that means may change with a reload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activated {
    /// Its name.
    pub name: Arc<str>,
    /// When it became active, in nanoseconds on the session's clock.
    pub since_ns: u64,
}

impl Arranged {
    /// Whether nothing is set.
    pub fn is_empty(&self) -> bool {
        let Arranged { active, uploaded, overrides, clock } = self;
        active.is_none() && uploaded.is_empty() && overrides.is_empty() && *clock == SessionClock::default()
    }

    /// The scenario that a name means in this session.
    pub fn scenario<'s>(&'s self, mock: &'s Mock, name: &str) -> Option<&'s Arc<Scenario>> {
        let mut all = self.uploaded.iter().map(|told| &told.scenario).chain(mock.known());
        all.find(|scenario| *scenario.name == *name)
    }

    /// Whether the session itself was told a scenario of this name, or a rule that is kept as one.
    pub(super) fn has(&self, name: &str) -> bool {
        let mut own = self.uploaded.iter().chain(self.overrides.iter().map(|found| &found.kept));
        own.any(|kept| *kept.scenario.name == *name)
    }

    /// That a name means no scenario in this session, and which one may have been meant.
    pub(super) fn unknown(&self, mock: &Mock, name: &str) -> String {
        view::unknown(self.uploaded.iter().map(|told| &told.scenario).chain(mock.known()), name)
    }

    /// The rules that go before all others for an operation: its own, then the one for all.
    pub fn overriding<'s>(&'s self, operation: &'s str) -> impl Iterator<Item = (&'s Arc<Scenario>, Since)> {
        [operation, "*"].into_iter().filter_map(|wanted| {
            let found = self.overrides.iter().find(|found| *found.operation == *wanted)?;
            Some((&found.kept.scenario, Since::At(found.since_ns)))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicUsize;
    use std::sync::atomic::Ordering::Relaxed;

    use super::Room;

    #[test]
    fn room_is_given_back_with_the_last_that_refers_to_it() {
        let taken = Arc::new(AtomicUsize::new(0));
        let one = Room::take(&taken, 60, 100).unwrap();
        assert!(Room::take(&taken, 41, 100).is_none() && Room::take(&taken, usize::MAX, 100).is_none());
        let other = one.clone();
        drop(one);
        assert_eq!(taken.load(Relaxed), 60);
        drop(other);
        assert_eq!(taken.load(Relaxed), 0);
    }
}
