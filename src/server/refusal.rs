//! Answers that the server gives itself, before anything is decided: what breaks HTTP, or a limit.

use crate::message::{HeaderMap, HeaderName, HeaderValue, Problem, Response, StatusCode, header};
use crate::mock::Options;
use crate::traffic::{Decision, Why};

/// A request that is not let through.
#[derive(Debug)]
pub(super) struct Refusal {
    /// The status.
    pub(super) status: StatusCode,
    /// Why, for the client and for the log.
    pub(super) detail: String,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, detail: impl Into<String>) -> Refusal {
        Refusal { status, detail: detail.into() }
    }

    /// That the request is no valid HTTP.
    pub(super) fn bad(detail: impl Into<String>) -> Refusal {
        Refusal::new(StatusCode::BAD_REQUEST, detail)
    }

    /// The answer, which a page of another origin may read if the mock lets it read answers.
    pub(super) fn answer(&self, options: &Options, request: &HeaderMap) -> Response {
        let mut answer = Problem::new(self.status).detail(self.detail.clone()).to_response();
        // Whoever sends such a request is not trusted to agree on where the next one begins.
        answer.headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        if !options.plain {
            let why = HeaderValue::from_str(&Why::Limits.to_string());
            answer.headers.extend(why.ok().map(|why| (HeaderName::from_static("standin-why"), why)));
        }
        if options.cors
            && let Some(origin) = request.get(header::ORIGIN)
        {
            answer.headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            answer.headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
            answer.headers.insert(header::VARY, HeaderValue::from_static("origin"));
            let exposed = if options.plain {
                "content-type, content-length, date"
            } else {
                "content-type, content-length, date, standin-why"
            };
            answer.headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(exposed));
        }
        answer
    }

    /// The decision it stands for.
    pub(super) fn decision(self) -> Decision {
        Decision { why: Why::Limits, notes: vec![self.detail], ..Decision::default() }
    }
}
