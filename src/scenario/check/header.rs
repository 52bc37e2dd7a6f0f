//! Fields that a reply sets or leaves out, against those that the document describes.

use super::Issue;
use super::body::contents;
use crate::contract::{Operation, Response};
use crate::finding::{Part, Place};
use crate::message::{self, HeaderMap, MediaType, StatusCode, header};
use crate::scenario::reader::{at, excerpt};
use crate::scenario::{Reply, Scenario};

impl Scenario {
    pub(super) fn check_fields(
        &self,
        operation: &Operation,
        reply: &Reply,
        status: u16,
        response: &Response,
        issues: &mut Vec<Issue>,
    ) {
        let Ok(code) = StatusCode::from_u16(status) else { return };
        let mut headers = HeaderMap::new();
        for (name, values) in &reply.headers {
            for value in values {
                headers.append(name.clone(), value.clone());
            }
        }
        if let Some(media) = headers.get(header::CONTENT_TYPE) {
            self.check_media(reply, media, status, response, issues);
        } else if reply.headers.iter().any(|(name, _)| *name == header::CONTENT_TYPE) && !response.content.is_empty() {
            let (name, place) = self.field(reply, header::CONTENT_TYPE.as_str());
            let sentence =
                format!("{status} of {{of}} has content, and `{name}`, which says of what kind, is left out here");
            issues.push(Issue::new(
                "scenario-header",
                place,
                sentence,
                "`strict: false` lets a scenario answer otherwise",
            ));
        }
        let mut answer = message::Response::empty(code);
        answer.headers = headers;
        // Only a part of the answer is known here, so it counts as cut.
        let judged = operation.check_response(&operation.method, &answer, true);
        for violation in judged.violations.iter().filter(|violation| violation.part == Part::Header) {
            let Some((name, values)) = reply.headers.iter().find(|(name, _)| *name == *violation.name) else {
                continue;
            };
            let (name, place) = self.field(reply, name.as_str());
            let issue = if values.is_empty() {
                let sentence = format!("{status} of {{of}} needs the field `{name}`, which is left out here");
                Issue::new("scenario-header", place, sentence, "`strict: false` lets a scenario answer otherwise")
            } else {
                let sentence = format!("the field `{name}` of {status} of {{of}}: {}", violation.sentence);
                let at = violation.place.as_ref().map(|place| format!("the document describes it at {place}"));
                Issue::new("scenario-header", place, sentence, at.unwrap_or_default())
            };
            issues.push(issue);
        }
    }

    fn check_media(
        &self,
        reply: &Reply,
        value: &message::HeaderValue,
        status: u16,
        response: &Response,
        issues: &mut Vec<Issue>,
    ) {
        let (_, place) = self.field(reply, header::CONTENT_TYPE.as_str());
        let text = value.to_str().unwrap_or_default();
        if MediaType::parse(text).is_none() {
            let sentence = format!("`{}` is no media type", excerpt(text));
            issues.push(Issue::new("scenario-header", place, sentence, "write one such as `application/json`"));
        } else if contents(reply, response).is_empty() && !response.content.is_empty() {
            let known: Vec<String> = response.content.iter().map(|content| format!("`{}`", content.media)).collect();
            let sentence = format!("{status} of {{of}} is not documented as `{}`", excerpt(text));
            let help = format!("it has {}; `strict: false` lets a scenario answer otherwise", known.join(", "));
            issues.push(Issue::new("scenario-header", place, sentence, help));
        }
    }

    /// The name of a field as it is written, and where it stands.
    fn field<'s>(&'s self, reply: &'s Reply, name: &'s str) -> (&'s str, Place) {
        let document = reply.document.as_ref().unwrap_or(&self.document);
        let fields = document.node_at(&format!("{}/headers", reply.pointer));
        let written = fields.and_then(|fields| fields.members().find(|(key, ..)| key.eq_ignore_ascii_case(name)));
        match (fields, written) {
            (Some(fields), Some((key, span, _))) => (key, at(fields, span)),
            _ => (name, reply.place.clone()),
        }
    }
}
