//! Who watches over open connections: closes those that are idle for too long, and tells all of them when the end comes.
//!
//! A connection looks at a flag of its own whenever it has something to do anyway. A timer and a queue for each of them would
//! have to be set and taken down with every request.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Waker};
use std::time::Duration;

use tokio::time::sleep;

use super::wire;

/// How far the end of a connection has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// It goes on.
    #[default]
    Serving,
    /// What is in flight is answered, no new requests are taken.
    Draining,
    /// All is over.
    Over,
}

/// In how many steps a connection's patience runs out: it is closed at most one step later than it says.
const STEPS: u32 = 4;

/// What a connection is told, and how it is woken for that.
#[derive(Debug)]
pub(super) struct Told {
    stage: AtomicU8,
    /// It was idle for too long when it was last looked at.
    idle: AtomicBool,
    waker: Mutex<Option<Waker>>,
}

impl Told {
    /// What it was told last. From now on the task is woken when there is more.
    pub(super) fn stage(&self, cx: &Context<'_>) -> Stage {
        let mut waker = self.waker.lock().unwrap_or_else(PoisonError::into_inner);
        if !waker.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
            *waker = Some(cx.waker().clone());
        }
        drop(waker);
        match self.stage.load(SeqCst) {
            0 => Stage::Serving,
            1 => Stage::Draining,
            _ => Stage::Over,
        }
    }

    /// Whether it was found idle for too long since this was asked last.
    pub(super) fn was_idle(&self) -> bool {
        // Nearly always it was not, and this is asked all the time.
        self.idle.load(SeqCst) && self.idle.swap(false, SeqCst)
    }

    fn tell(&self, stage: Stage) {
        if self.stage.fetch_max(stage as u8, SeqCst) < stage as u8 {
            self.wake();
        }
    }

    fn tell_idle(&self) {
        self.idle.store(true, SeqCst);
        self.wake();
    }

    fn wake(&self) {
        let waker = self.waker.lock().unwrap_or_else(PoisonError::into_inner).clone();
        waker.into_iter().for_each(Waker::wake);
    }
}

/// The open connections of a server.
#[derive(Debug, Default)]
pub(super) struct Warden(Mutex<Open>);

#[derive(Debug, Default)]
struct Open {
    connections: HashMap<u64, Watched>,
    next: u64,
    /// What was told to all; who comes late is told it, too.
    stage: Stage,
}

#[derive(Debug)]
struct Watched {
    told: Arc<Told>,
    wire: Arc<wire::Shared>,
    /// How many requests it had begun when it was last looked at, and for how many looks nothing has happened since.
    turns: u32,
    idle: u32,
}

/// A connection's entry, for as long as it is open.
pub(super) struct Entry<'w> {
    warden: &'w Warden,
    number: u64,
    pub(super) told: Arc<Told>,
}

impl Warden {
    /// Watches over a connection until what is returned is dropped.
    pub(super) fn admit(&self, wire: &Arc<wire::Shared>) -> Entry<'_> {
        let mut open = self.lock();
        let told = Arc::new(Told {
            stage: AtomicU8::new(open.stage as u8),
            idle: AtomicBool::default(),
            waker: Mutex::default(),
        });
        let watched = Watched { told: told.clone(), wire: wire.clone(), turns: 0, idle: 0 };
        open.next += 1;
        let number = open.next;
        open.connections.insert(number, watched);
        Entry { warden: self, number, told }
    }

    /// Tells every connection that the end has come so far.
    pub(super) fn tell(&self, stage: Stage) {
        let mut open = self.lock();
        open.stage = open.stage.max(stage);
        open.connections.values().for_each(|watched| watched.told.tell(stage));
    }

    /// Closes, from now on, each connection that for so long has not sent a whole head.
    pub(super) async fn watch(&self, patience: Duration) {
        loop {
            sleep(patience / STEPS).await;
            self.look();
        }
    }

    fn look(&self) {
        for watched in self.lock().connections.values_mut() {
            let turns = watched.wire.turns();
            watched.idle = match watched.wire.waits_for_head() {
                false => 0,
                // It began to wait within the last step.
                true if watched.turns != turns => 1,
                true => watched.idle + 1,
            };
            watched.turns = turns;
            // The first of these looks may have come at any time within its step.
            if watched.idle > STEPS {
                watched.told.tell_idle();
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        self.warden.lock().connections.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::task::{Context, Waker};

    use super::super::wire;
    use super::{STEPS, Stage, Warden};

    #[test]
    fn only_a_connection_that_waits_for_a_head_is_closed() {
        let warden = Warden::default();
        let (idle, busy, moving) = (Arc::default(), Arc::<wire::Shared>::default(), Arc::<wire::Shared>::default());
        let entries = [&idle, &busy, &moving].map(|wire| warden.admit(wire));
        busy.head_came();
        for _ in 0..=STEPS {
            assert_eq!(stages(&entries), [Stage::Serving; 3]);
            moving.head_came();
            moving.answered();
            warden.look();
        }
        assert_eq!(entries.each_ref().map(|entry| entry.told.was_idle()), [true, false, false]);
    }

    #[test]
    fn the_end_is_told_to_all_and_never_taken_back() {
        let warden = Warden::default();
        let wire = Arc::default();
        let entries = [warden.admit(&wire), warden.admit(&wire)];
        warden.tell(Stage::Over);
        warden.tell(Stage::Draining);
        assert_eq!(stages(&entries), [Stage::Over; 2]);
        assert_eq!(stages(&[warden.admit(&wire)]), [Stage::Over]);
        drop(entries);
        assert!(warden.lock().connections.is_empty());
    }

    fn stages<const N: usize>(entries: &[super::Entry<'_>; N]) -> [Stage; N] {
        let cx = Context::from_waker(Waker::noop());
        std::array::from_fn(|at| entries[at].told.stage(&cx))
    }
}
