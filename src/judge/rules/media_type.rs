//! `response-media-type`: content is of a media type that the document lists for the status.

use super::super::case::Case;
use super::{Judgement, observed};
use crate::finding::{Part, Severity};

pub(super) fn check(case: &Case<'_>, out: &mut Judgement) {
    for violation in case.against(Part::MediaType) {
        let mut seen = observed(case, "response-media-type", violation.clone());
        let problem = case.media_type().is_some_and(|media| media.essence() == "application/problem+json");
        if problem && matches!(case.status(), 404 | 405) {
            // What stands before the API may answer so, and any client is told what a problem is (RFC 9457).
            seen.severity = Severity::Note;
        }
        out.findings.push(seen);
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{JSON, Sample, rules};
    use crate::finding::{Severity, Verdict};

    #[test]
    fn another_media_type_or_none_is_found() {
        let html = Sample::get("/things/1").answer(200, &[("content-type", "text/html")], "<p>").judge();
        assert_eq!(rules(&html), ["response-media-type"]);
        assert_eq!(html.findings[0].violation.sentence, "`text/html` is not application/json");
        let none = Sample::get("/things/1").answer(200, &[], r#"{"id": "a"}"#).judge();
        assert_eq!(rules(&none), ["response-media-type"]);
        let charset = [("content-type", "Application/JSON; charset=utf-8")];
        assert_eq!(rules(&Sample::get("/things/1").answer(200, &charset, r#"{"id": "a"}"#).judge()), [""; 0]);
        assert_eq!(rules(&Sample::get("/things/1").answer(200, JSON, r#"{"id": "a"}"#).judge()), [""; 0]);
    }

    #[test]
    fn a_problem_is_no_wrong_form_of_404() {
        let problem = [("content-type", "application/problem+json")];
        let judgement = Sample::get("/things/1").answer(404, &problem, r#"{"status": 404}"#).judge();
        assert_eq!(judgement.findings[0].severity, Severity::Note);
        assert_eq!(judgement.verdict(), Verdict::Valid);
        let judgement = Sample::get("/things/1").answer(200, &problem, r#"{"status": 200}"#).judge();
        assert_eq!(judgement.verdict(), Verdict::Invalid);
    }
}
