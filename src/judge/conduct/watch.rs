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
    /// The last calls.
    recent: VecDeque<Made>,
    calls: u64,
    on_retries: bool,
}

impl Watch {
    pub(super) fn new(expect: &Expect) -> Watch {
        let standings: Vec<Standing> =
            expect.all.iter().map(|expected| Standing::new(expected.what.clone(), expected.line)).collect();
        let on_retries = standings.iter().any(|standing| standing.what.is_on_retries());
        Watch { standings, chains: Chains::default(), recent: VecDeque::new(), calls: 0, on_retries }
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
            if made.given_up {
                self.see_retry_of(made, began, order);
            }
        }
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back(made.clone());
    }

    /// That a client has given up a call may be noticed after it has tried again: looks for that among the last calls.
    fn see_retry_of(&mut self, made: &Made, began: i64, order: &dyn Fn() -> u64) {
        let later = self.recent.iter().filter(|retry| made.is_like(retry) && made.is_before(retry));
        let Some(retry) = later.min_by_key(|retry| retry.came_first()) else { return };
        let Some(index) = self.chains.of(made) else { return };
        let (retried, before) = (self.chains.get(index), &self.recent);
        let occasion = Occasion { made: retry, retried, before, calls: self.calls, began, order };
        for standing in self.standings.iter_mut().filter(|standing| standing.what.is_on_retries()) {
            standing.see(&occasion);
        }
        self.chains.forget(index);
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
