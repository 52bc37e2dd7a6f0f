//! `envelope-status`: an error that says its status in its content says the one it has.

use serde_json::Value;

use super::super::case::Case;
use super::{Judgement, observed};
use crate::finding::{Part, Place, Verdict, Violation};

/// Members that say a status.
const NAMES: [&str; 4] = ["code", "status", "statusCode", "status_code"];

/// Looks at errors only: what a `status` or `code` of 200 or more means in a success is the API's own affair.
pub(super) fn check(case: &Case<'_>, out: &mut Judgement) {
    let status = case.status();
    let Some(body) = case.value().filter(|_| (400..=599).contains(&status)) else { return };
    for name in NAMES {
        let Some(said) = body.as_object().and_then(|members| members.get(name)).and_then(number) else { continue };
        if said == status || !may_say(case, body, name, status) {
            continue;
        }
        let pointer = format!("/{name}");
        if case.against(Part::Body).any(|violation| violation.pointer == pointer) {
            continue;
        }
        let violation = Violation {
            part: Part::Body,
            name: "".into(),
            pointer,
            keyword: "status",
            sentence: format!("the answer is {status}"),
            expected: Some(status.to_string()),
            got: Some(said.to_string()),
            place: Some(place(case, name)),
        };
        out.findings.push(observed(case, "envelope-status", violation));
    }
}

/// A number that could be a status, or a text of one.
fn number(value: &Value) -> Option<u16> {
    let number = match value {
        Value::Number(number) => {
            number.as_u64().or_else(|| number.as_f64().filter(|n| n.fract() == 0.0).map(|n| n as u64))?
        }
        Value::String(text) if text.len() == 3 => text.parse().ok()?,
        _ => return None,
    };
    u16::try_from(number).ok().filter(|number| (100..=599).contains(number))
}

/// Whether the document would have allowed the answer's own status there. Where it does not, the member means something else.
fn may_say(case: &Case<'_>, body: &Value, name: &str, status: u16) -> bool {
    let Some(schema) = case.content().and_then(|content| content.schema.as_ref()) else { return true };
    let mut other = body.clone();
    if let Some(member) = other.get_mut(name) {
        *member = if member.is_string() { Value::from(status.to_string()) } else { Value::from(status) };
    }
    schema.check(&other) != Verdict::Invalid || schema.check(body) == Verdict::Invalid
}

/// Where the document speaks of the member; where it does not, of the response.
fn place(case: &Case<'_>, name: &str) -> Place {
    let member = case.content().and_then(|content| content.schema.as_ref()?.property(name));
    member.map_or_else(|| case.place(), |member| Place::of_key(&member.location().document, &member.location().pointer))
}

#[cfg(test)]
mod tests {
    use super::super::samples::{JSON, Sample, rules};

    fn judged(status: u16, body: &str) -> Vec<&'static str> {
        rules(&Sample::get("/things/1").answer(status, JSON, body).judge())
    }

    #[test]
    fn another_status_in_the_content_is_found() {
        assert_eq!(judged(404, r#"{"code": 404}"#), [""; 0]);
        assert_eq!(judged(404, r#"{"code": 401}"#), ["envelope-status"]);
        assert_eq!(judged(404, r#"{"status": "401"}"#), ["envelope-status"]);
        assert_eq!(judged(404, r#"{"statusCode": 500.0}"#), ["envelope-status"]);
    }

    #[test]
    fn what_is_no_status_is_left_alone() {
        for body in
            [r#"{"code": 4041}"#, r#"{"code": "E401"}"#, r#"{"status": "error"}"#, r#"{"code": -1}"#, "[401]", "{"]
        {
            assert!(!judged(404, body).contains(&"envelope-status"), "{body}");
        }
        assert_eq!(judged(200, r#"{"id": "a", "code": 404}"#), [""; 0]);
        // The document lists the values of this one, and no status is among them.
        assert_eq!(judged(422, r#"{"code": 100}"#), [""; 0]);
    }
}
