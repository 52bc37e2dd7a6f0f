//! What verdicts come to over many sessions.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::standing::{Evidence, Standing};
use crate::finding::{Broken, Counted, Expected, Verdict, Verdicts};
use crate::scenario::{Expectation, Scenario};

/// How many broken verdicts are told call by call.
const TOLD: usize = 100;
/// How many different expectations have counts of their own. Files have fewer; scenarios that are uploaded one after the other may
/// come to more.
const DIFFERENT: usize = 10_000;

/// What an expectation is of.
#[derive(Clone, Copy, Debug)]
pub(super) struct About<'a> {
    pub(super) session: &'a Arc<str>,
    pub(super) scenario: &'a Arc<str>,
    pub(super) operation: &'a Option<Arc<str>>,
}

type Key = (Arc<str>, Option<Arc<str>>, Option<Expectation>);

/// When it was broken; session, scenario, line and expectation.
type Rank = (u64, Arc<str>, Arc<str>, u32, Arc<str>);

/// Counts of verdicts, and the broken ones.
#[derive(Clone, Debug, Default)]
pub(super) struct Totals {
    counts: HashMap<Key, Counts>,
    /// In the order in which they were broken; the last ones go when there are too many.
    broken: BTreeMap<Rank, Broken>,
}

#[derive(Clone, Debug, Default)]
struct Counts {
    line: u32,
    kept: u64,
    broken: u64,
    not_decided: u64,
    /// There are as many reasons as sentences in the code.
    reasons: BTreeMap<&'static str, u64>,
}

impl Totals {
    /// Counts a verdict.
    pub(super) fn add(
        &mut self,
        about: &About<'_>,
        standing: &Standing,
        verdict: Verdict,
        reason: Option<&'static str>,
    ) {
        let mut key: Key = (about.scenario.clone(), about.operation.clone(), Some(standing.what.clone()));
        if self.counts.len() >= DIFFERENT && !self.counts.contains_key(&key) {
            key = ("others".into(), None, None);
        }
        let counts = self.counts.entry(key).or_default();
        counts.line = counts.line.max(standing.line);
        match verdict {
            Verdict::Valid => counts.kept += 1,
            Verdict::Invalid => counts.broken += 1,
            Verdict::NotDecided => counts.not_decided += 1,
        }
        if let Some(reason) = reason {
            *counts.reasons.entry(reason).or_default() += 1;
        }
    }

    /// Tells how an expectation was broken.
    pub(super) fn tell(&mut self, about: &About<'_>, standing: &Standing, evidence: Evidence, what: Option<String>) {
        let expectation: Arc<str> = standing.what.key().into();
        let key = (evidence.order, about.session.clone(), about.scenario.clone(), standing.line, expectation.clone());
        if self.broken.len() >= TOLD && self.broken.last_key_value().is_some_and(|(last, _)| *last < key) {
            return;
        }
        let broken = Broken {
            session: about.session.clone(),
            scenario: about.scenario.clone(),
            line: standing.line,
            operation: about.operation.clone(),
            expectation,
            written: standing.what.to_string(),
            what,
            calls: evidence.calls,
            times: evidence.times,
        };
        self.broken.insert(key, broken);
        if self.broken.len() > TOLD {
            self.broken.pop_last();
        }
    }

    /// All of it, with what the active scenarios expect and no call came for.
    pub(super) fn report(mut self, active: &[Arc<Scenario>]) -> Verdicts {
        let all = || {
            active.iter().enumerate().flat_map(|(place, scenario)| {
                let expects = scenario.expect.iter();
                let all = expects.flat_map(|expect| expect.all.iter().map(move |expected| (expect, expected)));
                all.map(move |(expect, expected)| (place, scenario, expect, expected))
            })
        };
        for (_, scenario, expect, expected) in all() {
            let key = (scenario.name.clone(), expect.operation.clone(), Some(expected.what.clone()));
            self.counts.entry(key).or_insert_with(|| match expected.what {
                // Not to call at all is not to call too often.
                Expectation::AtMost(_) => Counts { line: expected.line, kept: 1, ..Counts::default() },
                _ => Counts {
                    line: expected.line,
                    not_decided: 1,
                    reasons: BTreeMap::from([(NEVER_CALLED, 1)]),
                    ..Counts::default()
                },
            });
        }
        let places: HashMap<&Arc<str>, usize> =
            active.iter().enumerate().map(|(place, scenario)| (&scenario.name, place)).collect();
        let mut sorted: Vec<(Key, Counts)> = self.counts.into_iter().collect();
        sorted.sort_by(|((one, own, what), counts), ((other, others, whats), more)| {
            let place = |name: &Arc<str>| places.get(name).copied().unwrap_or(usize::MAX);
            let text = |what: &Option<Expectation>| what.as_ref().map(ToString::to_string);
            let rank = (place(one), one, counts.line, own).cmp(&(place(other), other, more.line, others));
            rank.then_with(|| text(what).cmp(&text(whats)))
        });
        let expectations: Vec<Expected> = sorted.into_iter().map(told).collect();
        let broken: Vec<Broken> = self.broken.into_values().collect();
        let all: u64 = expectations.iter().map(|expected| expected.broken).sum();
        let not_shown = all.saturating_sub(broken.len() as u64);
        Verdicts { expectations, broken, not_shown }
    }
}

const NEVER_CALLED: &str = "never called";

fn told(((scenario, operation, what), counts): (Key, Counts)) -> Expected {
    let Counts { line, kept, broken, not_decided, reasons } = counts;
    let mut reasons: Vec<Counted> =
        reasons.into_iter().map(|(what, count)| Counted { what: what.to_owned(), count }).collect();
    reasons.sort_by_key(|reason| Reverse(reason.count));
    let expectation = what.map_or_else(|| "others".to_owned(), |what| what.to_string());
    Expected { scenario, line, operation, expectation, kept, broken, not_decided, reasons }
}
