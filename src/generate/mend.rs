//! Examples that their schema forbids, mended member by member.

use serde_json::Value;

use super::{Context, Plan};
use crate::finding::{Verdict, Violation};
use crate::schema::Schema;

/// How often what was mended is looked at again.
const ROUNDS: usize = 8;
/// How many places are mended in one round.
const PLACES: usize = 200;

/// What [`repair`] made of an example.
#[derive(Clone, Debug, PartialEq)]
pub struct Repaired {
    /// The example, as far as it could be kept.
    pub value: Value,
    /// JSON Pointers to what was changed, added or taken out; each once, in the order of mending.
    pub mended: Vec<String>,
    /// Whether nothing of the example is left.
    pub whole: bool,
}

/// Mends an example that its schema forbids: where something is wrong, and only there, a generated value takes its place.
///
/// A value that the schema admits, or does not decide on, is left as it is. If mending comes to no end, the value is
/// generated whole; then it is as good as [`Plan::value`].
pub fn repair(schema: &Schema, plan: &Plan, example: &Value, context: &Context<'_>) -> Repaired {
    let mut value = example.clone();
    let mut mended: Vec<String> = Vec::new();
    for _ in 0..ROUNDS {
        if schema.check(&value) != Verdict::Invalid {
            return Repaired { value, mended, whole: false };
        }
        let violations = schema.explain(&value);
        if violations.is_empty() {
            break;
        }
        for violation in violations.iter().take(PLACES) {
            // What was mended and is still wrong is mended one level up.
            let mut at = violation.pointer.as_str();
            while mended.iter().any(|before| before == at) {
                match at.rsplit_once('/') {
                    Some((above, _)) => at = above,
                    None => break,
                }
            }
            if at.is_empty() || !mend(&mut value, violation, at, plan, context) {
                continue;
            }
            mended.push(at.to_owned());
        }
    }
    if schema.check(&value) != Verdict::Invalid {
        return Repaired { value, mended, whole: false };
    }
    Repaired { value: plan.value(context), mended: vec![String::new()], whole: true }
}

/// Mends one place; says whether there was something to do.
fn mend(value: &mut Value, violation: &Violation, at: &str, plan: &Plan, context: &Context<'_>) -> bool {
    let tokens = tokens(at);
    let Some((last, above)) = tokens.split_last() else { return false };
    let made = plan.value_at(&tokens, context);
    let Some(holder) = above.iter().try_fold(value, |holder, token| step(holder, token)) else { return false };
    let extra = matches!(
        violation.keyword,
        "additionalProperties" | "unevaluatedProperties" | "propertyNames" | "maxProperties"
    );
    match holder {
        Value::Object(members) => match made {
            Some(made) if !(extra && at == violation.pointer) => {
                members.insert(last.clone(), made).is_none_or(|_| true)
            }
            // What the schema does not describe, or forbids, is left out.
            _ => members.shift_remove(last).is_some(),
        },
        Value::Array(items) => match (last.parse::<usize>().ok().filter(|index| *index < items.len()), made) {
            (Some(index), Some(made)) => {
                items[index] = made;
                true
            }
            (Some(index), None) => {
                items.remove(index);
                true
            }
            (None, _) => false,
        },
        _ => false,
    }
}

/// The tokens of a JSON Pointer (RFC 6901).
pub(super) fn tokens(pointer: &str) -> Vec<String> {
    pointer.split('/').skip(1).map(|token| token.replace("~1", "/").replace("~0", "~")).collect()
}

fn step<'v>(holder: &'v mut Value, token: &str) -> Option<&'v mut Value> {
    match holder {
        Value::Object(members) => members.get_mut(token),
        Value::Array(items) => items.get_mut(token.parse::<usize>().ok()?),
        _ => None,
    }
}
