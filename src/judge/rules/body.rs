//! `response-body`: content is there where the document lists some, and it is what its schema asks. `undocumented-body`: content
//! that the document says nothing of.

use super::super::case::Case;
use super::{Judgement, observed};
use crate::finding::{Part, Violation};

pub(super) fn check(case: &Case<'_>, out: &mut Judgement) {
    for violation in case.against(Part::Body) {
        out.findings.push(observed(case, "response-body", violation.clone()));
    }
    let response = case.judged.response.and_then(|index| case.operation().responses.get(index));
    if response.is_some_and(|response| response.content.is_empty())
        && !super::empty::must_be_empty(case)
        && !case.answer.body.is_empty()
    {
        let sentence = format!("{} with content, and the document says nothing of it", case.status());
        let got = case.media_type().map(|media| media.to_string());
        let violation = Violation {
            part: Part::Body,
            name: "".into(),
            pointer: String::new(),
            keyword: "undocumented",
            sentence,
            expected: None,
            got,
            place: Some(case.place()),
        };
        out.findings.push(observed(case, "undocumented-body", violation));
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{JSON, Sample, rules};
    use crate::finding::Verdict;

    #[test]
    fn a_wrong_type_and_a_missing_member_are_found() {
        let judgement =
            Sample::get("/things").answer(200, &[JSON, &[("x-total", "2")]].concat(), r#"[{"id": 7}, {}]"#).judge();
        assert_eq!(rules(&judgement), ["response-body", "response-body"]);
        let seen: Vec<_> = judgement
            .findings
            .iter()
            .map(|seen| (seen.violation.pointer.as_str(), seen.pattern.as_str(), seen.violation.keyword))
            .collect();
        assert_eq!(seen, [("/0/id", "/*/id", "type"), ("/1/id", "/*/id", "required")]);
        let empty = Sample::get("/things/1").answer(200, JSON, "").judge();
        assert_eq!(rules(&empty), ["response-body"]);
        let broken = Sample::get("/things/1").answer(200, JSON, "{").judge();
        assert_eq!(broken.findings[0].violation.keyword, "unparsable");
    }

    #[test]
    fn what_was_cut_or_redacted_is_not_decided() {
        let cut = Sample::get("/things/1").answer(200, JSON, r#"{"id": 7, "#).cut().judge();
        assert_eq!((rules(&cut).len(), cut.verdict()), (0, Verdict::NotDecided));
        for body in [
            r#"{"id": "redacted:0123456789abcdef"}"#,
            r#"{"id": "a", "pin": "redacted:0123456789abcdef"}"#,
            r#"{"id": "a", "either": {"secret": "redacted:0123456789abcdef"}}"#,
        ] {
            let judgement = Sample::get("/things/1").answer(200, JSON, body).judge();
            assert_eq!((rules(&judgement).len(), judgement.verdict()), (0, Verdict::NotDecided), "{body}");
        }
        // What is missing is missing, redacted or not.
        let judgement = Sample::get("/things/1").answer(200, JSON, r#"{"pin": "redacted:0123456789abcdef"}"#).judge();
        assert_eq!(judgement.verdict(), Verdict::Invalid);
        let coded = [JSON, &[("content-encoding", "br")]].concat();
        let judgement = Sample::get("/things/1").answer(200, &coded, "\u{1}\u{2}").judge();
        assert_eq!(judgement.undecided, ["the content is not whole and well-formed br"]);
        assert!(judgement.findings.is_empty());
    }

    #[test]
    fn text_is_read_as_its_schema_speaks_of_it_or_not_decided() {
        for (media, text, verdict) in [
            ("text/plain", "5", Verdict::Valid),
            ("text/plain", "five", Verdict::Invalid),
            ("text/csv", "id\r\n5\r\n", Verdict::NotDecided),
            ("text/event-stream", "data: {\"id\": \"a\"}\n\n", Verdict::NotDecided),
            ("text/xml; charset=utf-8", "<thing/>", Verdict::Invalid),
            ("text/xml; charset=utf-8", "<thing><id>a</id></thing>", Verdict::Valid),
            ("text/json", r#"{"id": "a"}"#, Verdict::Valid),
            ("text/json", r#"{"id": 7}"#, Verdict::Invalid),
            ("text/html", "<h1>Bad Gateway</h1>", Verdict::Invalid),
        ] {
            let judgement = Sample::get("/texts").answer(200, &[("content-type", media)], text).judge();
            assert_eq!(judgement.verdict(), verdict, "{media} {text}");
        }
    }

    #[test]
    fn content_that_nobody_documented_is_a_note() {
        let judgement = Sample::delete("/things/1").answer(202, JSON, "{}").judge();
        assert_eq!(rules(&judgement), ["undocumented-body"]);
        assert_eq!(judgement.verdict(), Verdict::Valid);
    }
}
