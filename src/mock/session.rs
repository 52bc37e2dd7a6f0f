//! One session: what keeps a client apart from others that use the same mock side by side.
//!
//! What belongs here: what calls leave behind in a session, what it was told, and in which order the two change. All sessions of a
//! mock are in [`super::sessions`].

use std::convert::Infallible;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use super::arranged::Arranged;
use super::counters::Counters;
use super::store::Store;
use super::story::Story;
use super::view::View;
use crate::message::Moment;

/// The session of requests that name none.
pub const DEFAULT_SESSION: &str = "default";

/// How exactly it is known when the default session was last used: all calls that name none would write that down at the same place.
const ABOUT: u64 = 1_000_000;

/// What one session knows.
///
/// Two kinds of things change here. What calls leave behind is counted without a lock, or written down behind the lock of the story.
/// What the session was told is replaced as a whole, which takes that lock as well and gives it a new number: a call that chose among
/// its rules by what was told before does not count, and looks again.
#[derive(Debug)]
pub(super) struct Session {
    /// Tells it from others that had its name.
    pub(super) number: u64,
    /// Its number at first, and another one since it last began anew: what a client did before is not what it does now.
    life: AtomicU64,
    /// Calls so far, by operation.
    pub(super) calls: Counters,
    story: Mutex<Story>,
    /// What calls made, with `--stateful`.
    pub(super) store: Arc<Store>,
    arranged: RwLock<Option<Arc<Arranged>>>,
    /// Whether there is something in `arranged`: nearly always there is not, and then nobody has to look.
    is_arranged: AtomicBool,
    /// Changes whenever what was told does, or what calls left behind is thrown away.
    generation: AtomicU64,
    /// When it began, by the server's clock.
    began_ns: AtomicU64,
    /// Since when the mock's own scenarios are active in it, by its own clock.
    since_ns: AtomicU64,
    /// When it was last used, by the server's clock.
    last_used_ns: AtomicU64,
}

impl Session {
    pub(super) fn new(number: u64, together: &Arc<AtomicUsize>, now: Moment) -> Session {
        Session {
            number,
            life: AtomicU64::new(number),
            calls: Counters::default(),
            story: Mutex::default(),
            store: Arc::new(Store::new(together)),
            arranged: RwLock::default(),
            is_arranged: AtomicBool::new(false),
            generation: AtomicU64::new(0),
            began_ns: AtomicU64::new(now.mono_ns),
            since_ns: AtomicU64::new(now.mono_ns),
            last_used_ns: AtomicU64::new(now.mono_ns),
        }
    }

    /// What holds in it right now. Takes no lock where nothing is set.
    #[inline]
    pub(super) fn view(&self, now: Moment) -> View {
        // First the number: what is read after it is at least as new.
        let generation = self.generation.load(Acquire);
        let since_ns = self.since_ns.load(Relaxed);
        let life = self.life();
        let arranged = self.arranged();
        let now = arranged.as_ref().map_or(now, |arranged| arranged.clock.read(now));
        View { now, since_ns, arranged, generation, life, held: None, ended: Vec::new() }
    }

    /// What it was told; `None`: nothing.
    pub(super) fn arranged(&self) -> Option<Arc<Arranged>> {
        if !self.is_arranged.load(Acquire) {
            return None;
        }
        self.arranged.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What rules remember, for as long as the guard lives.
    pub(super) fn story(&self) -> MutexGuard<'_, Story> {
        self.story.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What rules remember, for a call that chose among them when this was the number of what was told; `None`: that has changed.
    pub(super) fn story_of(&self, generation: u64) -> Option<MutexGuard<'_, Story>> {
        let story = self.story();
        (self.generation.load(Relaxed) == generation).then_some(story)
    }

    /// Changes what it was told. `change` may have rules forget what they remember, and can refuse; then nothing is changed.
    pub(super) fn arrange<E>(&self, change: impl FnOnce(&mut Arranged, &mut Story) -> Result<(), E>) -> Result<(), E> {
        let mut story = self.story();
        let mut arranged = self.arranged().map(|arranged| (*arranged).clone()).unwrap_or_default();
        change(&mut arranged, &mut story)?;
        let is_empty = arranged.is_empty();
        *self.arranged.write().unwrap_or_else(PoisonError::into_inner) = (!is_empty).then(|| Arc::new(arranged));
        self.is_arranged.store(!is_empty, Release);
        // Last: who sees this number sees what belongs to it.
        self.generation.fetch_add(1, Release);
        Ok(())
    }

    /// Which of its lives it is in.
    pub(super) fn life(&self) -> u64 {
        self.life.load(Relaxed)
    }

    /// Throws away what calls left behind, and has active scenarios become active now. What it was told stays. `life` is its number
    /// from now on.
    pub(super) fn reset(&self, life: u64, now: Moment) {
        let Ok(()) = self.arrange(|arranged, story| -> Result<(), Infallible> {
            self.life.store(life, Relaxed);
            story.clear();
            self.calls.clear();
            self.store.clear();
            let now_ns = arranged.clock.read(now).mono_ns;
            self.since_ns.store(now_ns, Relaxed);
            arranged.active.iter_mut().flatten().for_each(|active| active.since_ns = now_ns);
            arranged.overrides.iter_mut().for_each(|found| found.since_ns = now_ns);
            Ok(())
        });
    }

    /// As new: nothing left behind, nothing told. `life` is its number from now on.
    pub(super) fn begin_anew(&self, life: u64, now: Moment) {
        let Ok(()) = self.arrange(|arranged, story| -> Result<(), Infallible> {
            self.life.store(life, Relaxed);
            *arranged = Arranged::default();
            story.clear();
            self.calls.clear();
            self.store.clear();
            Ok(())
        });
        self.begins(now);
    }

    /// Says when it began, and that the mock's own scenarios are active since then.
    pub(super) fn begins(&self, now: Moment) {
        self.since_ns.store(now.mono_ns, Relaxed);
        self.began_ns.store(now.mono_ns, Relaxed);
        self.last_used_ns.store(now.mono_ns, Relaxed);
    }

    /// Says since when the mock's own scenarios are active, by the session's clock.
    pub(super) fn active_since(&self, since_ns: u64) {
        self.since_ns.store(since_ns, Relaxed);
    }

    pub(super) fn began_ns(&self) -> u64 {
        self.began_ns.load(Relaxed)
    }

    pub(super) fn last_used_ns(&self) -> u64 {
        self.last_used_ns.load(Relaxed)
    }

    /// It is used now.
    pub(super) fn touch(&self, now: Moment) {
        self.last_used_ns.store(now.mono_ns, Relaxed);
    }

    /// It is used now, give or take.
    #[inline]
    pub(super) fn touch_roughly(&self, now: Moment) {
        if now.mono_ns.saturating_sub(self.last_used_ns()) > ABOUT {
            self.touch(now);
        }
    }
}
