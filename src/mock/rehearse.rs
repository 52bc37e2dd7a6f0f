//! The steps of a scenario, taken against the mock itself: does the story go as its file tells it?
//!
//! In process and at once: a session of its own, and a clock that a client's waits and an answer's delays move.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::{DEFAULT_SESSION, Mock, Reply, State};
use crate::finding::Finding;
use crate::generate::Seed;
use crate::message::{Moment, Request, retry_after};
use crate::scenario::{Break, Came, Failed, Scenario, Step, Telling, Wait};
use crate::traffic::Why;

impl Mock {
    /// Takes the steps of a scenario, one after the other, with nothing remembered before the first; `heard` is told of every call. What
    /// does not come out as the scenario says is a finding. Where that leaves nothing to go on with, the rest is left out.
    ///
    /// What answers is this mock: the scenario should be active in it. `now` is when the first step is taken.
    pub fn rehearse(&self, scenario: &Scenario, now: Moment, mut heard: impl FnMut(&Step, &Reply)) -> Vec<Finding> {
        let state = State::new(self);
        state.begins(now);
        let seed = scenario.seed.filter(|_| !self.options.seed_for_all).unwrap_or(self.options.seed);
        let mut rehearsal = Rehearsal {
            mock: self,
            state,
            now,
            waited: Duration::ZERO,
            asked_for: None,
            seed: Seed(seed),
            kept: Vec::new(),
        };
        let mut findings = Vec::new();
        'steps: for step in &scenario.steps {
            let mut made: Option<Request> = None;
            for time in 1..=step.times {
                if let Some(wait) = &step.wait
                    && let Err(finding) = rehearsal.wait(step, wait)
                {
                    findings.push(finding);
                    break;
                }
                let request = match made.take().map_or_else(|| step.request(&rehearsal.telling()), Ok) {
                    Ok(request) => request,
                    Err(failed) => {
                        // What an earlier step was to keep is told there.
                        if findings.is_empty() || !failed.missing {
                            findings.push(told(step, &failed));
                        }
                        break 'steps;
                    }
                };
                made = (time < step.times).then(|| request.clone());
                let reply = self.answer(&rehearsal.state, request, rehearsal.now);
                rehearsal.take_in(&reply);
                heard(step, &reply);
                let missed = rehearsal.judge(step, &reply, time);
                if !missed.is_empty() {
                    findings.extend(missed);
                    break;
                }
            }
        }
        findings
    }
}

/// How far a story has come.
struct Rehearsal<'m> {
    mock: &'m Mock,
    state: State,
    now: Moment,
    /// How long the client has waited.
    waited: Duration,
    /// How long the last answer asked to wait.
    asked_for: Option<Duration>,
    seed: Seed,
    /// What steps kept, by name.
    kept: Vec<(Arc<str>, Value)>,
}

impl Rehearsal<'_> {
    fn telling(&self) -> Telling<'_> {
        let waited = jiff::SignedDuration::try_from(self.waited).unwrap_or_default();
        let now = self.mock.options.now.checked_add(waited).unwrap_or(self.mock.options.now);
        Telling { contract: &self.mock.contract, now, seed: self.seed, saved: &self.kept, credentials: true }
    }

    /// The session's clock.
    fn clock(&self) -> Moment {
        let mut moment = self.now;
        moment.wall_ns = moment.wall_ns.saturating_add(i64::try_from(self.waited.as_nanos()).unwrap_or(i64::MAX));
        moment
    }

    /// The client waits. It is the clock of its session that moves: what is made up around the time moves with it.
    fn wait(&mut self, step: &Step, wait: &Wait) -> Result<(), Finding> {
        let time = match (wait, self.asked_for) {
            (Wait::For(time), _) => *time,
            (Wait::RetryAfter(_), Some(time)) => time,
            (Wait::RetryAfter(place), None) => {
                let sentence = "the answer before has no `Retry-After` to wait for";
                let sentence = format!("step {} (`{}`): {sentence}", step.number, step.operation);
                let finding = Finding::new("scenario-step", sentence).at(Some(place.clone()));
                return Err(finding.about(step.operation.clone()).help("say how long: `wait: 2s`"));
            }
        };
        self.waited = self.waited.saturating_add(time);
        // The default session is always there.
        let _ = self.state.set_clock(&DEFAULT_SESSION.into(), self.now, |clock| clock.advance(time));
        Ok(())
    }

    /// An answer came, when it had been held back.
    fn take_in(&mut self, reply: &Reply) {
        let ns = u64::try_from(reply.delay.as_nanos()).unwrap_or(u64::MAX);
        self.now.mono_ns = self.now.mono_ns.saturating_add(ns);
        self.now.wall_ns = self.now.wall_ns.saturating_add(i64::try_from(ns).unwrap_or(i64::MAX));
        let came = reply.fault.is_none_or(|fault| fault.answers());
        let asked = retry_after(&reply.answer.headers).filter(|_| came);
        self.asked_for = asked.map(|asked| asked.wait(self.clock()));
    }

    fn judge(&mut self, step: &Step, reply: &Reply, time: u32) -> Vec<Finding> {
        let fault = reply.fault.map(Break::of);
        let came = Came { answer: Some(&reply.answer).filter(|_| fault.is_none_or(Break::answers)), fault };
        let Some(index) = self.mock.contract.find(&step.operation) else { return Vec::new() };
        let operation = self.mock.contract.operation(index);
        let telling = self.telling();
        let judged = match step.judge(operation, came, &telling.context(step)) {
            Ok(judged) => judged,
            Err(failed) => return vec![told(step, &failed)],
        };
        for (name, value) in judged.kept {
            match self.kept.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => *known = value,
                None => self.kept.push((name, value)),
            }
        }
        let which = if step.times > 1 { format!("time {time} of {}, ", step.times) } else { String::new() };
        let help = format!("{which}{}", decided(step, reply));
        judged.misses.into_iter().map(|miss| miss.finding(step).help(help.clone())).collect()
    }
}

/// Who decided on an answer, for who wonders.
fn decided(step: &Step, reply: &Reply) -> String {
    let decision = &reply.decision;
    let other = decision.operation.as_deref().filter(|operation| **operation != *step.operation);
    let call = match (decision.call, other) {
        (0, _) => "the call".to_owned(),
        (number, None) => format!("call {number} of the operation"),
        (number, Some(operation)) => format!("call {number} of `{operation}`"),
    };
    let by = match &decision.why {
        Why::Scenario { name, line, .. } => format!("the rule on line {line} of `{name}` decided"),
        Why::Rate { name, line } => format!("the rate on line {line} of `{name}` refused it"),
        Why::Document => "no rule decided, so the document did".to_owned(),
        Why::State => "what the session keeps decided".to_owned(),
        why => match decision.violations.first() {
            Some(violation) => {
                let place = [violation.part.to_string(), violation.name.to_string(), violation.pointer.clone()];
                let place: Vec<String> = place.into_iter().filter(|part| !part.is_empty()).collect();
                format!("the request is not as the document asks, {}: {}", place.join(" "), violation.sentence)
            }
            None => format!("decided by {why}"),
        },
    };
    format!("{call}: {by}")
}

fn told(step: &Step, failed: &Failed) -> Finding {
    let sentence = format!("step {} (`{}`): {}", step.number, step.operation, failed.sentence);
    let finding = Finding::new("scenario-step", sentence).at(Some(failed.place.clone())).about(step.operation.clone());
    if failed.help.is_empty() { finding } else { finding.help(failed.help.clone()) }
}
