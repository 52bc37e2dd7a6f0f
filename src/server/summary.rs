//! What a run came to: data, and five lines for people.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::finding::{Covered, Grouped, Kinds, Took, Unmade, Verdicts, plural};

/// How many operations that were never called are named.
const NAMED: usize = 8;
/// How many broken verdicts are told call by call, and how many kinds of answers that could not be made.
const TOLD: usize = 5;

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
    /// Calls that a fault on the wire was decided on.
    pub faults: u64,
    /// Other calls that were cut off by the end, or that the client did not wait for.
    pub unanswered: u64,
    /// Calls whose answer could not be made.
    pub unmade: Kinds<Unmade>,
    /// Calls for an icon, which browsers make of themselves. They are no calls otherwise.
    pub icons: u64,
    /// How often each status was answered, in the order of the statuses.
    pub statuses: Vec<(u16, u64)>,
    /// How often each operation was called, in the order of the document.
    pub operations: Vec<(Arc<str>, u64)>,
    /// Lines that the log had to leave out.
    pub log_left_out: u64,
    /// What came of the recording, if there was one.
    pub recorded: Option<Recorded>,
    /// What was met of the document.
    pub coverage: Covered,
    /// What became of what scenarios expect of clients.
    pub verdicts: Verdicts,
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

    /// Which answers could not be made, where there are any, and why.
    fn unmade(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.unmade.total == 0 {
            return Ok(());
        }
        write!(out, "\n  not made      {} could not be made", plural(self.unmade.total, "answer"))?;
        for kind in self.unmade.kinds.iter().take(TOLD) {
            write!(out, "\n    {:11} {}  {}", format!("{} ×", Grouped(kind.count)), kind.what, kind.what.sentence)?;
        }
        match self.unmade.kinds.len().saturating_sub(TOLD) {
            0 => Ok(()),
            more => write!(out, "\n    and {} more", plural(more as u64, "kind")),
        }
    }

    /// What became of expectations, where there are any; what was broken, call by call.
    fn verdicts(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.verdicts.is_empty() {
            return Ok(());
        }
        write!(out, "\n  verdicts      {}", self.verdicts)?;
        for broken in self.verdicts.broken.iter().take(TOLD) {
            write!(out, "\n    broken      {broken}")?;
        }
        match self.verdicts.broken().saturating_sub(TOLD as u64) {
            0 => Ok(()),
            more => write!(out, "\n    broken      and {} more", Grouped(more)),
        }
    }
}

/// Five lines, and one more each for answers that could not be made, coverage, recording and verdicts, where there is something to say of them.
impl fmt::Display for Summary {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = if self.calls == 1 { "" } else { "s" };
        writeln!(out, "{} call{s} in {}", Grouped(self.calls), Took(self.took))?;
        write!(out, "  refused       {}", Grouped(self.refused))?;
        for (count, what) in [
            (self.malformed, "malformed"),
            (self.faults, "faults on the wire"),
            (self.unanswered, "not waited for or cut off"),
        ] {
            if count > 0 {
                write!(out, " · {what} {}", Grouped(count))?;
            }
        }
        write!(out, "\n  unmatched     {}", Grouped(self.unmatched))?;
        if self.icons > 0 {
            write!(out, " · /favicon.ico, asked for by browsers {}", Grouped(self.icons))?;
        }
        self.unmade(out)?;
        out.write_str("\n  statuses      ")?;
        let statuses = self.statuses.iter().map(|(status, count)| format!("{status} ×{}", Grouped(*count)));
        listed(out, statuses.collect())?;
        out.write_str("\n  never called  ")?;
        let mut never: Vec<String> = self.never_called().take(NAMED).map(ToString::to_string).collect();
        let more = self.never_called().count() - never.len();
        if more > 0 {
            never.push(format!("and {} more", Grouped(more as u64)));
        }
        listed(out, never)?;
        if self.calls > 0 && !self.coverage.operations.is_empty() {
            let (operations, statuses) = (self.coverage.operations(), self.coverage.statuses());
            write!(out, "\n  coverage      operations {operations} · statuses {statuses}")?;
            let examples = self.coverage.examples();
            if examples.of > 0 {
                write!(out, " · examples {examples}")?;
            }
        }
        self.verdicts(out)?;
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
    use crate::finding::{
        Broken, CallMade, Counted, Covered, CoveredOperation, CoveredStatus, Ending, Expected, Verdicts,
    };

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
    fn coverage_and_verdicts_have_lines_of_their_own() {
        let status = |range: &str, answers| CoveredStatus { range: range.to_owned(), answers, examples: Vec::new() };
        let operation = CoveredOperation {
            key: "list".into(),
            calls: 3,
            statuses: vec![status("200", 3), status("429", 0)],
            ..CoveredOperation::default()
        };
        let call = |number, at, wrong: Option<&str>| CallMade {
            operation: Some("list".into()),
            number,
            at: Duration::from_millis(at),
            ending: Ending::Answered(429),
            retry_after: Some("2".into()),
            wrong: wrong.map(str::to_owned),
            ..CallMade::default()
        };
        let broken = |session: u32| Broken {
            session: format!("t{session:02}").into(),
            expectation: "honours-retry-after".into(),
            calls: vec![call(3, 4_210, None), call(4, 4_520, Some("1.69 s too early"))],
            times: u64::from(session % 3),
            ..Broken::default()
        };
        let reasons = vec![Counted { what: "no call was tried again".to_owned(), count: 2 }];
        let expected = Expected { kept: 11, broken: 1_007, not_decided: 2, reasons, ..Expected::default() };
        let summary = Summary {
            took: Duration::from_millis(41_234),
            calls: 3,
            operations: vec![("list".into(), 3)],
            coverage: Covered { operations: vec![operation], unmatched: 0 },
            verdicts: Verdicts { expectations: vec![expected], broken: (1..100).map(broken).collect(), not_shown: 908 },
            ..Summary::default()
        };
        insta::assert_snapshot!(summary, @r"
        3 calls in 41.2 s
          refused       0
          unmatched     0
          statuses      none
          never called  none
          coverage      operations 1/1 · statuses 1/2
          verdicts      11 kept, 1,007 broken, 2 not decided (no call was tried again)
            broken      t01  honours-retry-after  list #3 at 4.210 s: 429, Retry-After 2  #4 at 4.520 s: 1.69 s too early
            broken      t02  honours-retry-after  list #3 at 4.210 s: 429, Retry-After 2  #4 at 4.520 s: 1.69 s too early  and once more
            broken      t03  honours-retry-after  list #3 at 4.210 s: 429, Retry-After 2  #4 at 4.520 s: 1.69 s too early
            broken      t04  honours-retry-after  list #3 at 4.210 s: 429, Retry-After 2  #4 at 4.520 s: 1.69 s too early
            broken      t05  honours-retry-after  list #3 at 4.210 s: 429, Retry-After 2  #4 at 4.520 s: 1.69 s too early  and once more
            broken      and 1,002 more
        ");
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
            faults: 12,
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
          refused       0 · malformed 1,234,567 · faults on the wire 12 · not waited for or cut off 3
          unmatched     0
          statuses      none
          never called  op0 · op1 · op2 · op3 · op4 · op5 · op6 · op7 · and 22 more
          recorded      1 in a.ndjson, 2 missing (disk full)
        ");
    }
}
