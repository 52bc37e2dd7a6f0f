//! Where the server's time comes from: the system's clocks, or a clock that a test moves by hand.

use std::sync::Arc;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicI64, AtomicU64};
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::watch;

use crate::message::Moment;

/// A clock, and a way to wait by it.
pub trait Clock: Send + Sync + 'static {
    /// What it shows.
    fn now(&self) -> Moment;

    /// Waits until that much time has passed on it.
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send + 'static;
}

impl<C: Clock> Clock for Arc<C> {
    fn now(&self) -> Moment {
        C::now(self)
    }

    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send + 'static {
        C::sleep(self, duration)
    }
}

/// The system's clocks. The zero of the monotonic one is when this was made.
///
/// What day it is, is looked up once a second. In between, it is told from the monotonic clock: asking one clock is half the
/// work of asking two, and this is asked twice a request.
#[derive(Clone, Debug)]
pub struct SystemClock {
    zero: Instant,
    looked: Arc<Looked>,
}

/// When both clocks were last looked at.
#[derive(Debug, Default)]
struct Looked {
    /// What the monotonic clock showed; 0 before the first time.
    mono_ns: AtomicU64,
    /// How far the other clock was ahead of it.
    ahead_ns: AtomicI64,
}

/// How long what was seen of the two clocks together holds.
const HOLDS: u64 = 1_000_000_000;

/// How far apart two looks at the clocks may be to count as one, in nanoseconds.
const TOGETHER: i64 = 1_000_000;

impl SystemClock {
    /// A clock that starts now.
    #[expect(clippy::disallowed_methods, reason = "this is where the server's time comes from")]
    pub fn new() -> SystemClock {
        SystemClock { zero: Instant::now(), looked: Arc::default() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        SystemClock::new()
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is where the server's time comes from")]
    fn now(&self) -> Moment {
        let mono = nanoseconds(self.zero.elapsed());
        let (mono_ns, looked_ns) = (mono.unsigned_abs(), self.looked.mono_ns.load(Acquire));
        if looked_ns == 0 || mono_ns.saturating_sub(looked_ns) >= HOLDS {
            let wall = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            let after = nanoseconds(self.zero.elapsed());
            let ahead = nanoseconds(wall).saturating_sub(after);
            if after.saturating_sub(mono) > TOGETHER {
                // Something came between the looks: good for one answer, not for a second.
                return Moment { wall_ns: mono.saturating_add(ahead), mono_ns };
            }
            self.looked.ahead_ns.store(ahead, Relaxed);
            self.looked.mono_ns.store(mono_ns, Release);
        }
        Moment { wall_ns: mono.saturating_add(self.looked.ahead_ns.load(Relaxed)), mono_ns }
    }

    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send + 'static {
        tokio::time::sleep(duration)
    }
}

/// Nanoseconds, as many as fit: 292 years.
fn nanoseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}

/// A clock that stands still until it is moved. Clones show the same time.
#[derive(Clone, Debug)]
pub struct ManualClock {
    now: Arc<watch::Sender<Moment>>,
    sleepers: Arc<watch::Sender<usize>>,
}

impl ManualClock {
    /// A clock that shows this.
    pub fn at(moment: Moment) -> ManualClock {
        ManualClock { now: Arc::new(watch::Sender::new(moment)), sleepers: Arc::new(watch::Sender::new(0)) }
    }

    /// Moves both hands forward, and wakes whoever has waited long enough.
    pub fn advance(&self, by: Duration) {
        self.now.send_modify(|now| {
            now.wall_ns = now.wall_ns.saturating_add(nanoseconds(by));
            now.mono_ns = now.mono_ns.saturating_add(nanoseconds(by).unsigned_abs());
        });
    }

    /// Waits until at least that many wait by this clock.
    pub async fn until_waited_for(&self, by: usize) {
        // The sender cannot be gone: it is in `self`.
        let _ = self.sleepers.subscribe().wait_for(|sleepers| *sleepers >= by).await;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Moment {
        *self.now.borrow()
    }

    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send + 'static {
        let until = self.now().mono_ns.saturating_add(nanoseconds(duration).unsigned_abs());
        let clock = self.clone();
        async move {
            let _counted = Sleeper::of(&clock);
            let _ = clock.now.subscribe().wait_for(|now| now.mono_ns >= until).await;
        }
    }
}

/// Counts a sleeper for as long as it sleeps, also when it is dropped half-way.
struct Sleeper(Arc<watch::Sender<usize>>);

impl Sleeper {
    fn of(clock: &ManualClock) -> Sleeper {
        clock.sleepers.send_modify(|sleepers| *sleepers += 1);
        Sleeper(clock.sleepers.clone())
    }
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        self.0.send_modify(|sleepers| *sleepers -= 1);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Clock, ManualClock, SystemClock};
    use crate::message::Moment;

    #[tokio::test]
    async fn a_manual_clock_wakes_only_who_has_waited_long_enough() {
        let clock = ManualClock::at(Moment { wall_ns: 5, mono_ns: 7 });
        let short = tokio::spawn(clock.sleep(Duration::from_secs(1)));
        let long = tokio::spawn(clock.sleep(Duration::from_secs(3)));
        clock.until_waited_for(2).await;
        clock.advance(Duration::from_secs(2));
        short.await.unwrap();
        assert!(!long.is_finished());
        assert_eq!(clock.now(), Moment { wall_ns: 2_000_000_005, mono_ns: 2_000_000_007 });
        long.abort();
        assert!(long.await.is_err());
        assert_eq!(*clock.sleepers.borrow(), 0);
    }

    #[test]
    fn the_system_clock_goes_on() {
        let clock = SystemClock::new();
        let first = clock.now();
        assert!(first.wall_ns > 1_700_000_000_000_000_000);
        assert!(clock.now().mono_ns >= first.mono_ns);
    }
}
