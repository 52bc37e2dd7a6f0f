//! What of a server can be set.

use std::sync::Arc;
use std::time::Duration;

use super::{Log, Recorder};
use crate::contract::Contract;
use crate::traffic::{self, Redactor};

/// Bounds on what arrives and on what is kept.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of a request's head; beyond it the answer is 431.
    pub head: usize,
    /// Bytes of a request's target; beyond it the answer is 414.
    pub target: usize,
    /// Bytes of a request's content; beyond it the answer is 413.
    pub body: usize,
    /// Connections at a time. More wait until one of them ends.
    pub connections: u32,
    /// How long a connection may take over a request's head, and be idle before it. It is closed up to a quarter of that later.
    pub head_time: Duration,
    /// How long a request's content may take to arrive; then the answer is 408.
    pub body_time: Duration,
    /// How long a client may leave an answer unread before the connection is given up.
    pub stall_time: Duration,
    /// How long a connection that is closed while the client is still sending is listened to, so that its answer arrives.
    pub linger_time: Duration,
    /// How long a connection that a fault leaves hanging is kept open.
    pub hang_time: Duration,
    /// How long requests in flight may go on after the end was called for.
    pub drain: Duration,
    /// How much the journal keeps.
    pub journal: traffic::Limits,
}

/// 128 KiB of head, 64,000 bytes of target (one more KiB is all that hyper takes), 10 MiB of content, 1,024 connections, 60 s for a head, for content and for a client that does not read, 1 s after the last answer, 10 minutes for a connection left hanging, 2 s at the end.
impl Default for Limits {
    fn default() -> Self {
        Limits {
            head: 128 << 10,
            target: 64_000,
            body: 10 << 20,
            connections: 1024,
            head_time: Duration::from_secs(60),
            body_time: Duration::from_secs(60),
            stall_time: Duration::from_secs(60),
            linger_time: Duration::from_secs(1),
            hang_time: Duration::from_secs(600),
            drain: Duration::from_secs(2),
            journal: traffic::Limits::default(),
        }
    }
}

/// Everything about a server but its mock, its sockets and its clock.
#[derive(Debug)]
pub struct Settings {
    /// The bounds.
    pub limits: Limits,
    /// Where a line a request goes.
    pub log: Log,
    /// Where exchanges are recorded.
    pub recorder: Option<Recorder>,
    /// What takes secrets out of what admin pages show.
    pub redactor: Arc<Redactor>,
}

impl Settings {
    /// The usual ones, with a log that goes nowhere and without a recording. `key` is that of the digests that stand for secrets: in fields
    /// that are known for it, and in those that the document names for its credentials.
    pub fn quiet(contract: &Contract, key: &[u8; 32]) -> Settings {
        let redactor = Redactor::new(key);
        let redactor = Arc::new(contract.secret_names().fold(redactor, |redactor, name| redactor.knowing(name)));
        Settings { limits: Limits::default(), log: Log::off(), recorder: None, redactor }
    }
}
