//! One thing that a message has against its document.

use std::fmt;
use std::sync::Arc;

use super::Place;

/// Which part of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Credentials that a security requirement asks for.
    Credentials,
    /// A segment of the path.
    Path,
    /// The query of the request target.
    Query,
    /// A header field.
    Header,
    /// A cookie.
    Cookie,
    /// The media type of the content.
    MediaType,
    /// The content.
    Body,
    /// The status of a response.
    Status,
}

impl Part {
    /// The word used in logs, and as the first item of `loc` in error envelopes.
    pub fn word(self) -> &'static str {
        match self {
            Part::Credentials => "credentials",
            Part::Path => "path",
            Part::Query => "query",
            Part::Header => "header",
            Part::Cookie => "cookie",
            Part::MediaType => "media type",
            Part::Body => "body",
            Part::Status => "status",
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())
    }
}

/// One thing that a request or a response has against its document.
#[derive(Clone, Debug)]
pub struct Violation {
    /// Which part of the message.
    pub part: Part,
    /// The parameter, field or cookie; header names in lower case. Empty for a body.
    pub name: Arc<str>,
    /// JSON Pointer into the body, or into the parameter's value. A missing member is named by the pointer itself.
    pub pointer: String,
    /// The schema keyword that failed (`format`, `required`, …), or `missing`, `unparsable`, `undocumented`.
    pub keyword: &'static str,
    /// What is the case, as a lower-case sentence fragment without a full stop: `not an e-mail address`.
    pub sentence: String,
    /// What the document asks for, when it is short enough to say: `one of owner, contributor, reader`.
    pub expected: Option<String>,
    /// What was there, as JSON text cut to a sensible length; `None` when nothing was there.
    pub got: Option<String>,
    /// Where the document asks for it.
    pub place: Option<Place>,
}
