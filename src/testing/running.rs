//! A mock that is served, and what a test asks of it.

use std::fmt::{self, Debug, Display};
use std::sync::Arc;

use super::{Error, Session};
use crate::finding::{did_you_mean, plural};
use crate::message::Moment;
use crate::mock::{self, DEFAULT_SESSION, State};
use crate::server::{Clock, Service, Standing, Stop, Summary};
use crate::traffic::{Exchange, Why};

/// How many requests, or broken expectations, are told at most.
const TOLD: usize = 10;

/// A mock that answers. Ends when it is dropped.
pub struct Running {
    served: Served,
    clock: Box<dyn Fn() -> Moment + Send + Sync>,
    serving: Serving,
}

/// What is served.
#[derive(Debug)]
pub(super) struct Served {
    pub(super) url: String,
    pub(super) service: Service,
    pub(super) state: Arc<State>,
}

/// Who serves it.
#[derive(Debug)]
enum Serving {
    /// A thread of its own.
    Thread(Standing),
    /// A runtime that was there anyway.
    Elsewhere(Stop),
}

impl Running {
    pub(super) fn threaded(served: Served, clock: impl Clock, standing: Standing) -> Running {
        Running { served, clock: Box::new(move || clock.now()), serving: Serving::Thread(standing) }
    }

    pub(super) fn left(served: Served, clock: impl Clock, stop: Stop) -> Running {
        Running { served, clock: Box::new(move || clock.now()), serving: Serving::Elsewhere(stop) }
    }

    pub(super) fn mock(&self) -> Arc<mock::Mock> {
        self.served.service.mock()
    }

    pub(super) fn state(&self) -> &State {
        &self.served.state
    }

    pub(super) fn now(&self) -> Moment {
        (self.clock)()
    }

    /// Where it answers, without a slash at the end: `http://localhost:49152`.
    pub fn url(&self) -> &str {
        &self.served.url
    }

    /// How often an operation was called so far, in all sessions: valid or not, answered or not.
    ///
    /// # Errors
    /// When the document has no such operation. `operation` is its operationId, or its method and path.
    pub fn calls(&self, operation: &str) -> Result<u64, Error> {
        let summary = self.served.service.counts();
        let key = self.key(operation)?;
        Ok(summary.operations.iter().find(|(known, _)| *known == key).map_or(0, |(_, calls)| *calls))
    }

    /// The last exchanges, the oldest first: as many as the journal keeps.
    pub fn exchanges(&self) -> Vec<Arc<Exchange>> {
        self.served.service.journal().snapshot()
    }

    /// What it came to so far.
    pub fn summary(&self) -> Summary {
        self.served.service.summary()
    }

    /// Answers an operation with this from the next call on, for calls that name no session: `mock.reply("invite_to_organization", 409)`.
    /// See [`Session::reply`].
    ///
    /// # Errors
    /// When the document has no such operation, or does not describe such an answer of it.
    pub fn reply(&self, operation: &str, reply: impl Display) -> Result<(), Error> {
        Session::of(self, DEFAULT_SESSION.into()).reply(operation, reply)
    }

    /// A session, by its name. `default` is the one of calls that name none.
    ///
    /// # Errors
    /// When this is no name of a session.
    pub fn session(&self, name: &str) -> Result<Session<'_>, Error> {
        mock::session_name(name).map(|name| Session::of(self, name)).map_err(Error::new)
    }

    /// Whether every request so far was for an operation of the document, every answer could be made, and the client did what scenarios expect of it.
    ///
    /// # Errors
    /// When not: which requests came nearest to which operations, and what happened call by call where an expectation was broken. What
    /// could not be decided is no error: see `summary().verdicts`.
    pub fn verify(&self) -> Result<(), Error> {
        let summary = self.served.service.summary();
        let (unmatched, verdicts) = (summary.unmatched, &summary.verdicts);
        let mut told = Vec::new();
        if unmatched > 0 {
            let requests = if unmatched == 1 { "request was" } else { "requests were" };
            told.push(format!("{unmatched} {requests} for no operation of the document"));
            told.extend(self.unmatched());
        }
        if summary.unmade.total > 0 {
            told.push(format!("{} could not be made", plural(summary.unmade.total, "answer")));
            told.extend(
                summary.unmade.kinds.iter().take(TOLD).map(|kind| format!("  {}: {}", kind.what, kind.what.sentence)),
            );
        }
        if verdicts.broken() > 0 {
            let what = if verdicts.broken() == 1 { "expectation was" } else { "expectations were" };
            told.push(format!("{} {what} broken by the client", verdicts.broken()));
            told.extend(verdicts.broken.iter().take(TOLD).map(|broken| format!("  {broken}")));
        }
        if told.is_empty() { Ok(()) } else { Err(Error::new(told.join("\n"))) }
    }

    /// The first requests for nothing that the journal still has, a line each.
    fn unmatched(&self) -> Vec<String> {
        let kept = self.exchanges();
        let lost = kept.iter().filter_map(|exchange| {
            let decision = exchange.decision.as_ref().filter(|decision| decision.why == Why::NoOperation)?;
            let mut line = format!("  {} {}", exchange.request.method, exchange.request.target);
            if let Some(nearest) = decision.nearest.first() {
                line += &format!(": nearest is {}: {}", nearest.operation, nearest.difference);
            }
            Some(line)
        });
        lost.take(TOLD).collect()
    }

    /// Stops it and waits for its end, for the thread's part: the last answers are given, and the port is free again.
    ///
    /// # Errors
    /// When it could not be served at all.
    pub fn stop(self) -> Result<Summary, Error> {
        match self.serving {
            Serving::Thread(standing) => {
                standing.end().map_err(|error| Error::new(format!("it could not be served: {error}")))
            }
            Serving::Elsewhere(stop) => {
                drop(stop);
                Ok(self.served.service.summary())
            }
        }
    }

    pub(super) fn key(&self, operation: &str) -> Result<Arc<str>, Error> {
        let mock = self.served.service.mock();
        let contract = mock.contract();
        if let Some(index) = contract.find(operation) {
            return Ok(contract.heads()[index].key.clone());
        }
        let error = Error::new(format!("the document has no operation `{operation}`"));
        let keys: Vec<&str> = contract.heads().iter().map(|head| &*head.key).collect();
        Err(match did_you_mean(operation, keys.iter().copied()) {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error.help(format!("it has {}", keys.iter().take(8).copied().collect::<Vec<_>>().join(", "))),
        })
    }
}

impl Debug for Running {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Running")
            .field("served", &self.served)
            .field("serving", &self.serving)
            .finish_non_exhaustive()
    }
}
