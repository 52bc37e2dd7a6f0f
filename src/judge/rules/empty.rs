//! `body-not-allowed`: answers to HEAD, and answers of 204, 205 and 304, have no content (RFC 9110 §9.3.2, §15.3.5, §15.3.6, §15.4.5).

use super::super::case::Case;
use super::{Judgement, observed};
use crate::finding::{Part, Violation};
use crate::message::{Method, is_bodiless};

pub(super) fn must_be_empty(case: &Case<'_>) -> bool {
    *case.method() == Method::HEAD || is_bodiless(case.status())
}

/// The content that an answer announces where it may not even announce some (RFC 9110 §8.6, §15.3.6): clients that know of it
/// never read that content, and those that do not take it for the beginning of the next answer.
fn announced(case: &Case<'_>) -> usize {
    let length = case.answer.header("content-length").and_then(|length| length.trim().parse().ok()).unwrap_or(0);
    if matches!(case.status(), 204 | 205) { length } else { 0 }
}

pub(super) fn check(case: &Case<'_>, out: &mut Judgement) {
    let length = if case.answer.body.is_empty() { announced(case) } else { case.answer.body.len() };
    if !must_be_empty(case) || length == 0 {
        return;
    }
    let why = if *case.method() == Method::HEAD { "an answer to HEAD".to_owned() } else { case.status().to_string() };
    let bytes = if length == 1 { "byte" } else { "bytes" };
    let violation = Violation {
        part: Part::Body,
        name: "".into(),
        pointer: String::new(),
        keyword: "notAllowed",
        sentence: format!("{why} with {length} {bytes} of content"),
        expected: Some("no content".to_owned()),
        got: None,
        place: Some(case.place()),
    };
    out.findings.push(observed(case, "body-not-allowed", violation));
}

#[cfg(test)]
mod tests {
    use super::super::samples::{JSON, Sample, rules};

    #[test]
    fn content_that_is_only_announced_is_found_where_that_is_not_allowed_either() {
        let length = |text| [("content-length", text)];
        assert_eq!(rules(&Sample::delete("/things/1").answer(204, &length("0"), "").judge()), [""; 0]);
        let judgement = Sample::delete("/things/1").answer(204, &length("2"), "").judge();
        assert_eq!(judgement.findings[0].violation.sentence, "204 with 2 bytes of content");
        assert_eq!(rules(&judgement), ["body-not-allowed"]);
        // An answer to HEAD says how long the one to GET would be.
        let length = [JSON, &length("2")].concat();
        assert_eq!(rules(&Sample::head("/things/1").answer(200, &length, "").judge()), [""; 0]);
    }

    #[test]
    fn content_where_http_allows_none_is_found() {
        assert_eq!(rules(&Sample::delete("/things/1").answer(204, &[], "").judge()), [""; 0]);
        assert_eq!(rules(&Sample::delete("/things/1").answer(204, &[], "{}").judge()), ["body-not-allowed"]);
        assert_eq!(rules(&Sample::head("/things/1").answer(200, JSON, "").judge()), [""; 0]);
        let judgement = Sample::head("/things/1").answer(200, JSON, r#"{"id": 7}"#).judge();
        assert_eq!(rules(&judgement), ["body-not-allowed"]);
        assert_eq!(judgement.findings[0].violation.sentence, "an answer to HEAD with 9 bytes of content");
    }
}
