//! One expectation in one session: what was seen for it and against it.

use std::time::Duration;

use super::chain::Chain;
use super::made::{Made, NOTICED, Untimed, between};
use crate::finding::{CallMade, Verdict};
use crate::scenario::Expectation;

/// How much sooner than asked a retry may come: clocks differ, and a message is under way for a while.
pub(super) const TOLERANCE: Duration = Duration::from_millis(50);

/// How an expectation stands.
#[derive(Debug)]
pub(super) struct Standing {
    pub(super) what: Expectation,
    pub(super) line: u32,
    /// Occasions at which the client did as expected.
    kept: u64,
    /// There would have been an occasion, had the client done more.
    near: bool,
    /// Why an occasion could not be judged: how long the client waited is not known.
    untimed: Option<Untimed>,
    /// Of [`Expectation::Meets`], which were met.
    met: Vec<bool>,
    pub(super) broken: Option<Evidence>,
}

/// How it was broken.
#[derive(Clone, Debug)]
pub(super) struct Evidence {
    /// Orders what was broken over all sessions.
    pub(super) order: u64,
    pub(super) times: u64,
    pub(super) calls: Vec<CallMade>,
}

/// A call, with all that an expectation may have to know of it.
pub(super) struct Occasion<'a> {
    pub(super) made: &'a Made,
    /// The call that it tries again, as it went so far.
    pub(super) retried: Option<&'a Chain>,
    /// The calls before it.
    pub(super) before: &'a std::collections::VecDeque<Made>,
    /// How many there were, this one included.
    pub(super) calls: u64,
    /// Where the session began.
    pub(super) began: i64,
    /// The number of the next thing that is broken.
    pub(super) order: &'a dyn Fn() -> u64,
}

impl Occasion<'_> {
    /// This call, wrong.
    fn wrong(&self, sentence: String) -> CallMade {
        let timed = self.retried.filter(|chain| chain.last().untimed(self.made).is_none());
        let waited = timed.map(|chain| between(chain.last().ended, self.made.came));
        CallMade { waited, wrong: Some(sentence), ..self.made.told(self.began) }
    }

    /// The last tries of the call that is tried again, and this one, wrong.
    fn wrong_after(&self, tries: usize, sentence: String) -> Vec<CallMade> {
        let mut calls = self.retried.map(|chain| chain.told(tries, self.began)).unwrap_or_default();
        calls.push(self.wrong(sentence));
        calls
    }
}

impl Standing {
    pub(super) fn new(what: Expectation, line: u32) -> Standing {
        let met = if let Expectation::Meets(statuses) = &what { vec![false; statuses.len()] } else { Vec::new() };
        Standing { what, line, kept: 0, near: false, untimed: None, met, broken: None }
    }

    /// Takes notice of a call.
    pub(super) fn see(&mut self, occasion: &Occasion<'_>) {
        let made = occasion.made;
        match &self.what {
            Expectation::HonoursRetryAfter => self.honours(occasion),
            Expectation::BacksOff => self.backs_off(occasion),
            Expectation::SameIdempotencyKey => self.same_key(occasion),
            Expectation::NoUnsafeRetry => self.unsafe_retry(occasion),
            Expectation::NothingUndocumented => match &made.undocumented {
                Some(sentence) => self.broken(occasion, || vec![occasion.wrong(sentence.clone())]),
                None => self.kept += 1,
            },
            Expectation::AtMost(most) => {
                let most = *most;
                if occasion.calls <= most {
                    self.kept += 1;
                    return;
                }
                self.broken(occasion, || {
                    let before = occasion.before.iter().map(|made| made.told(occasion.began));
                    let sentence = format!("call {} of at most {most}", occasion.calls);
                    before.chain([occasion.wrong(sentence)]).collect()
                });
            }
            Expectation::Meets(statuses) => {
                for (met, status) in self.met.iter_mut().zip(&**statuses) {
                    *met |= made.status == Some(*status) && !made.unmade;
                }
                self.kept += 1;
            }
        }
    }

    fn honours(&mut self, occasion: &Occasion<'_>) {
        let made = occasion.made;
        if let Some(chain) = occasion.retried
            && let Some(wait) = chain.last().wait
        {
            let last = chain.last();
            let due = last.ended.saturating_add(i64::try_from(wait.as_nanos()).unwrap_or(i64::MAX));
            let early = between(made.came, due);
            if let Some(why) = last.untimed(made) {
                self.untimed.get_or_insert(why);
            } else if early > TOLERANCE {
                self.broken(occasion, || occasion.wrong_after(1, format!("{} too early", Seconds(early))));
            } else {
                self.kept += 1;
            }
        }
        self.near |= made.failed() && made.wait.is_some();
    }

    fn backs_off(&mut self, occasion: &Occasion<'_>) {
        let Some(chain) = occasion.retried else {
            return;
        };
        self.near = true;
        let Some((before, waited)) = chain.waits(occasion.made) else { return };
        if let Some(why) = chain.untimed(occasion.made) {
            self.untimed.get_or_insert(why);
        } else if waited + TOLERANCE + if chain.given_up { NOTICED } else { Duration::ZERO } < before {
            let sentence = || format!("waited {}, and {} before", Seconds(waited), Seconds(before));
            self.broken(occasion, || occasion.wrong_after(2, sentence()));
        } else {
            self.kept += 1;
        }
    }

    fn same_key(&mut self, occasion: &Occasion<'_>) {
        let (Some(chain), made) = (occasion.retried, occasion.made) else { return };
        let sentence = match (chain.key(), &made.key) {
            (Some(first), Some(key)) if first == key => None,
            (Some(first), Some(key)) => Some(format!("{} {key}, and {first} before", made.key_field)),
            (Some(first), None) => Some(format!("without {}, and with {first} before", made.key_field)),
            (None, Some(key)) => Some(format!("with {} {key}, and without one before", made.key_field)),
            // What is idempotent needs none.
            (None, None) if made.idempotent => return,
            (None, None) => Some(format!("without {}, like the try before", made.key_field)),
        };
        match sentence {
            Some(sentence) => self.broken(occasion, || occasion.wrong_after(1, sentence)),
            None => self.kept += 1,
        }
    }

    fn unsafe_retry(&mut self, occasion: &Occasion<'_>) {
        let made = occasion.made;
        if let Some(chain) = occasion.retried
            && !made.idempotent
            && chain.last().left_open()
            && (made.key.is_none() || made.key != chain.last().key)
        {
            let key = if made.key.is_some() { "with another" } else { "without" };
            let sentence = format!("the same again, {key} {}", made.key_field);
            self.broken(occasion, || occasion.wrong_after(1, sentence));
        }
        // Not to try again is right, too.
        if !made.idempotent && made.left_open() {
            self.kept += 1;
        }
        self.near |= !made.idempotent;
    }

    fn broken(&mut self, occasion: &Occasion<'_>, calls: impl FnOnce() -> Vec<CallMade>) {
        match &mut self.broken {
            Some(evidence) => evidence.times += 1,
            None => self.broken = Some(Evidence { order: (occasion.order)(), times: 1, calls: calls() }),
        }
    }

    /// What it comes to, were the session over now, and why it is not decided. `missed`: some retries may not have been recognised.
    pub(super) fn verdict(&self, missed: bool) -> (Verdict, Option<&'static str>) {
        if self.broken.is_some() || self.met.contains(&false) {
            return (Verdict::Invalid, None);
        }
        let open = if let Some(why) = self.untimed {
            Some(why.sentence())
        } else if missed && self.what.is_on_retries() {
            Some("more calls failed at the same time than are remembered")
        } else if self.kept == 0 {
            Some(self.no_occasion())
        } else {
            None
        };
        (open.map_or(Verdict::Valid, |_| Verdict::NotDecided), open)
    }

    fn no_occasion(&self) -> &'static str {
        match (&self.what, self.near) {
            (Expectation::HonoursRetryAfter, false) => "no failing answer had a `Retry-After`",
            (Expectation::HonoursRetryAfter, true) => "no call was tried again after a `Retry-After`",
            (Expectation::BacksOff, true) => "no call was tried again twice without a `Retry-After`",
            (Expectation::NoUnsafeRetry, true) => "no call that is not idempotent met a 5xx or a fault",
            (Expectation::NoUnsafeRetry, false) => "every call was idempotent",
            _ => "no call was tried again",
        }
    }

    /// What is missing of what should have been met.
    pub(super) fn unmet(&self) -> Option<String> {
        let Expectation::Meets(statuses) = &self.what else { return None };
        let unmet = statuses.iter().zip(&self.met).filter(|(_, met)| !**met);
        let unmet: Vec<String> = unmet.map(|(status, _)| status.to_string()).collect();
        let verb = if unmet.len() == 1 { "was" } else { "were" };
        (!unmet.is_empty()).then(|| format!("{} {verb} never answered", unmet.join(", ")))
    }
}

/// `1.69 s`, `120 ms`.
struct Seconds(Duration);

impl std::fmt::Display for Seconds {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0.as_millis() {
            ..1_000 => write!(out, "{} ms", self.0.as_millis()),
            _ => write!(out, "{}.{:02} s", self.0.as_secs(), self.0.subsec_millis() / 10),
        }
    }
}
