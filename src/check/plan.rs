//! What a check is told: by what contract, of what traffic, against whom.

use std::sync::Arc;
use std::time::Duration;

use super::Source;
use crate::client::{self, BaseUrl};
use crate::contract::Contract;
use crate::message::{HeaderName, HeaderValue, Moment};

/// What is checked.
pub struct Plan {
    /// The document, compiled.
    pub contract: Arc<Contract>,
    /// The document's name, for the first line.
    pub document: String,
    /// Recorded traffic, in the order in which it is replayed.
    pub traffic: Vec<Source>,
    /// The operations that are checked, by index; `None`: all.
    pub selected: Option<Vec<usize>>,
    /// Whether to judge what was recorded, or what a server answers now.
    pub mode: Mode,
    /// The key under which secrets become digests: random, and of this run alone.
    pub key: [u8; 32],
    /// The seed of the run, for the summary. Nothing is drawn from it yet.
    pub seed: u64,
}

/// What is judged.
pub enum Mode {
    /// The recorded answers; nothing is sent.
    Offline,
    /// The answers of a live API to the recorded requests.
    Live(Box<Live>),
}

/// Whom to send to, and what is allowed. No `Debug`: it holds credentials.
#[derive(Clone)]
pub struct Live {
    /// Where the API lives. With a path, that path replaces the recorded origin and the server's base path, as it is; without one,
    /// the document's base path is appended.
    pub url: BaseUrl,
    /// How to connect.
    pub client: client::Options,
    /// Fields that every request carries in place of recorded ones of that name: from `-H`, `--auth`, the environment. Their values
    /// appear in no report.
    pub fields: Vec<(HeaderName, HeaderValue)>,
    /// Send requests that write, and invalid ones, to a host that is not loopback.
    pub allow_writes: bool,
    /// Send only safe and valid requests even to loopback.
    pub safe_only: bool,
    /// How long to wait for the target to be reachable.
    pub wait: Option<Duration>,
}

impl Live {
    /// Why only safe and valid requests are sent, if so. A host that merely resolves to loopback counts as beyond.
    pub fn reads_only(&self) -> Option<String> {
        let origin = &self.url.origin;
        match () {
            () if self.safe_only => Some("`--safe-only` was given".to_owned()),
            () if self.allow_writes || origin.is_loopback() => None,
            () => Some(format!("{} is not loopback (`--allow-writes` sends the others)", origin.host())),
        }
    }
}

/// What a check takes from the world around it.
#[derive(Clone, Copy)]
pub struct World<'w> {
    /// Reads the clocks.
    pub now: &'w (dyn Fn() -> Moment + Sync),
    /// Whether the user asked to stop; looked at before each request.
    pub stop: &'w (dyn Fn() -> bool + Sync),
}
