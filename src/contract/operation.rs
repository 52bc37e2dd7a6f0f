//! What a contract knows of one operation.

use std::sync::Arc;

use super::content::fitting;
use super::mark::Mark;
use super::template::Segment;
use super::{Alternative, Content, Example, Parameter};
use crate::document::Location;
use crate::finding::{Finding, Place, Verdict, Violation};
use crate::message::{MediaType, Method, StatusRange};

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
    /// What the template asks of the query.
    pub(super) marks: Vec<Mark>,
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

impl Response {
    /// The entry that describes content of a media type: the closest.
    pub fn entry(&self, media: &MediaType) -> Option<&Content> {
        fitting(&self.content, media)
    }

    /// Whether HTTP sends it without content, whatever is described: 204, 205 and 304 (RFC 9110 §15.3.5, §15.3.6, §15.4.5).
    pub fn is_bare(&self) -> bool {
        self.range.is_bodiless()
    }
}

impl Operation {
    /// Every example that its own schema forbids.
    pub(super) fn wrong_examples(&self) -> impl Iterator<Item = Finding> {
        let contents = self.request.iter().flat_map(|body| &body.content);
        let contents = contents.chain(self.responses.iter().flat_map(|response| &response.content));
        let parameters = self.parameters.iter().chain(self.responses.iter().flat_map(|response| &response.headers));
        let of_contents = contents.flat_map(|content| {
            let shown = content.examples.iter().filter(|example| content.shows(&example.value));
            let wrong = shown.filter(|example| content.check(content.codec, &example.value) == Verdict::Invalid);
            let wrong = wrong.map(|example| wrong_example(&content.explain(content.codec, &example.value), example));
            let texts =
                content.examples.iter().filter(|example| !content.shows(&example.value)).filter_map(|example| {
                    let violations = content.wrong_text(&example.value);
                    (!violations.is_empty()).then(|| wrong_text(&violations, example))
                });
            wrong.chain(texts)
        });
        let of_parameters = parameters.flat_map(|parameter| {
            let with_schema = parameter.schema().map(|schema| parameter.examples.iter().map(move |one| (schema, one)));
            let wrong = with_schema.into_iter().flatten();
            let wrong = wrong.filter(|(schema, example)| schema.check(&example.value) == Verdict::Invalid);
            wrong.map(|(schema, example)| wrong_example(&schema.explain(&example.value), example))
        });
        of_contents.chain(of_parameters)
    }

    /// Compiles every schema of the operation, so that no request has to wait for it.
    pub fn warm(&self) {
        let contents = self.request.iter().flat_map(|body| &body.content);
        let contents = contents.chain(self.responses.iter().flat_map(|response| &response.content));
        let parameters = self.parameters.iter().chain(self.responses.iter().flat_map(|response| &response.headers));
        let schemas = contents.flat_map(|content| content.schema.iter().chain(&content.items));
        for schema in schemas.chain(parameters.filter_map(|parameter| parameter.schema())) {
            schema.prepare();
        }
    }
}

/// Says what is wrong with an example that is content as it is written.
fn wrong_text(violations: &[Violation], example: &Example) -> Finding {
    wrong_example(violations, example)
        .at(Some(Place::of(&example.at.document, &example.at.pointer)))
        .help("mend the example or its schema; a mock serves it as it is")
}

/// Says what is wrong with an example, at the value that is wrong.
fn wrong_example(violations: &[Violation], example: &Example) -> Finding {
    let (pointer, what) = match violations.first() {
        Some(first) => (
            first.pointer.as_str(),
            format!("`{}` {}", if first.pointer.is_empty() { "/" } else { &first.pointer }, first.sentence),
        ),
        None => ("", "it".to_owned()),
    };
    let more = if violations.len() > 1 { format!(", and {} more", violations.len() - 1) } else { String::new() };
    Finding::new("example-invalid", format!("the example is not what its schema admits: {what}{more}"))
        .at(Some(Place::of(&example.at.document, &format!("{}{pointer}", example.at.pointer))))
        .help("mend the example or its schema; a mock serves it mended, or as it is with `--examples as-is`")
}
