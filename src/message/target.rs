//! The request target in origin form (RFC 9112 §3.2.1).

use std::fmt;
use std::sync::Arc;

use http::uri::PathAndQuery;

/// Path and query exactly as they were on the wire: nothing is decoded, nothing normalised. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    text: Arc<str>,
    /// How long the path is: a `?` follows, or nothing.
    path: usize,
}

impl Target {
    /// Reads a target. `None` when it holds characters that no request line can carry.
    pub fn parse(text: &str) -> Option<Target> {
        if !text.starts_with('/') {
            return None;
        }
        PathAndQuery::try_from(text).ok().as_ref().map(Target::from)
    }

    /// The path, percent-encoded, with its leading slash.
    pub fn path(&self) -> &str {
        &self.text[..self.path]
    }

    /// What follows the first `?`, undecoded. `Some("")` for a bare `?`.
    pub fn query(&self) -> Option<&str> {
        self.text.get(self.path + 1..)
    }

    /// Path, `?` and query.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// Takes a copy: what comes from a socket shares the buffer that it was read into, and would keep all of it.
impl From<&PathAndQuery> for Target {
    fn from(read: &PathAndQuery) -> Self {
        Target { text: read.as_str().into(), path: read.path().len() }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Target;

    #[test]
    fn path_and_query_are_told_apart_at_the_first_question_mark() {
        for (text, path, query) in
            [("/", "/", None), ("/a?", "/a", Some("")), ("/a/%3F?b=?c", "/a/%3F", Some("b=?c")), ("/?", "/", Some(""))]
        {
            let target = Target::parse(text).unwrap();
            assert_eq!((target.path(), target.query(), target.as_str()), (path, query, text));
        }
        assert_eq!((Target::parse("a"), Target::parse("/ "), Target::parse("*")), (None, None, None));
    }
}
