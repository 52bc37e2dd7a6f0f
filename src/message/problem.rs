//! Problem details, the error format for answers no document describes (RFC 9457).

use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Map, Value};

use super::{Body, Response};

/// A problem: what went wrong, in a form programs can read.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// Member `type`, a URI reference. `None` means `about:blank`: no more than the status says; then it is not written.
    pub kind: Option<String>,
    /// A short summary that is the same for each problem of this type.
    pub title: String,
    /// The status of the answer that carries it.
    pub status: StatusCode,
    /// What happened this time.
    pub detail: Option<String>,
    /// A URI reference that names this occurrence.
    pub instance: Option<String>,
    /// Further members. Those named like a member of the standard are not written.
    pub extensions: Map<String, Value>,
}

impl Problem {
    /// The media type of its bytes.
    pub const MEDIA_TYPE: &'static str = "application/problem+json";

    /// A problem that says no more than its status; the title is the status' own phrase, as the standard asks.
    pub fn new(status: StatusCode) -> Problem {
        let title = status.canonical_reason().unwrap_or("Unknown status").to_owned();
        Problem { kind: None, title, status, detail: None, instance: None, extensions: Map::new() }
    }

    /// The same problem, with what happened this time.
    #[must_use = "a problem is a value: keep what this returns"]
    pub fn detail(mut self, detail: impl Into<String>) -> Problem {
        self.detail = Some(detail.into());
        self
    }

    /// The same problem, with a further member.
    #[must_use = "a problem is a value: keep what this returns"]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Value>) -> Problem {
        self.extensions.insert(name.into(), value.into());
        self
    }

    /// As JSON, the members of the standard first.
    pub fn to_value(&self) -> Value {
        let standard = [
            ("type", self.kind.as_deref().map(Value::from)),
            ("title", Some(self.title.as_str().into())),
            ("status", Some(self.status.as_u16().into())),
            ("detail", self.detail.as_deref().map(Value::from)),
            ("instance", self.instance.as_deref().map(Value::from)),
        ];
        let mut members: Map<String, Value> =
            standard.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
        for (name, value) in &self.extensions {
            if !matches!(name.as_str(), "type" | "title" | "status" | "detail" | "instance") {
                members.insert(name.clone(), value.clone());
            }
        }
        Value::Object(members)
    }

    /// As the content of an answer.
    pub fn to_bytes(&self) -> Bytes {
        self.to_value().to_string().into()
    }

    /// As an answer with its status and media type.
    pub fn to_response(&self) -> Response {
        let mut response = Response::empty(self.status);
        response.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(Problem::MEDIA_TYPE));
        response.body = Body::from(self.to_bytes());
        response
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;
    use serde_json::json;

    use super::Problem;

    #[test]
    fn members_stand_in_the_order_of_the_standard_and_extensions_follow() {
        let mut problem = Problem::new(StatusCode::NOT_FOUND)
            .with("nearest", "GET /pets")
            .with("status", 200)
            .with("errors", json!([]))
            .detail("no operation");
        assert_eq!(
            problem.to_bytes(),
            r#"{"title":"Not Found","status":404,"detail":"no operation","nearest":"GET /pets","errors":[]}"#
        );
        problem.kind = Some("https://example.com/p".to_owned());
        problem.instance = Some("/1".to_owned());
        let names: Vec<_> = problem.to_value().as_object().unwrap().keys().cloned().collect();
        assert_eq!(names, ["type", "title", "status", "detail", "instance", "nearest", "errors"]);
    }

    #[test]
    fn the_answer_carries_status_and_media_type() {
        let response = Problem::new(StatusCode::from_u16(799).unwrap()).to_response();
        assert_eq!(response.status.as_u16(), 799);
        assert_eq!(response.header("content-type"), Some("application/problem+json"));
        assert_eq!(response.body.bytes(), r#"{"title":"Unknown status","status":799}"#);
    }
}
