//! An exchange from its decision to its end: answered, or given up.

use std::sync::Arc;
use std::time::Duration;

use super::Clock;
use super::service::Inner;
use super::version::Version;
use crate::message::Moment;
use crate::mock::Expecting;
use crate::traffic::{CapturedResponse, Exchange, Fault, Outcome};

/// All of an exchange but how it ends. It is in its last place from the beginning: it is large, and goes through many hands.
#[derive(Debug)]
pub(super) struct Begun {
    exchange: Arc<Exchange>,
    /// The place of its operation in [`Contract::heads`](crate::contract::Contract::heads) of the version that answers.
    operation: Option<usize>,
    /// The scenarios that expect something of the client.
    expecting: Expecting,
}

impl Begun {
    /// An exchange, whatever it says of its end.
    pub(super) fn new(exchange: Exchange, operation: Option<usize>, expecting: Expecting) -> Begun {
        Begun { exchange: Arc::new(exchange), operation, expecting }
    }

    /// The exchange, as far as it has come.
    pub(super) fn so_far(&self) -> &Exchange {
        &self.exchange
    }

    /// The whole of it, ended now.
    fn ended(mut self, outcome: Outcome, now: Moment, more: Duration) -> Arc<Exchange> {
        // Nobody else has it before it is over.
        if let Some(exchange) = Arc::get_mut(&mut self.exchange) {
            exchange.outcome = outcome;
            exchange.took = now.since(exchange.began).saturating_add(more);
        }
        self.exchange
    }
}

/// An exchange whose answer is held back. Dropped before it is released (because the client left, or the end came), it
/// is kept as what it is then: one without an answer.
#[derive(Debug)]
pub(super) struct Held<'s, C: Clock> {
    inner: &'s Inner,
    version: &'s Version,
    clock: &'s C,
    begun: Option<Begun>,
}

impl<'s, C: Clock> Held<'s, C> {
    pub(super) fn new(inner: &'s Inner, version: &'s Version, clock: &'s C, begun: Begun) -> Held<'s, C> {
        Held { inner, version, clock, begun: Some(begun) }
    }

    /// The answer goes out, with this.
    pub(super) fn answered(mut self, response: CapturedResponse, more: Duration) {
        self.end(Outcome::Answered(response), more);
    }

    /// The connection ended from our side or broke: there will be no answer.
    pub(super) fn broken(mut self) {
        self.end(Outcome::Reset, Duration::ZERO);
    }

    /// There was never to be an answer.
    pub(super) fn hung(mut self) {
        self.end(Outcome::Hung, Duration::ZERO);
    }

    /// Keeps the exchange, unless it has ended already.
    fn end(&mut self, outcome: Outcome, more: Duration) {
        if let Some(mut begun) = self.begun.take() {
            let (operation, expecting) = (begun.operation, begun.expecting.take());
            self.inner.keep(begun.ended(outcome, self.clock.now(), more), self.version, operation, expecting);
        }
    }
}

impl<C: Clock> Drop for Held<'_, C> {
    fn drop(&mut self) {
        let hangs = |begun: &Begun| begun.so_far().fault() == Some(Fault::Hang);
        let cut_off = self.inner.is_ending() && !self.begun.as_ref().is_some_and(hangs);
        self.end(if cut_off { Outcome::Reset } else { Outcome::Hung }, Duration::ZERO);
    }
}
