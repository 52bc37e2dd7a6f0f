//! The rules, one file each: what it sees, what it says, and its tests.

mod body;
mod empty;
mod envelope;
mod fields;
mod media_type;
mod status;

use serde_json::Value;

use super::case::Case;
use super::{Judgement, Observed};
use crate::finding::{Severity, Violation, rule};

/// Holds an answer to every rule.
pub(super) fn check(case: &Case<'_>, out: &mut Judgement) {
    out.undecided.extend(case.judged.undecided.iter().cloned());
    status::check(case, out);
    media_type::check(case, out);
    fields::check(case, out);
    body::check(case, out);
    empty::check(case, out);
    envelope::check(case, out);
}

/// A violation, seen by a rule, at that rule's own severity.
fn observed(case: &Case<'_>, id: &'static str, violation: Violation) -> Observed {
    let severity = rule(id).map_or(Severity::Error, |rule| rule.severity);
    let pattern = pattern(&violation.pointer, case.value());
    Observed { rule: id, severity, violation, pattern, help: None }
}

/// A pointer with `*` for each place in a list.
fn pattern(pointer: &str, value: Option<&Value>) -> String {
    let mut at = value;
    let mut pattern = String::with_capacity(pointer.len());
    for token in pointer.split('/').skip(1) {
        pattern.push('/');
        match at {
            Some(Value::Array(items)) => {
                pattern.push('*');
                at = token.parse().ok().and_then(|index: usize| items.get(index));
            }
            other => {
                pattern.push_str(token);
                at = other.and_then(|value| value.get(token.replace("~1", "/").replace("~0", "~")));
            }
        }
    }
    pattern
}

#[cfg(test)]
pub(super) mod samples;

#[cfg(test)]
mod tests {
    use super::pattern;

    #[test]
    fn places_in_lists_are_alike_and_members_that_look_like_them_are_not() {
        let value = serde_json::json!({"a": [{"0": [1, 2]}]});
        assert_eq!(pattern("/a/0/0/1", Some(&value)), "/a/*/0/*");
        assert_eq!(pattern("/a/9/b", Some(&value)), "/a/*/b");
        assert_eq!(pattern("/a/0", None), "/a/0");
        assert_eq!(pattern("", Some(&value)), "");
    }
}
