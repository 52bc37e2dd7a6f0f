//! What is learnt from exchanges as they end, whatever the journal forgets: counts, coverage, verdicts.

use super::service::Inner;
use super::version::Version;
use super::{Service, Summary};
use crate::finding::{Covered, Verdicts};
use crate::judge::{Seen, SessionTime};
use crate::mock::Expectant;
use crate::traffic::Exchange;

impl Service {
    /// What it came to so far: counts, coverage and verdicts.
    pub fn summary(&self) -> Summary {
        self.0.summary()
    }

    /// What was met of the document so far. Compiles what is not compiled yet.
    pub fn coverage(&self) -> Covered {
        self.0.version.load().coverage.report()
    }

    /// What became so far of all that scenarios expect of clients, as if the run were over now.
    pub fn verdicts(&self) -> Verdicts {
        self.0.verdicts()
    }
}

impl Inner {
    /// Learns from an exchange that is over. `expecting` is what applied to it, where there is something to expect of
    /// the client.
    pub(super) fn learn(
        &self,
        exchange: &Exchange,
        version: &Version,
        operation: Option<usize>,
        expecting: Option<&Expectant>,
    ) {
        let calls = operation.and_then(|operation| version.calls.get(operation));
        self.counts.exchange(exchange, calls.map(|calls| &**calls));
        if exchange.decision.as_ref().is_some_and(|decision| decision.failed.is_some()) {
            self.counts.unmade(&self.settings.redactor.redact(exchange));
        }
        version.coverage.count(exchange, operation);
        self.stray(exchange);
        if let Some(Expectant { scenarios, clock, life }) = expecting {
            let lives_on = |session: &str, life: u64| self.state.lives_on(session, life, exchange.began);
            let time = SessionTime { ahead_ns: clock.offset_ns(exchange.began), frozen: clock.is_frozen() };
            let contract = &**version.mock.contract();
            let life = *life;
            self.conduct.see(&Seen { exchange, operation, contract, scenarios, time, life }, &lives_on);
        }
    }

    /// What it came to. How long it took, the log and the recording are for others to add.
    pub(super) fn summary(&self) -> Summary {
        let coverage = self.version.load().coverage.report();
        Summary { coverage, verdicts: self.verdicts(), ..self.counts.summary() }
    }

    fn verdicts(&self) -> Verdicts {
        self.conduct.report(self.mock().active())
    }
}
