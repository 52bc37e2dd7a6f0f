//! One session of a running mock: what it answers from now on, its clock, its counters.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use super::{Error, Running};
use crate::document::Source;
use crate::message::Moment;
use crate::mock::{NotArranged, SessionClock};
use crate::scenario::{Scenario, operation_named};

/// A session of a mock, by its name: what calls with `Standin-Session: NAME` meet. It is there as soon as something is said of it.
#[derive(Clone, Debug)]
pub struct Session<'r> {
    running: &'r Running,
    name: Arc<str>,
}

impl<'r> Session<'r> {
    pub(super) fn of(running: &'r Running, name: Arc<str>) -> Session<'r> {
        Session { running, name }
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Answers an operation with this from the next call on, before every scenario: a status (`409`), or a reply or a rule as scenarios
    /// write them (`{ status: 409, delay: 2s }`, `{ calls: { 3: 429 } }`). It takes the place of what was said before. `operation` is an
    /// operationId, a method and a path, or `*` for all of them.
    ///
    /// # Errors
    /// When the document has no such operation, or does not describe such an answer of it.
    pub fn reply(&self, operation: &str, reply: impl Display) -> Result<(), Error> {
        let mock = self.running.mock();
        let operation = match operation {
            "*" => "*".into(),
            named => operation_named(mock.contract(), named)
                .map_err(|(sentence, help)| Error::new(format!("the document has {sentence}")).help(help))?,
        };
        let source = Source::new("reply", reply.to_string());
        let own: Arc<str> = format!("override of {operation}").into();
        let (rule, findings) = Scenario::read_rule(&source, own, &operation, true, mock.contract());
        let sentence = || format!("`{}` is no reply for `{operation}`", source.text());
        let rule = rule.ok_or_else(|| Error::new(sentence()).because(findings))?;
        let (rule, _) = mock.adopt(rule);
        let put = self.running.state().put_before(&self.name, &operation, rule, self.running.now());
        put.map(drop).map_err(refused)
    }

    /// Answers an operation by the scenarios again.
    ///
    /// # Errors
    /// When nothing else was said of it.
    pub fn no_reply(&self, operation: &str) -> Result<(), Error> {
        let operation = match operation {
            "*" => "*".into(),
            named => self.running.key(named)?,
        };
        self.running.state().put_back(&self.name, &operation, self.running.now()).map_err(refused)
    }

    /// Has these scenarios apply, in this order and no others, each from its beginning. They are those that the mock was started with, by
    /// the names they call themselves.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn activate(&self, scenarios: &[&str]) -> Result<(), Error> {
        let mock = self.running.mock();
        let activated = self.running.state().activate(&mock, &self.name, Some(scenarios), self.running.now());
        activated.map(drop).map_err(refused)
    }

    /// How often an operation was called in this session.
    ///
    /// # Errors
    /// When the document has no such operation.
    pub fn calls(&self, operation: &str) -> Result<u64, Error> {
        let key = self.running.key(operation)?;
        let counts = self.running.state().counts(&self.running.mock(), &self.name, self.running.now());
        let calls = counts.and_then(|counts| counts.calls.into_iter().find(|(known, _)| *known == key));
        Ok(calls.map_or(0, |(_, calls)| calls))
    }

    /// Moves its clock forward: `between`, rates and templates go by it.
    ///
    /// # Errors
    /// When there is no room for the session.
    pub fn advance(&self, time: Duration) -> Result<(), Error> {
        self.clock(|clock, _| clock.advance(time))
    }

    /// Stops its clock. [`Session::advance`] still moves it.
    ///
    /// # Errors
    /// When there is no room for the session.
    pub fn freeze(&self) -> Result<(), Error> {
        self.clock(SessionClock::freeze)
    }

    fn clock(&self, change: impl FnOnce(&mut SessionClock, Moment)) -> Result<(), Error> {
        let now = self.running.now();
        self.running.state().set_clock(&self.name, now, |clock| change(clock, now)).map(drop).map_err(refused)
    }

    /// Throws away what calls left behind: counters, states, limits, what was kept. What was said of it stays.
    pub fn reset(&self) {
        self.running.state().reset(&self.name, self.running.now());
    }
}

fn refused(why: NotArranged) -> Error {
    match why {
        NotArranged::Full(full) => Error::new(full.to_string()),
        NotArranged::Unknown(sentence) | NotArranged::TooMuch(sentence) => Error::new(sentence),
    }
}
