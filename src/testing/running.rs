//! A mock that is served, and what a test asks of it.

use std::sync::Arc;

use super::Error;
use crate::finding::did_you_mean;
use crate::server::{Service, Standing, Stop, Summary};
use crate::traffic::Exchange;

/// A mock that answers. Ends when it is dropped.
#[derive(Debug)]
pub struct Running {
    url: String,
    service: Service,
    serving: Serving,
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
    pub(super) fn threaded(url: String, service: Service, standing: Standing) -> Running {
        Running { url, service, serving: Serving::Thread(standing) }
    }

    pub(super) fn left(url: String, service: Service, stop: Stop) -> Running {
        Running { url, service, serving: Serving::Elsewhere(stop) }
    }

    /// Where it answers, without a slash at the end: `http://localhost:49152`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// How often an operation was called so far, in all sessions: valid or not, answered or not.
    ///
    /// # Errors
    /// When the document has no such operation. `operation` is its operationId, or its method and path.
    pub fn calls(&self, operation: &str) -> Result<u64, Error> {
        let summary = self.service.counts();
        let key = self.key(operation)?;
        Ok(summary.operations.iter().find(|(known, _)| *known == key).map_or(0, |(_, calls)| *calls))
    }

    /// The last exchanges, the oldest first: as many as the journal keeps.
    pub fn exchanges(&self) -> Vec<Arc<Exchange>> {
        self.service.journal().snapshot()
    }

    /// What it came to so far.
    pub fn summary(&self) -> Summary {
        self.service.counts()
    }

    /// Whether every request was for an operation of the document.
    ///
    /// # Errors
    /// When one was not, with what came nearest.
    pub fn verify(&self) -> Result<(), Error> {
        let summary = self.service.counts();
        if summary.unmatched == 0 {
            return Ok(());
        }
        let requests = if summary.unmatched == 1 { "request was" } else { "requests were" };
        Err(Error::new(format!("{} {requests} for no operation of the document", summary.unmatched)))
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
                Ok(self.service.counts())
            }
        }
    }

    fn key(&self, operation: &str) -> Result<Arc<str>, Error> {
        let mock = self.service.mock();
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
