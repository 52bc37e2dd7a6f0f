//! The log for people.
//!
//! ```text
//! 12:04:31  POST /api/v1/org/acme/invitations         422  0.3 ms  invite_to_organization #1  invalid-request  [t1]
//!           body /email  "ada@"  not an e-mail address (format)  openapi.yaml:212:15
//!           more: http://localhost:4010/_standin/exchanges/1
//! ```

use std::fmt::Write;
use std::time::Duration;

use super::text::{clock, cut, number, pad, push};
use crate::finding::Violation;
use crate::traffic::{Decision, Exchange, Fault, Outcome, Why};

/// The width of method and target, where they fit.
const TARGET: usize = 42;

/// The longest target that is shown whole.
const LONGEST: usize = 160;

/// The most violations that are shown.
const VIOLATIONS: usize = 12;

const INDENT: &str = "          ";

const RED: &str = "\x1b[31m";
const YELLOW: &str = "\x1b[33m";
const GREEN: &str = "\x1b[32m";
const DIM: &str = "\x1b[2m";
const PLAIN: &str = "\x1b[0m";

/// Adds the lines about an exchange. `more` makes the address where the rest is told; `first_time` says whether a note is new.
pub(super) fn line(
    out: &mut String,
    exchange: &Exchange,
    colour: bool,
    more: impl FnOnce() -> Option<String>,
    first_time: &mut dyn FnMut(&str) -> bool,
) {
    head(out, exchange, colour);
    let Some(decision) = &exchange.decision else { return };
    violations(out, &decision.violations);
    for note in &decision.notes {
        if !decision.violations.is_empty() || first_time(note) {
            out.push_str(INDENT);
            push(out, note);
            out.push('\n');
        }
    }
    for nearest in decision.nearest.iter().take(1) {
        out.push_str(INDENT);
        out.push_str("nearest: ");
        push(out, &nearest.operation);
        if !nearest.difference.is_empty() {
            out.push_str("  (");
            push(out, &nearest.difference);
            out.push(')');
        }
        out.push('\n');
    }
    if !decision.violations.is_empty()
        && let Some(more) = more()
    {
        out.push_str(INDENT);
        painted(out, colour, DIM, |out| {
            out.push_str("more: ");
            push(out, &more);
        });
        out.push('\n');
    }
}

/// Adds a line about the server itself.
pub(super) fn warning(out: &mut String, sentence: &str, colour: bool) {
    painted(out, colour, YELLOW, |out| out.push_str("warning"));
    out.push_str(": ");
    push(out, sentence);
    out.push('\n');
}

fn painted(out: &mut String, colour: bool, paint: &str, write: impl FnOnce(&mut String)) {
    if colour {
        out.push_str(paint);
    }
    write(out);
    if colour {
        out.push_str(PLAIN);
    }
}

fn head(out: &mut String, exchange: &Exchange, colour: bool) {
    let second = exchange.began.wall_ns.div_euclid(1_000_000_000).rem_euclid(86_400);
    painted(out, colour, DIM, |out| clock(out, second.unsigned_abs()));
    out.push_str("  ");
    let start = out.len();
    push(out, exchange.request.method.as_str());
    out.push(' ');
    let target = exchange.request.target.as_str();
    if target.len() <= LONGEST {
        push(out, target)
    } else {
        out.push_str(&cut(target, LONGEST))
    }
    pad(out, start, TARGET);
    match &exchange.outcome {
        Outcome::Answered(response) => {
            let status = response.status.as_u16();
            let paint = match status {
                500.. => RED,
                400.. => YELLOW,
                _ => GREEN,
            };
            painted(out, colour, paint, |out| out.push_str(response.status.as_str()));
        }
        Outcome::Reset => out.push_str("cut"),
        Outcome::Hung | Outcome::TimedOut => out.push_str("---"),
    }
    out.push_str("  ");
    duration(out, exchange.took);
    match &exchange.outcome {
        // Where it is left hanging, it goes without saying.
        Outcome::Hung | Outcome::TimedOut if exchange.fault() != Some(Fault::Hang) => {
            out.push_str("  the client did not wait");
        }
        _ => {}
    }
    if let Some(decision) = &exchange.decision {
        decided(out, decision, colour);
    }
    if let Some(fault) = exchange.fault() {
        painted(out, colour, RED, |out| {
            let _ = write!(out, "  fault {fault}");
        });
    }
    // Where it is of use (RFC 9110 §10.2.3): a usual answer is not looked through.
    let told_to_wait = exchange.response().filter(|response| response.status.as_u16() >= 300);
    if let Some(retry_after) = told_to_wait.and_then(|response| response.header("retry-after")) {
        out.push_str("  Retry-After ");
        push(out, retry_after);
    }
    if &*exchange.session != "default" {
        out.push_str("  [");
        push(out, &exchange.session);
        out.push(']');
    }
    out.push('\n');
}

fn decided(out: &mut String, decision: &Decision, colour: bool) {
    if let Some(operation) = &decision.operation {
        out.push_str("  ");
        push(out, operation);
        if decision.call > 0 {
            out.push_str(" #");
            number(out, decision.call, 1);
        }
    }
    out.push_str("  ");
    painted(out, colour, DIM, |out| match &decision.why {
        Why::Scenario { name, line, .. } => {
            push(out, name);
            let _ = write!(out, ":{line}");
        }
        Why::Other(text) => push(out, text),
        why => match why.word() {
            Some(word) => out.push_str(word),
            None => drop(write!(out, "{why}")),
        },
    });
}

/// `0.3 ms`, `12 ms`, `1.25 s`.
fn duration(out: &mut String, duration: Duration) {
    let ns = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
    if ns < 10_000_000 {
        // What nearly every answer takes, at once. Both are below ten.
        let text = [b'0' + (ns / 1_000_000) as u8, b'.', b'0' + (ns / 100_000 % 10) as u8, b' ', b'm', b's'];
        out.push_str(std::str::from_utf8(&text).unwrap_or_default());
        return;
    }
    if ns < 1_000_000_000 {
        number(out, ns / 1_000_000, 1);
        out.push_str(" ms");
        return;
    }
    number(out, ns / 1_000_000_000, 1);
    out.push('.');
    number(out, ns / 10_000_000 % 100, 2);
    out.push_str(" s");
}

/// In columns: part, what was there, what is the case, where the document says so.
fn violations(out: &mut String, violations: &[Violation]) {
    if violations.is_empty() {
        return;
    }
    let rows: Vec<[String; 4]> = violations.iter().take(VIOLATIONS).map(columns).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths = [width(0), width(1), width(2)];
    for row in &rows {
        out.push_str(INDENT);
        let filled = row.iter().rposition(|text| !text.is_empty()).unwrap_or_default();
        for (column, text) in row.iter().enumerate().take(filled + 1) {
            let start = out.len();
            out.push_str(text);
            match widths.get(column) {
                Some(width) if column < filled && *width > 0 => pad(out, start, *width),
                _ => {}
            }
        }
        out.push('\n');
    }
    if violations.len() > rows.len() {
        let _ = writeln!(out, "{INDENT}and {} more", violations.len() - rows.len());
    }
}

fn columns(violation: &Violation) -> [String; 4] {
    let mut part = violation.part.word().to_owned();
    if !(violation.name.is_empty() && violation.pointer.is_empty()) {
        part.push(' ');
        push(&mut part, &violation.name);
        push(&mut part, &violation.pointer);
    }
    let sentence = format!("{} ({})", cut(&violation.sentence, 120), violation.keyword);
    let place = violation.place.as_ref().map(ToString::to_string).unwrap_or_default();
    [cut(&part, 60), cut(violation.got.as_deref().unwrap_or_default(), 40), sentence, cut(&place, 200)]
}
