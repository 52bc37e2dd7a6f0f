//! `response-header`: required header fields are there, and each is what its schema asks.

use super::super::case::Case;
use super::{Judgement, observed};
use crate::finding::Part;

pub(super) fn check(case: &Case<'_>, out: &mut Judgement) {
    for violation in case.against(Part::Header) {
        out.findings.push(observed(case, "response-header", violation.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{JSON, Sample, rules};

    #[test]
    fn a_missing_and_a_wrong_field_are_found_and_a_redacted_one_is_not_decided() {
        let answer = |fields: &[(&str, &str)]| {
            let fields = [JSON, fields].concat();
            Sample::get("/things").answer(200, &fields, "[]").judge()
        };
        assert_eq!(rules(&answer(&[("x-total", "3"), ("x-token-id", "abc")])), [""; 0]);
        let judgement = answer(&[]);
        assert_eq!(rules(&judgement), ["response-header"]);
        assert_eq!(&*judgement.findings[0].violation.name, "x-total");
        let judgement = answer(&[("x-total", "many"), ("x-token-id", "toolong")]);
        assert_eq!(rules(&judgement), ["response-header", "response-header"]);
        let judgement = answer(&[("x-total", "3"), ("x-token-id", "redacted:0123456789abcdef")]);
        assert_eq!(rules(&judgement), [""; 0]);
        assert_eq!(judgement.undecided, ["header `x-token-id` is redacted"]);
    }
}
