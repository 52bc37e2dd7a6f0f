//! What a run met of its document: operations, statuses, named examples.

use std::fmt;
use std::sync::Arc;

/// How many things that were never met are named in the line.
const NAMED: usize = 8;

/// What a run met of its document, and what it never met.
///
/// An operation is met when it was called, a status when an answer fell under its key in `responses`, a named example when an
/// answer had it as its content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Covered {
    /// Every operation of the document, in its order.
    pub operations: Vec<CoveredOperation>,
    /// Calls for no operation of the document.
    pub unmatched: u64,
}

/// What a run met of one operation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CoveredOperation {
    /// Its operationId, or `METHOD /template`.
    pub key: Arc<str>,
    /// How often it was called.
    pub calls: u64,
    /// Its documented statuses, in the order of the text.
    pub statuses: Vec<CoveredStatus>,
    /// Answers whose status the document does not have for it, by status, and how many.
    pub undocumented: Vec<(u16, u64)>,
    /// Such answers that are not listed one by one: only the first few statuses are.
    pub undocumented_more: u64,
}

/// What a run met of one key of `responses`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CoveredStatus {
    /// The key: `200`, `4XX`, `default`.
    pub range: String,
    /// How many answers fell under it.
    pub answers: u64,
    /// Its named examples, in the order of the text.
    pub examples: Vec<CoveredExample>,
}

/// A named example.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CoveredExample {
    /// Its key under `examples`.
    pub name: Arc<str>,
    /// How many answers had it as their content.
    pub answers: u64,
}

/// How many of how many. `Display` writes `9/11`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Those that were met.
    pub met: usize,
    /// All of them.
    pub of: usize,
}

impl Share {
    fn count(met: impl IntoIterator<Item = bool>) -> Share {
        met.into_iter()
            .fold(Share::default(), |share, met| Share { met: share.met + usize::from(met), of: share.of + 1 })
    }

    /// In percent; of nothing, everything was met.
    pub fn percent(self) -> f64 {
        if self.of == 0 { 100.0 } else { self.met as f64 * 100.0 / self.of as f64 }
    }
}

impl fmt::Display for Share {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.met, self.of)
    }
}

impl Covered {
    /// How many operations were called.
    pub fn operations(&self) -> Share {
        Share::count(self.operations.iter().map(|operation| operation.calls > 0))
    }

    /// How many of the documented statuses were answered: each key under `responses` of each operation counts once.
    pub fn statuses(&self) -> Share {
        Share::count(self.all().map(|status| status.answers > 0))
    }

    /// How many of the named examples of responses were answered with.
    pub fn examples(&self) -> Share {
        Share::count(self.all().flat_map(|status| &status.examples).map(|example| example.answers > 0))
    }

    fn all(&self) -> impl Iterator<Item = &CoveredStatus> {
        self.operations.iter().flat_map(|operation| &operation.statuses)
    }

    /// Whether less than `percent` of the documented statuses were answered: what `--fail-under` asks.
    pub fn is_under(&self, percent: f64) -> bool {
        let share = self.statuses();
        // Multiplied out, so that a share that is just met does not fail by a rounded division.
        share.of > 0 && (share.met as f64) * 100.0 < percent * (share.of as f64)
    }

    /// What was never met, a text each, the largest first: operations that were never called by their names (`remove_member`),
    /// then the statuses of the others (`invite 409 426 504`), then examples (``invite 201 example `expired` ``).
    pub fn never(&self) -> impl Iterator<Item = String> + '_ {
        let called = || self.operations.iter().filter(|operation| operation.calls > 0);
        let operations = self.operations.iter().filter(|operation| operation.calls == 0);
        let statuses = called().filter_map(|operation| {
            let never = operation.statuses.iter().filter(|status| status.answers == 0);
            let never: Vec<&str> = never.map(|status| status.range.as_str()).collect();
            (!never.is_empty()).then(|| format!("{} {}", operation.key, never.join(" ")))
        });
        let examples = called().flat_map(|operation| {
            let met = operation.statuses.iter().filter(|status| status.answers > 0);
            met.flat_map(move |status| {
                let never = status.examples.iter().filter(|example| example.answers == 0);
                never.map(move |example| format!("{} {} example `{}`", operation.key, status.range, example.name))
            })
        });
        operations.map(|operation| operation.key.to_string()).chain(statuses).chain(examples)
    }
}

/// One line: `operations 9/11  statuses 23/121  never: remove_member · invite 409 426 504`.
impl fmt::Display for Covered {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "operations {}  statuses {}", self.operations(), self.statuses())?;
        let examples = self.examples();
        if examples.of > 0 {
            write!(out, "  examples {examples}")?;
        }
        let mut never = self.never();
        let named: Vec<String> = never.by_ref().take(NAMED).collect();
        if !named.is_empty() {
            write!(out, "  never: {}", named.join(" · "))?;
        }
        match never.count() {
            0 => Ok(()),
            more => write!(out, " · and {more} more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Covered, CoveredExample, CoveredOperation, CoveredStatus};

    fn status(range: &str, answers: u64, examples: &[(&str, u64)]) -> CoveredStatus {
        let examples =
            examples.iter().map(|(name, answers)| CoveredExample { name: (*name).into(), answers: *answers });
        CoveredStatus { range: range.to_owned(), answers, examples: examples.collect() }
    }

    fn operation(key: &str, statuses: Vec<CoveredStatus>) -> CoveredOperation {
        let calls = statuses.iter().map(|status| status.answers).sum();
        CoveredOperation { key: key.into(), calls, statuses, ..CoveredOperation::default() }
    }

    #[test]
    fn what_was_never_met_is_named_the_largest_first() {
        let covered = Covered {
            operations: vec![
                operation(
                    "invite",
                    vec![
                        status("201", 3, &[("first", 3), ("second", 0)]),
                        status("409", 0, &[("taken", 0)]),
                        status("4XX", 0, &[]),
                    ],
                ),
                operation("list", vec![status("200", 1, &[]), status("default", 1, &[])]),
                operation("remove", vec![status("204", 0, &[])]),
            ],
            unmatched: 0,
        };
        insta::assert_snapshot!(covered, @"operations 2/3  statuses 3/6  examples 1/3  never: remove · invite 409 4XX · invite 201 example `second`");
    }

    #[test]
    fn a_line_does_not_grow_with_the_document() {
        let operations: Vec<_> =
            (0..40).map(|number| operation(&format!("op{number}"), vec![status("200", 0, &[])])).collect();
        insta::assert_snapshot!(Covered { operations, unmatched: 0 }, @"operations 0/40  statuses 0/40  never: op0 · op1 · op2 · op3 · op4 · op5 · op6 · op7 · and 32 more");
        insta::assert_snapshot!(Covered::default(), @"operations 0/0  statuses 0/0");
    }

    #[test]
    fn a_share_that_is_just_met_is_not_under() {
        let answers = |met: u64, of: u64| Covered {
            operations: vec![operation("a", (0..of).map(|at| status("200", u64::from(at < met), &[])).collect())],
            unmatched: 0,
        };
        assert!(!answers(1, 3).is_under(33.0) && answers(1, 3).is_under(33.4));
        for of in 1..200 {
            for met in 0..=of {
                let percent = met as f64 * 100.0 / of as f64;
                assert!(!answers(met, of).is_under(percent.floor()), "{met}/{of}");
                assert!(answers(met, of).is_under(percent.floor() + 1.0), "{met}/{of}");
            }
        }
        assert!(!answers(0, 0).is_under(100.0));
    }
}
