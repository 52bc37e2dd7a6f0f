//! The request target in origin form (RFC 9112 §3.2.1).

use std::fmt;

use http::uri::PathAndQuery;

/// Path and query exactly as they were on the wire: nothing is decoded, nothing normalised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target(PathAndQuery);

impl Target {
    /// Reads a target. `None` when it holds characters that no request line can carry.
    pub fn parse(text: &str) -> Option<Target> {
        if !text.starts_with('/') {
            return None;
        }
        PathAndQuery::try_from(text).ok().map(Target)
    }

    /// Reads a target out of bytes without copying them. As [`Target::parse`].
    pub fn from_bytes(bytes: bytes::Bytes) -> Option<Target> {
        if !bytes.starts_with(b"/") {
            return None;
        }
        PathAndQuery::from_maybe_shared(bytes).ok().map(Target)
    }

    /// The path, percent-encoded, with its leading slash.
    pub fn path(&self) -> &str {
        self.0.path()
    }

    /// What follows the first `?`, undecoded. `Some("")` for a bare `?`.
    pub fn query(&self) -> Option<&str> {
        self.0.query()
    }

    /// Path, `?` and query.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl From<PathAndQuery> for Target {
    fn from(path_and_query: PathAndQuery) -> Self {
        Target(path_and_query)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}
