//! What a contract knows of one operation.

use std::sync::Arc;

use super::template::Segment;
use super::{Alternative, Content, Parameter};
use crate::document::Location;
use crate::message::{Method, StatusRange};

/// An operation, compiled.
#[derive(Debug)]
pub struct Operation {
    /// Its name in messages, scenarios and reports.
    pub key: Arc<str>,
    /// The method.
    pub method: Method,
    /// The path template.
    pub template: Arc<str>,
    pub(super) segments: Vec<Segment>,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// What a request may carry.
    pub request: Option<RequestBody>,
    /// What it may answer, in the order of the text.
    pub responses: Vec<Response>,
    /// Alternatives of credentials; empty: none needed.
    pub security: Vec<Alternative>,
    /// One line on what it does; may be empty.
    pub summary: String,
    /// Declared as deprecated.
    pub deprecated: bool,
    /// Where it stands.
    pub at: Location,
}

/// What a request may carry.
#[derive(Debug)]
pub struct RequestBody {
    /// Whether a request without content is invalid.
    pub required: bool,
    /// What it may be.
    pub content: Vec<Content>,
    /// Where it stands.
    pub at: Location,
}

/// What is said of one status, or of a range of them.
#[derive(Debug)]
pub struct Response {
    /// Which statuses.
    pub range: StatusRange,
    /// Its description; may be empty.
    pub description: String,
    /// Its header fields; names in lower case.
    pub headers: Vec<Parameter>,
    /// What its content may be. Empty: nothing is promised of a body.
    pub content: Vec<Content>,
    /// Where it stands.
    pub at: Location,
}

impl Operation {
    /// Compiles every schema of the operation, so that no request has to wait for it.
    pub fn warm(&self) {
        let contents = self.request.iter().flat_map(|body| &body.content);
        let contents = contents.chain(self.responses.iter().flat_map(|response| &response.content));
        let parameters = self.parameters.iter().chain(self.responses.iter().flat_map(|response| &response.headers));
        let schemas = contents.filter_map(|content| content.schema.as_ref());
        for schema in schemas.chain(parameters.filter_map(|parameter| parameter.schema())) {
            schema.check(&serde_json::Value::Null);
        }
    }
}
