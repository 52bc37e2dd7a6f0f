//! What a client is told once, before its first request.

use std::path::PathBuf;
use std::time::Duration;

/// How a [`Client`](super::Client) connects, whom it trusts and how long it waits.
///
/// No `Debug`: proxy variables may hold passwords.
#[derive(Clone)]
pub struct Options {
    /// PEM files with certificates that are trusted beside the system's.
    pub ca: Vec<PathBuf>,
    /// **Accept any certificate.** Whoever sits on the way can read and change everything. For test machines only.
    pub insecure: bool,
    /// For name lookup, connection, proxy tunnel and TLS together. Never longer than `timeout`.
    pub connect_timeout: Duration,
    /// For one whole exchange, from `send` to the last byte of the answer.
    pub timeout: Duration,
    /// Bytes of an answer's content that are kept; what comes after them is not read.
    pub body_limit: usize,
    /// Connections kept open to one origin while nothing is asked of it; 0 closes each after its exchange.
    pub idle_per_origin: usize,
    /// Which proxies to use.
    pub proxies: ProxyVariables,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            ca: Vec::new(),
            insecure: false,
            connect_timeout: Duration::from_secs(10),
            timeout: Duration::from_secs(30),
            body_limit: 16 * 1024 * 1024,
            idle_per_origin: 8,
            proxies: ProxyVariables::default(),
        }
    }
}

/// The values of the customary environment variables, as they are; an empty one counts as absent.
#[derive(Clone, Default)]
pub struct ProxyVariables {
    /// `HTTP_PROXY`: for `http` origins.
    pub http: Option<String>,
    /// `HTTPS_PROXY`: for `https` origins.
    pub https: Option<String>,
    /// `ALL_PROXY`: where the two above are absent.
    pub all: Option<String>,
    /// `NO_PROXY`: origins that are reached directly. Separated by commas or blanks: `*`, a name (which covers the names below it,
    /// with or without a leading `.` or `*.`), an address, a block of addresses such as `10.0.0.0/8`; each may end in `:port`.
    pub no_proxy: Option<String>,
    /// Whether even this machine is reached through a proxy.
    pub loopback: bool,
}
