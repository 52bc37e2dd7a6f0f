//! The page of one exchange: how it was decided, step by step, then what was asked and answered.

use std::borrow::Cow;

use super::super::html::Page;
use super::Asked;
use super::told::{self, Told};
use crate::message::Response;
use crate::mock::{Considered, Outcome};
use crate::traffic::{CapturedBody, Decision, Drawn, Exchange, Fault, Fields, Limit, Outcome as Ended, percent};

/// As much of a body as a page shows, in bytes.
const SHOWN: usize = 64 << 10;

/// An exchange without its secrets.
pub(super) fn page(asked: &Asked<'_>, exchange: &Exchange, told: &Told) -> Response {
    let mut page = Page::new(format_args!("Exchange {}", exchange.id));
    around(asked, &mut page, exchange, told);
    page.raw("<p><code>");
    page.text(format_args!("{} {}", exchange.request.method, exchange.request.target));
    page.raw("</code></p>\n<table>\n");
    match exchange.response() {
        Some(answer) => page.row([&"answer", &answer.status]),
        None => page.row([&"answer", &"none"]),
    }
    page.row([&"when", &exchange.began.timestamp()]);
    page.row([&"took", &format_args!("{:.3} ms", exchange.took.as_secs_f64() * 1e3)]);
    page.row([&"session", &exchange.session]);
    if let Some(decision) = &exchange.decision {
        decided(&mut page, decision);
    }
    match told.version {
        (Some(then), now) if then != now => {
            page.row([&"answered by", &format_args!("version {then} of the mock; now it is version {now}")]);
        }
        _ => {}
    }
    page.raw("</table>\n");
    for changed in &told.changed {
        page.element("p", format_args!("As of now: {changed}."));
    }
    routed(&mut page, told);
    if let Some(decision) = &exchange.decision {
        against(&mut page, decision);
        rules(&mut page, told);
        chance(&mut page, exchange, decision);
        rates(&mut page, decision);
    }
    negotiated(&mut page, told);
    faulty(&mut page, exchange);
    page.element("h2", "Request");
    message(&mut page, &exchange.request.headers, &exchange.request.body);
    match &exchange.outcome {
        Ended::Answered(response) => {
            page.element("h2", format_args!("Answer: {}", response.status));
            message(&mut page, &response.headers, &response.body);
        }
        Ended::Reset => page.element("h2", "No answer: the connection ended"),
        Ended::Hung if exchange.fault() == Some(Fault::Hang) => page.element("h2", "No answer: none was to come"),
        Ended::Hung | Ended::TimedOut => page.element("h2", "No answer: the client did not wait"),
    }
    page.into_response()
}

/// The exchanges around it, in its session.
fn around(asked: &Asked<'_>, page: &mut Page, exchange: &Exchange, told: &Told) {
    let prefix = format!("{}/exchanges", asked.prefix());
    page.raw("<p>");
    for (id, what) in [(told.previous, "← previous"), (told.next, "next →")] {
        match id {
            Some(id) => page.link(format_args!("{prefix}/{id}"), format_args!("{what} ({id})")),
            None => page.element("small", what),
        }
        page.text(" · ");
    }
    let session = percent_encoding::utf8_percent_encode(&exchange.session, percent_encoding::NON_ALPHANUMERIC);
    page.link(format_args!("{prefix}?session={session}"), format_args!("session {}", exchange.session));
    page.text(" · ");
    page.link(&prefix, "all");
    page.raw("</p>\n");
}

fn decided(page: &mut Page, decision: &Decision) {
    page.row([&"decided by", &decision.why]);
    if let Some(operation) = &decision.operation {
        page.row([&"operation", &format_args!("{operation}, call {}", decision.call)]);
    }
    if let Some(example) = &decision.example {
        page.row([&"example", example]);
    }
    if !decision.applied.is_empty() {
        page.row([&"applied", &decision.applied.join(", ")]);
    }
    if !decision.delay.is_zero() {
        page.row([&"held back", &format_args!("{} ms", decision.delay.as_millis())]);
    }
}

fn routed(page: &mut Page, told: &Told) {
    let Some(route) = &told.explained.route else { return };
    page.raw("<h2>Route</h2>\n<table>\n");
    let by_get = if route.head_by_get { " (HEAD is answered as GET)" } else { "" };
    page.row([&"operation", &format_args!("{} {}{by_get}", route.method, route.template)]);
    page.row([&"document", &route.place]);
    if !route.base.is_empty() {
        page.row([&"base path", &route.base]);
    }
    for (name, value) in &route.path {
        page.row([&format_args!("{{{name}}}"), value]);
    }
    page.raw("</table>\n");
}

/// What there was against the request, and what else is worth knowing.
fn against(page: &mut Page, decision: &Decision) {
    if decision.operation.is_some() {
        page.element("h2", "Against the document");
    }
    if !decision.violations.is_empty() {
        page.raw("<table>\n<tr><th>where</th><th>what was there</th><th>what is the case</th><th>document</th></tr>\n");
        for violation in &decision.violations {
            let at = format!("{} {}{}", violation.part, violation.name, violation.pointer);
            let place = violation.place.as_ref().map(ToString::to_string).unwrap_or_default();
            let got = violation.got.as_deref().unwrap_or("nothing");
            let sentence = format!("{} ({})", violation.sentence, violation.keyword);
            page.row([&at.trim_end(), &got, &sentence, &place]);
        }
        page.raw("</table>\n");
    } else if decision.operation.is_some() {
        let sentence = if told::is_open(decision) { "Nothing that can be decided." } else { "Nothing: it is valid." };
        page.element("p", sentence);
    }
    if !decision.nearest.is_empty() {
        page.raw("<h2>Nearest operations</h2>\n<table>\n<tr><th>operation</th><th>what is different</th></tr>\n");
        for nearest in &decision.nearest {
            page.row([&nearest.operation, &nearest.difference]);
        }
        page.raw("</table>\n");
    }
    if !decision.notes.is_empty() {
        page.raw("<ul>\n");
        decision.notes.iter().for_each(|note| page.element("li", note));
        page.raw("</ul>\n");
    }
}

fn rules(page: &mut Page, told: &Told) {
    if told.explained.rules.is_empty() {
        return;
    }
    page.raw("<h2>Rules, in the order in which they are asked</h2>\n");
    page.raw("<table>\n<tr><th>scenario</th><th>rule</th><th>came to</th><th>because</th></tr>\n");
    for Considered { scenario, rule, line, outcome } in &told.explained.rules {
        let because = match outcome {
            Outcome::Decided(number) | Outcome::LeftToDocument(number) => format!("its call {number}"),
            Outcome::PassedOver(unmet) => unmet.to_string(),
            Outcome::NotAsked(because) => because.clone(),
            Outcome::Changed => "by what it says now it would have been asked, and it was not".to_owned(),
            Outcome::Allowed | Outcome::Refused => String::new(),
        };
        page.row([&format_args!("{scenario}:{line}"), rule, &told::word(outcome), &because]);
    }
    page.raw("</table>\n");
}

fn chance(page: &mut Page, exchange: &Exchange, decision: &Decision) {
    if decision.draws.is_empty() {
        return;
    }
    page.raw(
        "<h2>Chance</h2>\n<table>\n<tr><th>drawn from</th><th>for</th><th>came</th><th>seed</th><th>with</th></tr>\n",
    );
    for draw in &decision.draws {
        let who = draw.rule.as_ref().map(|(scenario, rule)| format!("{scenario} {rule}"));
        let who = who.as_deref().unwrap_or("the client");
        let came = match draw.drawn {
            Drawn::Chance { number, hit: true } => format!("{}, a hit", percent(number)),
            Drawn::Chance { number, hit: false } => format!("{}, no hit", percent(number)),
            Drawn::Delay(delay) => format!("{} ms", delay.as_secs_f64() * 1e3),
        };
        let inputs: Vec<String> = told::inputs(draw, exchange).iter().map(ToString::to_string).collect();
        page.row([&draw.of, &who, &came, &draw.seed, &inputs.join(", ")]);
    }
    page.raw("</table>\n");
}

fn rates(page: &mut Page, decision: &Decision) {
    if decision.limits.is_empty() {
        return;
    }
    page.raw("<h2>Rates</h2>\n<table>\n");
    for limit in &decision.limits {
        let Limit { scenario, rule, remaining, .. } = limit;
        let said = if limit.allowed { "allowed" } else { "refused" };
        let more = limit.more_in.map(|more_in| format!(", more in {} ms", more_in.as_millis())).unwrap_or_default();
        let stands = format_args!("{said} by {scenario} {rule}: {remaining} of {} left{more}", limit.limit);
        page.row([&"rate", &stands]);
    }
    page.raw("</table>\n");
}

fn negotiated(page: &mut Page, told: &Told) {
    let Some(negotiated) = &told.explained.negotiation else { return };
    page.raw("<h2>Media type</h2>\n<table>\n");
    page.row([&"asked for", &negotiated.accept.as_deref().unwrap_or("nothing in particular (no Accept)")]);
    let offered: Vec<String> = negotiated
        .offered
        .iter()
        .map(|(media, quality)| format!("{media} (q={})", f64::from(*quality) / 1000.0))
        .collect();
    page.row([&"offered", &if offered.is_empty() { "nothing".to_owned() } else { offered.join(", ") }]);
    page.row([&"sent", &negotiated.chosen.as_deref().unwrap_or("no content")]);
    page.row([&"because", &negotiated.why]);
    page.raw("</table>\n");
}

fn faulty(page: &mut Page, exchange: &Exchange) {
    let Some(fault) = exchange.fault() else { return };
    page.raw("<h2>Fault</h2>\n<table>\n");
    page.row([&"fault", &format_args!("{fault}: {}", fault.told())]);
    match told::sent(exchange) {
        Some(sent) => page.row([&"where", &format_args!("after the head and {sent} bytes of content")]),
        None => page.row([&"where", &"before the first byte of the answer"]),
    }
    page.raw("</table>\n");
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
