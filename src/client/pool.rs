//! Open connections that wait for the next request.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::http1::SendRequest;

use super::clock;
use super::origin::Origin;
use super::socket::Received;

/// One connection, not in use.
pub(super) struct Connection {
    pub(super) sender: SendRequest<Full<Bytes>>,
    pub(super) received: Arc<Received>,
}

/// Idle connections by origin. Bounded: so many an origin, so many in all, and none for long.
pub(super) struct Pool {
    idle: Mutex<HashMap<Origin, Vec<(Instant, Connection)>>>,
    per_origin: usize,
}

/// Idle connections in all.
const TOTAL: usize = 256;

/// A connection that was idle longer is not used again: servers and what stands before them close such ones unseen.
const STALE: Duration = Duration::from_secs(60);

/// How long a connection may have been idle to carry a request that must not be sent twice.
///
/// A server may close an idle connection just when a request is on its way; such a request cannot be repeated, so it goes where
/// that is unlikely.
const FRESH: Duration = Duration::from_secs(1);

impl Pool {
    pub(super) fn new(per_origin: usize) -> Pool {
        Pool { idle: Mutex::default(), per_origin }
    }

    /// The connection that was used last, when it is still open; `repeatable` says whether the request may be sent twice.
    pub(super) fn take(&self, origin: &Origin, repeatable: bool) -> Option<Connection> {
        let longest = if repeatable { STALE } else { FRESH };
        let mut idle = self.lock();
        let waiting = idle.get_mut(origin)?;
        let now = clock::now();
        waiting.retain(|(since, connection)| {
            connection.sender.is_ready() && now.saturating_duration_since(*since) < STALE
        });
        let (since, _) = waiting.last()?;
        if now.saturating_duration_since(*since) < longest {
            waiting.pop().map(|(_, connection)| connection)
        } else {
            None
        }
    }

    /// Keeps a connection, unless there are enough.
    pub(super) fn put(&self, origin: &Origin, connection: Connection) {
        if self.per_origin == 0 {
            return;
        }
        let mut idle = self.lock();
        if idle.values().map(Vec::len).sum::<usize>() >= TOTAL {
            // Closes all of them: simpler than choosing, and a matter of speed only.
            idle.clear();
        }
        let waiting = idle.entry(origin.clone()).or_default();
        if waiting.len() >= self.per_origin {
            waiting.remove(0);
        }
        waiting.push((clock::now(), connection));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Origin, Vec<(Instant, Connection)>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
