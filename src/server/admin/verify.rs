//! What became of everything that is expected: the verdicts on clients, calls for no operation, calls that were refused.

use std::sync::Arc;

use serde_json::{Value, json};

use super::super::html::Page;
use super::{Answer, Asked, sessions, value};
use crate::finding::Verdicts;
use crate::message::Response;
use crate::report::verdicts_json;
use crate::scenario::Scenario;

/// As many rows as anybody reads.
const SHOWN: usize = 500;

/// What it comes to, were it over now.
struct Standing {
    session: Option<Arc<str>>,
    calls: u64,
    /// `None`: that is not known.
    unmatched: Option<u64>,
    refused: Option<u64>,
    verdicts: Verdicts,
}

impl Standing {
    fn verdict(&self) -> &'static str {
        match &self.verdicts {
            verdicts if verdicts.broken() > 0 || self.unmatched.is_some_and(|count| count > 0) => "broken",
            verdicts if verdicts.not_decided() > 0 || self.unmatched.is_none() => "not decided",
            _ => "kept",
        }
    }
}

/// Of all sessions, since the start.
pub(super) fn all(asked: &Asked<'_>) -> Answer {
    let summary = asked.inner.counts.summary();
    let verdicts = asked.inner.conduct.report(asked.mock.active());
    let (calls, unmatched, refused) = (summary.calls, Some(summary.unmatched), Some(summary.refused));
    Ok(told(asked, &Standing { session: None, calls, unmatched, refused, verdicts }))
}

/// Of one session, since it began.
pub(super) fn of_session(asked: &Asked<'_>) -> Answer {
    let (name, standing) = (asked.session()?, sessions::standing(asked)?);
    let life = standing.view.life;
    let active: Vec<Arc<Scenario>> = standing.view.active(&asked.mock).map(|(scenario, _)| scenario.clone()).collect();
    let verdicts = asked.inner.conduct.report_of(&name, life, &active);
    let stray = asked.inner.strays_of(&name, life);
    let (unmatched, refused) = stray.map(|stray| (stray.unmatched, stray.refused)).unzip();
    Ok(told(asked, &Standing { session: Some(name), calls: standing.calls, unmatched, refused, verdicts }))
}

fn told(asked: &Asked<'_>, standing: &Standing) -> Response {
    if asked.page {
        return page(asked, standing);
    }
    let Standing { session, calls, unmatched, refused, verdicts } = standing;
    let session = session.as_deref().map_or(Value::Null, Value::from);
    value(&json!({
        "verdict": standing.verdict(),
        "session": session,
        "calls": calls,
        "unmatched": unmatched,
        "refused": refused,
        "verdicts": verdicts_json(verdicts),
    }))
}

fn page(asked: &Asked<'_>, standing: &Standing) -> Response {
    let Standing { session, calls, unmatched, refused, verdicts } = standing;
    let mut page = match session {
        Some(session) => Page::new(format_args!("Verify: session {session}")),
        None => Page::new("Verify"),
    };
    page.raw("<p><strong>");
    page.text(standing.verdict());
    page.raw("</strong>");
    if unmatched.is_some_and(|count| count > 0) && verdicts.broken() == 0 {
        page.text(": calls met no operation");
    }
    page.raw("</p>\n<table>\n");
    page.row([&"calls", calls]);
    let of = session.as_ref().map(|session| {
        let encoded = percent_encoding::utf8_percent_encode(session, percent_encoding::NON_ALPHANUMERIC);
        format!("&session={encoded}")
    });
    let of = of.unwrap_or_default();
    for (name, count, query) in [("unmatched", unmatched, "unmatched=true"), ("refused", refused, "refused=true")] {
        page.raw("<tr><td>");
        page.text(name);
        page.raw("</td><td>");
        let count = count.map_or_else(|| "not counted".to_owned(), |count| count.to_string());
        page.link(format_args!("{}/exchanges?{query}{of}", asked.prefix()), count);
        page.raw("</td></tr>\n");
    }
    page.row([&"verdicts", verdicts]);
    page.raw("</table>\n");
    if verdicts.is_empty() {
        page.element("p", "No scenario expects anything of the client.");
        return page.into_response();
    }
    page.raw("<h2>Expected of the client</h2>\n<table>\n");
    page.raw("<tr><th>scenario</th><th>operation</th><th>expectation</th><th>kept</th><th>broken</th><th>not decided</th></tr>\n");
    for expected in verdicts.expectations.iter().take(SHOWN) {
        let reasons: Vec<&str> = expected.reasons.iter().map(|reason| reason.what.as_str()).collect();
        let open = match expected.not_decided {
            0 => String::new(),
            open => format!("{open} ({})", reasons.join("; ")),
        };
        let place = format!("{}:{}", expected.scenario, expected.line);
        let operation = expected.operation.as_deref().unwrap_or("*");
        page.row([&place, &operation, &expected.expectation, &expected.kept, &expected.broken, &open]);
    }
    page.raw("</table>\n");
    if !verdicts.broken.is_empty() {
        page.raw("<h2>Broken</h2>\n");
    }
    for broken in verdicts.broken.iter().take(SHOWN) {
        page.raw("<p>");
        let operation = broken.operation.as_deref().unwrap_or("*");
        page.text(format_args!(
            "{}: {} of {operation}, {}:{}",
            broken.session, broken.expectation, broken.scenario, broken.line
        ));
        if let Some(what) = &broken.what {
            page.text(format_args!(": {what}"));
        }
        if broken.times > 1 {
            page.text(format_args!(", {} times; the first time:", broken.times));
        }
        page.raw("</p>\n<ul>\n");
        for call in &broken.calls {
            let operation = call.operation.as_deref().unwrap_or("no operation");
            page.element("li", format_args!("{operation} {call}"));
        }
        page.raw("</ul>\n");
    }
    if verdicts.not_shown > 0 {
        page.element("p", format_args!("And {} more that were broken.", verdicts.not_shown));
    }
    page.into_response()
}
