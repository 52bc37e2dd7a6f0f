//! What is wrong with a template, or with what came of it: where in the file, and what to do.

use std::fmt;
use std::ops::Range;

use minijinja::{Error, ErrorKind};

use crate::document::Span;
use crate::finding::{Finding, Place};

/// Why a template came to nothing.
#[derive(Clone, Debug)]
pub struct Failed {
    /// Where it went wrong.
    pub place: Place,
    /// What went wrong.
    pub sentence: String,
    /// What to do about it; may be empty.
    pub help: String,
    /// Whether something that was asked for is not there: with another request it may be.
    pub missing: bool,
}

impl Failed {
    pub(super) fn new(place: Place, sentence: String, help: &str) -> Failed {
        Failed { place, sentence, help: help.to_owned(), missing: false }
    }

    /// What is wrong with what a template came to, for those who make use of it.
    pub fn at(place: Place, sentence: String) -> Failed {
        Failed::new(place, sentence, "")
    }

    /// What the language has to say of a text that stands at a place.
    pub(super) fn of(error: &Error, place: &Place, text: &str) -> Failed {
        let by_line = || error.line().map(|line| line_range(text, line));
        let range = error.range().filter(|range| !range.is_empty()).or_else(by_line);
        let at = range.clone().map_or_else(|| place.clone(), |range| within(place, text, range));
        let written = range.and_then(|range| text.get(range)).map(str::trim).unwrap_or_default();
        let detail = error.detail().unwrap_or_default();
        let missing = error.kind() == ErrorKind::UndefinedError;
        let (sentence, help) = match error.kind() {
            ErrorKind::UndefinedError => (
                format!("`{}` is not there", super::super::reader::excerpt(written)),
                "say what to write then: `{{ … | default('') }}`, or ask first: `{% if … is defined %}`".to_owned(),
            ),
            ErrorKind::SyntaxError => (format!("no template: {detail}"), String::new()),
            ErrorKind::OutOfFuel => {
                ("the template takes too much work".to_owned(), "say less, or in fewer rounds of a loop".to_owned())
            }
            kind => (
                if detail.is_empty() { kind.to_string() } else { format!("the template fails: {detail}") },
                String::new(),
            ),
        };
        Failed { place: at, sentence, help, missing }
    }

    /// The same as a finding.
    pub fn finding(self) -> Finding {
        let finding = Finding::new("scenario-template", self.sentence).at(Some(self.place));
        if self.help.is_empty() { finding } else { finding.help(self.help) }
    }
}

/// `story.yaml:7:19: …`
impl fmt::Display for Failed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.place, self.sentence)
    }
}

fn line_range(text: &str, number: usize) -> Range<usize> {
    let mut start = 0;
    for (index, line) in text.split('\n').enumerate() {
        if index + 1 == number {
            return start..start + line.len();
        }
        start += line.len() + 1;
    }
    0..text.len()
}

/// Where a dotted name is first written in a template, or at least its first part.
pub(super) fn place_of_name(place: &Place, text: &str, name: &str) -> Place {
    let whole = |wanted: &str| {
        text.match_indices(wanted).map(|(at, _)| at..at + wanted.len()).find(|range| {
            let word = |c: char| c.is_alphanumeric() || c == '_';
            let before = text[..range.start].chars().next_back().is_some_and(|c| word(c) || c == '.');
            !before && !text[range.end..].starts_with(word)
        })
    };
    whole(name)
        .or_else(|| whole(name.split('.').next().unwrap_or(name)))
        .map_or_else(|| place.clone(), |range| within(place, text, range))
}

/// A stretch of a template in the file that it is written in. Of texts that YAML changes (escapes, folded lines) the whole.
fn within(place: &Place, text: &str, range: Range<usize>) -> Place {
    let written = place.source.slice(place.span);
    let at = |start: usize| {
        let start = place.span.start + start;
        Place { source: place.source.clone(), span: Span { start, end: start + range.len() } }
    };
    if let Some(start) = written.find(text) {
        return at(start + range.start);
    }
    // A block: line by line, behind its indentation.
    let before = text.get(..range.start).unwrap_or_default();
    let number = before.matches('\n').count();
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = text.get(line_start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let (first, rest) = written.split_once('\n').unwrap_or((written, ""));
    let block = first.starts_with(['|', '>']);
    let (body, mut start) = if block { (rest, first.len() + 1) } else { (written, 0) };
    for (index, own) in body.split('\n').enumerate() {
        if index == number {
            let Some(indent) = own.find(line).filter(|_| !line.is_empty()) else { break };
            let end = (range.start - line_start + range.len()).min(line.len());
            let from = start + indent + range.start - line_start;
            let to = start + indent + end;
            let offset = place.span.start;
            return Place {
                source: place.source.clone(),
                span: Span { start: offset + from, end: offset + to.max(from) },
            };
        }
        start += own.len() + 1;
    }
    place.clone()
}
