//! One exchange, whole: what was asked, what was answered, and why.

use std::borrow::Cow;

use super::super::html::Page;
use super::super::service::Inner;
use super::{refused, text};
use crate::message::{Problem, Response, StatusCode};
use crate::traffic::{CapturedBody, Decision, Drawn, Exchange, Fault, Fields, Limit, Outcome, ndjson, percent};

/// As much of a body as a page shows, in bytes.
const SHOWN: usize = 64 << 10;

/// The exchange with this number, without its secrets: as a page, or as the line that a recording would have.
pub(super) fn answer(inner: &Inner, id: &str, page: bool) -> Response {
    let Some(id) = id.parse().ok().filter(|id| *id > 0) else {
        return refused(&Problem::new(StatusCode::NOT_FOUND).detail(format!("`{id}` is no number of an exchange")));
    };
    let Some(exchange) = inner.journal.get(id) else {
        let detail = format!("exchange {id} is not kept: it was pushed out by later ones, or has not been");
        return refused(&Problem::new(StatusCode::NOT_FOUND).detail(detail));
    };
    let exchange = inner.settings.redactor.redact(&exchange);
    if page {
        return html(&exchange);
    }
    let mut line = Vec::new();
    match ndjson::write(&mut line, &exchange).map(|()| String::from_utf8(line)) {
        Ok(Ok(line)) => text("application/json", line),
        _ => refused(&Problem::new(StatusCode::INTERNAL_SERVER_ERROR).detail("this exchange cannot be written")),
    }
}

fn html(exchange: &Exchange) -> Response {
    let mut page = Page::new(format_args!("Exchange {}", exchange.id));
    page.raw("<p><code>");
    page.text(format_args!("{} {}", exchange.request.method, exchange.request.target));
    page.raw("</code></p>\n<table>\n");
    page.row([&"when", &exchange.began.timestamp()]);
    page.row([&"took", &format_args!("{:.3} ms", exchange.took.as_secs_f64() * 1e3)]);
    page.row([&"session", &exchange.session]);
    if let Some(decision) = &exchange.decision {
        decided(&mut page, decision);
    }
    page.raw("</table>\n");
    if let Some(decision) = &exchange.decision {
        against(&mut page, decision);
    }
    page.element("h2", "Request");
    message(&mut page, &exchange.request.headers, &exchange.request.body);
    match &exchange.outcome {
        Outcome::Answered(response) => {
            page.element("h2", format_args!("Answer: {}", response.status));
            message(&mut page, &response.headers, &response.body);
        }
        Outcome::Reset => page.element("h2", "No answer: the connection ended"),
        Outcome::Hung if exchange.fault() == Some(Fault::Hang) => page.element("h2", "No answer: none was to come"),
        Outcome::Hung | Outcome::TimedOut => page.element("h2", "No answer: the client did not wait"),
    }
    page.into_response()
}

fn decided(page: &mut Page, decision: &Decision) {
    page.row([&"decided by", &decision.why]);
    if let Some(operation) = &decision.operation {
        page.row([&"operation", &format_args!("{operation}, call {}", decision.call)]);
    }
    if !decision.applied.is_empty() {
        page.row([&"applied", &decision.applied.join(", ")]);
    }
    if !decision.delay.is_zero() {
        page.row([&"held back", &format_args!("{} ms", decision.delay.as_millis())]);
    }
    for draw in &decision.draws {
        let who = draw.rule.as_ref().map(|(scenario, rule)| format!("{scenario} {rule}"));
        let who = who.as_deref().unwrap_or("the client");
        let came = match draw.drawn {
            Drawn::Chance { number, hit: true } => format!("{}, a hit", percent(number)),
            Drawn::Chance { number, hit: false } => format!("{}, no hit", percent(number)),
            Drawn::Delay(delay) => format!("{} ms", delay.as_secs_f64() * 1e3),
        };
        let inputs =
            format_args!("{} for {who}: {came} (seed {}, with session, operation and call)", draw.of, draw.seed);
        page.row([&"drawn", &inputs]);
    }
    for limit in &decision.limits {
        let Limit { scenario, rule, remaining, .. } = limit;
        let said = if limit.allowed { "allowed" } else { "refused" };
        let more = limit.more_in.map(|more_in| format!(", more in {} ms", more_in.as_millis())).unwrap_or_default();
        let stands = format_args!("{said} by {scenario} {rule}: {remaining} of {} left{more}", limit.limit);
        page.row([&"rate", &stands]);
    }
    if let Some(fault) = decision.fault {
        page.row([&"fault", &format_args!("{fault}: {}", fault.told())]);
    }
}

/// What there was against the request, and what else is worth knowing.
fn against(page: &mut Page, decision: &Decision) {
    if !decision.violations.is_empty() {
        page.element("h2", "Against the document");
        page.raw("<table>\n<tr><th>where</th><th>what was there</th><th>what is the case</th><th>document</th></tr>\n");
        for violation in &decision.violations {
            let at = format!("{} {}{}", violation.part, violation.name, violation.pointer);
            let place = violation.place.as_ref().map(ToString::to_string).unwrap_or_default();
            let got = violation.got.as_deref().unwrap_or("nothing");
            let sentence = format!("{} ({})", violation.sentence, violation.keyword);
            page.row([&at.trim_end(), &got, &sentence, &place]);
        }
        page.raw("</table>\n");
    }
    if !(decision.notes.is_empty() && decision.nearest.is_empty()) {
        page.raw("<ul>\n");
        for note in &decision.notes {
            page.element("li", note);
        }
        for nearest in &decision.nearest {
            page.element("li", format_args!("nearest: {} {}", nearest.operation, nearest.difference));
        }
        page.raw("</ul>\n");
    }
}

fn message(page: &mut Page, headers: &Fields, body: &CapturedBody) {
    page.raw("<pre>");
    for (name, value) in headers.iter() {
        page.text(format_args!("{name}: {}\n", String::from_utf8_lossy(value)));
    }
    page.raw("</pre>\n");
    if body.bytes.is_empty() {
        page.element("p", if body.cut { "The content was not read." } else { "No content." });
        return;
    }
    let shown = &body.bytes[..body.bytes.len().min(SHOWN)];
    page.element("pre", readable(shown));
    if body.cut || shown.len() < body.bytes.len() {
        page.element("p", "This is the beginning of it.");
    }
}

/// JSON on several lines, other text as it is.
fn readable(bytes: &[u8]) -> Cow<'_, str> {
    match serde_json::from_slice::<serde_json::Value>(bytes) {
        // Only where nothing changes but the space between: numbers can lose digits.
        Ok(value) if value.to_string().as_bytes() == bytes => {
            serde_json::to_string_pretty(&value).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Owned)
        }
        _ => String::from_utf8_lossy(bytes),
    }
}
