//! Values that stand for redacted ones: they are equal where the secrets were, and nothing else can be said of them.

use serde_json::Value;

use super::Judgement;
use super::case::Case;
use crate::finding::{Part, Violation};
use crate::traffic::is_redacted;

/// How a digest begins, and how long it is.
const BEGIN: &str = "redacted:";
const LENGTH: usize = BEGIN.len() + 16;

/// Whether there is a digest that stands for a secret anywhere in a text.
pub fn holds_digest(text: &str) -> bool {
    text.match_indices(BEGIN).any(|(at, _)| text.get(at..at + LENGTH).is_some_and(is_redacted))
}

/// What a container says whatever its members are: which it has, and how many.
const OF_THE_CONTAINER: &[&str] = &[
    "type",
    "required",
    "missing",
    "additionalProperties",
    "minProperties",
    "maxProperties",
    "minItems",
    "maxItems",
    "propertyNames",
    "dependentRequired",
    "undocumented",
    "unparsable",
];

/// Takes back every finding that a redacted value may have caused; what it would have told is not decided.
pub(super) fn withhold(case: &Case<'_>, judgement: &mut Judgement) {
    let mut names: Vec<String> = Vec::new();
    judgement.findings.retain(|observed| {
        let withheld = stands_on_digest(case, &observed.violation);
        if withheld {
            names.push(named(&observed.violation));
        }
        !withheld
    });
    for name in names {
        let why = format!("{name} is redacted");
        if !judgement.undecided.contains(&why) {
            judgement.undecided.push(why);
        }
    }
}

fn named(violation: &Violation) -> String {
    match violation.part {
        Part::Header => format!("header `{}`", violation.name),
        part if violation.pointer.is_empty() => format!("something in the {part}"),
        part => format!("{part} `{}`", violation.pointer),
    }
}

fn stands_on_digest(case: &Case<'_>, violation: &Violation) -> bool {
    match violation.part {
        Part::Header => {
            let values = case.answer.headers.get_all(&*violation.name);
            values.iter().any(|value| holds_digest(&String::from_utf8_lossy(value.as_bytes())))
        }
        Part::Body => match case.value() {
            Some(value) => match value.pointer(&violation.pointer) {
                // Named by its pointer because it is missing.
                None => false,
                Some(Value::String(text)) => holds_digest(text),
                Some(Value::Object(_) | Value::Array(_)) if OF_THE_CONTAINER.contains(&violation.keyword) => false,
                Some(container) => holds_below(container),
            },
            // Text is one string to its schema.
            None if violation.keyword != "unparsable" => {
                std::str::from_utf8(&case.answer.body.bytes()).is_ok_and(holds_digest)
            }
            None => false,
        },
        _ => false,
    }
}

/// Whether there is a digest in a value or anywhere below it.
fn holds_below(value: &Value) -> bool {
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        match value {
            Value::String(text) if holds_digest(text) => return true,
            Value::Array(items) => open.extend(items),
            Value::Object(members) => open.extend(members.values()),
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::holds_digest;

    #[test]
    fn a_digest_is_found_wherever_it_stands() {
        assert!(holds_digest("redacted:0123456789abcdef"));
        assert!(holds_digest("/a?token=redacted:0123456789abcdef&b=1"));
        assert!(holds_digest("redacted: redacted:0123456789abcdef"));
        assert!(!holds_digest("redacted:0123456789abcde"));
        assert!(!holds_digest("redacted:0123456789abcdeg") && !holds_digest("redacted:ü") && !holds_digest(""));
    }
}
