//! What the rules look at: a call, its answer, and what the contract says of the two.

use std::cell::OnceCell;

use serde_json::Value;

use crate::contract::{Call, Content, Judged, Operation};
use crate::finding::{Part, Place, Violation};
use crate::message::{MediaType, Method, Response, decode_content};
use crate::traffic::CapturedResponse;

/// The most bytes that an answer in a content coding may come to.
const LARGEST: usize = 64 << 20;

/// One answer to be judged.
pub(super) struct Case<'c> {
    pub(super) call: &'c Call<'c>,
    pub(super) answer: Response,
    /// Why the content is not all there, if it is not.
    pub(super) cut: Option<String>,
    /// What the contract says of status, fields and content.
    pub(super) judged: Judged,
    value: OnceCell<Option<Value>>,
}

impl<'c> Case<'c> {
    pub(super) fn new(call: &'c Call<'c>, captured: &CapturedResponse) -> Case<'c> {
        let mut answer = captured.to_response();
        let mut cut = captured.body.cut.then(|| "the body was captured only in part".to_owned());
        if cut.is_none() && !answer.body.is_empty() {
            match decode_content(&answer.headers, &answer.body.bytes(), LARGEST) {
                Ok(Some(bytes)) => answer.body = bytes.into(),
                Ok(None) => {}
                // What is recorded may have been decoded or cut on its way: nothing is held against it.
                Err(error) => cut = Some(error.to_string()),
            }
        }
        let mut judged = call.operation().check_response(&call.request().method, &answer, cut.is_some());
        let response = judged.response.and_then(|index| call.operation().responses.get(index));
        if let (Some(why), Some(response)) = (&cut, response) {
            judged.undecided = if response.content.is_empty() { Vec::new() } else { vec![why.clone()] };
        }
        Case { call, answer, cut, judged, value: OnceCell::new() }
    }

    pub(super) fn operation(&self) -> &Operation {
        self.call.operation()
    }

    pub(super) fn method(&self) -> &Method {
        &self.call.request().method
    }

    pub(super) fn status(&self) -> u16 {
        self.answer.status.as_u16()
    }

    /// The media type that the answer says it has.
    pub(super) fn media_type(&self) -> Option<MediaType> {
        self.answer.header("content-type").and_then(MediaType::parse)
    }

    /// The documented content that the answer claims to be.
    pub(super) fn content(&self) -> Option<&Content> {
        let response = self.operation().responses.get(self.judged.response?)?;
        let media = self.media_type()?;
        let fits =
            response.content.iter().filter_map(|content| Some((content.range.as_ref()?.matches(&media)?, content)));
        fits.fold(None, |best: Option<(_, &Content)>, (fit, content)| match best {
            Some((known, _)) if known >= fit => best,
            _ => Some((fit, content)),
        })
        .map(|(_, content)| content)
    }

    /// What the content holds, where it was read by the document; else where it is JSON and whole.
    pub(super) fn value(&self) -> Option<&Value> {
        if self.judged.value.is_some() {
            return self.judged.value.as_ref();
        }
        self.value
            .get_or_init(|| {
                if self.cut.is_some() {
                    return None;
                }
                serde_json::from_slice(&self.answer.body.bytes()).ok()
            })
            .as_ref()
    }

    /// What the contract has against one part of the answer.
    pub(super) fn against(&self, part: Part) -> impl Iterator<Item = &Violation> {
        self.judged.violations.iter().filter(move |violation| violation.part == part)
    }

    /// Where the response that covers the status stands; the operation, where there is none.
    pub(super) fn place(&self) -> Place {
        let at =
            self.judged.response.and_then(|index| self.operation().responses.get(index)).map(|response| &response.at);
        let at = at.unwrap_or(&self.operation().at);
        Place::of_key(&at.document, &at.pointer)
    }
}
