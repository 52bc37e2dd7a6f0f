//! The one place of this module that reads a clock.

use std::time::Instant;

/// The moment, on a clock that never goes back.
#[expect(clippy::disallowed_methods, reason = "timings and deadlines of real exchanges are what this module is for")]
pub(super) fn now() -> Instant {
    Instant::now()
}
