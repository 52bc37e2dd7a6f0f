//! A finding in words: the only place where sentences about answers are made.

use super::command::{Connection, curl};
use super::fold::Key;
use super::veil::{Covered, hide};
use crate::contract::Contract;
use crate::finding::{Difference, Finding, Part, RecordId, Violation, rule};
use crate::judge::Observed;
use crate::message::MediaType;
use crate::traffic::Exchange;

/// Characters of content that an answer is shown with.
const EXCERPT: usize = 160;
/// Characters of a value within a sentence.
const VALUE: usize = 60;

/// What a difference is about.
pub(super) struct About<'a> {
    pub(super) contract: &'a Contract,
    pub(super) operation: usize,
    pub(super) key: &'a Key,
    pub(super) record: RecordId,
    /// Where the request goes, or went; secrets taken out.
    pub(super) url: Option<String>,
    pub(super) connection: &'a Connection<'a>,
}

/// A finding as it is told; `violation` is the covered one of `observed`.
pub(super) fn difference(
    about: &About<'_>,
    observed: &Observed,
    violation: &Violation,
    covered: &Covered,
) -> Difference {
    let veiled = |text: &str| hide(text, &covered.secrets);
    let head = &about.contract.heads()[about.operation];
    let status = covered.exchange.response().map(|response| response.status.as_u16());
    let help = observed.help.clone().or_else(|| rule(observed.rule).map(|rule| rule.remedy.to_owned()));
    let mut finding = Finding::new(observed.rule, veiled(&sentence(status, violation)))
        .at(violation.place.clone())
        .about(head.key.clone())
        .as_severity(observed.severity);
    finding.help = help.map(|help| veiled(&help));
    let again = about.url.as_ref().map(|url| curl(url, &covered.exchange.request, about.connection));
    Difference {
        finding,
        request: format!("{} {}{}", head.method, about.contract.base_path(about.operation), head.template),
        status,
        part: Some(violation.part),
        name: violation.name.to_string(),
        pointer: veiled(&violation.pointer),
        keyword: violation.keyword,
        expected: violation.expected.as_deref().map(veiled),
        got: violation.got.as_deref().map(veiled),
        answer: veiled_answer(&covered.exchange, &covered.secrets),
        again: again.map(|again| veiled(&again)),
        seen: 1,
        of: 1,
        fingerprint: about.key.fingerprint(&head.key),
        record: Some(about.record.clone()),
    }
}

/// `200 body /0/joined_at: null, not a date-time`. Sentences about the answer as a whole stand alone.
fn sentence(status: Option<u16>, violation: &Violation) -> String {
    let whole = violation.part == Part::Status
        || (violation.pointer.is_empty()
            && violation.name.is_empty()
            && violation.got.is_none()
            && violation.keyword != "unparsable");
    let Some(status) = status.filter(|_| !whole && !violation.sentence.starts_with(|c: char| c.is_ascii_digit()))
    else {
        return violation.sentence.clone();
    };
    let mut text = format!("{status} {}", violation.part);
    if !violation.name.is_empty() && violation.part != Part::MediaType {
        text.push_str(&format!(" {}", violation.name));
    }
    if !violation.pointer.is_empty() {
        text.push_str(&format!(" {}", violation.pointer));
    }
    text.push_str(": ");
    let told = violation.part == Part::MediaType;
    if let Some(got) = violation.got.as_deref().filter(|got| !told && got.chars().count() <= VALUE) {
        text.push_str(&format!("{got}, "));
    }
    text + &violation.sentence
}

/// Status, media type and the beginning of the content, on one line.
fn veiled_answer(exchange: &Exchange, secrets: &[String]) -> String {
    let Some(response) = exchange.response() else { return String::new() };
    let mut line = response.status.as_u16().to_string();
    if let Some(media) = response.header("content-type").and_then(MediaType::parse) {
        line.push_str(&format!(" {}", media.essence()));
    }
    let bytes = &response.body.bytes;
    let beginning = match std::str::from_utf8(bytes) {
        Ok(text) => {
            let words: Vec<&str> = text.split_whitespace().take(EXCERPT).collect();
            let hidden = hide(&words.join(" "), secrets);
            match hidden.char_indices().nth(EXCERPT) {
                Some((cut, _)) => format!("{}…", &hidden[..cut]),
                None if response.body.cut => format!("{hidden}…"),
                None => hidden,
            }
        }
        Err(_) => format!("({} bytes)", bytes.len()),
    };
    if !beginning.is_empty() {
        line.push_str(&format!("  {beginning}"));
    }
    hide(&line, secrets)
}
