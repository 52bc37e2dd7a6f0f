//! What a run came to: data, and five lines for people.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::finding::{Grouped, Took};

/// How many operations that were never called are named.
const NAMED: usize = 8;

/// The counts of a run, kept as exchanges happened.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// How long it ran.
    pub took: Duration,
    /// Requests, but for preflights and the server's own pages.
    pub calls: u64,
    /// Those that the document, or a limit, refused.
    pub refused: u64,
    /// Those for no operation.
    pub unmatched: u64,
    /// What was no HTTP at all, and was never a call.
    pub malformed: u64,
    /// Calls that were cut off by the end, or that the client did not wait for.
    pub unanswered: u64,
    /// How often each status was answered, in the order of the statuses.
    pub statuses: Vec<(u16, u64)>,
    /// How often each operation was called, in the order of the document.
    pub operations: Vec<(Arc<str>, u64)>,
    /// Lines that the log had to leave out.
    pub log_left_out: u64,
    /// What came of the recording, if there was one.
    pub recorded: Option<Recorded>,
}

/// What came of a recording.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// The file.
    pub name: String,
    /// Exchanges in it.
    pub written: u64,
    /// Exchanges that are missing.
    pub lost: u64,
    /// Why it ended before its time.
    pub stopped: Option<String>,
}

impl Summary {
    /// The operations that were never called, in the order of the document.
    pub fn never_called(&self) -> impl Iterator<Item = &Arc<str>> {
        self.operations.iter().filter(|(_, calls)| *calls == 0).map(|(operation, _)| operation)
    }
}

/// Five lines; a sixth where something was recorded.
impl fmt::Display for Summary {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = if self.calls == 1 { "" } else { "s" };
        writeln!(out, "{} call{s} in {}", Grouped(self.calls), Took(self.took))?;
        write!(out, "  refused       {}", Grouped(self.refused))?;
        for (count, what) in [(self.malformed, "malformed"), (self.unanswered, "not waited for or cut off")] {
            if count > 0 {
                write!(out, " · {what} {}", Grouped(count))?;
            }
        }
        write!(out, "\n  unmatched     {}\n  statuses      ", Grouped(self.unmatched))?;
        let statuses = self.statuses.iter().map(|(status, count)| format!("{status} ×{}", Grouped(*count)));
        listed(out, statuses.collect())?;
        out.write_str("\n  never called  ")?;
        let mut never: Vec<String> = self.never_called().take(NAMED).map(ToString::to_string).collect();
        let more = self.never_called().count() - never.len();
        if more > 0 {
            never.push(format!("and {} more", Grouped(more as u64)));
        }
        listed(out, never)?;
        if let Some(recorded) = &self.recorded {
            write!(out, "\n  recorded      {} in {}", Grouped(recorded.written), recorded.name)?;
            if recorded.lost > 0 {
                write!(out, ", {} missing", Grouped(recorded.lost))?;
            }
            if let Some(why) = &recorded.stopped {
                write!(out, " ({why})")?;
            }
        }
        Ok(())
    }
}

fn listed(out: &mut fmt::Formatter<'_>, items: Vec<String>) -> fmt::Result {
    out.write_str(if items.is_empty() { "none" } else { "" })?;
    out.write_str(&items.join(" · "))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Recorded, Summary};

    #[test]
    fn five_lines() {
        let summary = Summary {
            took: Duration::from_millis(41_234),
            calls: 1204,
            refused: 6,
            unmatched: 2,
            statuses: vec![(200, 1196), (404, 2), (422, 6)],
            operations: vec![("list".into(), 1202), ("invite".into(), 0), ("remove".into(), 0)],
            ..Summary::default()
        };
        insta::assert_snapshot!(summary, @r"
        1,204 calls in 41.2 s
          refused       6
          unmatched     2
          statuses      200 ×1,196 · 404 ×2 · 422 ×6
          never called  invite · remove
        ");
        assert_eq!(summary.to_string().lines().count(), 5);
    }

    #[test]
    fn nothing_happened_and_everything_did() {
        insta::assert_snapshot!(Summary::default(), @r"
        0 calls in 0.0 s
          refused       0
          unmatched     0
          statuses      none
          never called  none
        ");
        let many = |n: u64| (0..n).map(|index| (format!("op{index}").into(), 0)).collect();
        let summary = Summary {
            took: Duration::from_secs(3 * 3600 + 62),
            calls: 1,
            malformed: 1_234_567,
            unanswered: 3,
            operations: many(30),
            recorded: Some(Recorded {
                name: "a.ndjson".into(),
                written: 1,
                lost: 2,
                stopped: Some("disk full".into()),
            }),
            ..Summary::default()
        };
        insta::assert_snapshot!(summary, @r"
        1 call in 3 h 1 min
          refused       0 · malformed 1,234,567 · not waited for or cut off 3
          unmatched     0
          statuses      none
          never called  op0 · op1 · op2 · op3 · op4 · op5 · op6 · op7 · and 22 more
          recorded      1 in a.ndjson, 2 missing (disk full)
        ");
    }
}
