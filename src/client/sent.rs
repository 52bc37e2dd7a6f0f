//! What came of a request.

use std::fmt;
use std::time::Duration;

use crate::message::Response;

/// A request that got an answer.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The answer: its status and fields whole, its content as far as the two fields below allow.
    pub response: Response,
    /// How long each part took.
    pub timings: Timings,
    /// The content was larger than the limit: it was kept up to there, and what followed was not read.
    pub cut: bool,
    /// Why the content ended before its end, when it did; what came until then was kept.
    pub broken: Option<Broken>,
    /// Whether a connection left open by an earlier exchange carried it.
    pub reused: bool,
}

impl Sent {
    /// Whether the content is there to its last byte, so that it can be judged.
    pub fn is_whole(&self) -> bool {
        !self.cut && self.broken.is_none()
    }
}

/// How long the parts of an exchange took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timings {
    /// Name lookup, TCP, and a proxy's tunnel; zero on a connection that was open.
    pub connect: Duration,
    /// The TLS handshake; zero in the clear and on a connection that was open.
    pub tls: Duration,
    /// From the request's first byte to the answer's.
    pub first_byte: Duration,
    /// From `send` to the last byte that was read. More than the sum of the others.
    pub total: Duration,
}

/// How an answer's content ended before its end.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Broken {
    /// The connection was closed.
    Closed,
    /// The connection was reset.
    Reset,
    /// The time was over.
    Timeout,
    /// What came does not follow the grammar of messages.
    Malformed(String),
}

impl fmt::Display for Broken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Broken::Closed => out.write_str("the connection was closed before the end of the content"),
            Broken::Reset => out.write_str("the connection was reset before the end of the content"),
            Broken::Timeout => out.write_str("the time was over before the end of the content"),
            Broken::Malformed(why) => write!(out, "the content is malformed: {why}"),
        }
    }
}
