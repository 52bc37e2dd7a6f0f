//! An exchange from its decision to its end: answered, or given up.

use std::sync::Arc;
use std::time::Duration;

use super::Clock;
use super::service::Inner;
use crate::message::Moment;
use crate::traffic::{CapturedRequest, CapturedResponse, Decision, Exchange, Outcome};

/// All of an exchange but how it ends.
#[derive(Debug)]
pub(super) struct Begun {
    pub(super) id: u64,
    pub(super) began: Moment,
    pub(super) session: Arc<str>,
    pub(super) base: Arc<str>,
    pub(super) request: CapturedRequest,
    pub(super) decision: Decision,
}

impl Begun {
    /// The whole of it, ended now.
    pub(super) fn ended(self, outcome: Outcome, now: Moment, more: Duration) -> Exchange {
        Exchange {
            id: self.id,
            began: self.began,
            session: self.session,
            base: Some(self.base),
            request: self.request,
            outcome,
            took: now.since(self.began).saturating_add(more),
            decision: Some(self.decision),
        }
    }
}

/// An exchange whose answer is held back. Dropped before it is released (because the client left, or the end came), it
/// is kept as what it is then: one without an answer.
#[derive(Debug)]
pub(super) struct Held<'s, C: Clock> {
    inner: &'s Inner,
    clock: &'s C,
    begun: Option<Begun>,
}

impl<'s, C: Clock> Held<'s, C> {
    pub(super) fn new(inner: &'s Inner, clock: &'s C, begun: Begun) -> Held<'s, C> {
        Held { inner, clock, begun: Some(begun) }
    }

    /// The answer goes out, with this.
    pub(super) fn answered(mut self, response: CapturedResponse, more: Duration) {
        if let Some(begun) = self.begun.take() {
            self.inner.keep(begun.ended(Outcome::Answered(response), self.clock.now(), more));
        }
    }

    /// The connection ended from our side or broke: there will be no answer.
    pub(super) fn broken(mut self) {
        if let Some(begun) = self.begun.take() {
            self.inner.keep(begun.ended(Outcome::Reset, self.clock.now(), Duration::ZERO));
        }
    }
}

impl<C: Clock> Drop for Held<'_, C> {
    fn drop(&mut self) {
        if let Some(begun) = self.begun.take() {
            let outcome = if self.inner.is_ending() { Outcome::Reset } else { Outcome::Hung };
            self.inner.keep(begun.ended(outcome, self.clock.now(), Duration::ZERO));
        }
    }
}
