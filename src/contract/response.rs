//! Checking a response.

use serde_json::Value;

use super::body::{Received, receive};
use super::checked::shortened;
use super::content::{listed, status_text};
use super::request::explained;
use super::{Operation, Response, parameter};
use crate::finding::{Part, Place, Verdict, Violation};
use crate::message::{self, MediaType, Method, header, is_bodiless};
use crate::schema::Schema;

/// The outcome of checking a response.
#[derive(Clone, Debug, Default)]
pub struct Judged {
    /// Index of the documented response that covers the status; `None`: the status is undocumented.
    pub response: Option<usize>,
    /// Everything that the document forbids.
    pub violations: Vec<Violation>,
    /// Some part could not be decided, and why.
    pub undecided: Vec<String>,
    /// What the content holds, where it was read.
    pub value: Option<Value>,
}

impl Operation {
    /// Holds an answer to the document: status, media type, header fields, content, of which content codings
    /// were taken off. `cut` says that the content was
    /// captured only in part: what needs the whole of it is then not decided.
    pub fn check_response(&self, method: &Method, answer: &message::Response, cut: bool) -> Judged {
        let mut judged = Judged::default();
        let status = answer.status.as_u16();
        let Some(response) = self.response(status) else {
            let expected: Vec<String> = self.responses.iter().map(|response| response.range.to_string()).collect();
            judged.violations.push(Violation {
                part: Part::Status,
                name: "".into(),
                pointer: String::new(),
                keyword: "undocumented",
                sentence: format!("{status} is not documented"),
                expected: (!expected.is_empty()).then(|| expected.join(", ")),
                got: Some(status.to_string()),
                place: Some(Place::of_key(&self.at.document, &format!("{}/responses", self.at.pointer))),
            });
            return judged;
        };
        judged.response = self.responses.iter().position(|known| std::ptr::eq(known, response));
        parameter::check_fields(&response.headers, &answer.headers, &mut judged);
        // HEAD, 204, 205 and 304 have no content to judge (RFC 9110 §9.3.2, §15.3.5, §15.3.6, §15.4.5).
        if *method != Method::HEAD && !is_bodiless(status) {
            content(response, answer, cut, &mut judged);
        }
        judged
    }
}

fn content(response: &Response, answer: &message::Response, cut: bool, judged: &mut Judged) {
    if response.content.is_empty() {
        return;
    }
    let status = status_text(answer.status.as_u16(), response.range);
    let expected = listed(&response.content);
    let at_content = |keyword, sentence, part: Part, got| Violation {
        part,
        name: if part == Part::MediaType { "content-type".into() } else { "".into() },
        pointer: String::new(),
        keyword,
        sentence,
        expected: Some(expected.clone()),
        got,
        place: Some(Place::of_key(&response.at.document, &format!("{}/content", response.at.pointer))),
    };
    if answer.body.is_empty() {
        if !cut {
            judged.violations.push(at_content(
                "missing",
                format!("{status} without content, expected {expected}"),
                Part::Body,
                None,
            ));
        }
        return;
    }
    if answer.headers.get(header::CONTENT_TYPE).is_none() {
        let sentence = format!("{status} without `Content-Type`, expected {expected}");
        judged.violations.push(at_content("missing", sentence, Part::MediaType, None));
    }
    if cut {
        judged.undecided.push("the body was captured only in part".to_owned());
        let said = answer.header("content-type").and_then(MediaType::parse);
        if let Some(said) = said
            && super::content::fitting(&response.content, &said).is_none()
        {
            judged.violations.push(at_content(
                "undocumented",
                format!("`{said}` is not {expected}"),
                Part::MediaType,
                Some(said.to_string()),
            ));
        }
        return;
    }
    match receive(&response.content, &answer.headers, &answer.body) {
        Received::Absent => {}
        Received::Undocumented { media, value } => {
            judged.value = value;
            let media = media.unwrap_or_default();
            let sentence = format!("`{}` is not {expected}", shortened(&media));
            judged.violations.push(at_content("undocumented", sentence, Part::MediaType, Some(shortened(&media))));
        }
        Received::Broken { sentence, .. } => {
            judged.violations.push(at_content("unparsable", sentence, Part::Body, None))
        }
        Received::NotUnderstood { content, why } => {
            if response.content[content].schema.is_some() {
                judged.undecided.push(why);
            }
        }
        // Codings were taken off before.
        Received::Coded(error) => judged.undecided.push(error.to_string()),
        Received::Value { content, codec, value, flaws, open } => {
            let content = &response.content[content];
            judged.undecided.extend(open);
            match content.check(codec, &value) {
                Verdict::Valid => {}
                Verdict::NotDecided => {
                    let location = content.schema.as_ref().or(content.items.as_ref()).map(Schema::location);
                    judged.undecided.extend(location.map(|location| {
                        let place = Place::of(&location.document, &location.pointer);
                        format!("the schema at {place} cannot be used as a whole")
                    }));
                }
                Verdict::Invalid => judged.violations.extend(explained(content, codec, &value, &flaws)),
            }
            judged.violations.extend(flaws);
            judged.value = Some(value);
        }
    }
}
