//! A response held in memory.

use http::{HeaderMap, StatusCode};

use super::Body;

/// A final response (RFC 9110 §15: never 1xx).
#[derive(Clone, Debug)]
pub struct Response {
    /// 200–999.
    pub status: StatusCode,
    /// Fields in the order they are sent; `Set-Cookie` repeats.
    pub headers: HeaderMap,
    /// The content. Empty for HEAD, 204 and 304.
    pub body: Body,
}

impl Response {
    /// An answer with a status and nothing else.
    pub fn empty(status: StatusCode) -> Self {
        Response { status, headers: HeaderMap::new(), body: Body::Empty }
    }

    /// The value of a field, when it is text; the first one where there are several.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}
