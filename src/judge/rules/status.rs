//! `undocumented-status`: the document lists every status that an operation answers with, but for those that a request earns.

use super::super::case::Case;
use super::{Judgement, observed};
use crate::contract::Received;
use crate::finding::Part;
use crate::message::{Accept, Method, header};

/// Content from which on a server may call it too large (413), in bytes: what usual servers accept by far.
const LARGE_CONTENT: usize = 64 * 1024;
/// The same for a target (414).
const LONG_TARGET: usize = 2_000;
/// The same for all fields together (431).
const LARGE_FIELDS: usize = 4 * 1024;

pub(super) fn check(case: &Case<'_>, out: &mut Judgement) {
    if let Some(violation) = case.against(Part::Status).next()
        && !earned(case)
    {
        out.findings.push(observed(case, "undocumented-status", violation.clone()));
    }
}

/// Whether the request asked for this status itself, so that HTTP foresees it and no document has to.
fn earned(case: &Case<'_>) -> bool {
    let request = case.call.request();
    let has = |name: header::HeaderName| request.headers.contains_key(name);
    match case.status() {
        206 | 416 => has(header::RANGE),
        304 => has(header::IF_NONE_MATCH) || has(header::IF_MODIFIED_SINCE),
        401 => case.call.check(true).violations.iter().any(|violation| violation.part == Part::Credentials),
        405 | 501 => *case.method() == Method::HEAD && case.call.route().head_by_get,
        406 => nothing_acceptable(case),
        412 => has(header::IF_MATCH) || has(header::IF_UNMODIFIED_SINCE) || has(header::IF_NONE_MATCH),
        413 => request.body.len() >= LARGE_CONTENT,
        414 => request.target.as_str().len() >= LONG_TARGET,
        415 => has(header::CONTENT_ENCODING) || other_content(case),
        417 => has(header::EXPECT),
        431 => {
            request.headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum::<usize>() >= LARGE_FIELDS
        }
        _ => false,
    }
}

/// Whether the client accepts nothing that the document has to offer.
fn nothing_acceptable(case: &Case<'_>) -> bool {
    let accept = Accept::parse(&case.call.request().headers);
    let mut offered = case.operation().responses.iter().flat_map(|response| &response.content).peekable();
    offered.peek().is_some()
        && offered.all(|content| {
            let media = content.range.as_ref().and_then(|range| range.media_type());
            media.is_some_and(|media| accept.quality(&media) == 0)
        })
}

/// Whether the request has content that the document does not foresee.
fn other_content(case: &Case<'_>) -> bool {
    matches!(case.call.body(), Received::Undocumented { .. })
        || (case.operation().request.is_none() && !case.call.request().body.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, rules};

    #[test]
    fn a_status_that_is_not_listed_is_found() {
        let judgement = Sample::get("/things/1").answer(418, &[], "").judge();
        assert_eq!(rules(&judgement), ["undocumented-status"]);
        let violation = &judgement.findings[0].violation;
        assert_eq!(violation.sentence, "418 is not documented");
        assert_eq!(violation.expected.as_deref(), Some("200, 404, 422"));
    }

    #[test]
    fn a_status_that_the_request_earned_is_not() {
        let long = format!("/things/1?x={}", "x".repeat(2_000));
        let large = "x".repeat(70_000);
        let fields = "x".repeat(5_000);
        for (sample, status) in [
            (Sample::get("/things/1").with("if-none-match", "\"a\""), 304),
            (Sample::get("/things/1").with("range", "bytes=0-1"), 206),
            (Sample::get("/things/1").with("accept", "text/csv"), 406),
            (Sample::get("/things/1").without("authorization"), 401),
            (Sample::get("/things/1").with("x-large", &fields), 431),
            (Sample::get(&long), 414),
            (Sample::post("/things", &large), 413),
            (Sample::post("/things", "<a/>").with("content-type", "application/xml"), 415),
        ] {
            assert_eq!(rules(&sample.answer(status, &[], "").judge()), [""; 0], "{status}");
            let plain =
                if status == 413 || status == 415 { Sample::post("/things", "{}") } else { Sample::get("/things/1") };
            assert_eq!(rules(&plain.answer(status, &[], "").judge()), ["undocumented-status"], "{status}");
        }
    }

    #[test]
    fn what_is_for_no_operation_may_be_answered_with_404_and_405_in_any_form() {
        let problem = [("content-type", "application/problem+json")];
        for (sample, status) in [(Sample::get("/nothing"), 404), (Sample::post("/things/1", "{}"), 405)] {
            let judgement = sample.answer(status, &problem, r#"{"status": 404, "title": "none"}"#).judge();
            assert_eq!((judgement.operation, judgement.scope), (None, crate::judge::Scope::Unrouted));
            assert_eq!(rules(&judgement), [""; 0]);
        }
    }
}
