//! A point in time, passed as an argument wherever time matters.

use std::time::Duration;

/// A reading of both clocks. The core never reads a clock: whoever calls it brings one of these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// Nanoseconds since the Unix epoch, UTC.
    pub wall_ns: i64,
    /// Nanoseconds on a clock that never goes back; its zero is arbitrary.
    pub mono_ns: u64,
}

impl Moment {
    /// How long after `earlier` this is, by the monotonic clock; zero when it is not after it.
    pub fn since(self, earlier: Moment) -> Duration {
        Duration::from_nanos(self.mono_ns.saturating_sub(earlier.mono_ns))
    }

    /// This moment on the wall clock.
    pub fn timestamp(self) -> jiff::Timestamp {
        jiff::Timestamp::from_nanosecond(i128::from(self.wall_ns)).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }
}
