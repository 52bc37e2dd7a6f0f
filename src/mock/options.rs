//! How a mock answers.

use std::time::Duration;

use super::Stateful;

/// What can be set.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where all chance comes from.
    pub seed: u64,
    /// Whether that also goes for scenarios that have a seed of their own and are uploaded.
    pub seed_for_all: bool,
    /// The time that generated dates lie around.
    pub now: jiff::Timestamp,
    /// Whether security requirements are held to.
    pub credentials: bool,
    /// Whether browsers of other origins are let through.
    pub cors: bool,
    /// Whether answers carry no field of ours.
    pub plain: bool,
    /// Whether answers are generated even where the document has examples.
    pub dynamic: bool,
    /// What becomes of an example that its own schema forbids.
    pub examples: Examples,
    /// Whether a request that names no session is refused.
    pub require_session: bool,
    /// The most sessions at a time, the default one not counted.
    pub sessions: usize,
    /// How long a session may be idle; then it ends. The default one never does.
    pub session_idle: Duration,
    /// The path under which the server answers for itself, such as `/_standin`.
    pub admin_prefix: String,
    /// What calls make is kept: of which collections; `None`: nothing is.
    pub stateful: Option<Stateful>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            seed: 0,
            seed_for_all: false,
            now: jiff::Timestamp::UNIX_EPOCH,
            credentials: true,
            cors: true,
            plain: false,
            dynamic: false,
            examples: Examples::Repair,
            require_session: false,
            sessions: 1_000,
            session_idle: Duration::from_secs(3_600),
            admin_prefix: "/_standin".to_owned(),
            stateful: None,
        }
    }
}

/// What becomes of an example that its own schema forbids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Examples {
    /// It is mended, member by member.
    Repair,
    /// It is served as it is.
    AsIs,
}
