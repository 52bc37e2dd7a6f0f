//! A request held in memory.

use http::{HeaderMap, Method};

use super::{Body, Target};

/// A request whose body has been read.
#[derive(Clone, Debug)]
pub struct Request {
    /// Case-sensitive (RFC 9110 §9.1).
    pub method: Method,
    /// Path and query, as they were on the wire.
    pub target: Target,
    /// Fields in the order they came.
    pub headers: HeaderMap,
    /// The content, decoded from any transfer coding but not from a content coding.
    pub body: Body,
}

impl Request {
    /// The value of a field, when it is text; the first one where there are several.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}
