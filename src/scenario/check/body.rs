//! Content that a reply brings along, against the schema of its response.

use serde_json::Value;

use super::Issue;
use crate::contract::{Codec, Content, Response};
use crate::finding::{Verdict, Violation};
use crate::message::{MediaType, header, is_bodiless};
use crate::scenario::reader::{excerpt, listed};
use crate::scenario::{Reply, Scenario};

/// The most things wrong with one body that are told.
const TOLD: usize = 8;

impl Scenario {
    pub(super) fn check_content(&self, reply: &Reply, status: u16, response: &Response, issues: &mut Vec<Issue>) {
        let key = match reply {
            Reply { body: Some(_), .. } => "body",
            Reply { merge: Some(_), .. } => "merge",
            Reply { template: Some(_), .. } => "template",
            _ => return,
        };
        let place = || self.key_place(reply, key);
        if is_bodiless(status) {
            let sentence = format!("`{key}` for {{of}}: an answer with {status} has no content");
            let help = "remove it, or give another status";
            issues.push(Issue::new("scenario-body", place(), sentence, help).always());
            return;
        }
        let contents = contents(reply, response);
        let named = || contents.iter().map(|content| format!("`{}`", content.media)).collect::<Vec<_>>().join(", ");
        match &reply.body {
            Some(body) => {
                if contents.is_empty() {
                    let sentence =
                        format!("`body` is not checked: the document describes no content for {status} of {{of}}");
                    let help = "it is sent as JSON; describe the content in the document to have it checked";
                    issues.push(Issue::new("scenario-body", place(), sentence, help).open());
                    return;
                }
                self.check_body(reply, body, status, &contents, issues);
            }
            // What is changed by `merge` is a value with members, whatever it is written as.
            // What a template comes to is tried on a sample.
            None if reply.merge.is_none() => {}
            None if !contents.iter().any(|content| content.codec.is_structured()) => {
                let has = if contents.is_empty() { "has no content".to_owned() } else { format!("is {}", named()) };
                let sentence = format!("`merge` changes members, and {status} of {{of}} {has}");
                let help = "write the whole content under `body`";
                issues.push(Issue::new("scenario-body", place(), sentence, help).always());
            }
            None => {}
        }
    }

    fn check_body(&self, reply: &Reply, body: &Value, status: u16, contents: &[&Content], issues: &mut Vec<Issue>) {
        let mut first: Option<(&Content, Vec<Violation>)> = None;
        let mut open = None;
        for content in contents {
            // A text is the content of anything that is not JSON, as it is.
            match (content.codec, body) {
                (Codec::Json, _) | (Codec::Text, Value::String(_)) => {}
                (Codec::Text, _) => continue,
                (Codec::Binary, _) => {
                    open = open.or(Some(format!("`{}` is not understood", content.media)));
                    continue;
                }
                (_, Value::String(_)) => {
                    open = open.or(Some(format!("it is sent as `{}`, as it is", content.media)));
                    continue;
                }
                _ => {}
            }
            match content.check(content.codec, body) {
                Verdict::Valid => return,
                Verdict::NotDecided => open = open.or(Some("its schema cannot be decided".to_owned())),
                Verdict::Invalid => {
                    if first.is_none() {
                        first = Some((content, content.explain(content.codec, body)));
                    }
                }
            }
        }
        let place = self.key_place(reply, "body");
        if let Some(why) = open {
            let sentence = format!("`body` is not checked for {status} of {{of}}: {why}");
            issues.push(Issue::new("scenario-body", place, sentence, "make sure of it yourself").open());
        } else if let Some((_, violations)) = first {
            self.forbidden(reply, "/body", status, &violations, issues);
        } else {
            let sentence = format!("`body` is no text, and {status} of {{of}} is");
            issues.push(Issue::new(
                "scenario-body",
                place,
                sentence,
                "write a text, in quotes if it looks like a number",
            ));
        }
    }

    /// What a schema has against a value: one issue for each place, and one for all that is missing.
    pub(super) fn forbidden(
        &self,
        reply: &Reply,
        key: &str,
        status: u16,
        violations: &[Violation],
        issues: &mut Vec<Issue>,
    ) {
        let (missing, present): (Vec<&Violation>, Vec<&Violation>) =
            violations.iter().partition(|violation| violation.keyword == "required");
        let asks = |violation: &Violation| {
            violation.place.as_ref().map(|place| format!("the document asks for it at {place}"))
        };
        if let Some(first) = missing.first() {
            let names = listed(missing.iter().map(|violation| &*violation.pointer));
            let verb = if missing.len() == 1 { "is" } else { "are" };
            let sentence = format!("the schema for {status} of {{of}} asks for {names}, which {verb} missing");
            let help = match key {
                "/body" => Some("to change single members only, write them under `merge`".to_owned()),
                _ => asks(first),
            };
            let place = self.place(reply, &format!("{key}{}", first.pointer));
            issues.push(Issue::new("scenario-body", place, sentence, help.unwrap_or_default()));
        }
        let mut told: Vec<&str> = Vec::new();
        for violation in present {
            // The first thing that is wrong at a place is enough.
            if told.len() == TOLD || told.contains(&&*violation.pointer) {
                continue;
            }
            told.push(&violation.pointer);
            let member = match violation.pointer.as_str() {
                "" => "this content".to_owned(),
                pointer => format!("`{}`", excerpt(pointer)),
            };
            let sentence = format!("the schema for {status} of {{of}} forbids {member}: {}", violation.sentence);
            let expected = violation.expected.as_ref().map(|expected| format!("expected {expected}"));
            let help: Vec<String> = expected.into_iter().chain(asks(violation)).collect();
            let place = self.place(reply, &format!("{key}{}", violation.pointer));
            issues.push(Issue::new("scenario-body", place, sentence, help.join("; ")));
        }
    }
}

/// The contents that a reply can have: those that fit its `Content-Type`, where it sets one.
pub(super) fn contents<'o>(reply: &Reply, response: &'o Response) -> Vec<&'o Content> {
    let set = reply.headers.iter().find(|(name, _)| *name == header::CONTENT_TYPE);
    let media = set.and_then(|(_, values)| MediaType::parse(values.first()?.to_str().ok()?));
    let fits = |content: &&Content| match (&media, &content.range) {
        (Some(media), Some(range)) => range.matches(media).is_some(),
        _ => true,
    };
    response.content.iter().filter(fits).collect()
}
