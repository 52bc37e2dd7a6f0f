//! Response Objects (OpenAPI 3.1.2 §4.8.16, §4.8.17).

use super::content::{Content, contents};
use super::element::Element;
use super::outline::{self, Part};
use super::parameter::{Parameter, header};
use crate::document::Location;
use crate::finding::Finding;
use crate::message::StatusRange;
use crate::schema::Dialect;

/// What the document says of one status, or of a range of them.
#[derive(Clone, Debug)]
pub struct Response {
    /// Which statuses it covers.
    pub range: StatusRange,
    /// Its description.
    pub description: String,
    /// Its header fields, names in lower case, without `content-type`.
    pub headers: Vec<Parameter>,
    /// What its content may be. Empty: nothing is promised of a body.
    pub content: Vec<Content>,
    /// Where it stands.
    pub at: Location,
}

/// Reads the `responses` member, in the order of the text.
pub(super) fn responses(operation: &Element<'_>, dialect: Dialect, findings: &mut Vec<Finding>) -> Vec<Response> {
    each(operation, findings, |range, entry, response, findings| {
        outline::look_at(response, Part::Response, true, findings);
        // Since 3.1 a description beside a reference goes before the one that it leads to (OpenAPI 3.1.2 §4.8.23).
        let own = entry.text("description").filter(|_| dialect == Dialect::V3_1 && entry.member("$ref").is_some());
        let fields = response.member("headers");
        let headers = fields.iter().flat_map(Element::members).filter_map(|(name, element)| {
            if name.eq_ignore_ascii_case("content-type") { None } else { header(name, element, findings) }
        });
        let headers = headers.collect();
        Response {
            range,
            // Since 3.2 there is a short form beside the description, and neither must be there.
            description: own
                .or(response.text("description"))
                .or(response.text("summary"))
                .unwrap_or_default()
                .to_owned(),
            headers,
            content: contents(response, findings),
            at: response.location(),
        }
    })
}

/// Reads each entry of the `responses` member: the statuses it is for, and what is behind its reference.
pub(super) fn each(
    operation: &Element<'_>,
    findings: &mut Vec<Finding>,
    mut read: impl FnMut(StatusRange, &Element<'_>, &Element<'_>, &mut Vec<Finding>) -> Response,
) -> Vec<Response> {
    let Some(listed) = operation.member("responses") else { return Vec::new() };
    let mut responses: Vec<Response> = Vec::new();
    for (key, element) in listed.members() {
        if key.starts_with("x-") {
            continue;
        }
        let Some(range) = StatusRange::parse(key) else {
            findings.push(
                Finding::new("status-key", format!("`{key}` is no status: this response is never served"))
                    .at(element.key_place())
                    .help("write a status such as 404, a class such as 4XX, or default"),
            );
            continue;
        };
        if matches!(range, StatusRange::Exact(100..=199) | StatusRange::Class(1)) {
            findings.push(
                Finding::new(
                    "status-key",
                    format!("`{key}` is the status of an interim answer, which is never served"),
                )
                .at(element.key_place())
                .help("document the answer that follows it"),
            );
        }
        let response = match element.clone().follow() {
            Ok(response) => response,
            Err(finding) => {
                findings.push(finding);
                continue;
            }
        };
        if range.is_bodiless()
            // The latter is how Swagger 2.0 has it.
            && let Some(described) = response.member("content").or_else(|| response.member("schema"))
        {
            findings.push(
                Finding::new(
                    "content-never-sent",
                    format!("{key} has no content in HTTP: what is described is never sent"),
                )
                .at(described.key_place())
                .help("leave it out, or give the response another status"),
            );
        }
        responses.push(read(range, &element, &response, findings));
    }
    responses
}
