//! The log for programs: a JSON object a line. Members that do not apply are left out.

use serde::Serialize;

use crate::traffic::{Exchange, Outcome};

#[derive(Serialize)]
struct Line<'e> {
    time: String,
    id: u64,
    method: &'e str,
    target: &'e str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    no_answer: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<String>,
    took_ms: f64,
    session: &'e str,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    call: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    violations: Vec<Violation<'e>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    notes: &'e [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    nearest: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    more: Option<String>,
}

#[derive(Serialize)]
struct Violation<'e> {
    part: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'e str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pointer: &'e str,
    keyword: &'static str,
    sentence: &'e str,
    #[serde(skip_serializing_if = "Option::is_none")]
    got: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<String>,
}

/// Adds the line about an exchange.
pub(super) fn line(out: &mut String, exchange: &Exchange, more: Option<String>) {
    push(out, &told(exchange, more));
}

/// What a line says of an exchange, as a value.
pub(crate) fn summarised(exchange: &Exchange, more: Option<String>) -> serde_json::Value {
    // Strings and numbers only: this does not fail.
    serde_json::to_value(told(exchange, more)).unwrap_or_default()
}

fn told(exchange: &Exchange, more: Option<String>) -> Line<'_> {
    let decision = exchange.decision.as_ref();
    let violations = decision.map(|decision| &*decision.violations).unwrap_or_default();
    let violations = violations.iter().map(|violation| Violation {
        part: violation.part.word(),
        name: &violation.name,
        pointer: &violation.pointer,
        keyword: violation.keyword,
        sentence: &violation.sentence,
        got: violation.got.as_deref(),
        place: violation.place.as_ref().map(ToString::to_string),
    });
    Line {
        time: exchange.began.timestamp().to_string(),
        id: exchange.id,
        method: exchange.request.method.as_str(),
        target: exchange.request.target.as_str(),
        status: exchange.response().map(|response| response.status.as_u16()),
        no_answer: match exchange.outcome {
            Outcome::Answered(_) => None,
            Outcome::Reset => Some("reset"),
            Outcome::Hung => Some("hung"),
            Outcome::TimedOut => Some("timed-out"),
        },
        fault: exchange.fault().map(|fault| fault.to_string()),
        took_ms: (exchange.took.as_secs_f64() * 1e6).round() / 1e3,
        session: &exchange.session,
        operation: decision.and_then(|decision| decision.operation.as_deref()),
        call: decision.map(|decision| decision.call).filter(|call| *call > 0),
        why: decision.map(|decision| decision.why.to_string()),
        violations: violations.collect(),
        notes: decision.map(|decision| &*decision.notes).unwrap_or_default(),
        nearest: decision.and_then(|decision| decision.nearest.first()).map(|nearest| &*nearest.operation),
        more,
    }
}

/// Adds a line about the server itself.
pub(super) fn warning(out: &mut String, sentence: &str) {
    #[derive(Serialize)]
    struct Warning<'s> {
        warning: &'s str,
    }
    push(out, &Warning { warning: sentence });
}

fn push(out: &mut String, line: &impl Serialize) {
    // Strings and numbers only: writing them does not fail.
    if let Ok(text) = serde_json::to_string(line) {
        out.push_str(&text);
        out.push('\n');
    }
}
