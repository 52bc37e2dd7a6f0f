//! What a session does with one operation that something is expected of.

use std::collections::VecDeque;

use super::chain::Chains;
use super::made::Made;
use super::standing::{Occasion, Standing};
use super::totals::{About, Totals};
use crate::scenario::{Expect, Expectation};

/// How many of the last calls are told where a verdict is on all of them.
const RECENT: usize = 6;

/// The calls of one operation in one session, as far as expectations need to know of them.
#[derive(Debug)]
pub(super) struct Watch {
    standings: Vec<Standing>,
    chains: Chains,
    /// The last calls, where an expectation is on all calls.
    recent: VecDeque<Made>,
    calls: u64,
    on_retries: bool,
    on_all: bool,
}

impl Watch {
    pub(super) fn new(expect: &Expect) -> Watch {
        let standings: Vec<Standing> =
            expect.all.iter().map(|expected| Standing::new(expected.what.clone(), expected.line)).collect();
        let on_retries = standings.iter().any(|standing| standing.what.is_on_retries());
        let on_all = standings.iter().any(|standing| !standing.what.is_on_retries());
        Watch { standings, chains: Chains::default(), recent: VecDeque::new(), calls: 0, on_retries, on_all }
    }

    /// Whether it holds what is expected.
    pub(super) fn is_for(&self, expect: &Expect) -> bool {
        let same = |(standing, expected): (&Standing, &crate::scenario::Expected)| standing.what == expected.what;
        self.standings.len() == expect.all.len() && self.standings.iter().zip(&expect.all).all(same)
    }

    /// Takes notice of a call.
    pub(super) fn see(&mut self, made: &Made, began: i64, order: &dyn Fn() -> u64) {
        let called = made.operation.is_some();
        self.calls += u64::from(called);
        let index = if self.on_retries && called { self.chains.find(made) } else { None };
        let occasion = Occasion {
            made,
            retried: index.and_then(|index| self.chains.get(index)),
            before: &self.recent,
            calls: self.calls,
            began,
            order,
        };
        for standing in &mut self.standings {
            // What is for no operation is no call; only what it is held to is what is documented.
            if called || standing.what == Expectation::NothingUndocumented {
                standing.see(&occasion);
            }
        }
        if !called {
            return;
        }
        if self.on_retries {
            self.chains.keep(index, made);
        }
        if self.on_all {
            if self.recent.len() == RECENT {
                self.recent.pop_front();
            }
            self.recent.push_back(made.clone());
        }
    }

    /// Adds how everything stands.
    pub(super) fn add_to(&self, about: &About<'_>, began: i64, totals: &mut Totals) {
        for standing in &self.standings {
            let (verdict, reason) = standing.verdict(self.chains.missed);
            totals.add(about, standing, verdict, reason);
            match (&standing.broken, standing.unmet()) {
                (Some(evidence), _) => totals.tell(about, standing, evidence.clone(), None),
                (None, Some(unmet)) => {
                    let calls = self.recent.iter().map(|made| made.told(began)).collect();
                    totals.tell(
                        about,
                        standing,
                        super::standing::Evidence { order: u64::MAX, times: 1, calls },
                        Some(unmet),
                    );
                }
                (None, None) => {}
            }
        }
    }
}
