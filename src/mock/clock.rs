//! The clock of a session: the server's, unless it was moved or stopped.

use std::time::Duration;

use crate::message::Moment;

/// What conditions on time and rates of a session go by. Delays, journal and log do not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SessionClock {
    /// How far it is ahead of the server's clock, in nanoseconds. Below 0 it is behind, because it stood still for a while.
    offset_ns: i64,
    /// What the server's clock showed when this one was stopped.
    frozen: Option<Moment>,
}

impl SessionClock {
    /// What it shows when the server's clock shows this.
    pub fn read(&self, now: Moment) -> Moment {
        let Moment { wall_ns, mono_ns } = self.frozen.unwrap_or(now);
        let offset = self.offset_ns;
        Moment { wall_ns: wall_ns.saturating_add(offset), mono_ns: mono_ns.saturating_add_signed(offset) }
    }

    /// A time as much later as it was moved forward.
    pub(super) fn moved(&self, time: jiff::Timestamp) -> jiff::Timestamp {
        time.checked_add(jiff::SignedDuration::from_nanos(self.offset_ns)).unwrap_or(time)
    }

    /// How far it is ahead of the server's clock, in nanoseconds.
    pub fn offset_ns(&self, now: Moment) -> i64 {
        self.offset_ns.saturating_sub(self.behind(now))
    }

    /// Whether it stands still.
    pub fn is_frozen(&self) -> bool {
        self.frozen.is_some()
    }

    /// Stops it, if it is not stopped.
    pub fn freeze(&mut self, now: Moment) {
        self.frozen.get_or_insert(now);
    }

    /// Lets it go on from where it stands.
    pub fn thaw(&mut self, now: Moment) {
        self.offset_ns = self.offset_ns(now);
        self.frozen = None;
    }

    /// Moves it forward.
    pub fn advance(&mut self, by: Duration) {
        self.offset_ns = self.offset_ns.saturating_add(nanoseconds(by));
    }

    /// Sets it ahead of the server's clock by so much, whatever it showed before.
    pub fn set_ahead(&mut self, by: Duration, now: Moment) {
        self.offset_ns = nanoseconds(by).saturating_add(self.behind(now));
    }

    /// How long it has been standing still.
    fn behind(&self, now: Moment) -> i64 {
        let stood = self.frozen.map_or(0, |frozen| now.mono_ns.saturating_sub(frozen.mono_ns));
        i64::try_from(stood).unwrap_or(i64::MAX)
    }
}

/// Nanoseconds, as many as fit: 292 years.
fn nanoseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::SessionClock;
    use crate::message::Moment;

    fn at(seconds: u64) -> Moment {
        let ns = seconds * 1_000_000_000;
        Moment { wall_ns: 5 + ns as i64, mono_ns: ns }
    }

    #[test]
    fn it_can_be_stopped_and_moved_and_goes_on_from_where_it_stands() {
        let mut clock = SessionClock::default();
        assert_eq!(clock.read(at(7)), at(7));
        clock.freeze(at(10));
        clock.freeze(at(12));
        assert_eq!(clock.read(at(20)), at(10));
        clock.advance(Duration::from_secs(30));
        assert_eq!(clock.read(at(21)), at(40));
        assert_eq!(clock.offset_ns(at(21)), 19_000_000_000);
        clock.thaw(at(25));
        assert!(!clock.is_frozen());
        assert_eq!(clock.read(at(26)), at(41));
        clock.set_ahead(Duration::from_secs(3), at(30));
        assert_eq!(clock.read(at(30)), at(33));
        clock.freeze(at(31));
        clock.set_ahead(Duration::ZERO, at(40));
        assert_eq!((clock.read(at(40)), clock.read(at(50))), (at(40), at(40)));
    }

    #[test]
    fn it_never_overflows() {
        let mut clock = SessionClock::default();
        clock.advance(Duration::MAX);
        clock.advance(Duration::MAX);
        assert_eq!(clock.read(at(7)).wall_ns, i64::MAX);
        clock.freeze(at(0));
        clock.set_ahead(Duration::MAX, Moment { wall_ns: 0, mono_ns: u64::MAX });
        clock.thaw(Moment { wall_ns: 0, mono_ns: u64::MAX });
    }
}
